"""Clients of 2023 ask with ``functions`` and read ``function_call``: they are answered in that form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

MODELS = ("gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6")
FUNCTION = {
    "name": "get_weather",
    "description": "Tell the weather of a place",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
PATH = "/v1/chat/completions"


def body(model: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "How is the weather in Paris?"}]
    return {"model": model, "messages": messages, "functions": [FUNCTION], **more}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("choice", ["auto", {"name": "get_weather"}])
async def test_whole(proxy: Proxy, model: str, choice: object) -> None:
    answer = await proxy.post(PATH, body(model, function_call=choice))
    (told,) = (await answer.json())["choices"]
    assert told["finish_reason"] == "function_call"
    assert "tool_calls" not in told["message"]
    assert told["message"]["function_call"]["name"] == "get_weather"
    assert "city" in json.loads(told["message"]["function_call"]["arguments"])


@pytest.mark.parametrize("model", MODELS)
async def test_streamed(proxy: Proxy, model: str) -> None:
    asked = body(model, stream=True, function_call={"name": "get_weather"})
    answer = await proxy.post(PATH, asked)
    lines = (await answer.text()).splitlines()
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    assert not any("tool_calls" in choice["delta"] for choice in choices)
    calls = [c["delta"]["function_call"] for c in choices if "function_call" in c["delta"]]
    assert [call["name"] for call in calls if "name" in call] == ["get_weather"]
    assert "city" in json.loads("".join(call.get("arguments", "") for call in calls))
    assert choices[-1]["finish_reason"] == "function_call"


@pytest.mark.parametrize("model", MODELS)
async def test_a_plain_answer_stays_plain(proxy: Proxy, model: str) -> None:
    answer = await proxy.post(PATH, body(model, function_call="none"))
    (told,) = (await answer.json())["choices"]
    assert told["finish_reason"] == "stop"
    assert "function_call" not in told["message"]


async def test_a_client_of_both_forms_gets_the_newer_one(proxy: Proxy) -> None:
    tool = {"type": "function", "function": FUNCTION}
    answer = await proxy.post(PATH, body("gpt-4.1", tools=[tool], tool_choice="required"))
    (told,) = (await answer.json())["choices"]
    assert told["message"]["tool_calls"][0]["function"]["name"] == "get_weather"


@pytest.mark.parametrize("model", MODELS)
async def test_no_more_than_one_call_is_asked_of_the_model(proxy: Proxy, model: str) -> None:
    await proxy.post(PATH, body(model))
    sent = json.dumps(proxy.simulator.requests[-1].body)
    assert '"parallel_tool_calls": false' in sent or '"disable_parallel_tool_use": true' in sent
