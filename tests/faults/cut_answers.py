"""Reads an answer whose connection may be cut in the middle, as a client program sees it."""

from __future__ import annotations

import aiohttp

CUT = "\n: connection error, the body was cut"
"""Put behind the text of a body that was cut: no stream of ours writes such a line."""


async def read_until_cut(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """Return the body as far as it came, and whether the connection was cut before its end."""
    content = bytearray()
    try:
        async for piece in response.content.iter_any():
            content += piece
    except aiohttp.ClientPayloadError:
        response.close()
        return bytes(content), True
    return bytes(content), False


async def text_until_cut(response: aiohttp.ClientResponse) -> str:
    """Return the text; a body that was cut ends with ``CUT``."""
    content, was_cut = await read_until_cut(response)
    return content.decode() + (CUT if was_cut else "")
