"""``/v1/messages/count_tokens``: the same figure an answer's usage would show as its prompt."""

from __future__ import annotations

import msgspec
from aiohttp import web

from proxy_core.simulator.behaviour.conversation_reading import read_messages
from proxy_core.simulator.catalog.catalog import MESSAGES
from proxy_core.simulator.faults.faults import REFUSALS
from proxy_core.simulator.http.refusal import JSON, not_found
from proxy_core.simulator.messages.strictness import check_messages
from proxy_core.simulator.model_calls.admission import admit, json_object
from proxy_core.simulator.model_calls.model_call import answer_headers, prompt_tokens
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.simulation import SIMULATION


async def count_tokens(request: web.Request) -> web.Response:
    """POST; costs nothing. Faults come by header only: the words belong to the call that is counted."""
    simulation = request.app[SIMULATION]
    with simulation.open_call():
        admit(simulation, request)
        if not simulation.profile.counts_tokens:
            raise not_found()
        body = json_object(await request.read())
        called = simulation.faults.called_for("", request.headers.get("x-sim"))
        if called in REFUSALS:
            raise REFUSALS[called](simulation.clock())
        prompt = read_messages(body)
        model = simulation.catalogue.find(prompt.model, MESSAGES)
        asked = Asked(body, request.headers, prompt, model, simulation.profile)
        check_messages(asked, counting=True)
        headers = answer_headers(simulation, simulation.random_of_next_answer())
        return web.Response(
            body=msgspec.json.encode({"input_tokens": prompt_tokens(asked)}),
            headers={**headers, "Content-Type": JSON},
        )
