"""What reaches a client of a stream: every byte, and an end that only the end of the answer brings."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import HttpVersion, HttpVersion10, HttpVersion11, web

from proxy_core.canonical.sse import Frame, Run
from proxy_core.server.calls.relay.client_stream import ClientStream


async def received(version: HttpVersion, *sent: list[Frame]) -> bytes:
    """Return the body that a client reads to its end, after the stream sent these frames."""

    async def handler(request: web.Request) -> web.StreamResponse:
        stream = ClientStream(
            request, keep_alive=b": \n\n", heartbeat_seconds=60, on_first_byte=lambda: None
        )
        for frames in sent:
            await stream.send(frames)
        await stream.finish([Frame(b"last")])
        assert stream._response is not None
        return stream._response

    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        async with aiohttp.ClientSession(version=version) as http, http.get(url) as answer:
            return await answer.read()
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("version", [HttpVersion10, HttpVersion11])
@pytest.mark.parametrize("nothing", [[], [Run(b"")]], ids=["no frame", "an empty run"])
async def test_frames_without_a_byte_do_not_end_the_body(
    version: HttpVersion, nothing: list[Frame]
) -> None:
    body = await received(version, nothing, [Frame(b"1")], nothing, [Frame(b"2"), Frame(b"3")])
    assert body == b"data: 1\n\ndata: 2\n\ndata: 3\n\ndata: last\n\n"
