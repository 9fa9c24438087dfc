"""The routes table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.errors import ErrorKind, Refused
from proxy_core.server import paths
from proxy_core.server.access.challenge import ChallengeHandler
from proxy_core.server.access.key_auth import KeyCheck
from proxy_core.server.admin.control import ControlHandlers
from proxy_core.server.admin.model_list import ModelListHandlers
from proxy_core.server.admin.status import StatusHandlers
from proxy_core.server.admin.usage_totals import UsageTotals
from proxy_core.server.call_handlers import CallHandlers
from proxy_core.server.http.middleware import add_common_headers, build_middleware
from proxy_core.server.optional_dialects.handler import OptionalDialectHandler
from proxy_core.server.parts import ServerContext

ExpectHandler = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
DialectHandler = Callable[[web.Request, DialectName], Awaitable[web.StreamResponse]]


def create_app(parts: ServerContext, totals: UsageTotals, calls: CallHandlers) -> web.Application:
    """Return the application; every path of ours is served with and without ``/v1``."""
    lists = ModelListHandlers(parts)
    status = StatusHandlers(parts, totals)
    expect = _expect_handler(parts)

    bodies: dict[str, Handler] = {
        **{path: _model_call(calls.ask, parts, name) for path, name in paths.MODEL_CALLS.items()},
        **{path: _of(calls.compact, name) for path, name in paths.COMPACTIONS.items()},
        **{path: _of(calls.count, name) for path, name in paths.TOKEN_COUNTS.items()},
        paths.EMBEDDINGS: calls.embed,
    }
    keys = KeyCheck(parts.clock, parts.board)
    optional = OptionalDialectHandler(parts, calls, lists)
    app = web.Application(middlewares=[build_middleware(parts, keys, optional.answer)])
    app.on_response_prepare.append(add_common_headers)
    route = app.router.add_route
    for prefix in ("", paths.VERSION_PREFIX):
        for path, handler in bodies.items():
            for spelled in paths.spellings(prefix + path):
                route(hdrs.METH_POST, spelled, handler, expect_handler=expect)
        for path in paths.WEBSOCKETS:
            app.router.add_get(prefix + path, calls.serve_socket, allow_head=False)
        for spelled in paths.spellings(prefix + paths.MODELS):
            app.router.add_get(spelled, lists.list_models)
        app.router.add_get(prefix + paths.MODELS + "/{id:.+}", lists.one_model)
        app.router.add_get(prefix + paths.USAGE, status.usage)
        app.router.add_get(prefix + paths.ACTIVITY, status.activity)
        app.router.add_get(prefix + paths.HEALTH, status.health)
        app.router.add_get(prefix + paths.READY, status.ready)
        app.router.add_get(prefix + paths.METRICS, status.metrics)
    if parts.commands is not None:
        ControlHandlers(parts, parts.commands, keys).add_to(app)
    if parts.proof_secret is not None:
        challenge = ChallengeHandler(parts.proof_secret, parts.clock)
        route(hdrs.METH_POST, paths.CONTROL_CHALLENGE, challenge.answer)
    app.router.add_get("/", status.hello)
    app.router.add_get("/api/hello", status.hello)
    return app


def _of(answer: DialectHandler, name: DialectName) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await answer(request, name)

    return handler


def _model_call(answer: DialectHandler, parts: ServerContext, name: DialectName) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        if name not in parts.dialects:
            raise Refused(
                f"{request.path} is not served by this version.",
                kind=ErrorKind.NOT_FOUND,
                http_status=404,
            )
        return await answer(request, name)

    return handler


def _expect_handler(parts: ServerContext) -> ExpectHandler:
    async def expect(request: web.Request) -> None:
        """Send 100 Continue, unless the announced size will be refused anyway."""
        size = request.content_length
        if size is None or size <= parts.settings().max_body_megabytes * 1_000_000:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0  # the response itself has not begun

    return expect
