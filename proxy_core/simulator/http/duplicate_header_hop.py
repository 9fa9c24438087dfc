"""A hop in front of the simulator that forgives request headers sent twice.

LiteLLM's OpenAI path sends ``Content-Type`` and ``User-Agent`` in two spellings, and aiohttp's
parser answers 400 before any handler runs; its C parser cannot be configured otherwise. The real
service forgives.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

_SENT_TWICE = (b"content-type", b"user-agent")
_LARGEST_HEAD = 256 * 1024
_CHUNK = 64 * 1024


class DuplicateHeaderHop:
    """Listens on ``host``:``port`` and passes every connection on to ``target_port`` of the same host.

    Each connection carries one request: the head is repaired, everything behind it is passed on
    untouched in both directions. When either side goes, so does the other.
    """

    def __init__(self, host: str, port: int, target_port: int) -> None:
        self._host = host
        self._port = port
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Begin to listen; the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(
            self._connected, self._host, self._port, limit=_LARGEST_HEAD
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._pass_on(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            # The client left, or sent no HTTP at all: there is nobody to answer.
            pass
        finally:
            self._connections.discard(task)
            await _closed(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        inner_reader, inner_writer = await asyncio.open_connection(self._host, self._target_port)
        try:
            inner_writer.write(repaired(head))
            directions = [
                asyncio.create_task(_pump(reader, inner_writer)),
                asyncio.create_task(_pump(inner_reader, writer)),
            ]
            try:
                await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for direction in directions:
                    direction.cancel()
                await asyncio.gather(*directions, return_exceptions=True)
        finally:
            await _closed(inner_writer)


def repaired(head: bytes) -> bytes:
    """A request head without the repeated headers, and with one request to the connection."""
    request_line, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    forwarded: list[bytes] = []
    seen: set[bytes] = set()
    for header in headers:
        name = _name(header)
        if name in seen:
            continue
        if name in _SENT_TWICE:
            seen.add(name)
        forwarded.append(header)
    if not _upgrades(forwarded):
        forwarded = [header for header in forwarded if _name(header) != b"connection"]
        forwarded.append(b"Connection: close")
    return b"\r\n".join((request_line, *forwarded)) + b"\r\n\r\n"


def _name(header: bytes) -> bytes:
    return header.partition(b":")[0].strip().lower()


def _upgrades(headers: Sequence[bytes]) -> bool:
    return any(_name(header) == b"upgrade" for header in headers)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
