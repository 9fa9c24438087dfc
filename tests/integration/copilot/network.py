"""The wire between the proxy and GitHub, and its troubles: refused, reset, dead, TLS, a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_PIECE = 64 * 1024


@dataclass(eq=False)
class _Link:
    """One connection from the proxy and its other half towards GitHub."""

    client: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    is_dead: bool = False

    def close(self) -> None:
        for writer in (self.client, self.far):
            if writer is not None:
                writer.close()

    def reset(self) -> None:
        for writer in (self.client, self.far):
            if writer is None:
                continue
            plug = writer.get_extra_info("socket")
            if plug is not None:
                # A close that says RST and not FIN.
                with contextlib.suppress(OSError):
                    plug.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
                    )
            writer.transport.abort()


class Network:
    """Carries bytes to ``far_port``; ``tls`` ends TLS on the way."""

    def __init__(self, far_port: int, tls: ssl.SSLContext | None = None) -> None:
        self.far_port = far_port
        self._tls = tls
        self._port = 0
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._resets_left = 0
        self.accepted = 0

    async def __aenter__(self) -> Self:
        await self.come_back()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.refuse()
        self.reset_all()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self._port}"

    async def refuse(self) -> None:
        """Nobody listens any more; what is open goes on."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def come_back(self) -> None:
        """Listen again, where we did before."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._accept, "127.0.0.1", self._port, ssl=self._tls
            )
            self._port = self._server.sockets[0].getsockname()[1]

    def reset_all(self) -> None:
        """Every open connection is torn down, whatever runs on it."""
        for link in tuple(self._links):
            link.reset()

    def reset_next(self, times: int) -> None:
        """The next ``times`` requests lose their connection before they are answered."""
        self._resets_left = times

    def forget_connections(self) -> None:
        """What a router does during a night: open connections swallow everything from now on."""
        for link in self._links:
            link.is_dead = True

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(writer)
        self._links.add(link)
        try:
            await self._carry(reader, writer, link)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            link.close()
            self._links.discard(link)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link
    ) -> None:
        far_reader, link.far = await asyncio.open_connection("127.0.0.1", self.far_port)
        there = asyncio.ensure_future(self._copy(reader, link.far, link, upwards=True))
        back = asyncio.ensure_future(self._copy(far_reader, writer, link, upwards=False))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (there, back):
                each.cancel()
            await asyncio.gather(there, back, return_exceptions=True)

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        link: _Link,
        *,
        upwards: bool,
    ) -> None:
        while piece := await reader.read(_PIECE):
            if link.is_dead:
                continue
            if upwards and self._resets_left:
                self._resets_left -= 1
                link.reset()
                return
            writer.write(piece)
            await writer.drain()


class ConnectProxy:
    """A company's HTTP proxy: CONNECT only; every name leads to ``port``, ``hosts`` keeps them."""

    def __init__(self, port: int) -> None:
        self._far_port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.hosts: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far: asyncio.StreamWriter | None = None
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
            self.hosts.append(target.decode().partition(":")[0])
            assert method == b"CONNECT"
            far_reader, far = await asyncio.open_connection("127.0.0.1", self._far_port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            there = asyncio.ensure_future(_pour(reader, far))
            back = asyncio.ensure_future(_pour(far_reader, writer))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            if far is not None:
                far.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
