"""Starts, stops and moves the server, and publishes its state."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from msgspec.structs import replace

from proxy_core.app.network_exposure import check_exposure, what_is_open
from proxy_core.clock import Clock
from proxy_core.config.settings import ServerSettings
from proxy_core.errors import PortInUse, Problem, ProxyError, translatable
from proxy_core.server.access.request_guard import is_loopback
from proxy_core.server.local_server import LocalServer
from proxy_core.status.status import ServerState, ServerStatus, with_notice
from proxy_core.status.status_board import StatusBoard

log = logging.getLogger("g_copilot_proxy.engine")

Commit = Callable[[], Awaitable[None]]

RESTART_PAUSES = (0.05, 0.1, 0.2)
"""Seconds between attempts to bind the port again."""
REMEMBERING_SECONDS = 0.5


class ServerLifecycle:
    """At most one server listens. Belongs to one event loop; commands run one after another.

    ``make`` returns a server for a host that does not listen yet; ``key`` the local key, None where
    none is required (it may raise OSError); ``before_stop`` runs when a server is about to drain,
    for ``drain_seconds`` at most; ``spawn`` runs background work. ``note_address`` publishes the
    address for other programs; it writes to disk.
    """

    def __init__(
        self,
        board: StatusBoard,
        clock: Clock,
        *,
        settings: Callable[[], ServerSettings],
        make: Callable[[str], LocalServer],
        key: Callable[[], str | None],
        before_stop: Callable[[], None],
        drain_seconds: float,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        note_address: Callable[[tuple[str, int] | None], None],
    ) -> None:
        self._board = board
        self._clock = clock
        self._settings = settings
        self._make = make
        self._key = key
        self._before_stop = before_stop
        self._drain_seconds = drain_seconds
        self._spawn = spawn
        self._note_address = note_address
        self._server: LocalServer | None = None
        self._switching = asyncio.Lock()
        self._remembering = asyncio.Lock()

    async def start(self) -> None:
        """Return once connections are accepted; nothing happens while it runs.

        Raises PortInUse, CannotListen, or BadRequest for an address that needs a key.
        """
        async with self._switching:
            if self._server is None:
                await self._start()

    async def stop(self) -> None:
        async with self._switching:
            await self._stop()

    async def restart(self) -> None:
        async with self._switching:
            await self._stop()
            for pause in RESTART_PAUSES:
                # While nobody listens, the system may give our port to an outgoing connection.
                with contextlib.suppress(PortInUse):
                    await self._start()
                    return
                await asyncio.sleep(pause)
            await self._start()

    async def move(self, host: str, port: int, commit: Commit) -> None:
        """Move the server; ``commit`` is awaited once it listens there, or at once if it is stopped.

        The old address stays in use if the new one cannot be bound or ``commit`` raises. Raises
        what ``start`` and ``commit`` raise; whoever asked tells of it, as nothing has changed.
        """
        async with self._switching:
            running = self._server
            if running is None or running.asked == (host, port):
                await commit()
                return
            # Two sockets cannot share the port: 0.0.0.0 includes every address.
            same_port = port != 0 and port == running.port
            try:
                check_exposure(host, self._key())  # before the old server is stopped
                if same_port:
                    self._server = None
                    await running.stop(self._drain_seconds)
                started = await self._listen(host, port)
                try:
                    await commit()
                except BaseException:
                    await started.stop(self._drain_seconds)
                    raise
                self._server = started
            except (ProxyError, OSError):
                if self._server is None:
                    await self._go_back(running.asked[0], running.port)
                raise
            except BaseException:
                if self._server is None:
                    self._change_state(ServerState.OFF)
                raise
            log.info("server moves to %s port %s", host, self._server.port)
            self._publish_running(self._server)
        if not same_port:
            await running.stop(self._drain_seconds)

    def cancel(self, request_id: str) -> bool:
        """End a running request as if its client had disconnected; return whether it was running."""
        return self._server is not None and self._server.cancel(request_id)

    async def _start(self) -> None:
        wanted = self._settings()
        self._publish(ServerStatus(ServerState.STARTING, wanted.host, wanted.port))
        try:
            self._server = await self._listen(wanted.host, wanted.port)
        except ProxyError as error:
            failed = ServerStatus(
                ServerState.FAILED, wanted.host, wanted.port, problem=_problem(error)
            )
            self._publish(failed)
            raise
        except BaseException:
            self._publish(ServerStatus(ServerState.OFF, wanted.host, wanted.port))
            raise
        self._publish_running(self._server)

    async def _go_back(self, host: str, port: int) -> None:
        """Listen on the previous address again. Publishes and raises what ``start`` raises."""
        try:
            self._server = await self._listen(host, port)
        except ProxyError as error:
            problem = _problem(error)
            self._publish(ServerStatus(ServerState.FAILED, host, port, problem=problem))
            raise

    async def _listen(self, host: str, port: int) -> LocalServer:
        """Return a server that accepts connections there."""
        # A key that cannot be created must fail here, not at a request.
        check_exposure(host, self._key())
        started = self._make(host)
        await started.start(host, port)
        self._spawn(self._remember((started.host, started.port)))
        return started

    async def _remember(self, address: tuple[str, int] | None) -> None:
        """Publish the address; a full or hanging disk must not stop the server."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(REMEMBERING_SECONDS), self._remembering:
                await asyncio.to_thread(self._note_address, address)

    async def _stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        self._change_state(ServerState.STOPPING)
        self._before_stop()
        try:
            await server.stop(self._drain_seconds)
        finally:
            self._change_state(ServerState.OFF)
            await self._remember(None)

    def _publish(self, server: ServerStatus) -> None:
        self._board.change(lambda status: replace(status, server=server))

    def _publish_running(self, server: LocalServer) -> None:
        since = self._clock.wall()
        self._publish(ServerStatus(ServerState.RUNNING, server.host, server.port, since))
        if not is_loopback(server.host):
            self._spawn(self._tell_exposure(server.host, server.port))

    async def _tell_exposure(self, host: str, port: int) -> None:
        text = await asyncio.to_thread(what_is_open, host, port)
        self._board.change(
            lambda status: with_notice(
                status,
                self._clock.wall(),
                "lan_open",
                translatable("Other computers can use this server"),
                text,
                translatable("Listen on 127.0.0.1 in the settings to close it."),
            )
        )

    def _change_state(self, state: ServerState) -> None:
        self._board.change(
            lambda status: replace(
                status,
                server=replace(
                    status.server,
                    state=state,
                    since=None if state is ServerState.OFF else status.server.since,
                ),
            )
        )


def _problem(error: ProxyError) -> Problem:
    steps = {
        "port_in_use": translatable("Close that program, or choose another port."),
        "key_required": translatable("Switch the local key on."),
    }
    code = error.code or error.kind.value
    return Problem(error.title, error.said, steps.get(code, ""), code)
