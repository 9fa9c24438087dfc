"""Asks a proxy over bare sockets, and says how long it took."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass

KEY = "benchmark-key"
_TEXT = 'Read "src/main.py", then run `make test`. \u00fc\u4e2d\u6587\n' * 30


@dataclass(frozen=True, slots=True)
class Kind:
    """How a client speaks (``path``) and what upstream does (``ours``, ``floor``: paths asked)."""

    label: str
    ours: str
    floor: str
    upstream: str
    speaks: str


KINDS = (
    Kind("chat", "/v1/chat/completions", "/chat/completions", "cc", "chat"),
    Kind("messages", "/v1/messages", "/v1/messages", "msg", "messages"),
    Kind("responses", "/v1/responses", "/responses", "rsp", "responses"),
    # Translated: a bare proxy has no such thing; its floor is chat passed through.
    Kind("messages -> chat", "/v1/messages", "/chat/completions", "cc", "messages"),
)


def body_of(speaks: str, model: str, size: int) -> bytes:
    """Return a request of about ``size`` bytes, a history of turns of two people."""
    texts = [_TEXT] * max(1, size // len(_TEXT.encode()))
    if len(texts) % 2 == 0:
        texts.pop()
    turns = [
        {"role": ("user", "assistant")[number % 2], "content": text}
        for number, text in enumerate(texts if size > 2000 else ["Say something."])
    ]
    said: dict[str, object] = {"model": model, "stream": True}
    said["input" if speaks == "responses" else "messages"] = turns
    if speaks == "messages":
        said["max_tokens"] = 4096
    return json.dumps(said, ensure_ascii=False).encode()


def request_of(path: str, body: bytes, key: str = KEY) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    """Return seconds to the first byte of the body, once all of it came."""
    began = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"the proxy answered {head[:200]!r}")
    first = 0.0
    while size := int(await reader.readline(), 16):
        first = first or time.perf_counter() - began
        await reader.readexactly(size + 2)
    await reader.readline()
    return first


async def one_after_the_other(port: int, request: bytes, count: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        return [await ask(reader, writer, request) for _ in range(count)]
    finally:
        writer.close()


async def side_by_side(port: int, request: bytes, count: int) -> None:
    async def one(number: int) -> None:
        await asyncio.sleep(number / count * 0.4)  # a ramp, or all would come in one wave
        await one_after_the_other(port, request, 1)

    await asyncio.gather(*(one(number) for number in range(count)))


async def chunk_lateness(port: int, request: bytes, count: int, pause: float) -> list[float]:
    """Return how many seconds each event of ``count`` streams came after its time.

    Upstream sends one each ``pause`` seconds; the event of a stream that was earliest in its turn was
    in time.
    """

    async def one(number: int) -> list[float]:
        await asyncio.sleep(number / count * 0.9 * max(pause, 0.4))
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(f"the proxy answered {head[:200]!r}")
        came: list[float] = []
        while size := int(await reader.readline(), 16):
            data = await reader.readexactly(size + 2)
            came += [time.perf_counter()] * data.count(b"data: {")
        writer.close()
        after = [at - number * pause for number, at in enumerate(came)]
        return [each - min(after) for each in after]

    streams = await asyncio.gather(*(one(number) for number in range(count)))
    return [each for stream in streams for each in stream]
