"""Too much, too deep, too slow, too often."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import zstandard

from proxy_core.clock import Clock
from proxy_core.dialects.registry import DIALECTS
from proxy_core.errors import Refused
from proxy_core.server.access import key_auth
from proxy_core.server.access.key_auth import KeyCheck
from proxy_core.server.access.key_guessing import FREE_ATTEMPTS, HOLD_SECONDS, MOST_HELD
from proxy_core.server.access.request_guard import AccessPolicy
from proxy_core.server.http import request_body
from proxy_core.server.http.connection import Connection, ConnectionRegistry
from proxy_core.status.status_board import StatusBoard
from tests.security.conftest import KEY, Proxy, RawConnection, connect, send_raw

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
PATHS = (CHAT, MESSAGES, "/v1/responses")


async def post(proxy: Proxy, path: str, data: bytes, **headers: str) -> Any:
    all_headers = {"Content-Type": "application/json"} | proxy.headers(**headers)
    return await proxy.send("POST", path, data=data, headers=all_headers)


# --- too much, too deep -------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
async def test_deep_nesting_is_refused_and_costs_no_stack(
    proxy: Proxy, path: str, opening: bytes
) -> None:
    response = await post(proxy, path, b'{"messages": ' + opening * 200_000)
    assert response.status == (413 if opening == b'{"a":' else 400), "so many objects are too many"
    assert (await response.json())["error"]["type"] in (
        "invalid_request_error",
        "request_too_large",
    )


@pytest.mark.parametrize("path", PATHS)
async def test_an_oversized_body_is_refused_by_its_announcement(proxy: Proxy, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nx-api-key: {KEY}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 9000000000\r\n\r\n"
    connection = await connect(proxy)
    connection.writer.write(head.encode())
    answer = await connection.answer(to_the_end=False)
    assert answer.status == 413
    assert answer.closed
    await connection.close()


def deflate_bomb() -> bytes:
    packer = zlib.compressobj(9)
    return b"".join((*(packer.compress(bytes(1_000_000)) for _ in range(60)), packer.flush()))


@pytest.mark.parametrize(
    ("coding", "data", "status"),
    [
        ("gzip", gzip.compress(bytes(60_000_000)), 413),
        ("deflate", deflate_bomb(), 413),
        ("gzip", gzip.compress(gzip.compress(bytes(60_000_000))), 400),
        ("br", b"\xa1\xf8\xff\xff\x0f\x00" * 100, 415),
        ("zstd", zstandard.compress(bytes(60_000_000)), 413),
        ("zstd", b"\x28\xb5\x2f\xfd" + bytes(100), 400),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(60_000_000))), 415),
        ("compress", b"\x1f\x9d\x90", 415),
    ],
    ids=[
        "gzip",
        "deflate",
        "nested gzip",
        "brotli",
        "zstandard",
        "no zstandard",
        "a list",
        "compress",
    ],
)
async def test_a_compressed_bomb_does_not_go_off(
    proxy: Proxy, coding: str, data: bytes, status: int
) -> None:
    response = await post(proxy, CHAT, data, Content_Encoding=coding)
    assert response.status == status
    assert (await response.json())["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"x: " + b"y" * 200_000 + b"\r\n", 431),
        (b"".join(b"x%d: %s\r\n" % (each, b"y" * 9000) for each in range(10)), 431),
        (b"".join(b"x%d: y\r\n" % each for each in range(1000)), 400),
    ],
    ids=["one long", "many long", "many"],
)
async def test_headers_beyond_all_measure_are_refused(
    proxy: Proxy, headers: bytes, status: int
) -> None:
    data = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n"
    answer = await send_raw(proxy, data)
    assert answer.status == status
    assert answer.json["type"] == "error"


# --- too slow -----------------------------------------------------------------------------------


@asynccontextmanager
async def small_server(**limits: Any) -> AsyncIterator[tuple[ConnectionRegistry, Proxy]]:
    """A server of the same connections with other limits; any request it reads is answered."""
    from aiohttp import web

    registry = ConnectionRegistry(DIALECTS, **limits)

    async def answer(request: web.BaseRequest) -> web.Response:
        request.protocol.request_began()  # type: ignore[attr-defined] # as the middleware does
        if request.path == "/wait":
            await going_on.wait()
        return web.Response(text="served")

    going_on = asyncio.Event()
    loop = asyncio.get_running_loop()
    server = web.Server(answer)
    listening = await loop.create_server(
        lambda: Connection(server, loop=loop, registry=registry), "127.0.0.1", 0
    )
    port = listening.sockets[0].getsockname()[1]
    try:
        yield registry, Proxy(f"http://127.0.0.1:{port}", None, None, None, None)  # type: ignore[arg-type]
    finally:
        going_on.set()
        listening.close()
        await server.shutdown(1)


async def test_headers_that_drip_in_for_ever_are_answered_408() -> None:
    async with small_server(header_seconds=0.2) as (registry, server):
        slow = await connect(server)
        slow.writer.write(b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n")

        async def drip() -> None:
            while True:  # every byte is in time for a limit on silence
                slow.writer.write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.ensure_future(drip())
        answer = await slow.answer()
        dripping.cancel()
        assert answer.status == 408
        assert answer.json["type"] == "error"
        assert answer.closed
        await slow.close()
        assert len(registry) == 0


async def test_a_second_request_on_a_connection_has_the_same_limit() -> None:
    async with small_server(header_seconds=2.0) as (_, server):
        connection = await connect(server)
        connection.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await connection.answer()).status == 200
        connection.writer.write(b"GET / HTTP/1.1\r\nHo")
        assert (await connection.answer()).status == 408
        await connection.close()


async def test_an_answer_may_take_longer_than_a_request() -> None:
    async with small_server(header_seconds=0.05) as (_, server):
        connection = await connect(server)
        connection.writer.write(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await connection.reader.read(1)
        await connection.close()


async def test_a_body_that_stops_coming_is_answered_408(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_body, "SILENCE_SECONDS", 0.1)
    connection = await connect(proxy)
    connection.writer.write(
        f"POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nx-api-key: {KEY}\r\n"
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"model":'.encode()
    )
    answer = await connection.answer(to_the_end=False)
    assert answer.status == 408
    assert answer.closed
    assert answer.json["type"] == "error"
    await connection.close()


# --- too often ----------------------------------------------------------------------------------


async def answering(server: Proxy) -> RawConnection:
    """Return a connection whose request is being answered."""
    connection = await connect(server)
    connection.writer.write(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
    return connection


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the connections have no event for it
            await asyncio.sleep(0.005)


async def test_who_says_nothing_makes_room_for_who_does() -> None:
    async with small_server(most=3) as (registry, server):
        silent = []
        for number in range(1, 4):
            silent.append(await connect(server))
            await until(lambda wanted=number: len(registry) == wanted)
        real = await connect(server)
        real.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await real.answer()).status == 200
        assert await silent[0].reader.read() == b"", "the oldest silent one was closed"
        for each in (*silent, real):
            await each.close()


async def test_when_all_are_busy_the_next_is_told_so_in_json() -> None:
    async with small_server(most=2) as (registry, server):
        busy = [await answering(server) for _ in range(2)]
        await until(lambda: all(each.idle_since is None for each in registry._open))
        late = await connect(server)
        answer = await late.answer()
        assert answer.status == 503
        assert answer.json["error"]["code"] == "too_many_connections"
        await late.close()
        for each in busy:
            await each.close()


class Peer:
    idle_since: float | None = None


def test_another_computer_has_its_share_and_no_more() -> None:
    registry = ConnectionRegistry(DIALECTS, most=10, most_of_one_computer=2)
    assert registry.admit(Peer(), "192.168.1.7")  # type: ignore[arg-type]
    assert registry.admit(Peer(), "192.168.1.7")  # type: ignore[arg-type]
    assert not registry.admit(Peer(), "192.168.1.7")  # type: ignore[arg-type]
    assert registry.admit(Peer(), "192.168.1.8")  # type: ignore[arg-type]
    for _ in range(7):
        assert registry.admit(Peer(), "127.0.0.1")  # type: ignore[arg-type]
    assert not registry.admit(Peer(), "127.0.0.1")  # type: ignore[arg-type]


async def test_guessing_at_full_speed_is_held_back_and_the_user_gets_in_meanwhile(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them come from 127.0.0.1, as the user does."""
    monkeypatch.setattr(key_auth, "HOLD_SECONDS", 3600.0)

    async def guess(number: int) -> int:
        headers = {"x-api-key": f"sk-local-guess-{number}"}
        return (await proxy.send("GET", "/v1/models", headers)).status

    guesses = [asyncio.ensure_future(guess(each)) for each in range(FREE_ATTEMPTS + MOST_HELD + 50)]
    for _ in range(5):
        assert (await proxy.get("/v1/models")).status == 200
    await until(lambda: sum(not each.done() for each in guesses) <= MOST_HELD)
    held = [each for each in guesses if not each.done()]
    assert len(held) == MOST_HELD, "as many as may wait do, and the user was not among them"
    statuses = [each.result() for each in guesses if each.done()]
    assert set(statuses) == {401, 429}
    assert statuses.count(429) <= 50
    for each in held:
        each.cancel()
    assert [each.code for each in proxy.board.current.notices] == ["key_guessing"]
    assert (await proxy.get("/v1/models")).status == 200


class ManualClock:
    """A clock whose sleepers are let go at once, and which says how long they were to sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.clock = Clock(monotonic=lambda: self.now, wall=lambda: self.now, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


LAN = AccessPolicy(host="0.0.0.0", key=KEY, client_of=lambda key: "laptop" if key == "c" else None)


async def test_another_computer_that_guessed_too_often_is_not_even_listened_to() -> None:
    manual = ManualClock()
    check = KeyCheck(manual.clock, StatusBoard())
    for number in range(FREE_ATTEMPTS):
        with pytest.raises(Refused, match="not this computer's local key"):
            await check.check({"x-api-key": f"guess {number}"}, "192.168.1.7", LAN)
    with pytest.raises(Refused) as caught:
        await check.check({"x-api-key": KEY}, "192.168.1.7", LAN)
    assert (caught.value.http_status, caught.value.code) == (429, "too_many_wrong_keys")
    assert caught.value.retry_after is not None
    # Nobody else is: not another computer, not this one.
    for address in ("192.168.1.8", "127.0.0.1"):
        assert (await check.check({"x-api-key": KEY}, address, LAN)).client is None
    manual.now += 3.0
    assert (await check.check({"x-api-key": KEY}, "192.168.1.7", LAN)).client is None


async def test_a_key_that_was_right_from_there_before_stays_right_under_fire() -> None:
    manual = ManualClock()
    check = KeyCheck(manual.clock, StatusBoard())
    assert (await check.check({"x-api-key": "c"}, "192.168.1.7", LAN)).client == "laptop"
    for number in range(FREE_ATTEMPTS + 10):
        with pytest.raises(Refused):
            await check.check({"x-api-key": f"guess {number}"}, "192.168.1.7", LAN)
    assert (await check.check({"x-api-key": "c"}, "192.168.1.7", LAN)).client == "laptop"


async def test_a_tool_without_a_key_is_told_at_once_however_often_it_asks() -> None:
    manual = ManualClock()
    check = KeyCheck(manual.clock, StatusBoard())
    for _ in range(FREE_ATTEMPTS * 3):
        with pytest.raises(Refused, match="No API key was sent"):
            await check.check({}, "127.0.0.1", LAN)
    assert manual.slept == []


async def test_every_wrong_key_ends_its_connection(proxy: Proxy) -> None:
    data = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx-api-key: wrong\r\n\r\n"
    assert (await send_raw(proxy, data)).closed


async def test_a_flood_of_requests_on_one_connection_is_answered_in_order(proxy: Proxy) -> None:
    connection = await connect(proxy)
    one = f"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx-api-key: {KEY}\r\n\r\n".encode()
    connection.writer.write(one * 100)
    for _ in range(100):
        assert "data" in json.loads((await connection.answer()).body)
    await connection.close()


class TestWhereRequestsNeedNoKey:
    @pytest.fixture
    def settings_text(self) -> str:
        return "[server]\nrequire_key = false\n"

    async def test_guesses_at_the_controls_are_slowed_too(
        self, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loop = asyncio.get_running_loop()
        hold, user_is_served = KeyCheck._hold, asyncio.Event()

        async def hold_at_least(check: KeyCheck) -> None:
            await hold(check)
            await user_is_served.wait()

        monkeypatch.setattr(KeyCheck, "_hold", hold_at_least)

        async def guess(number: int) -> int:
            answer = await proxy.send("GET", "/control/approvals", {"x-api-key": f"no-{number}"})
            return answer.status

        assert {await guess(each) for each in range(FREE_ATTEMPTS)} == {401}
        began = loop.time()
        held = asyncio.ensure_future(guess(99))
        for _ in range(3):  # the user, meanwhile
            assert (await proxy.get("/control/approvals")).status == 200
            assert (await proxy.send("GET", "/v1/models", {"x-api-key": "any"})).status == 200
        assert not held.done()
        user_is_served.set()
        assert await held == 401
        assert loop.time() - began >= HOLD_SECONDS * 0.9
        assert [each.code for each in proxy.board.current.notices] == ["key_guessing"]
