"""GET responses: the Responses API over a WebSocket. Each frame is a model call."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

from proxy_core.dialects.client_traits import HAS_WEBSOCKET
from proxy_core.dialects.openai_responses.session.websocket_session import (
    Ask,
    SocketReply,
    SocketSession,
)
from proxy_core.errors import BadRequest, Cancelled, ErrorKind, ProxyError, Refused
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.routing.client_programs import client_name
from proxy_core.server.access.guest_tokens import GUEST
from proxy_core.server.access.request_guard import check_key, offered_keys
from proxy_core.server.calls.body_threads import is_heavy_text
from proxy_core.server.calls.call_runner import CallRunner
from proxy_core.server.calls.incoming_call import IncomingCall
from proxy_core.server.calls.response_writer import ResponseWriter
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
from proxy_core.server.calls.websocket.websocket_turn import SocketTurn
from proxy_core.server.http.responses import error_answer
from proxy_core.server.parts import INFO, ServerContext
from proxy_core.server.records.request_log import RequestLogEntry

log = logging.getLogger("g_copilot_proxy.server")

CLOSE_SECONDS = 0.2
"""Seconds a client may take to answer our close frame."""


class ResponsesSocket:
    """The handler, and all its open connections."""

    def __init__(self, parts: ServerContext, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates
        self._connections: set[_Connection] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Return once the connection is closed. Access was checked at the handshake."""
        settings = self._parts.settings()
        if not settings.responses_websocket or not _asks_for_upgrade(request):
            return self._upgrade_required(request, offered=settings.responses_websocket)
        socket = web.WebSocketResponse(
            max_msg_size=settings.max_body_megabytes * 1_000_000,
            # Both ends are on one computer, where compression costs more than it saves.
            compress=False,
        )
        socket.headers.update(self._parts.dialects[HAS_WEBSOCKET].traits.answer_headers)
        await socket.prepare(request)
        connection = _Connection(self._parts, self._estimates, request, socket)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
        return socket

    async def go_away(self) -> None:
        """Close idle connections now, and busy ones after their response."""
        await asyncio.gather(*(each.go_away() for each in self._connections))

    async def close(self) -> None:
        """Close every connection, whatever it does."""
        await asyncio.gather(*(each.close() for each in self._connections))

    def _upgrade_required(self, request: web.Request, *, offered: bool) -> web.StreamResponse:
        """426 makes Codex fall back to POST at once; a 404 costs it seven tries."""
        info = request[INFO]
        error = Refused(
            "This address is for WebSockets; send the request as a POST."
            if offered
            else "WebSockets are switched off here (server.responses_websocket); send a POST.",
            kind=ErrorKind.INVALID_REQUEST,
            http_status=426,
            code="upgrade_required" if offered else "websocket_not_supported",
        )
        upgrade = "websocket" if offered else "HTTP/1.1"
        headers = {"Upgrade": upgrade, "Connection": "Upgrade"}
        response = error_answer(error, info.dialect, info.request_id, headers)
        response.set_status(426)
        info.entry.failed(error)
        return response


def _asks_for_upgrade(request: web.Request) -> bool:
    return request.headers.get(hdrs.UPGRADE, "").strip().lower() == "websocket"


class _Connection:
    """One client's connection: reads frames while at most one of them is being answered."""

    def __init__(
        self,
        parts: ServerContext,
        estimates: TokenEstimates,
        request: web.Request,
        socket: web.WebSocketResponse,
    ) -> None:
        self._parts = parts
        self._estimates = estimates
        self._request = request
        self._socket = socket
        self._session = SocketSession(
            parts.make_id, parts.settings().max_body_megabytes * 1_000_000
        )
        self._client = request[INFO].client or client_name(request.headers)
        self._is_authenticated = request[INFO].entry.is_authenticated
        self._is_guests = request[INFO].entry.is_guests
        self._path = f"WS {request.path[:100]}"
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = False

    async def run(self) -> None:
        """Read until the client disconnects; a running upstream call is then aborted."""
        pings = asyncio.get_running_loop().create_task(self._ping())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(message.data)
                elif message.type is WSMsgType.BINARY:
                    error = BadRequest("Frames must be text.", code="invalid_frame")
                    await self._say(self._session.error_text(error))
        finally:
            pings.cancel()
            tasks = (pings, *self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def go_away(self) -> None:
        self._leaving = True
        if not self._session.is_busy:
            await self.close()

    async def close(self) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"the proxy stops")

    async def _take(self, text: str) -> None:
        heavy = is_heavy_text(text)
        turn: Ask | SocketReply
        if heavy and self._session.is_busy:
            # Not read: the loop must not do it, and a thread must not meet the answer's events.
            turn = self._session.refuse_while_busy()
        else:
            now = int(self._parts.clock.wall())
            receive = functools.partial(self._session.receive, text, now)
            turn = await self._parts.threads.run(receive, heavy=heavy)
        if isinstance(turn, SocketReply):
            for each in turn.texts:
                await self._say(each)
        else:
            self._spawn(self._answer(turn))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, ask: Ask) -> None:
        """Serve one frame by the same calls as a POST, with a record of its own."""
        parts = self._parts
        request_id = parts.make_id("req_")
        entry = parts.journal.open(request_id, self._client, self._path, shown=True)
        entry.is_authenticated = self._is_authenticated
        if self._is_guests:
            entry.paid_by_guest(GUEST)
        turn = SocketTurn(self._socket, self._session, entry.first_byte)
        status = 200
        try:
            with parts.in_flight.ticket(request_id) as ticket, ticket.interruptible():
                self._check_key()
                dialect = parts.dialects[HAS_WEBSOCKET]
                incoming = IncomingCall(dialect, self._request.headers, entry, ticket)

                async def read() -> Mapping[str, Any]:
                    return ask.body

                def respond(planned: PlannedCall) -> ResponseWriter:
                    del planned  # over a WebSocket every response is a stream
                    entry.update(streamed=True)
                    return turn

                await CallRunner(parts, self._estimates, incoming).run(read, respond)
                await turn.fail(ProxyError("The answer ended without its last event."))
        except (asyncio.CancelledError, ConnectionError):
            status = Cancelled.http_status
            entry.cancelled()
            raise
        except ProxyError as error:
            status = await self._fail(turn, entry, error)
        except Exception:
            # The outermost handler: any exception becomes a proper error.
            log.exception("%s failed", request_id)
            failure = ProxyError("The proxy failed on this request. Its log says more.")
            status = await self._fail(turn, entry, failure)
        finally:
            entry.close(status)
        if self._leaving:
            await self.close()

    def _check_key(self) -> None:
        """Raise Refused for a key that was revoked since the handshake. Guests have none."""
        if not self._is_guests:
            check_key(offered_keys(self._request.headers), self._parts.access_policy())

    async def _fail(self, turn: SocketTurn, entry: RequestLogEntry, error: ProxyError) -> int:
        """Report the error to the client, and return its HTTP status."""
        entry.failed(error)
        with contextlib.suppress(ConnectionError):
            await turn.fail(error)
        return error.http_status

    async def _say(self, text: str) -> None:
        # A disconnected client is noticed by the next read.
        with contextlib.suppress(ConnectionError):
            await self._socket.send_str(text)

    async def _ping(self) -> None:
        """Send keep-alive pings.

        A pong is not required: a client may be busy with a tool for a minute, and a dead one has
        its connection reset.
        """
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(self._parts.settings().heartbeat_seconds)
                await self._socket.ping()
