"""api.github.com's part: the token exchange, the quota page, who am I."""

from __future__ import annotations

import msgspec
from aiohttp import web

from proxy_core.simulator.account.account import LOGIN, endpoints, sku_of, token_answer
from proxy_core.simulator.account.tokens import (
    DIRECT,
    bad_credentials,
    bearer_of,
    plain_user,
    wrong_application,
)
from proxy_core.simulator.model_calls.admission import check_api_version
from proxy_core.simulator.simulation import SIMULATION


def _github_token(request: web.Request) -> str:
    token = bearer_of(request.headers.get("Authorization"))
    if not request.app[SIMULATION].tokens.is_github_token(token):
        raise bad_credentials()
    return token


def _json(body: object) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), content_type="application/json", charset="utf-8"
    )


async def exchange(request: web.Request) -> web.Response:
    """GET /copilot_internal/v2/token: only for tokens of Copilot's own app."""
    simulation = request.app[SIMULATION]
    check_api_version(request)
    if _github_token(request).startswith(DIRECT):
        raise wrong_application()
    session = simulation.tokens.issue_session(sku_of(simulation.profile))
    return _json(
        token_answer(simulation.profile, simulation.account, session, simulation.address(request))
    )


async def copilot_user(request: web.Request) -> web.Response:
    """GET /copilot_internal/user: plan and quota, by the GitHub token."""
    simulation = request.app[SIMULATION]
    _github_token(request)
    return _json(simulation.account.user_answer(simulation.address(request)))


async def user(request: web.Request) -> web.Response:
    """GET /user of the REST API."""
    _github_token(request)
    return _json(plain_user(LOGIN))


async def graphql(request: web.Request) -> web.Response:
    """POST /graphql: the one documented query, ``viewer { copilotEndpoints { ... } }``."""
    _github_token(request)
    found = endpoints(request.app[SIMULATION].address(request))
    answer = {
        "api": found["api"],
        "proxy": found["proxy"],
        "telemetry": found["telemetry"],
        "originTracker": found["origin-tracker"],
    }
    return _json({"data": {"viewer": {"login": LOGIN, "copilotEndpoints": answer}}})
