"""The middleware of every request: id, access checks, and errors in the caller's dialect."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from proxy_core.dialects.client_traits import COMMON
from proxy_core.dialects.interface import Dialect
from proxy_core.dialects.surface import ModelCall
from proxy_core.errors import Cancelled, ErrorKind, ProxyError, Refused
from proxy_core.routing.client_programs import client_name
from proxy_core.server.access.guest_tokens import GUEST, is_guest
from proxy_core.server.access.key_auth import KeyCheck
from proxy_core.server.access.request_guard import (
    HEADER_REPEATED,
    check_headers,
    check_host,
    check_origin,
    check_target,
    main_key_needed,
    preflight_headers,
)
from proxy_core.server.http.connection import Connection
from proxy_core.server.http.responses import error_answer, message_to_client
from proxy_core.server.optional_dialects.finding import surface_for
from proxy_core.server.optional_dialects.offered_key import headers_with_key
from proxy_core.server.parts import INFO, RequestInfo, ServerContext
from proxy_core.server.paths import (
    CONTROL_CHALLENGE,
    HEALTH,
    READY,
    SHOWN,
    error_dialect,
    is_model_api,
    plain_path,
    single_slashed,
    unknown_path,
)
from proxy_core.status.own_requests import OWN_CLIENT

log = logging.getLogger("g_copilot_proxy.server")

KEYLESS_PATHS = frozenset({"/", HEALTH, READY, "/api/hello", CONTROL_CHALLENGE})
"""They reveal only that the server runs, whether it can serve, and whose it is.

Claude Code probes ``/`` and ``/api/hello``.
"""

_KINDS = {
    404: ErrorKind.NOT_FOUND,
    405: ErrorKind.METHOD_NOT_ALLOWED,
    413: ErrorKind.TOO_LARGE,
    415: ErrorKind.UNSUPPORTED_MEDIA_TYPE,
}


def build_middleware(parts: ServerContext, keys: KeyCheck, optional: Handler) -> Middleware:
    """``optional`` answers what an optional dialect serves, whatever the router made of its path."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if isinstance(request.protocol, Connection):
            request.protocol.request_began()
        info = _info(request, parts)
        request[INFO] = info
        status = 499
        try:
            chosen = handler if info.served is None else optional
            response = await _answer(request, chosen, parts, info, keys)
        except (asyncio.CancelledError, ConnectionError):
            info.entry.cancelled()
            raise
        else:
            status = response.status
            return response
        finally:
            info.entry.close(status)

    return middleware


async def add_common_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal: add our request id to every response, and CORS headers for an allowed page."""
    response.headers["Server"] = "g-copilot-proxy"
    info = request.get(INFO)
    if info is None:
        return
    response.headers["x-request-id"] = info.request_id
    if vendors_own := info.dialect.traits.request_id_header:
        response.headers[vendors_own] = info.request_id
    if info.origin is not None:
        response.headers["Access-Control-Allow-Origin"] = info.origin
        response.headers["Vary"] = "Origin"
        response.headers["Access-Control-Expose-Headers"] = "*"


def _info(request: web.Request, parts: ServerContext) -> RequestInfo:
    request_id = parts.make_id("req_")
    path = request.path
    method = request.method if request.method in hdrs.METH_ALL else "?"
    surface = surface_for(parts, request)
    served = None if surface is None else surface.find(single_slashed(path), request.query)
    is_call = (
        plain_path(path) in SHOWN if served is None else isinstance(served.operation, ModelCall)
    )
    return RequestInfo(
        request_id=request_id,
        dialect=_error_dialect(path, request.headers, parts)
        if surface is None
        else surface.dialect,
        headers=request.headers,
        served=served,
        surface=surface,
        entry=parts.journal.open(
            request_id,
            client_name(request.headers),
            f"{method} {_route_path(request) if served is None else served.label}",
            shown=method == "POST" and is_call,
        ),
    )


def _route_path(request: web.Request) -> str:
    """Return the matched route's path, because a request's path may contain the caller's text."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(unknown path)"


def _error_dialect(path: str, headers: Mapping[str, str], parts: ServerContext) -> Dialect:
    name = error_dialect(path, headers)
    return parts.dialects.get(name) or parts.dialects[COMMON]


async def _answer(
    request: web.Request,
    handler: Handler,
    parts: ServerContext,
    info: RequestInfo,
    keys: KeyCheck,
) -> web.StreamResponse:
    headers: Mapping[str, str] = {}
    try:
        policy = parts.access_policy()
        check_headers(request.headers.items())
        check_host(request.headers.get("Host"), policy)
        check_target(request.raw_path, policy)
        if info.surface is not None:
            info.headers = headers_with_key(request.headers, request.query, info.surface)
        info.origin = check_origin(request.headers, policy)
        if info.origin is not None and request.method == "OPTIONS":
            return web.Response(status=204, headers=preflight_headers(request.headers))
        if is_guest(parts, request.path, info.headers, is_optional=info.served is not None):
            info.client = GUEST
            info.entry.paid_by_guest(GUEST)
        elif plain_path(request.path) not in KEYLESS_PATHS:
            caller = await keys.check(info.headers, request.remote or "", policy)
            if caller.client is not None:
                info.client = caller.client
                info.entry.update(client=caller.client)
                info.entry.is_authenticated = True
                info.entry.is_own_test = client_name(request.headers) == OWN_CLIENT
                # By the matched route, not by the path, so that the two cannot disagree.
                resource = request.match_info.route.resource if info.served is None else None
                if resource is not None and not is_model_api(resource.canonical):
                    raise main_key_needed()
            elif caller.key is not None and _is_a_tools(request, info):
                parts.note_main_key_used()
        if parts.opened is not None and not parts.opened.is_set():
            await _wait_for_the_start(request, parts.opened)
        return await handler(request)
    except ProxyError as error:
        failure = error
    except web.HTTPException as error:
        failure, headers = _from_router(request, error)
    except ConnectionError:
        raise
    except Exception:
        # The outermost handler: any exception becomes a proper error.
        log.exception("%s failed", info.request_id)
        failure = ProxyError("The proxy failed on this request. Its log says more.")
    if isinstance(failure, Cancelled):
        info.entry.cancelled()
    else:
        info.entry.failed(failure, message_to_client(failure, info.dialect, info.request_id))
    answer = error_answer(failure, info.dialect, info.request_id, headers)
    is_suspect = failure.kind is ErrorKind.AUTHENTICATION or failure.code == HEADER_REPEATED
    if is_suspect or not request.content.is_eof():
        # The request is incomplete or broken, so no other can follow on this connection. Guessing
        # keys costs a connection each time, and an ambiguous request must not be followed by its
        # other interpretation.
        answer.force_close()
    return answer


async def _wait_for_the_start(request: web.Request, opened: asyncio.Event) -> None:
    """Return once the handler of ``request`` has what it needs; those without a key need nothing."""
    if plain_path(request.path) not in KEYLESS_PATHS:
        await opened.wait()


def _is_a_tools(request: web.Request, info: RequestInfo) -> bool:
    """Whether a tool asks for a model, not this program for its own state."""
    if info.served is None:
        resource = request.match_info.route.resource
        if resource is None or not is_model_api(resource.canonical):
            return False
    return client_name(request.headers) != OWN_CLIENT


def _from_router(
    request: web.Request, error: web.HTTPException
) -> tuple[ProxyError, Mapping[str, str]]:
    kind = _KINDS.get(error.status, ErrorKind.INVALID_REQUEST)
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        message = f"{request.method} is not possible here; use {allowed}."
        return _refused(message, kind, 405), {"Allow": allowed}
    if error.status == 404:
        return _refused(unknown_path(request.method, request.path), kind, 404), {}
    return _refused(error.reason, kind, error.status), {}


def _refused(message: str, kind: ErrorKind, status: int) -> Refused:
    return Refused(message, kind=kind, http_status=status)
