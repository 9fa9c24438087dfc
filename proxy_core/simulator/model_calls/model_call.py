"""The common path of a model call, from its headers to the end of its answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from aiohttp import web

from proxy_core.simulator.account.account import copilot_usage
from proxy_core.simulator.behaviour.caching import cache_figures
from proxy_core.simulator.behaviour.leaked_calls import leaked
from proxy_core.simulator.behaviour.reply import Finish, Reply
from proxy_core.simulator.behaviour.script import reply_to
from proxy_core.simulator.behaviour.usage import TOKENS_PER_IMAGE, Usage, tokens_in
from proxy_core.simulator.catalog.catalog import RESPONSES, limits_of
from proxy_core.simulator.control.scripted_answers import reply_of_step, send_answer, take_step
from proxy_core.simulator.faults.faults import (
    CONTEXT,
    EXPIRE,
    REFUSALS,
    STALE_LEASE,
    WHOLE_FAULTS,
    StreamFault,
)
from proxy_core.simulator.http.refusal import JSON, Refusal, forbidden, only_automatic
from proxy_core.simulator.http.streaming import SLOW, StreamWriter
from proxy_core.simulator.model_calls.admission import admit, json_object
from proxy_core.simulator.model_calls.wire import Answer, Asked, Wire
from proxy_core.simulator.simulation import SIMULATION, Simulation

EVENT_STREAM = "text/event-stream"


async def serve(request: web.Request, wire: Wire) -> web.StreamResponse:
    """Answer one POST to ``wire``'s endpoint."""
    simulation = request.app[SIMULATION]
    rng = simulation.random_of_next_answer()
    with simulation.open_call():
        token = admit(simulation, request)
        body = json_object(await request.read())
        step = take_step(simulation, wire.path)
        headers = answer_headers(simulation, rng)
        if simulation.profile.sends_reasoning_header and wire.path == RESPONSES:
            headers["x-reasoning-included"] = "true"
        if step is not None and step.answer is not None:
            return await send_answer(request, step.answer, headers)
        asked, fault = ask(
            simulation, wire, body, request.headers, token, step.fault if step else None
        )
        reply = reply_of_step(step.say) if step is not None and step.say else None
        answer = compose(simulation, asked, token, rng, reply, fault)
        if body.get("stream") is True:
            return await _stream(simulation, request, wire, answer, fault, headers)
        return await _whole(simulation, request, wire, answer, fault, headers)


def ask(
    simulation: Simulation,
    wire: Wire,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    token: str,
    scripted_fault: str | None,
) -> tuple[Asked, StreamFault | None]:
    """Judge a request: faults first, then what the endpoint, the model and the account allow.

    Raises Refusal. The fault returned is one for an answer that has begun.
    """
    prompt = wire.read(body)
    called = scripted_fault or simulation.faults.called_for(prompt.last_words, headers.get("x-sim"))
    if called == EXPIRE:
        simulation.tokens.kill_session(token)
        raise Refusal(401, "unauthorized: token expired\n")
    if called == STALE_LEASE:
        simulation.tokens.end_lease(token)
        raise forbidden()
    _refuse(simulation, called)
    if "stream" in body and body["stream"] is not True and simulation.profile.refuses_stream_false:
        raise forbidden()
    model = simulation.catalogue.find(prompt.model, wire.path)
    if simulation.profile.refuses_unknown_integrators:
        simulation.catalogue.check_integrator(prompt.model, headers.get("Copilot-Integration-Id"))
    if simulation.profile.plan in simulation.world.auto_only and not headers.get(
        "Copilot-Session-Token"
    ):
        raise only_automatic(prompt.model)
    asked = Asked(body, headers, prompt, model, simulation.profile, simulation.world)
    wire.check(asked)
    limit = limits_of(model).get("max_prompt_tokens")
    tokens = prompt_tokens(asked)
    if called == CONTEXT:
        limit = limit or 128_000
        raise wire.too_long(limit + max(tokens, 1), limit)
    if limit is not None and tokens > limit:
        raise wire.too_long(tokens, limit)
    simulation.account.refuse_if_spent(model, from_person=is_from_person(headers, body))
    if called is None:
        called = simulation.faults.by_chance()
        _refuse(simulation, called)
    return asked, StreamFault(called) if called else None


def _refuse(simulation: Simulation, called: str | None) -> None:
    if called in REFUSALS:
        raise REFUSALS[called](simulation.clock())


def is_from_person(headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    """``X-Initiator``, or a WebSocket frame's ``initiator``; absent or unknown counts as a person."""
    initiator = body.get("initiator") or headers.get("X-Initiator") or "user"
    return str(initiator).lower() != "agent"


def prompt_tokens(asked: Asked) -> int:
    return tokens_in(asked.prompt.rendered) + TOKENS_PER_IMAGE * asked.prompt.images


def compose(
    simulation: Simulation,
    asked: Asked,
    token: str,
    rng: random.Random,
    reply: Reply | None,
    fault: StreamFault | None,
) -> Answer:
    """Let the model speak, and book what it cost."""
    reply = reply or reply_to(asked.prompt)
    if fault is StreamFault.LEAK:
        reply = leaked(reply)
    if fault is StreamFault.CONTENT_FILTER:
        reply = replace(reply, tool_calls=(), finish=Finish.CONTENT_FILTER)
    prompt = prompt_tokens(asked)
    cached, written = cache_figures(simulation.prefixes, token, asked, prompt)
    usage = Usage(
        prompt=prompt,
        output=reply.output_tokens,
        cached=cached,
        cache_written=written,
        reasoning=reply.reasoning_tokens,
    )
    cost = copilot_usage(asked.model, usage)
    simulation.account.charge(
        asked.model, cost, from_person=is_from_person(asked.headers, asked.body)
    )
    return Answer(asked, reply, usage, cost, int(simulation.clock()), rng)


def answer_headers(simulation: Simulation, rng: random.Random) -> dict[str, str]:
    """What every model answer carries, refusals too."""
    number = f"{rng.getrandbits(128):032x}"
    uuid = "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:]))
    return {
        "x-request-id": uuid,
        "x-copilot-service-request-id": uuid,
        "x-github-request-id": f"{number[:4]}:{number[4:10]}:{number[10:17]}".upper(),
        **simulation.account.quota_headers(),
    }


async def _stream(
    simulation: Simulation,
    request: web.Request,
    wire: Wire,
    answer: Answer,
    fault: StreamFault | None,
    headers: Mapping[str, str],
) -> web.StreamResponse:
    pacing = SLOW if fault is StreamFault.SLOW else simulation.profile.pacing
    writer = StreamWriter(
        simulation,
        request,
        {**headers, "Content-Type": EVENT_STREAM, "Cache-Control": "no-cache"},
        answer.random,
        pacing,
    )
    events = wire.events(answer)
    if fault in (None, *WHOLE_FAULTS):
        return await writer.write_all(events)
    return await writer.write_until_broken(events, fault, wire.broken_off())


async def _whole(
    simulation: Simulation,
    request: web.Request,
    wire: Wire,
    answer: Answer,
    fault: StreamFault | None,
    headers: Mapping[str, str],
) -> web.StreamResponse:
    """The same answer in one piece; faults of a stream become their nearest kin."""
    if fault is StreamFault.MIDSTREAM_ERROR:
        raise REFUSALS["500"](simulation.clock())
    if fault is StreamFault.STALL:
        await simulation.closing.wait()
    body = msgspec.json.encode(wire.whole(answer))
    if fault in (StreamFault.STALL, StreamFault.CUT):
        response = web.StreamResponse(
            headers={**headers, "Content-Type": JSON, "Content-Length": str(len(body))}
        )
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        if request.transport is not None:
            request.transport.abort()
        return response
    if fault is StreamFault.GARBAGE:
        body = body[: len(body) // 2]
    pacing = SLOW if fault is StreamFault.SLOW else simulation.profile.pacing
    if pacing is not None:
        await asyncio.sleep(pacing.first_event[1] + 10 * pacing.between_events[0])
    return web.Response(body=body, headers={**headers, "Content-Type": JSON})
