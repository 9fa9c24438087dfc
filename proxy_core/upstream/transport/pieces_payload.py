"""A body in pieces, as aiohttp's client writes it."""

from __future__ import annotations

import asyncio

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from proxy_core.upstream.transport.body_pieces import BodyPieces


class PiecesPayload(Payload):
    """Writes a body without copying it; other streams are served between two of its writes."""

    _default_content_type = "application/json"
    _autoclose = True
    _value: BodyPieces

    def __init__(self, body: BodyPieces) -> None:
        super().__init__(body)
        self._size = len(body)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return bytes(self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        is_first = True
        for part in self._value.writes(content_length):
            if not is_first:
                await asyncio.sleep(0)
            is_first = False
            await writer.write(part)
