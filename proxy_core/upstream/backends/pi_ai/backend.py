"""The backend on pi-ai: a call in an endpoint's words through the library, and back into them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import msgspec
from multidict import CIMultiDict

from proxy_core.clock import Clock
from proxy_core.config.settings import UpstreamSettings
from proxy_core.errors import translatable
from proxy_core.status.redaction import redact
from proxy_core.upstream.backends.pi_ai.context.job import Outbound, endpoint_of, job_line
from proxy_core.upstream.backends.pi_ai.events.registry import wire_for
from proxy_core.upstream.backends.pi_ai.events.wire import Wire
from proxy_core.upstream.backends.pi_ai.failures import (
    BackendUnavailable,
    network_failure,
)
from proxy_core.upstream.backends.pi_ai.install import install
from proxy_core.upstream.backends.pi_ai.lines import Line, NetworkFailure
from proxy_core.upstream.backends.pi_ai.loading import check_loads
from proxy_core.upstream.backends.pi_ai.node import Installation, find_installation, find_node
from proxy_core.upstream.backends.pi_ai.open_call import OpenCall
from proxy_core.upstream.backends.pi_ai.process import (
    NodeProcess,
    ProcessOptions,
    Restarts,
    takes_proxies,
)
from proxy_core.upstream.transport.connection_errors import (
    ConnectionFailed,
    connection_failure,
    proxy_stopped,
)
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
)
from proxy_core.upstream.transport.transport import forwardable

LARGE_BODY = 64 * 1024
"""Bytes from which on a body is read in a thread, so that other streams are served meanwhile."""


class PiAiBackend:
    """Implements :class:`proxy_core.upstream.backends.interface.Backend`.

    ``packages`` is the folder of installed versions; ``new_mark`` returns a random word; ``proxy`` the
    network's proxy for an address.
    """

    def __init__(
        self,
        *,
        settings: Callable[[], UpstreamSettings],
        packages: Path,
        environ: Mapping[str, str],
        clock: Clock,
        new_mark: Callable[[], str],
        proxy: Callable[[str], str | None],
    ) -> None:
        self._settings = settings
        self._packages = packages
        self._environ = environ
        self._new_mark = new_mark
        self._proxy = proxy
        self._process: NodeProcess | None = None
        self._retired: list[NodeProcess] = []
        self._restarts = Restarts(clock)
        self._starting = asyncio.Lock()
        self._installing = asyncio.Lock()
        self._found: dict[str, Installation] = {}
        self._closed = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The running process, for people who look for it."""
        return None if self._process is None else self._process.pid

    async def find(self) -> Installation:
        """Return Node and library as they would be used. Raises BackendUnavailable."""
        node = await find_node(self._settings().node_path, self._environ)
        return find_installation(node, self._packages)

    async def check(self) -> Installation:
        """Return what ``find`` does, once the library was loaded. Raises BackendUnavailable."""
        found = await self.find()
        await check_loads(found, self._environ)
        return found

    async def install(self) -> Installation:
        """Install the library for the Node that would be used. Raises ProxyError."""
        async with self._installing:
            node = await find_node(self._settings().node_path, self._environ)
            return await install(node, self._packages, self._environ)

    async def open(self, request: OutboundRequest, context: RequestContext) -> OutboundResponse:
        endpoint = endpoint_of(request.url)
        process = await self._running(request.url)
        number = process.next_number()
        sent = Outbound(endpoint, request.url, forwardable(request.headers), request.body)
        if len(request.body) > LARGE_BODY:
            line = await asyncio.to_thread(job_line, number, sent, self._new_mark())
        else:
            line = job_line(number, sent, self._new_mark())
        idle = self._settings().idle_seconds
        call = await process.open(line, number, request.url, idle)
        try:
            return await _answered(call, request.url, idle, wire_for(endpoint))
        except asyncio.CancelledError:
            call.close()
            context.cancel_event.set()
            raise
        except BaseException:
            call.close()
            raise

    async def close(self) -> None:
        self._closed.set()
        process, self._process = self._process, None
        for each in (*self._retired, *(() if process is None else (process,))):
            await each.stop()
        self._retired.clear()

    async def _running(self, url: str) -> NodeProcess:
        """Return a process with today's options, started if need be. Raises BackendUnavailable."""
        wanted = self._settings().node_path
        process = self._process
        if process is not None and process.is_running and self._fits(process, url, wanted):
            return process
        async with self._starting:
            process = self._process
            if process is not None and process.is_running and self._fits(process, url, wanted):
                return process
            return await self._start(url, wanted)

    def _fits(self, process: NodeProcess, url: str, wanted: str) -> bool:
        options = process.options
        same = options.ca_file == self._settings().ca_file and options.proxy == self._proxy(url)
        return same and self._found.get(wanted) == options.installation

    async def _start(self, url: str, wanted: str) -> NodeProcess:
        if self._closed.is_set():
            raise proxy_stopped()
        await self._put_away()
        if (wait := self._restarts.wait) > 0:
            raise BackendUnavailable(
                translatable("The pi-ai process keeps ending."),
                translatable("It is started again in {seconds} s.", seconds=math.ceil(wait)),
                retry_after=wait,
            )
        installation = await self.find()
        self._found = {wanted: installation}
        proxy = self._proxy(url)
        if proxy is not None and not takes_proxies(installation):
            raise BackendUnavailable(
                translatable(
                    "This network needs a proxy, which Node.js {version} does not take from its "
                    "environment.",
                    version=installation.node.words,
                ),
                translatable("Update Node.js to 22.21 or 24, or use the backend “copilot”."),
            )
        process = NodeProcess(
            ProcessOptions(installation, self._settings().ca_file, proxy), self._environ
        )
        try:
            await process.start()
        except BackendUnavailable:
            self._restarts.note_failed()
            raise
        if self._closed.is_set():  # while it started
            await process.stop()
            raise proxy_stopped()
        self._process = process
        return process

    async def _put_away(self) -> None:
        """Note how the last process ended, or let it end once its calls have."""
        process, self._process = self._process, None
        self._retired = [each for each in self._retired if each.is_running]
        if process is None:
            return
        if process.is_running:
            process.retire()
            self._retired.append(process)
            return
        if process.has_answered:
            self._restarts.note_worked()
        self._restarts.note_failed()
        await process.stop()


async def _answered(call: OpenCall, url: str, idle: float, wire: Wire) -> OutboundResponse:
    """Wait for the head of upstream's answer. Raises ConnectionFailed."""
    while lines := await call.take(idle):
        for place, line in enumerate(lines):
            if line.network is not None:
                raise network_failure(line.network, url)
            if line.http is not None and line.body is not None:
                call.close()
                return OutboundResponse(
                    line.http.status, _headers(line), line.body.encode("utf-8", "surrogatepass")
                )
            if line.http is not None:
                answer = _Answer(call, url, idle, wire, lines[place + 1 :])
                return OutboundResponse(200, _headers(line), answer, on_close=answer.close)
            if line.e == "error":
                raise ConnectionFailed(
                    f"The library pi-ai could not send the request: {redact(line.message or '')}",
                    retryable=False,
                )
    raise connection_failure(ConnectionResetError(), url)


def _headers(line: Line) -> CIMultiDict[str]:
    return CIMultiDict(line.http.headers if line.http is not None else ())


class _Answer:
    """The answer's bytes, in the endpoint's own words, as they arrive."""

    def __init__(
        self, call: OpenCall, url: str, idle: float, wire: Wire, lines: list[Line]
    ) -> None:
        self._call = call
        self._url = url
        self._idle = idle
        self._wire = wire
        self._lines = lines
        self._has_ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._has_ended:
            lines, self._lines = self._lines, []
            if not lines:
                lines = await self._call.take(self._idle)
            out, failure = self._bytes_of(lines)
            if failure is not None and not out:
                raise failure
            self._lines = [_BROKEN] if failure is not None else []
            if out:
                return out
            if not lines:
                raise connection_failure(ConnectionResetError(), self._url, answering=True)
        raise StopAsyncIteration

    def _bytes_of(self, lines: list[Line]) -> tuple[bytes, ConnectionFailed | None]:
        """Return the bytes of some lines, and how the answer broke off if it did."""
        out: list[bytes] = []
        wire = self._wire
        for line in lines:
            if line.network is not None and not wire.is_finished:
                broke = connection_failure(ConnectionResetError(), self._url, answering=True)
                return b"".join(out), broke
            if line.note is not None:
                out.append(_noted(wire, line.note))
            elif line.e not in ("done", "error"):
                out.append(wire.event(line))
            else:
                # Only upstream's own last event ends an answer: the library reports some that were
                # cut as finished, and some that a filter ended as broken. Without it the bytes end
                # in the middle, and whoever reads them says so.
                self._has_ended = True
                if wire.failure is not None:
                    out.append(wire.failure)
                elif wire.is_finished and line.reason != "aborted":
                    out.append(wire.finish())
                break
        return b"".join(out), None

    async def close(self) -> None:
        self._has_ended = True
        self._call.close()


def _noted(wire: Wire, raw: str) -> bytes:
    try:
        event = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return b""  # the library ends an answer that it cannot read, so nothing is hidden
    return wire.note(raw, event)


_BROKEN = Line(network=NetworkFailure())
