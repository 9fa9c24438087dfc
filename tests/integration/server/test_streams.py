"""What happens to a stream: signs of life, a client that leaves, a server that stops."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from proxy_core.status.status import RequestState
from tests.faults.cut_answers import CUT, read_until_cut, text_until_cut
from tests.integration.server.conftest import Proxy

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
RESPONSES = "/v1/responses"
PASSED_THROUGH = [(CHAT, "gpt-4o-mini"), (MESSAGES, "claude-sonnet-4.6"), (RESPONSES, "gpt-5.4")]
TRANSLATED = [
    (CHAT, "gpt-5.3-codex"),
    (MESSAGES, "gpt-4o-mini"),
    (RESPONSES, "claude-sonnet-4.6"),
]
ALL = PASSED_THROUGH + TRANSLATED


def body(path: str, model: str, text: str, stream: bool = True) -> dict[str, Any]:
    said: dict[str, Any] = (
        {"input": text} if path == RESPONSES else {"messages": [{"role": "user", "content": text}]}
    )
    limit = {"max_tokens": 1000} if path == MESSAGES else {}
    return {"model": model, "stream": stream, **said, **limit}


def quick(seconds: float) -> str:
    return f"[server]\nheartbeat_seconds = {seconds}\n"


@pytest.mark.parametrize("settings_text", [quick(1)])
@pytest.mark.parametrize(("path", "model"), ALL)
async def test_silence_in_the_middle_is_filled_with_signs_of_life(
    proxy: Proxy, path: str, model: str
) -> None:
    async with await proxy.post(path, body(path, model, "[sim:stall] Go on")) as response:
        assert response.status == 200
        sign = b"event: ping" if path == MESSAGES else b": keep-alive"
        async with asyncio.timeout(30):
            async for line in response.content:
                if line.startswith(sign):
                    break
    await proxy.until(lambda: proxy.simulator.active == 0)


@pytest.mark.parametrize("settings_text", [quick(1)])
async def test_headers_leave_early_when_upstream_keeps_silent_and_a_failure_is_then_an_event(
    proxy: Proxy,
) -> None:
    """Upstream asks us to wait 1 s three times, longer than the heartbeat, and then gives up."""
    async with await proxy.post(CHAT, body(CHAT, "gpt-4o-mini", "[sim:429] again")) as response:
        assert response.status == 200
        lines = (await response.text()).split("\n\n")
    assert lines[0] == ": keep-alive"
    last = [each for each in lines if each.startswith("data:")]
    assert len(last) == 1
    assert json.loads(last[0][5:])["error"]["type"] == "rate_limit_error"
    assert proxy.last_request.error == "rate_limit"


async def test_without_silence_an_early_failure_is_a_status(proxy: Proxy) -> None:
    response = await proxy.post(CHAT, body(CHAT, "gpt-4o-mini", "[sim:402] please"))
    assert response.status in (402, 429)
    assert response.content_type == "application/json"


@pytest.mark.parametrize(("path", "model"), ALL)
async def test_a_client_that_leaves_in_the_middle_ends_the_call_upstream(
    proxy: Proxy, path: str, model: str
) -> None:
    response = await proxy.post(path, body(path, model, "[sim:slow] one hundred numbered lines"))
    await response.content.readany()
    assert proxy.simulator.active == 1
    response.close()
    await proxy.until(lambda: proxy.simulator.active == 0)
    await proxy.until(lambda: not proxy.board.current.active)
    assert proxy.last_request.state is RequestState.CANCELLED


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_while_upstream_is_silent_ends_the_call_too(
    proxy: Proxy, stream: bool
) -> None:
    asked = asyncio.ensure_future(
        proxy.post(MESSAGES, body(MESSAGES, "claude-sonnet-4.6", "[sim:stall] Go on", stream))
    )
    await proxy.until(lambda: proxy.simulator.active == 1)
    if stream:
        (await asked).close()
    else:
        asked.cancel()
    await proxy.until(lambda: proxy.simulator.active == 0)
    await proxy.until(lambda: not proxy.board.current.active)
    assert proxy.last_request.state is RequestState.CANCELLED


async def test_a_client_that_leaves_while_we_wait_to_try_again_ends_the_waiting(
    proxy: Proxy,
) -> None:
    asked = asyncio.ensure_future(proxy.post(CHAT, body(CHAT, "gpt-4o-mini", "[sim:429] x")))
    await proxy.until(lambda: len(_model_calls(proxy)) == 1)
    asked.cancel()
    await proxy.until(lambda: not proxy.board.current.active)
    calls = len(_model_calls(proxy))
    await asyncio.sleep(1.5)  # the wait that upstream asked for
    assert len(_model_calls(proxy)) == calls


@pytest.mark.parametrize(("path", "model"), ALL)
async def test_a_broken_stream_ends_with_its_error(proxy: Proxy, path: str, model: str) -> None:
    async with await proxy.post(path, body(path, model, "[sim:cut] Go on")) as response:
        assert response.status == 200
        text = await text_until_cut(response)
    assert "error" in text.rsplit("data: ", 1)[1]
    assert text.endswith(CUT) == (path == "/v1/chat/completions")
    for ending in ("[DONE]", "message_stop", "response.completed", '"finish_reason":"stop"'):
        assert ending not in text
    assert proxy.last_request.state is RequestState.FAILED


@pytest.mark.parametrize(("path", "model"), ALL)
async def test_who_tries_again_at_once_after_a_broken_stream_gets_an_answer(
    proxy: Proxy, path: str, model: str
) -> None:
    """On the connection of the broken one, unless it was cut: a close nobody was told of is a reset for
    the next call."""
    one_connection = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=one_connection, headers=proxy.headers()) as http:
        for _ in range(20):
            broken, again = body(path, model, "[sim:cut] Go on"), body(path, model, "Go on")
            async with http.post(proxy.url + path, json=broken) as response:
                await read_until_cut(response)
            async with http.post(proxy.url + path, json=again) as response:
                assert response.status == 200
                await response.read()


@pytest.mark.parametrize(("path", "model"), ALL)
async def test_a_stop_lets_running_answers_end(proxy: Proxy, path: str, model: str) -> None:
    text = "[sim:slow] Repeat exactly the following text and nothing else: to the very end"
    response = await proxy.post(path, body(path, model, text))
    await response.content.readany()
    stopping = asyncio.ensure_future(proxy.engine.commands.stop())
    rest = await response.text()
    await stopping
    assert any(
        ending in rest for ending in ("[DONE]", "event: message_stop", "event: response.completed")
    )


@pytest.mark.parametrize("drain_seconds", [0.1])
@pytest.mark.parametrize(("path", "model"), ALL)
async def test_a_stop_tells_clients_whose_answers_do_not_end(
    proxy: Proxy, path: str, model: str
) -> None:
    response = await proxy.post(path, body(path, model, "[sim:stall] Go on"))
    await proxy.until(lambda: proxy.simulator.active == 1)
    stopping = asyncio.ensure_future(proxy.engine.commands.stop())
    text = await response.text()
    await stopping
    assert "was stopped before the answer was complete" in text
    assert "[DONE]" not in text
    assert proxy.simulator.active == 0
    with pytest.raises(aiohttp.ClientConnectorError):
        await proxy.get("/health")


@pytest.mark.parametrize("drain_seconds", [0.1])
async def test_a_stop_in_front_of_a_whole_answer_is_a_503(proxy: Proxy) -> None:
    asked = asyncio.ensure_future(
        proxy.post(CHAT, body(CHAT, "gpt-4o-mini", "[sim:stall] x", stream=False))
    )
    await proxy.until(lambda: proxy.simulator.active == 1)
    await proxy.engine.commands.stop()
    assert (await asked).status == 503


async def test_many_streams_at_once_do_not_mix(proxy: Proxy) -> None:
    async def one(number: int) -> None:
        path, model = ALL[number % len(ALL)]
        words = f"number {number} " * 5
        prompt = f"Repeat exactly the following text and nothing else: {words}"
        async with await proxy.post(path, body(path, model, prompt, stream=False)) as response:
            assert f"number {number} number {number}" in await response.text()

    await asyncio.gather(*(one(number) for number in range(60)))
    assert len(proxy.board.current.recent) == 60
    assert not proxy.board.current.active


def _model_calls(proxy: Proxy) -> list[Any]:
    paths = ("/chat/completions", "/v1/messages", "/responses")
    return [each for each in proxy.simulator.requests if each.path in paths]


async def test_every_429_says_when_to_come_back_and_a_spent_allowance_not_to_try_again(
    proxy: Proxy,
) -> None:
    """OpenAI's shape of a spent allowance is a 429 too; its SDKs would try that again at once."""
    response = await proxy.post(CHAT, body(CHAT, "gpt-4o-mini", "[sim:402] please"))
    assert response.status == 429
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["x-should-retry"] == "false"


async def test_a_custom_tool_on_chat_alone_is_called_as_one(proxy: Proxy) -> None:
    tool = {"type": "custom", "custom": {"name": "apply_patch", "description": "Edit files."}}
    await proxy.script(
        {
            "say": {
                "tool_calls": [{"name": "apply_patch", "arguments": {"input": "*** Begin Patch"}}],
                "finish": "tool_calls",
            }
        }
    )
    body = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Change it."}],
        "tools": [tool],
    }
    answer = await (await proxy.post("/v1/chat/completions", body)).json()
    (call,) = answer["choices"][0]["message"]["tool_calls"]
    assert call["type"] == "custom"
    assert call["custom"] == {"name": "apply_patch", "input": "*** Begin Patch"}
    said = [*body["messages"], answer["choices"][0]["message"]]
    said.append({"role": "tool", "tool_call_id": call["id"], "content": "done"})
    again = await proxy.post("/v1/chat/completions", {**body, "messages": said})
    assert again.status == 200, await again.text()
