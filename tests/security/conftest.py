"""The real server, and a client that sends exactly the bytes it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any

from tests.integration.server.conftest import (  # noqa: F401 - fixtures of this folder too
    KEY,
    Proxy,
    drain_seconds,
    proxy,
    settings_text,
    simulator,
    simulator_options,
)

SECONDS = 30.0


@dataclass(frozen=True)
class RawAnswer:
    """``closed``: the server ended the connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool

    @property
    def json(self) -> Any:
        assert self.headers["content-type"].startswith("application/json"), self.headers
        return json.loads(self.body)


class RawConnection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self, *, to_the_end: bool = True) -> RawAnswer:
        """Read one answer by its Content-Length, and the connection's end where it is announced."""
        async with asyncio.timeout(SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value for name, value in (each.split(": ", 1) for each in lines)
            }
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
            closed = headers.get("connection", "").lower() == "close"
            if closed and to_the_end:
                with contextlib.suppress(ConnectionError):
                    await self.reader.read()
        return RawAnswer(int(first.split()[1]), headers, body, closed)

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


async def connect(proxy: Proxy) -> RawConnection:  # noqa: F811
    port = int(proxy.url.rsplit(":", 1)[1])
    return RawConnection(*await asyncio.open_connection("127.0.0.1", port))


async def send_raw(proxy: Proxy, data: bytes) -> RawAnswer:  # noqa: F811
    """Send ``data`` over a connection of its own and return the first answer."""
    connection = await connect(proxy)
    try:
        connection.writer.write(data)
        return await connection.answer()
    finally:
        await connection.close()
