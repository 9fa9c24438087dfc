"""The seam around every outbound call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from aiohttp import web
from multidict import CIMultiDict

from proxy_core.config.settings import UpstreamSettings
from proxy_core.errors import Cancelled, ErrorKind, Problem, UpstreamRefused
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.handler_chain import HandlerFailed, dispatch, dispatch_websocket
from proxy_core.upstream.transport.handler_loading import InstalledHandlers, load_handlers
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
    TransportKind,
    WebSocketChannel,
    chain,
)
from proxy_core.upstream.transport.transport import NetworkHandler, Transport, forwardable
from tests.unit.upstream.scripted_github import STREAM, Bench, FakeGitHub, Reply

CHAT = "/chat/completions"
HELLO = {"messages": [{"role": "user", "content": "hi"}]}


class Journal(RequestHandler):
    """Notes what passes by, under a name."""

    def __init__(self, label: str, journal: list[str]) -> None:
        self.label = label
        self.journal = journal

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        self.journal.append(f"{self.label} > {context.request_id} #{context.attempt}")
        request.headers[f"x-{self.label}"] = "was here"
        response = await super().send_request(request, context)
        self.journal.append(f"{self.label} < {response.status}")
        return response


JOURNAL: list[str] = []


@pytest.fixture
def handlers(request: pytest.FixtureRequest) -> list[RequestHandler]:
    JOURNAL.clear()
    made: list[RequestHandler] = [each() for each in getattr(request, "param", [])]
    return made


def journals() -> list[Any]:
    return [lambda: Journal("outer", JOURNAL), lambda: Journal("inner", JOURNAL)]


@pytest.mark.parametrize("handlers", [journals()], indirect=True)
async def test_handlers_see_every_attempt_in_order(bench: Bench) -> None:
    bench.github.on(CHAT, Reply(500, b"x"), STREAM)
    assert await bench.send(HELLO) == b"data: {}\n\ndata: [DONE]\n\n"
    assert JOURNAL == [
        "outer > req-1 #1",
        "inner > req-1 #1",
        "inner < 500",
        "outer < 500",
        "outer > req-1 #2",
        "inner > req-1 #2",
        "inner < 200",
        "outer < 200",
    ]
    assert bench.github.calls(CHAT)[1].headers["x-inner"] == "was here"


class Replaces(RequestHandler):
    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        return OutboundResponse(200, {"content-type": "text/event-stream"}, b"data: mine\n\n")


class Rewrites(RequestHandler):
    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        response = await super().send_request(request, context)

        async def louder() -> AsyncIterator[bytes]:
            async for chunk in response.chunks():
                yield chunk.replace(b"abc", b"ABC")

        return OutboundResponse(
            response.status, response.headers, louder(), on_close=response.close
        )


@pytest.mark.parametrize("handlers", [[Replaces]], indirect=True)
async def test_a_handler_may_replace_the_call(bench: Bench) -> None:
    assert await bench.send(HELLO) == b"data: mine\n\n"
    assert bench.github.calls(CHAT) == []


@pytest.mark.parametrize("handlers", [[Rewrites]], indirect=True)
async def test_a_handler_may_change_the_answer_as_it_streams(bench: Bench) -> None:
    bench.github.on(CHAT, Reply(200, b"data: abc\n\n"))
    assert await bench.send(HELLO) == b"data: ABC\n\n"


class Fails(RequestHandler):
    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        raise KeyError("oops")


class Forgets(RequestHandler):
    async def send_request(self, request: OutboundRequest, context: RequestContext) -> Any:
        await super().send_request(request, context)


class GivesUp(RequestHandler):
    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        raise asyncio.CancelledError


class BreaksOff(RequestHandler):
    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        async def body() -> AsyncIterator[bytes]:
            yield b"one"
            raise ZeroDivisionError("division")

        return OutboundResponse(200, {}, body())


@pytest.mark.parametrize(
    ("handlers", "words"),
    [
        ([Fails], "Fails failed: 'oops'"),
        ([Forgets], "Forgets returned without finishing"),
        ([GivesUp], "GivesUp cancelled the request"),
        ([BreaksOff], "BreaksOff failed: division"),
    ],
    indirect=["handlers"],
)
async def test_a_handlers_own_mistake_is_a_502_that_names_it(bench: Bench, words: str) -> None:
    bench.github.on(CHAT, STREAM)
    with pytest.raises(HandlerFailed, match=words) as caught:
        await bench.send(HELLO)
    assert caught.value.http_status == 502
    assert bench.time.slept == []


@pytest.mark.parametrize("handlers", [[Forgets]], indirect=True)
async def test_a_proxy_error_passes_a_handler_unchanged(bench: Bench) -> None:
    bench.change(longest_retry_wait_seconds=0)
    bench.github.on(CHAT, Reply(cut_after=0))
    with pytest.raises(ConnectionFailed) as caught:
        await bench.send(HELLO)
    assert caught.value.kind is ErrorKind.UPSTREAM_UNREACHABLE


@pytest.mark.parametrize("handlers", [[RequestHandler]], indirect=True)
async def test_a_handler_that_overrides_nothing_is_transparent(bench: Bench) -> None:
    bench.github.on(CHAT, Reply(402, {"error": {"message": "m", "code": "quota_exceeded"}}))
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert caught.value.http_status == 402


# -- cancelling ------------------------------------------------------------------------------------


def a_context(url: str = "http://x", kind: TransportKind = TransportKind.HTTP) -> RequestContext:
    return RequestContext("req-1", kind, url, CIMultiDict(), asyncio.Event())


class Waits(RequestHandler):
    """Hangs, and says so; answers at the last moment when told to."""

    def __init__(self, *, answers_late: bool = False) -> None:
        self.started = asyncio.Event()
        self.ended = asyncio.Event()
        self.closed = asyncio.Event()
        self.answers_late = answers_late

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        self.started.set()

        async def note() -> None:
            self.closed.set()

        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not self.answers_late:
                raise
        finally:
            self.ended.set()
        return OutboundResponse(200, {}, b"late", on_close=note)


REQUEST = OutboundRequest("POST", "http://x", CIMultiDict())


async def test_setting_the_cancel_event_ends_the_call_with_499() -> None:
    handler, context = Waits(), a_context()
    call = asyncio.create_task(dispatch(handler, REQUEST, context))
    await handler.started.wait()
    context.cancel_event.set()
    with pytest.raises(Cancelled) as caught:
        await call
    assert caught.value.http_status == 499
    assert handler.ended.is_set()


async def test_cancelling_the_task_tells_the_handler_and_tears_it_down() -> None:
    handler, context = Waits(), a_context()
    call = asyncio.create_task(dispatch(handler, REQUEST, context))
    await handler.started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert context.cancel_event.is_set()
    assert handler.ended.is_set()


async def test_an_answer_that_comes_too_late_is_closed() -> None:
    handler, context = Waits(answers_late=True), a_context()
    call = asyncio.create_task(dispatch(handler, REQUEST, context))
    await handler.started.wait()
    context.cancel_event.set()
    with pytest.raises(Cancelled):
        await call
    assert handler.closed.is_set()


async def test_a_handler_outside_a_chain_says_so() -> None:
    with pytest.raises(HandlerFailed, match="not part of a chain"):
        await dispatch(RequestHandler(), REQUEST, a_context())


def test_headers_of_one_connection_never_travel_on() -> None:
    dropped = ("Connection", "TE", "Host", "Content-Length", "Upgrade", "Transfer-Encoding")
    headers = CIMultiDict([*((name, "x") for name in dropped), ("X-A", "1"), ("x-a", "2")])
    assert list(forwardable(headers).items()) == [("X-A", "1"), ("x-a", "2")]


async def test_a_body_in_memory_can_be_read_and_is_closed_once() -> None:
    closes: list[int] = []

    async def note() -> None:
        closes.append(1)

    response = OutboundResponse(200, {}, b"abcdef", on_close=note)
    assert await response.read(3) == b"abc"
    await response.close()
    assert closes == [1]
    assert [chunk async for chunk in OutboundResponse(204).chunks()] == []


# -- WebSocket -------------------------------------------------------------------------------------


@pytest.fixture
async def echo() -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.data == "bye":
                break
            if isinstance(message.data, bytes):
                await socket.send_bytes(message.data)
            else:
                await socket.send_str(f"{request.headers.get('x-who')}: {message.data}")
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/responses", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"ws://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


class Shouting(WebSocketChannel):
    def __init__(self, inner: WebSocketChannel) -> None:
        self.inner = inner

    async def send(self, message: str | bytes) -> None:
        await self.inner.send(message.upper())

    async def messages(self) -> AsyncIterator[str | bytes]:
        async for message in self.inner.messages():
            yield message

    async def close(self) -> None:
        await self.inner.close()


class ShoutingHandler(RequestHandler):
    async def open_websocket(self, context: RequestContext) -> WebSocketChannel:
        return Shouting(await super().open_websocket(context))


async def test_a_websocket_passes_the_chain_in_both_directions(echo: str) -> None:
    transport = Transport(UpstreamSettings)
    handler = chain([ShoutingHandler()], NetworkHandler(transport))
    headers = CIMultiDict({"x-who": "me", "Connection": "nonsense"})
    context = RequestContext(
        "req-1", TransportKind.WEBSOCKET, f"{echo}/responses", headers, asyncio.Event()
    )
    channel = await dispatch_websocket(handler, context)
    messages = channel.messages()
    await channel.send("hello")
    assert await anext(messages) == "me: HELLO"
    await channel.send(b"raw")
    assert await anext(messages) == b"RAW"
    await channel.close()
    await channel.close()
    with pytest.raises(ConnectionFailed):
        await channel.send("after the end")
    await transport.close()


async def test_a_websocket_upstream_closes_ends_the_messages(echo: str) -> None:
    transport = Transport(UpstreamSettings)
    handler = NetworkHandler(transport)
    context = a_context(f"{echo}/responses", TransportKind.WEBSOCKET)
    channel = await dispatch_websocket(handler, context)
    await channel.send("bye")
    assert [each async for each in channel.messages()] == []
    await channel.close()
    await transport.close()


async def test_a_websocket_that_cannot_open_is_a_connection_failure(github: FakeGitHub) -> None:
    transport = Transport(UpstreamSettings)
    context = a_context(github.url + "/responses", TransportKind.WEBSOCKET)
    with pytest.raises(ConnectionFailed):
        await dispatch_websocket(NetworkHandler(transport), context)
    await transport.close()


# -- loading ---------------------------------------------------------------------------------------

MODULE = __name__


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "g_copilot_proxy.request_handlers")


def test_nothing_is_looked_for_while_the_settings_name_nothing() -> None:
    def looked() -> list[EntryPoint]:
        raise AssertionError("looked")

    assert load_handlers((), looked) == ([], ())


def test_named_handlers_are_loaded_in_order_and_the_rest_is_reported() -> None:
    installed = [
        entry("base", "proxy_core.upstream.transport.request_handler:RequestHandler"),
        entry("missing", "proxy_core.nothing:Nothing"),
        entry("other", "builtins:dict"),
        entry("unwanted", "proxy_core.upstream.transport.request_handler:RequestHandler"),
    ]
    handlers, problems = load_handlers(("other", "base", "missing", "absent"), lambda: installed)
    assert [type(each) for each in handlers] == [RequestHandler]
    assert [each.message.split(" ")[0] for each in problems] == ["other", "missing", "absent"]
    assert "no installed package" in problems[2].message


class HttpAlone(RequestHandler):
    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        return await super().send_request(request, context)


class Both(HttpAlone):
    async def open_websocket(self, context: RequestContext) -> WebSocketChannel:
        return await super().open_websocket(context)


def test_a_handler_of_http_alone_keeps_calls_off_websockets() -> None:
    names: list[tuple[str, ...]] = [()]
    installed = [entry("http", f"{MODULE}:HttpAlone"), entry("both", f"{MODULE}:Both")]
    network = RequestHandler()
    problems: list[tuple[Problem, ...]] = []
    handlers = InstalledHandlers(
        lambda: names[0], network, installed=lambda: installed, on_problems=problems.append
    )
    seen = []
    for named in ((), ("both",), ("both", "http"), ("gone",)):
        names[0] = named
        seen.append((handlers.is_network, handlers.sees_websockets))
    assert seen == [(True, True), (False, True), (False, False), (True, True)]
    assert [each.message.split(" ")[0] for (each,) in problems] == ["gone"]
