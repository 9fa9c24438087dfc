"""A scripted stand-in for GitHub and Copilot, and a clock that never waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clock import Clock
from proxy_core.config.settings import Settings
from proxy_core.errors import ProxyError
from proxy_core.routing.upstream_api import Initiator, UpstreamCall
from proxy_core.upstream.calls.client import CopilotClient
from proxy_core.upstream.catalog.catalog import ModelCatalog
from proxy_core.upstream.parameters.memory_file import ParameterStore
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.sign_in.epoch import GitHubSignIn, GuestSignIn
from proxy_core.upstream.sign_in.github_api import GitHubApi
from proxy_core.upstream.transport.transport import Transport

MODEL = Model(
    id="gpt-5.4",
    name="GPT-5.4",
    vendor="OpenAI",
    endpoints=(Endpoint.RESPONSES, Endpoint.CHAT_COMPLETIONS),
)
CLAUDE = Model(
    id="claude-sonnet-4.6",
    name="Claude",
    vendor="Anthropic",
    endpoints=(Endpoint.MESSAGES, Endpoint.CHAT_COMPLETIONS),
)
CATALOG_ENTRY = {"id": "gpt-5.4", "name": "GPT-5.4", "capabilities": {"type": "chat"}}


class FakeTime:
    """Both clocks in one hand; sleeping advances them at once and is recorded."""

    def __init__(self) -> None:
        self.monotonic = 1000.0
        self.wall = 1_790_000_000.0
        self.slept: list[float] = []
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self.on_sleep: Callable[[], None] = lambda: None
        self.clock = Clock(lambda: self.monotonic, lambda: self.wall, self._sleep)

    def stop(self) -> None:
        """Let whoever waits wait until ``go_on``."""
        self._goes_on = asyncio.Event()

    def go_on(self) -> None:
        self._goes_on.set()

    def pass_seconds(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds

    def close_the_laptop(self, seconds: float) -> None:
        self.wall += seconds

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self._goes_on.wait()
        self.pass_seconds(seconds)
        self.on_sleep()
        await asyncio.sleep(0)


@dataclass
class Reply:
    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/plain; charset=utf-8"
    cut_after: int | None = None
    """Close the socket after so many bytes; 0: before any answer."""
    hold: asyncio.Event | None = None
    """Wait for this before the body (or its rest, with ``cut_after``)."""

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class FakeSignIn(GuestSignIn):
    """Who is signed in, in the test's hands; remembers what it was told."""

    def __init__(self, time: FakeTime, token: str = "ghu_1") -> None:
        super().__init__(token, time.clock)
        self._time = time
        self.rejected: list[Exception] = []
        self.replacement: str | None = None
        """What a refused token is renewed to."""

    def change(self, token: str) -> None:
        """Another person signs in."""
        self._sign_in.epoch.end(signed_out=False)
        super().__init__(token, self._time.clock)

    def note_rejected(self, refused: GitHubSignIn, error: ProxyError) -> None:
        self.rejected.append(error)
        super().note_rejected(refused, error)

    async def after_refusal(self, refused: GitHubSignIn) -> GitHubSignIn | None:
        if self.replacement is None:
            return None
        self._sign_in = GitHubSignIn(self.replacement, refused.epoch)
        self.replacement = None
        return self._sign_in


STREAM = Reply(200, b"data: {}\n\ndata: [DONE]\n\n", content_type="text/event-stream")


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: Any
    body: Any


class FakeGitHub:
    """Answers each path by its script: one reply per call, the last one again and again."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Seen] = []
        self.scripts: dict[str, list[Reply]] = {}
        self.active = 0
        self.answering = asyncio.Event()
        self.ended = asyncio.Event()

    def expect_call(self) -> None:
        """Let ``answering`` and ``ended`` tell of what comes next."""
        self.answering.clear()
        self.ended.clear()

    def on(self, path: str, *replies: Reply) -> None:
        self.scripts[path] = list(replies)

    def calls(self, path: str) -> list[Seen]:
        return [each for each in self.seen if each.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body: Any = raw
        if raw[:1] in (b"{", b"["):
            body = json.loads(raw)
        self.seen.append(Seen(request.method, request.path, request.headers.copy(), body))
        script = self.scripts.get(request.path)
        if not script:
            return web.Response(status=404, text="404 page not found\n")
        reply = script.pop(0) if len(script) > 1 else script[0]
        self.active += 1
        self.answering.set()
        try:
            return await self._answer(request, reply)
        finally:
            self.active -= 1
            self.ended.set()

    async def _answer(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        content = reply.content
        headers = {"content-type": reply.content_type, **reply.headers}
        if reply.cut_after == 0:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        response = web.StreamResponse(status=reply.status, headers=headers)
        if reply.cut_after is not None:
            response.headers["content-length"] = str(len(content))
            content = content[: reply.cut_after]
        await response.prepare(request)
        if reply.hold is not None and reply.cut_after is not None:
            await response.write(content)
            content = b""
        if reply.hold is not None:
            await reply.hold.wait()
        if content:
            await response.write(content)
        if reply.cut_after is not None:
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write_eof()
        return response


def exchange_reply(token: str = "tid=1;exp=2:MAC", **more: Any) -> Reply:
    return Reply(200, {"token": token, "expires_at": 1, "refresh_in": 1500, **more})


@dataclass
class Bench:
    """The client and everything under it, wired to the fake."""

    github: FakeGitHub
    time: FakeTime
    client: CopilotClient
    tokens: CopilotTokens
    catalog: ModelCatalog
    parameters: ParameterStore
    transport: Transport
    api: GitHubApi
    sign_in: FakeSignIn
    settings: Settings = field(default_factory=Settings)

    def change(self, **upstream: Any) -> None:
        changed = msgspec.structs.replace(self.settings.upstream, **upstream)
        self.settings = msgspec.structs.replace(self.settings, upstream=changed)

    async def send(self, body: dict[str, Any], **more: Any) -> bytes:
        """Send one call and return the answer's bytes."""
        answer = await self.client.open_stream(a_call(body, **more))
        try:
            return b"".join([chunk async for chunk in answer.chunks()])
        finally:
            await answer.close()


def a_call(
    body: dict[str, Any],
    *,
    endpoint: Endpoint = Endpoint.CHAT_COMPLETIONS,
    model: Model = MODEL,
    initiator: Initiator = Initiator.USER,
    has_images: bool = False,
    headers: dict[str, str] | None = None,
    session_id: str | None = None,
) -> UpstreamCall:
    return UpstreamCall(
        endpoint=endpoint,
        model=model,
        body={"model": model.id, **body},
        initiator=initiator,
        has_images=has_images,
        request_id="req-1",
        headers=headers or {},
        session_id=session_id,
    )
