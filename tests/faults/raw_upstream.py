"""An upstream of bare sockets, between us and the simulator: shows what only the transport can meet."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
)

_PLAN = re.compile(rb"plan-(\d+)")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_TEXT = re.compile(rb'"text_delta"|response\.output_text\.delta|"content":\s*"[^"]')
HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
TLS_HANDSHAKE = b"\x16"
UNKNOWN_NAME = "copilot.not-there.example"

FAULTS = {
    "refused": (502,),
    "unknown_name": (502,),
    "certificate": (502,),
    "no_tls": (502,),
    "reset_at_once": (502,),
    "reset_after_request": (502,),
    "closed_after_request": (502,),
    "closed_in_headers": (502,),
    "not_http": (502,),
    "huge_headers": (502,),
    "stalled_before_headers": (504,),
    "closed_after_headers": (502,),
    "reset_after_headers": (502,),
    "short_of_its_length": (502,),
    "not_gzip": (502,),
    "bad_chunk": (502,),
    "closed_in_text": (502,),
    "reset_in_text": (502,),
    "half_closed_in_text": (502,),
    "stalled_in_text": (504,),
}
"""By kind, what a client may see that has not been sent anything yet."""


class SendElsewhere(RequestHandler):
    """Sends the calls that have a plan to the broken upstream; the network is the real one."""

    def __init__(self) -> None:
        self.urls: dict[int, str] = {}

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        found = _PLAN.search(request.body)
        url = self.urls.get(int(found[1])) if found else None
        if url is not None:
            request.url = url + urlsplit(request.url).path
        return await super().send_request(request, context)


@dataclass(slots=True)
class RawUpstream:
    """Breaks each connection as its request's plan says. ``connections`` counts those still open."""

    simulator_port: int
    kinds: dict[int, str] = field(default_factory=dict)
    connections: int = 0
    port: int = 0
    reset_port: int = 0
    _servers: list[asyncio.Server] = field(default_factory=list)

    async def start(self) -> None:
        for serve in (self._serve, self._reset_at_once):
            self._servers.append(await asyncio.start_server(serve, "127.0.0.1", 0))
        self.port, self.reset_port = (each.sockets[0].getsockname()[1] for each in self._servers)

    async def stop(self) -> None:
        for each in self._servers:
            each.close()
            await each.wait_closed()

    def url(self, kind: str, closed_port: int, secure_port: int) -> str:
        if kind == "refused":
            return f"http://127.0.0.1:{closed_port}"
        if kind == "reset_at_once":
            return f"http://127.0.0.1:{self.reset_port}"
        if kind == "unknown_name":
            return f"http://{UNKNOWN_NAME}"
        if kind == "certificate":
            return f"https://127.0.0.1:{secure_port}"
        return f"{'https' if kind == 'no_tls' else 'http'}://127.0.0.1:{self.port}"

    async def _reset_at_once(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        del reader
        _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._misbehave(reader, writer)
        finally:
            self.connections -= 1
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _misbehave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        if first == TLS_HANDSHAKE:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        head = first + await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        found = _PLAN.search(body)
        assert found
        kind = self.kinds[int(found[1])]
        place, _, rest = kind.partition("_")
        match kind:
            case "reset_after_request":
                _reset(writer)
            case "closed_after_request":
                return
            case "closed_in_headers":
                writer.write(HEADERS[:40])
            case "not_http":
                writer.write(b"220 mail.example ESMTP ready\r\n")
            case "huge_headers":
                writer.write(HEADERS + b"x-long: " + b"x" * 100_000 + b"\r\n\r\n")
            case "closed_after_headers":
                writer.write(HEADERS + b"Transfer-Encoding: chunked\r\n\r\n")
            case "reset_after_headers":
                writer.write(HEADERS + b"Transfer-Encoding: chunked\r\n\r\n")
                await writer.drain()
                _reset(writer)
            case "short_of_its_length":
                writer.write(HEADERS + b"Content-Length: 5000\r\n\r\ndata: {")
            case "not_gzip":
                writer.write(
                    HEADERS + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot zipped"[:-1]
                )
            case "bad_chunk":
                writer.write(HEADERS + b"Transfer-Encoding: chunked\r\n\r\nducks\r\n")
            case "stalled_before_headers":
                await reader.read()
            case _:
                content = await self._ask_simulator(head, body)
                marked = _TEXT.search(content)
                assert marked, content
                writer.write(content[: content.index(b"\n\n", marked.end()) + 2])
                await writer.drain()
                if place == "reset":
                    _reset(writer)
                elif place == "half":
                    writer.write_eof()
                    await reader.read()
                elif place == "stalled":
                    await reader.read()
                del rest
        with contextlib.suppress(ConnectionError):
            await writer.drain()

    async def _ask_simulator(self, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.simulator_port)
        try:
            writer.write(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + body)
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST."""
    found = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
