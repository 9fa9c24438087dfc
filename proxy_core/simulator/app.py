"""The routes, and the form of every refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from proxy_core.simulator.account import login_routes
from proxy_core.simulator.account import routes as account_routes
from proxy_core.simulator.catalog import routes as model_routes
from proxy_core.simulator.catalog.catalog import CHAT, MESSAGES, RESPONSES
from proxy_core.simulator.chat.endpoint import ChatWire
from proxy_core.simulator.control import routes as control
from proxy_core.simulator.control.scripted_answers import play_before
from proxy_core.simulator.http.refusal import Refusal, coded, not_found
from proxy_core.simulator.messages.endpoint import MessagesWire
from proxy_core.simulator.messages.token_count import count_tokens
from proxy_core.simulator.model_calls.embeddings import embed
from proxy_core.simulator.model_calls.model_call import answer_headers, serve
from proxy_core.simulator.model_calls.wire import Wire
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.responses.endpoint import ResponsesWire
from proxy_core.simulator.responses.socket import serve_socket
from proxy_core.simulator.simulation import SIMULATION, Simulation

# Their steps may also say something, so they are met where the model speaks.
_PLAYING_THEIR_OWN_SCRIPT = (CHAT, MESSAGES, RESPONSES)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(options: SimulatorOptions) -> web.Application:
    """One app that plays github.com, api.github.com and the Copilot API.

    Raises ValueError for an unknown profile or switch.
    """
    app = web.Application(
        client_max_size=options.max_body_bytes, middlewares=[_refusals, _recorded_and_scripted]
    )
    app[SIMULATION] = Simulation(options)
    app.on_shutdown.append(_stop_waiting)
    router = app.router
    router.add_post("/login/device/code", login_routes.start)
    router.add_get("/login/device", login_routes.show_page)
    router.add_post("/login/device", login_routes.decide)
    router.add_post("/login/oauth/access_token", login_routes.poll)
    router.add_get("/copilot_internal/v2/token", account_routes.exchange)
    router.add_get("/copilot_internal/user", account_routes.copilot_user)
    router.add_get("/user", account_routes.user)
    router.add_post("/graphql", account_routes.graphql)
    router.add_get("/models", model_routes.listing)
    router.add_post("/auto", model_routes.automatic)
    router.add_post("/models/session", model_routes.automatic_session)
    router.add_post("/models/session/intent", model_routes.automatic_intent)
    router.add_get("/models/{id}", model_routes.one)
    router.add_post("/models/{id}/policy", model_routes.set_policy)
    router.add_post("/chat/completions", _calls(ChatWire()))
    router.add_post("/responses", _calls(ResponsesWire()))
    router.add_get("/responses", serve_socket)
    router.add_post("/embeddings", embed)
    router.add_post("/v1/messages", _calls(MessagesWire()))
    router.add_post("/v1/messages/count_tokens", count_tokens)
    router.add_get("/_sim", control.about)
    router.add_get("/_sim/active", control.active)
    router.add_get("/_sim/requests", control.requests)
    router.add_post("/_sim/reset", control.reset)
    router.add_post("/_sim/script", control.lay_script)
    router.add_get("/_sim/script", control.waiting)
    router.add_post("/_sim/authorize", control.authorize)
    router.add_post("/_sim/expire", control.expire_tokens)
    router.add_get("/_sim/account", control.account)
    router.add_post("/_sim/account", control.account)
    router.add_post("/_sim/catalogue", control.change_catalogue)
    router.add_post("/_sim/sockets", control.refuse_sockets)
    return app


def _calls(wire: Wire) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await serve(request, wire)

    return handler


async def _stop_waiting(app: web.Application) -> None:
    app[SIMULATION].closing.set()


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A Refusal as the bytes the real service sends; model answers carry their headers even then."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return _answer(request, refusal)
    except web.HTTPNotFound:
        return _answer(request, not_found())
    except web.HTTPMethodNotAllowed as wrong:
        return _answer(
            request, Refusal(405, "Method Not Allowed\n", headers={"Allow": wrong.headers["Allow"]})
        )


def _answer(request: web.Request, refusal: Refusal) -> web.Response:
    simulation = request.app[SIMULATION]
    if isinstance(refusal.body, str):
        body = refusal.body.encode()
    else:
        body = msgspec.json.encode(refusal.body) + b"\n"
    headers = {"Content-Type": refusal.content_type}
    if not refusal.from_gateway and request.method == "POST":
        headers |= answer_headers(simulation, simulation.random_of_next_answer())
    return web.Response(status=refusal.status, body=body, headers=headers | refusal.headers)


@web.middleware
async def _recorded_and_scripted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Everything but ``/_sim`` is recorded, also what is refused, and may meet a scripted step."""
    if not request.path.startswith(control.PREFIX):
        simulation = request.app[SIMULATION]
        if "zstd" in request.headers.get("Content-Encoding", "").lower():
            simulation.log.record(request, b"", simulation.clock())
            raise Refusal(400, "Bad Request\n")
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            simulation.log.record(request, b"", simulation.clock())
            raise coded(413, "", "failed to parse request") from None
        simulation.log.record(request, raw, simulation.clock())
        if request.path not in _PLAYING_THEIR_OWN_SCRIPT:
            played = await play_before(request, simulation)
            if played is not None:
                return played
    return await handler(request)
