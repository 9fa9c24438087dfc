"""Tool calls that a Claude model wrote as text, end to end (anthropics/claude-code#69529)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.server.calls.settlement import REPAIRED_NOTE
from proxy_core.status.status import RequestState
from tests.integration.server.conftest import Proxy

MESSAGES, CHAT, RESPONSES = "/v1/messages", "/v1/chat/completions", "/v1/responses"
CLAUDE, GPT = "claude-sonnet-4.6", "gpt-4.1"
SCHEMA = {"type": "object", "properties": {"location": {"type": "string"}}}
LEAK = "[sim:leak] What is the weather in Paris?"
WAYS = [(path, streamed) for path in (MESSAGES, CHAT, RESPONSES) for streamed in (False, True)]


def asked(path: str, text: str = LEAK, model: str = CLAUDE, **more: Any) -> dict[str, Any]:
    function: dict[str, Any] = {"name": "get_weather", "parameters": SCHEMA}
    if path == MESSAGES:
        tools = [{"name": "get_weather", "input_schema": SCHEMA}]
        said: dict[str, Any] = {"messages": [{"role": "user", "content": text}], "max_tokens": 500}
    elif path == CHAT:
        tools = [{"type": "function", "function": function}]
        said = {"messages": [{"role": "user", "content": text}]}
    else:
        tools = [{"type": "function", **function}]
        said = {"input": text}
    return {"model": model, "tools": tools, **said, **more}


async def frames(proxy: Proxy, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    response = await proxy.post(path, {**body, "stream": True})
    assert response.status == 200, await response.text()
    lines = (await response.text()).splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [json.loads(each) for each in data if each != "[DONE]"]


async def answer(proxy: Proxy, path: str, body: dict[str, Any], streamed: bool) -> Any:
    """The whole answer of either way: ``(text, calls, why it ended)``."""
    if not streamed:
        response = await proxy.post(path, body)
        assert response.status == 200, await response.text()
        return whole(path, await response.json())
    got = await frames(proxy, path, body)
    if path == RESPONSES:
        return whole(path, got[-1]["response"])
    if path == MESSAGES:
        deltas = [each["delta"] for each in got if each["type"] == "content_block_delta"]
        starts = [each["content_block"] for each in got if each["type"] == "content_block_start"]
        texts = "".join(each.get("text", "") for each in deltas)
        inputs = [each["partial_json"] for each in deltas if "partial_json" in each]
        names = [each["name"] for each in starts if each["type"] == "tool_use"]
        (end,) = (each["delta"] for each in got if each["type"] == "message_delta")
        calls = list(zip(names, map(json.loads, inputs), strict=True))
        return texts, calls, end["stop_reason"]
    choices = [choice for each in got for choice in each["choices"]]
    texts = "".join(each["delta"].get("content") or "" for each in choices)
    said = [call["function"] for each in choices for call in each["delta"].get("tool_calls", ())]
    calls = [(each["name"], json.loads(each["arguments"])) for each in said]
    (reason,) = (each["finish_reason"] for each in choices if each["finish_reason"])
    return texts, calls, reason


def whole(path: str, body: dict[str, Any]) -> Any:
    if path == MESSAGES:
        texts = [each["text"] for each in body["content"] if each["type"] == "text"]
        used = [each for each in body["content"] if each["type"] == "tool_use"]
        return "".join(texts), [(e["name"], e["input"]) for e in used], body["stop_reason"]
    if path == CHAT:
        (choice,) = body["choices"]
        said = [each["function"] for each in choice["message"].get("tool_calls", ())]
        calls = [(each["name"], json.loads(each["arguments"])) for each in said]
        return choice["message"]["content"] or "", calls, choice["finish_reason"]
    parts = [p for item in body["output"] if item["type"] == "message" for p in item["content"]]
    said = [item for item in body["output"] if item["type"] == "function_call"]
    calls = [(each["name"], json.loads(each["arguments"])) for each in said]
    return "".join(each["text"] for each in parts), calls, body["status"]


CALLED = {MESSAGES: "tool_use", CHAT: "tool_calls", RESPONSES: "completed"}


@pytest.mark.parametrize(("path", "streamed"), WAYS)
async def test_the_client_gets_the_call(proxy: Proxy, path: str, streamed: bool) -> None:
    text, calls, why = await answer(proxy, path, asked(path), streamed)
    assert calls == [("get_weather", {"location": "Paris"})]
    assert "<" not in text
    assert why == CALLED[path]
    await proxy.until(lambda: proxy.last_request.state is RequestState.DONE)
    assert REPAIRED_NOTE in proxy.last_request.notes


@pytest.mark.parametrize(("path", "streamed"), WAYS)
async def test_an_answer_without_markup_is_not_noted(
    proxy: Proxy, path: str, streamed: bool
) -> None:
    text, calls, _ = await answer(proxy, path, asked(path, "Say a < b."), streamed)
    assert REPAIRED_NOTE not in proxy.last_request.notes
    assert text or calls


class TestSwitchedOff:
    @pytest.fixture
    def settings_text(self) -> str:
        return "[server]\nrepair_leaked_tool_calls = false\n"

    @pytest.mark.parametrize(("path", "streamed"), WAYS)
    async def test_the_text_stays_text(self, proxy: Proxy, path: str, streamed: bool) -> None:
        text, calls, _ = await answer(proxy, path, asked(path), streamed)
        assert calls == []
        assert text.endswith("</invoke>")


@pytest.mark.parametrize("streamed", [False, True])
async def test_other_vendors_models_are_left_alone(proxy: Proxy, streamed: bool) -> None:
    text, calls, _ = await answer(proxy, CHAT, asked(CHAT, model=GPT), streamed)
    assert (calls, text[-9:]) == ([], "</invoke>")
