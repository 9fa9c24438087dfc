"""The model list, consent to a model's terms, and the automatic choice of a model."""

from __future__ import annotations

import msgspec
from aiohttp import web

from proxy_core.simulator.behaviour.conversation_reading import items
from proxy_core.simulator.http.refusal import (
    JSON,
    Refusal,
    coded,
    invalid_body,
    model_not_supported,
    not_found,
)
from proxy_core.simulator.model_calls.admission import admit, api_version_of, json_object
from proxy_core.simulator.model_calls.signing import hex_digest
from proxy_core.simulator.simulation import SIMULATION, Simulation
from proxy_core.simulator.worlds.world import AUTO_API_VERSION, SESSION_API_VERSION

AUTOMATIC_SESSION_SECONDS = 3600
DAY_SECONDS = 86400
LONG_PROMPT = 400
_POLICY_STATES = ("enabled", "disabled", "unconfigured")


def _json(body: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), headers={"Content-Type": JSON})


async def listing(request: web.Request) -> web.Response:
    """GET /models."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    return _json(simulation.catalogue.listing(api_version_of(request)))


async def one(request: web.Request) -> web.Response:
    """GET /models/{id}."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    entry = simulation.catalogue.shown(request.match_info["id"], api_version_of(request))
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


async def automatic(request: web.Request) -> web.Response:
    """POST /auto: the newer automatic choice, for one prompt and good for a day."""
    simulation = request.app[SIMULATION]
    if not simulation.world.offers_auto:
        raise not_found()
    admit(simulation, request)
    check_api_version_of_auto(request, AUTO_API_VERSION)
    prompt = json_object(await request.read()).get("prompt")
    if not isinstance(prompt, str):
        raise invalid_body("prompt is required")
    offered = simulation.catalogue.ids_for_automatic_choice()
    chosen = offered[0 if len(prompt) > LONG_PROMPT else -1]
    token, expires = _automatic_token(simulation, DAY_SECONDS)
    return _json(
        {
            "session_token": token,
            "expires_at": expires,
            "selected_model": simulation.catalogue.shown(chosen, AUTO_API_VERSION),
            "discounted_costs": dict.fromkeys(offered, 0.1),
        }
    )


def check_api_version_of_auto(request: web.Request, least: str) -> None:
    """Raise the 404 that an older API version gets."""
    if (api_version_of(request) or "") < least:
        raise Refusal(404, "invalid apiVersion\n")


def _automatic_token(simulation: Simulation, lifetime: int) -> tuple[str, int]:
    expires = int(simulation.clock()) + lifetime
    number = len(simulation.automatic_sessions)
    token = f"eyJ{hex_digest('automatic session', str(number), str(expires), size=24)}"
    simulation.automatic_sessions[token] = expires
    return token, expires


async def automatic_session(request: web.Request) -> web.Response:
    """POST /models/session: a model chosen by the service, and the token to name it with."""
    simulation = request.app[SIMULATION]
    admit(simulation, request)
    if simulation.world.checks_session_api_version:
        check_api_version_of_auto(request, SESSION_API_VERSION)
    json_object(await request.read())
    available = simulation.catalogue.ids_for_automatic_choice()
    token, expires = _automatic_token(simulation, AUTOMATIC_SESSION_SECONDS)
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
    return _json(
        {"chosen_model": offered[0 if len(str(body.get("prompt", ""))) > LONG_PROMPT else -1]}
    )
