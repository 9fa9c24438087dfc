"""``/responses`` over a WebSocket, where it pays, and the way back to HTTP."""

from __future__ import annotations

import pytest

from proxy_core.canonical.events import TextDelta
from proxy_core.canonical.model import Endpoint
from proxy_core.canonical.sse import Decoder
from proxy_core.config.settings import ResponsesWebSocket
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.errors import ErrorKind, ProxyError
from proxy_core.upstream.calls.answer import CopilotAnswer
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.integration.upstream.workbench import Workbench

RESPONSES = Endpoint.RESPONSES
PATH = "/responses"


def says(text: str) -> dict[str, object]:
    return {"input": [{"role": "user", "content": text}]}


def methods(bench: Workbench) -> list[str]:
    """How each call to the endpoint came; an opened socket and each of its frames are one line each."""
    return [each.method for each in bench.calls(PATH)]


async def text_of(answer: CopilotAnswer) -> str:
    decoder, reader, found = Decoder(), OpenAIResponses().reader("m"), []
    try:
        async for chunk in answer.chunks():
            for frame in decoder.feed(chunk):
                found += [e.text for e in reader.feed(frame) if isinstance(e, TextDelta)]
    finally:
        await answer.close()
    return "".join(found)


async def test_http_is_the_rule(bench: Workbench) -> None:
    await bench.sign_in()
    await bench.ask("gpt-5.4", RESPONSES, says("hi"))
    assert methods(bench) == ["POST"]


async def test_a_websocket_gives_the_same_events_as_http(bench: Workbench) -> None:
    await bench.sign_in()
    over_http = await text_of(await bench.open("gpt-5.4", RESPONSES, says("hello there")))
    bench.set("upstream", responses_websocket=ResponsesWebSocket.ALWAYS)
    answer = await bench.open("gpt-5.4", RESPONSES, says("hello there"))
    assert answer.content_type == "text/event-stream"
    assert await text_of(answer) == over_http != ""
    assert methods(bench) == ["POST", "GET", "WS"]
    frame = bench.calls(PATH)[-1].body
    assert frame["type"] == "response.create"
    assert frame["initiator"] == "user"
    assert "stream" not in frame
    assert bench.calls(PATH)[1].headers["copilot-integration-id"] == "vscode-chat"


async def test_a_model_that_lists_no_websocket_is_asked_over_http(bench: Workbench) -> None:
    await bench.sign_in()
    bench.set("upstream", responses_websocket=ResponsesWebSocket.ALWAYS)
    await bench.ask("gpt-5-mini", RESPONSES, says("hi"))
    assert methods(bench) == ["POST"]


async def test_an_answer_that_broke_off_makes_the_next_ones_use_a_websocket_for_an_hour(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    with pytest.raises(ConnectionFailed):
        await text_of(await bench.open("gpt-5.4", RESPONSES, says("hi [sim:cut]")))
    assert await text_of(await bench.open("gpt-5.4", RESPONSES, says("hi")))
    assert methods(bench) == ["POST", "GET", "WS"]
    bench.time.now += 3601
    assert await text_of(await bench.open("gpt-5.4", RESPONSES, says("hi")))
    assert methods(bench)[-1] == "POST"


async def test_never_means_never(bench: Workbench) -> None:
    await bench.sign_in()
    bench.set("upstream", responses_websocket=ResponsesWebSocket.NEVER)
    with pytest.raises(ConnectionFailed):
        await text_of(await bench.open("gpt-5.4", RESPONSES, says("hi [sim:cut]")))
    await bench.ask("gpt-5.4", RESPONSES, says("hi"))
    assert methods(bench) == ["POST", "POST"]


@pytest.mark.parametrize("status", [404, 426, 502])
async def test_a_refused_websocket_falls_back_at_once_and_is_not_tried_for_a_while(
    bench: Workbench, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.sign_in()
    bench.set("upstream", responses_websocket=ResponsesWebSocket.ALWAYS)

    async def refuse(*_: object) -> None:
        from proxy_core.upstream.transport.connection_errors import connection_failure

        raise connection_failure(ConnectionError(str(status)), bench.simulator.url)

    monkeypatch.setattr(bench.side.transport, "open_websocket", refuse)
    await bench.ask("gpt-5.4", RESPONSES, says("hi"))
    await bench.ask("gpt-5.4", RESPONSES, says("hi"))
    assert methods(bench) == ["POST", "POST"]
    monkeypatch.undo()
    bench.time.now += 601
    await bench.ask("gpt-5.4", RESPONSES, says("hi"))
    assert methods(bench)[2:] == ["GET", "WS"]


async def test_a_refusal_on_the_socket_is_the_error_it_stands_for(bench: Workbench) -> None:
    await bench.sign_in()
    bench.set("upstream", responses_websocket=ResponsesWebSocket.ALWAYS)
    with pytest.raises(ProxyError) as caught:
        await bench.open("gpt-5.4", RESPONSES, says("[sim:429-long]"))
    assert (caught.value.kind, caught.value.http_status) == (ErrorKind.RATE_LIMIT, 429)
    with pytest.raises(ProxyError) as caught:
        await bench.open("gpt-5.4", RESPONSES, says("[sim:context]"))
    assert caught.value.kind is ErrorKind.CONTEXT_OVERFLOW


async def test_a_socket_that_is_cut_is_an_error_after_what_arrived(bench: Workbench) -> None:
    await bench.sign_in()
    bench.set("upstream", responses_websocket=ResponsesWebSocket.ALWAYS)
    answer = await bench.open("gpt-5.4", RESPONSES, says("hi [sim:cut]"))
    with pytest.raises(ConnectionFailed, match="broke"):
        await text_of(answer)


async def test_a_closed_answer_closes_its_socket(bench: Workbench) -> None:
    await bench.sign_in()
    bench.set("upstream", responses_websocket=ResponsesWebSocket.ALWAYS)
    answer = await bench.open("gpt-5.4", RESPONSES, says("hi [sim:stall]"))
    assert bench.simulator.active == 1
    await answer.close()
    await bench.until(lambda: bench.simulator.active == 0)
