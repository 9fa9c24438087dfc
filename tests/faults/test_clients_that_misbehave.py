"""Clients that send slowly, read slowly, leave at any moment, or connect in thousands and await."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
)
from tests.faults.axes import MODELS, Client
from tests.faults.clients import PATHS, body, read_streamed_answer
from tests.faults.conftest import KEY, Bench
from tests.faults.injector import Plan

CASES = [(client, translated) for client in Client for translated in (False, True)]
IDLE = 3000
MOST_AHEAD = 16 * 1024 * 1024
"""Bytes: what sockets and our buffers may hold for a client that does not read."""
SLOW = pytest.mark.asyncio(loop_scope="module")


def head(bench: Bench, client: Client, length: int) -> bytes:
    return (
        f"POST {PATHS[client]} HTTP/1.1\r\nHost: {urlsplit(bench.url).netloc}\r\n"
        f"Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def connected(bench: Bench) -> socket.socket:
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.connect(("127.0.0.1", urlsplit(bench.url).port))
    opened.setblocking(False)
    return opened


async def ask(bench: Bench) -> str:
    text = "Repeat exactly the following text and nothing else: still here"
    asked = body(Client.CHAT, "gpt-4.1", text, stream=True)
    async with bench.client() as http, http.post(bench.url + PATHS[Client.CHAT], json=asked) as got:
        return read_streamed_answer(Client.CHAT, await got.read()).text


class Counted:
    """Counts what upstream hands out of an endless answer."""

    def __init__(self, bench: Bench) -> None:
        self.given = 0
        self._real = bench.injector.send_request

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        answer = await self._real(request, context)
        chunks = answer.chunks()

        async def counted() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                self.given += len(chunk)
                yield chunk

        return OutboundResponse(answer.status, answer.headers, counted(), on_close=answer.close)


@SLOW
@pytest.mark.parametrize(("client", "translated"), CASES)
async def test_who_does_not_read_stops_the_reading_upstream(
    bench: Bench, client: Client, translated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(bench)
    monkeypatch.setattr(bench.injector, "send_request", counted.send_request)
    number = bench.plan(Plan("text", "endless", seed=1))
    text = f"Repeat exactly the following text and nothing else: plan-{number} {'quack ' * 50}"
    asked = json.dumps(body(client, MODELS[client, translated], text, stream=True)).encode()
    with connected(bench) as opened:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(opened, head(bench, client, len(asked)) + asked)
        before = -1
        while before != counted.given or not counted.given:
            before = counted.given
            assert before < MOST_AHEAD, "nothing holds upstream back"
            await asyncio.sleep(0.1)
        assert await ask(bench) == "still here"
    await bench.until_quiet()


@SLOW
@pytest.mark.parametrize("client", list(Client))
@pytest.mark.parametrize("part", ["half_the_head", "the_head", "half_the_body"])
async def test_who_leaves_while_sending_leaves_nothing(
    bench: Bench, client: Client, part: str
) -> None:
    asked = json.dumps(body(client, MODELS[client, False], "Hello", stream=True)).encode()
    whole = head(bench, client, len(asked)) + asked
    sent = {
        "half_the_head": whole[:60],
        "the_head": whole[: -len(asked)],
        "half_the_body": whole[: -len(asked) // 2],
    }[part]
    with connected(bench) as opened:
        await asyncio.get_running_loop().sock_sendall(opened, sent)
        assert await ask(bench) == "still here"
    await bench.until_quiet()


@SLOW
@pytest.mark.parametrize("client", list(Client))
async def test_a_request_that_comes_byte_by_byte_is_answered_and_holds_up_nobody(
    bench: Bench, client: Client
) -> None:
    text = "Repeat exactly the following text and nothing else: at last"
    asked = json.dumps(body(client, MODELS[client, False], text, stream=True)).encode()
    request = head(bench, client, len(asked)).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(bench.url).port)
    with contextlib.closing(writer):
        for byte in request + asked:
            writer.write(bytes((byte,)))
            await asyncio.sleep(0)
            if byte == ord("m"):
                assert await ask(bench) == "still here"
        answer = await reader.read()
    assert b"200 OK" in answer
    assert b"at last" in answer or b" last" in answer
    await writer.wait_closed()
    await bench.until_quiet()


@pytest_asyncio.fixture(loop_scope="module")
async def idle_connections(bench: Bench) -> AsyncIterator[list[socket.socket]]:
    """As many as this process may have open, both ends counted, up to what is promised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = 2 * IDLE + 500
    allowed = room if hard == resource.RLIM_INFINITY else min(room, hard)
    if soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    opened: list[socket.socket] = []
    try:
        yield opened
    finally:
        for each in opened:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@SLOW
async def test_thousands_of_idle_connections_hold_up_nobody_and_leave_nothing(
    bench: Bench, idle_connections: list[socket.socket]
) -> None:
    assert await asyncio.gather(*(ask(bench) for _ in range(20))) == ["still here"] * 20
    await bench.until(lambda: bench.injector.open == 0)
    bench.note_level()  # with the connections to upstream that are kept for the next calls
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for number in range(min(IDLE, (limit - 400) // 2)):
        idle_connections.append(connected(bench))
        if number % 200 == 0:
            assert await ask(bench) == "still here"
    assert await asyncio.gather(*(ask(bench) for _ in range(20))) == ["still here"] * 20
    for each in idle_connections:
        each.close()
    await bench.until_quiet()


@SLOW
async def test_a_websocket_client_that_does_not_read_stops_the_reading_upstream(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(bench)
    monkeypatch.setattr(bench.injector, "send_request", counted.send_request)
    number = bench.plan(Plan("text", "endless", seed=1))
    text = f"Repeat exactly the following text and nothing else: plan-{number} {'quack ' * 50}"
    asked = {"type": "response.create", "model": "gpt-5.3-codex", "input": text}
    async with bench.client() as http:
        connection = await http.ws_connect(f"{bench.url}/v1/responses", max_msg_size=0)
        await connection.send_json(asked)
        assert (await connection.receive(timeout=30)).type is aiohttp.WSMsgType.TEXT
        reading = connection._response.connection.transport  # type: ignore[union-attr]
        reading.pause_reading()
        before = -1
        while before != counted.given:
            before = counted.given
            assert before < MOST_AHEAD, "nothing holds upstream back"
            await asyncio.sleep(0.1)
        reading.abort()
    await bench.until_quiet()
