"""The way out of the real server while everything that could hold it up does so at once.

One process serves all of these clients and is then asked to end. Each client's end is a test of its own.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from tests.faults import processes
from tests.faults.axes import MODELS, Client
from tests.faults.clients import PATHS, Received, body, error_of, read_streamed_answer

EXIT_SECONDS = 6.0
SLACK_SECONDS = 30.0
"""For the interpreter to end on a busy machine: what is promised is measured at the clients too."""
CASES = [(client, translated) for client in Client for translated in (False, True)]
LARGE_TEXT = "quack " * 60_000


@dataclass
class Way:
    """What became of everybody while the server ended."""

    streams: dict[tuple[Client, bool], Received] = field(default_factory=dict)
    whole: dict[tuple[Client, bool], tuple[int, Any]] = field(default_factory=dict)
    socket_frames: list[dict[str, Any]] = field(default_factory=list)
    socket_code: int | None = None
    idle_socket_code: int | None = None
    almost_done: str = ""
    waiting_to_try_again: tuple[int, Any] = (0, None)
    seconds: float = 0.0
    code: int | None = None
    complaints: str = ""
    left_upstream: int = -1


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def way(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Way]:
    home = tmp_path_factory.mktemp("home")
    async with SimulatorServer(SimulatorOptions(profile="strict")) as simulator:
        environ = processes.environment(
            home,
            G_COPILOT_PROXY_GITHUB_URL=simulator.url,
            COPILOT_GITHUB_TOKEN=simulator.github_token,
        )
        served = await asyncio.to_thread(processes.start, environ, "--port", "0")
        try:
            yield await end_among_clients(served, simulator)
        finally:
            if served.process.poll() is None:
                served.kill()


async def end_among_clients(served: processes.Served, simulator: SimulatorServer) -> Way:
    way = Way()
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {processes.KEY}"},
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
    ) as http:
        tasks = [
            asyncio.ensure_future(each)
            for case in CASES
            for each in (stream(http, served, way, *case), whole(http, served, way, *case))
        ]
        tasks.append(asyncio.ensure_future(talk(http, served, way)))
        tasks.append(asyncio.ensure_future(talk_idly(http, served, way)))
        with closing(slow_reader(served)):
            # Two for each case, the socket, the slow reader.
            lasting = 2 * len(CASES) + 2
            await until(lambda: simulator.active == lasting and bool(way.socket_frames))
            tasks.append(asyncio.ensure_future(almost_done(http, served, way)))
            await until(lambda: simulator.active > lasting)
            # Last, since a limit that upstream tells of may hold up others too.
            asked = len(simulator.requests)
            tasks.append(asyncio.ensure_future(wait_to_try_again(http, served, way)))
            await until(lambda: len(simulator.requests) > asked)
            began = time.monotonic()
            way.code, way.complaints = await asyncio.to_thread(served.end)
            way.seconds = time.monotonic() - began
            await asyncio.wait(tasks, timeout=30)
            for task in tasks:
                assert task.done(), task
                task.result()
    await until(lambda: simulator.active == 0)
    way.left_upstream = simulator.active
    return way


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.01)


async def stream(
    http: aiohttp.ClientSession,
    served: processes.Served,
    way: Way,
    client: Client,
    translated: bool,
) -> None:
    asked = body(client, MODELS[client, translated], "Tell me of ducks. [sim:stall]", stream=True)
    async with http.post(served.url + PATHS[client], json=asked) as response:
        assert response.status == 200
        way.streams[client, translated] = read_streamed_answer(client, await response.read())


async def whole(
    http: aiohttp.ClientSession,
    served: processes.Served,
    way: Way,
    client: Client,
    translated: bool,
) -> None:
    asked = body(client, MODELS[client, translated], "Tell me of ducks. [sim:stall]", stream=False)
    async with http.post(served.url + PATHS[client], json=asked) as response:
        way.whole[client, translated] = response.status, await response.json()


async def almost_done(http: aiohttp.ClientSession, served: processes.Served, way: Way) -> None:
    """An answer that takes a second or two more: five are waited for, also on a busy machine."""
    asked = body(Client.CHAT, "gpt-4.1", f"Tell me of {'ducks ' * 10}. [sim:slow]", stream=True)
    async with http.post(served.url + PATHS[Client.CHAT], json=asked) as response:
        received = read_streamed_answer(Client.CHAT, await response.read())
        way.almost_done = received.text if received.ended else f"{received.error}"


async def wait_to_try_again(
    http: aiohttp.ClientSession, served: processes.Served, way: Way
) -> None:
    """Upstream said 429 with a second to wait, again and again."""
    asked = body(Client.CHAT, "gpt-4.1", "Tell me of ducks. [sim:429]", stream=True)
    async with http.post(served.url + PATHS[Client.CHAT], json=asked) as response:
        way.waiting_to_try_again = response.status, await response.json()


async def talk(http: aiohttp.ClientSession, served: processes.Served, way: Way) -> None:
    async with http.ws_connect(f"{served.url}/v1/responses") as connection:
        asked = {"type": "response.create", "model": "gpt-5.3-codex", "input": "Ducks? [sim:stall]"}
        await connection.send_json(asked)
        async for message in connection:
            way.socket_frames.append(json.loads(message.data))
        way.socket_code = connection.close_code


async def talk_idly(http: aiohttp.ClientSession, served: processes.Served, way: Way) -> None:
    async with http.ws_connect(f"{served.url}/v1/responses") as connection:
        async for _ in connection:
            raise AssertionError("nothing was asked")
        way.idle_socket_code = connection.close_code


def open_request(
    served: processes.Served, path: str, asked: bytes, announced: int
) -> socket.socket:
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.connect(("127.0.0.1", served.port))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n"
        f"Authorization: Bearer {processes.KEY}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {announced}\r\n\r\n"
    )
    opened.sendall(head.encode() + asked)
    return opened


def slow_reader(served: processes.Served) -> socket.socket:
    """Asks for megabytes and reads none of them."""
    text = f"Repeat exactly the following text and nothing else: {LARGE_TEXT}"
    asked = json.dumps(body(Client.RESPONSES, "gpt-5.3-codex", text, stream=True)).encode()
    return open_request(served, PATHS[Client.RESPONSES], asked, len(asked))


def slow_sender(served: processes.Served) -> socket.socket:
    """Sends half of its request."""
    return open_request(served, PATHS[Client.CHAT], b'{"model": "gpt-4.1", "mess', 1000)


def silent(served: processes.Served) -> socket.socket:
    """Connects and says nothing."""
    return socket.create_connection(("127.0.0.1", served.port))


@pytest.mark.asyncio(loop_scope="module")
async def test_the_server_is_gone_within_six_seconds_whatever_holds_it_up(way: Way) -> None:
    assert way.seconds < EXIT_SECONDS + SLACK_SECONDS
    assert (way.code, way.complaints) == (0, "")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("client", "translated"), CASES)
async def test_a_stream_that_does_not_end_is_told_in_its_dialect(
    way: Way, client: Client, translated: bool
) -> None:
    received = way.streams[client, translated]
    assert received.text, "it had begun"
    assert not received.ended
    assert received.error is not None
    assert "stopped" in received.error["message"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("client", "translated"), CASES)
async def test_a_whole_answer_that_does_not_come_is_a_503(
    way: Way, client: Client, translated: bool
) -> None:
    status, content = way.whole[client, translated]
    assert status in (503, 529)
    assert "stopped" in error_of(client, content)["message"]


@pytest.mark.asyncio(loop_scope="module")
async def test_an_answer_that_needs_less_than_five_seconds_is_let_end(way: Way) -> None:
    assert "ducks" in way.almost_done


@pytest.mark.asyncio(loop_scope="module")
async def test_a_turn_of_a_websocket_is_told_before_its_connection_closes(way: Way) -> None:
    assert "error" in [frame["type"] for frame in way.socket_frames]
    assert way.socket_frames[-1]["type"] in ("error", "response.failed")
    assert way.socket_code == aiohttp.WSCloseCode.GOING_AWAY


@pytest.mark.asyncio(loop_scope="module")
async def test_a_websocket_without_a_turn_is_told_to_go_elsewhere(way: Way) -> None:
    assert way.idle_socket_code == aiohttp.WSCloseCode.GOING_AWAY


@pytest.mark.asyncio(loop_scope="module")
async def test_who_waits_for_another_try_is_answered(way: Way) -> None:
    status, content = way.waiting_to_try_again
    assert status in (429, 503)
    assert error_of(Client.CHAT, content)["message"]


@pytest.mark.asyncio(loop_scope="module")
async def test_every_call_upstream_is_closed(way: Way) -> None:
    assert way.left_upstream == 0


@pytest.fixture
def hanging_keychain(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A keychain that shows a prompt nobody answers."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "hanging_keychain.py").write_text(
        "import threading\n"
        "from keyring.backend import KeyringBackend\n"
        "class Keyring(KeyringBackend):\n"
        "    priority = 9\n"
        "    def get_password(self, service, username):\n"
        "        threading.Event().wait()\n"
        "    set_password = delete_password = get_password\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    yield processes.environment(
        home,
        PYTHONPATH=str(modules),
        PYTHON_KEYRING_BACKEND="hanging_keychain.Keyring",
        G_COPILOT_PROXY_GITHUB_URL="http://127.0.0.1:9",
    )


def test_a_keychain_that_prompts_for_ever_holds_up_neither_start_nor_end(
    hanging_keychain: dict[str, str],
) -> None:
    with processes.serving(hanging_keychain, "--port", "0") as served:
        status, _ = served.ask("GET", "/health", seconds=30)
        assert status == 200
        waiting = socket.create_connection(("127.0.0.1", served.port))
        with closing(waiting), closing(slow_reader(served)):
            began = time.monotonic()
            code, complaints = served.end()
        assert time.monotonic() - began < EXIT_SECONDS + SLACK_SECONDS
        assert code == 0
        assert complaints == "" or "The keychain has not answered yet" in complaints


def test_a_disk_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    modules, home = tmp_path / "modules", tmp_path / "home"
    for each in (modules, home):
        each.mkdir()
    (modules / "sitecustomize.py").write_text(
        "import os, threading\nos.fsync = lambda _: threading.Event().wait()\n"
    )
    with processes.serving(
        processes.environment(home, PYTHONPATH=str(modules)), "--demo", "--port", "0"
    ) as served:
        status, _ = served.chat("hi")
        assert status == 200
        began = time.monotonic()
        code, complaints = served.end()
    assert time.monotonic() - began < EXIT_SECONDS + SLACK_SECONDS
    assert (code, "cut off" in complaints) == (1, True)
