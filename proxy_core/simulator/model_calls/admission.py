"""What every call to the Copilot API meets first: token, API version, editor, body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from proxy_core.simulator.account.tokens import DIRECT, EXCHANGEABLE, bearer_of
from proxy_core.simulator.faults.faults import old_api_version
from proxy_core.simulator.http.refusal import Refusal
from proxy_core.simulator.simulation import Simulation

OLDEST_API_VERSION = "2025-04-01"


def api_version_of(request: web.Request) -> str | None:
    return request.headers.get("X-GitHub-Api-Version")


def check_api_version(request: web.Request, oldest: str = OLDEST_API_VERSION) -> None:
    """Raise 466 for an ``X-GitHub-Api-Version`` that is too old or no date."""
    version = api_version_of(request)
    if version is None:
        return
    if not re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", version) or version < oldest:
        raise old_api_version()


def admit(simulation: Simulation, request: web.Request) -> str:
    """The caller's bearer token, once token, API version and editor headers are right.

    An OAuth App's token (``gho_``) goes straight to the API and needs no editor; the plugin's (``ghu_``)
    must be exchanged, unless the profile forgives.
    """
    token = bearer_of(request.headers.get("Authorization"))
    if not token:
        raise Refusal(401, "unauthorized: missing or malformed Authorization header\n")
    if token.startswith(EXCHANGEABLE) and simulation.profile.refuses_direct_plugin_tokens:
        raise Refusal(401, "unauthorized: a session token is required\n")
    check_api_version(request, simulation.world.oldest_api_version)
    if token.startswith((DIRECT, EXCHANGEABLE)):
        if not simulation.tokens.is_github_token(token):
            raise Refusal(401, "unauthorized: invalid token\n")
        return token
    simulation.tokens.check_session(token)
    if not request.headers.get("Editor-Version"):
        raise Refusal(400, "bad request: missing Editor-Version header for IDE auth\n")
    automatic = request.headers.get("Copilot-Session-Token")
    expires = simulation.automatic_sessions.get(automatic or "", 0)
    if automatic is not None and expires <= simulation.clock():
        raise Refusal(401, "unauthorized: invalid Copilot-Session-Token\n")
    return token


def json_object(raw: bytes) -> Mapping[str, Any]:
    """The body as a JSON object, else the real plain 400."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal(400, "Bad Request\n") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Bad Request\n")
    return body
