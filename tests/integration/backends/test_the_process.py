"""The Node process: many streams, cancellation, slow readers, death, secrets."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from multidict import CIMultiDict

from proxy_core.clock import Clock
from proxy_core.config.settings import BackendName, UpstreamSettings
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.upstream.backends.pi_ai.backend import PiAiBackend
from proxy_core.upstream.backends.pi_ai.node import find_node
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    RequestContext,
    TransportKind,
)
from tests.integration.backends.agreement import KEY, Side, proxy_with
from tests.integration.backends.installed import NODE, needs_pi_ai, place_package

pytestmark = [
    needs_pi_ai,
    pytest.mark.prompt_cache_break("the same question is asked again", always=False),
]

STUCK_SECONDS = 0.3
TOKEN = "gho_secret_that_must_not_be_seen"
SLOW = "[sim:slow] Write one hundred numbered lines."
SHAPES = {
    "/v1/chat/completions": ("gpt-4.1", "[DONE]"),
    "/v1/messages": ("claude-sonnet-4.6", "message_stop"),
    "/v1/responses": ("gpt-5.3-codex", "response.completed"),
}


class Upstream:
    """Streams text for as long as somebody reads it, 400 MB at most."""

    def __init__(self) -> None:
        self.url = ""
        self.sent = 0
        self.has_been_left = False
        self.is_stuck = asyncio.Event()
        self.may_go_on = asyncio.Event()
        """Until then a single byte was sent, which is a beginning of an event stream all the same."""
        self.tokens: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append(request.headers["Authorization"])
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        delta = {"content": "x" * 64 * 1024}
        chunk = {"id": "c", "choices": [{"index": 0, "delta": delta}]}
        data = b"data: " + msgspec.json.encode(chunk) + b"\n\n"
        try:
            await response.write(data[:1])
            await self.may_go_on.wait()
            await response.write(data[1:])
            while self.sent < 400 * 1024 * 1024:
                await self._write(response, data)
                self.sent += len(data)
        except (ConnectionError, asyncio.CancelledError):
            self.has_been_left = True
            raise
        return response

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        writing = asyncio.ensure_future(response.write(data))
        try:
            await asyncio.wait({writing}, timeout=STUCK_SECONDS)
            if not writing.done():
                self.is_stuck.set()
            await writing
        finally:
            writing.cancel()
            await asyncio.wait({writing})
            if not writing.cancelled():
                writing.exception()  # looked at: the reader has left


def body_for(path: str, text: str) -> dict[str, Any]:
    turns = [{"role": "user", "content": text}]
    body: dict[str, Any] = {"model": SHAPES[path][0], "stream": True}
    if path.endswith("responses"):
        return {**body, "input": turns}
    return (
        {**body, "messages": turns, "max_tokens": 4000}
        if "messages" in path
        else {
            **body,
            "messages": turns,
        }
    )


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[Side]:
    async with (
        SimulatorServer(SimulatorOptions(profile="strict")) as simulator,
        proxy_with(BackendName.PI_AI, tmp_path, simulator) as running,
    ):
        yield running


def process_of(side: Side) -> int:
    services = side.engine._side
    assert services is not None
    pid = services.pi_ai.made.pid
    assert pid is not None
    return pid


def ask(side: Side, path: str) -> Any:
    headers = {"Authorization": f"Bearer {KEY}"}
    return side.http.post(side.url + path, json=body_for(path, SLOW), headers=headers)


def shown_of(pid: int) -> bytes:
    """What other programs may see of a process."""
    return b"".join(Path(f"/proc/{pid}/{each}").read_bytes() for each in ("cmdline", "environ"))


async def seconds_of_a_bare_node() -> float:
    """How long Node takes here and now to start and do nothing: 0.05 s where nothing else runs."""
    node = await find_node(NODE, os.environ)
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(str(node.path), "-e", "0")
    await process.wait()
    return time.monotonic() - started


async def until(condition: Any, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the simulator has no event for it
            await asyncio.sleep(0.005)


@pytest.mark.alone
async def test_a_kill_amid_twenty_streams_is_an_error_for_each_and_the_next_request_works(
    side: Side,
) -> None:
    begun = 0
    all_begun = asyncio.Event()

    async def stream(path: str) -> str:
        nonlocal begun
        text = b""
        async with ask(side, path) as answer:
            assert answer.status == 200
            try:
                async for chunk in answer.content.iter_any():
                    if not text:
                        begun += 1
                        if begun == 20:
                            all_begun.set()
                    text += chunk
            except aiohttp.ClientPayloadError:
                return text.decode() + "the connection was cut"  # chat has no event for it
        return text.decode()

    paths = [list(SHAPES)[number % 3] for number in range(20)]
    streams = [asyncio.create_task(stream(path)) for path in paths]
    async with asyncio.timeout(60):
        await all_begun.wait()
    os.kill(process_of(side), signal.SIGKILL)
    for path, text in zip(paths, await asyncio.gather(*streams), strict=True):
        assert "pi-ai process ended" in text or text.endswith("the connection was cut")
        assert SHAPES[path][1] not in text
    patience = max(20.0, 12 * await seconds_of_a_bare_node())
    started = time.monotonic()
    status, answer = await side.ask(
        "/v1/messages", {**body_for("/v1/messages", "hello"), "stream": False}
    )
    assert status == 200, answer
    assert time.monotonic() - started < patience
    assert side.simulator.active == 0


async def test_a_client_that_leaves_ends_the_call_at_github(side: Side) -> None:
    for path in SHAPES:
        async with ask(side, path) as answer:
            await answer.content.readany()
            assert side.simulator.active == 1
        await until(lambda: side.simulator.active == 0)
    status, activity = await side.get("/v1/activity")
    assert status == 200
    assert {each["backend"] for each in activity["recent"]} == {"pi_ai"}


async def test_the_token_shows_nowhere_and_the_process_ends_with_the_backend(
    backend: PiAiBackend, upstream: Upstream
) -> None:
    answer = await backend.open(request_to(upstream.url), context_of(upstream.url))
    assert upstream.tokens == [f"Bearer {TOKEN}"]
    pid = backend.pid
    assert pid is not None
    if sys.platform.startswith("linux"):
        shown = shown_of(pid)
        assert b"bridge.mjs" in shown
        assert TOKEN.encode() not in shown
        assert b"ANTHROPIC_API_KEY" not in shown
    await backend.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ConnectionFailed):
        async for _ in answer.chunks():
            pass


async def test_upstream_is_read_no_faster_than_the_client_reads(
    backend: PiAiBackend, upstream: Upstream
) -> None:
    answer = await backend.open(request_to(upstream.url), context_of(upstream.url))
    upstream.may_go_on.set()
    async with asyncio.timeout(20):
        await upstream.is_stuck.wait()
    seen = upstream.sent
    assert seen < 30 * 1024 * 1024, "of 400 MB"
    chunks = answer.chunks()
    taken = 0
    while taken < 3 * 1024 * 1024:
        taken += len(await anext(chunks))
    await until(lambda: upstream.sent > seen)
    await answer.close()
    await until(lambda: upstream.has_been_left)


async def test_without_upstream_it_is_a_connection_that_failed(backend: PiAiBackend) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        await backend.open(request_to("http://127.0.0.1:9"), context_of("http://127.0.0.1:9"))
    assert "127.0.0.1 could not be reached" in caught.value.message
    assert caught.value.retryable


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    served = Upstream()
    app = web.Application()
    app.router.add_post("/chat/completions", served.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[PiAiBackend]:
    place_package(tmp_path)
    settings = UpstreamSettings(node_path=NODE)
    running = PiAiBackend(
        settings=lambda: settings,
        packages=tmp_path,
        environ={**os.environ, "ANTHROPIC_API_KEY": "sk-of-somebody"},
        clock=Clock(),
        new_mark=lambda: "mark0123456789",
        proxy=lambda _: None,
    )
    yield running
    await running.close()


def request_to(url: str) -> OutboundRequest:
    body = b'{"model":"gpt-4.1","messages":[{"role":"user","content":"hi"}],"stream":true}'
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    return OutboundRequest("POST", f"{url}/chat/completions", CIMultiDict(headers), body)


def context_of(url: str) -> RequestContext:
    return RequestContext("r", TransportKind.HTTP, url, {}, asyncio.Event())
