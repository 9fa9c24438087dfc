"""The model list, consent to a model's terms, and the automatic choice of a model."""

from __future__ import annotations

import msgspec
from aiohttp import web

from proxy_core.simulator.behaviour.conversation_reading import items
from proxy_core.simulator.http.refusal import JSON, coded, invalid_body, model_not_supported
from proxy_core.simulator.model_calls.admission import admit, json_object
from proxy_core.simulator.model_calls.signing import hex_digest
from proxy_core.simulator.simulation import SIMULATION

AUTOMATIC_SESSION_SECONDS = 3600
_POLICY_STATES = ("enabled", "disabled", "unconfigured")


def _json(body: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), headers={"Content-Type": JSON})


async def listing(request: web.Request) -> web.Response:
    """GET /models."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    return _json(simulation.catalogue.listing())


async def one(request: web.Request) -> web.Response:
    """GET /models/{id}."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    entry = simulation.catalogue.shown(request.match_info["id"])
    if entry is None:
        refusal = coded(404, "model_not_found", "The requested model was not found.")
        raise refusal
    return _json(entry)


async def set_policy(request: web.Request) -> web.Response:
    """POST /models/{id}/policy: accept or refuse the terms of a model."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    state = json_object(await request.read()).get("state")
    if state not in _POLICY_STATES:
        raise invalid_body(f"state must be one of {', '.join(_POLICY_STATES)}")
    if not simulation.catalogue.set_policy(request.match_info["id"], state):
        refusal = model_not_supported()
        refusal.status = 404
        raise refusal
    return _json({})


async def automatic_session(request: web.Request) -> web.Response:
    """POST /models/session: a model chosen by the service, and the token to name it with."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    json_object(await request.read())
    available = simulation.catalogue.ids_for_automatic_choice()
    expires = int(simulation.clock()) + AUTOMATIC_SESSION_SECONDS
    number = len(simulation.automatic_sessions)
    token = f"eyJ{hex_digest('automatic session', str(number), str(expires), size=24)}"
    simulation.automatic_sessions.add(token)
    return _json(
        {
            "available_models": available,
            "selected_model": available[0],
            "session_token": token,
            "expires_at": expires,
            "discounted_costs": dict.fromkeys(available, 0.1),
        }
    )


async def automatic_intent(request: web.Request) -> web.Response:
    """POST /models/session/intent: the router; the longest prompts go to the first model."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    body = json_object(await request.read())
    known = simulation.catalogue.ids_for_automatic_choice()
    offered = [each for each in items(body.get("available_models")) if each in known] or known
    return _json({"chosen_model": offered[0 if len(str(body.get("prompt", ""))) > 400 else -1]})
