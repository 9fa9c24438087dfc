"""Reasoning that must come back with the next turn, and clients that cannot bring it.

Upstream is the simulator at its strictest.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.integration.server.conftest import Proxy

GEMINI = "gemini-3.1-pro-preview"
QUESTION = "What is the weather in Paris and Rome? Ask in parallel, and think step by step."
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}
RESULT = "The secret word is: mimosa"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_plain_openai_client_goes_through_gemini_s_tool_loop(
    openai_client: AsyncOpenAI, proxy: Proxy, stream: bool
) -> None:
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    if stream:
        async with openai_client.chat.completions.stream(
            model=GEMINI, messages=messages, tools=[WEATHER]
        ) as events:
            answer = await events.get_final_completion()
    else:
        answer = await openai_client.chat.completions.create(
            model=GEMINI, messages=messages, tools=[WEATHER]
        )
    calls = answer.choices[0].message.tool_calls or []
    assert len(calls) == 2
    # A plain client keeps what OpenAI's own types have, and nothing else.
    kept = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments},
        }
        for call in calls
    ]
    messages.append({"role": "assistant", "content": None, "tool_calls": kept})
    messages += [{"role": "tool", "tool_call_id": c.id, "content": RESULT} for c in calls]
    last = await openai_client.chat.completions.create(
        model=GEMINI, messages=messages, tools=[WEATHER]
    )
    assert last.choices[0].message.content == "The secret word is mimosa."
    turn = proxy.simulator.requests[-1].body["messages"][1]
    assert turn["reasoning_text"]
    assert turn["reasoning_opaque"]
    assert proxy.last_request.attempts == 1


@pytest.mark.parametrize("brings_thinking", [False, True])
@pytest.mark.parametrize("stream", [False, True])
async def test_an_anthropic_client_goes_through_gemini_s_tool_loop(
    anthropic_client: AsyncAnthropic, proxy: Proxy, stream: bool, brings_thinking: bool
) -> None:
    tool = {"name": "get_weather", "input_schema": PARAMETERS}
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    asked: dict[str, Any] = {"model": GEMINI, "max_tokens": 4000, "tools": [tool]}
    if stream:
        async with anthropic_client.messages.stream(messages=messages, **asked) as events:
            answer = await events.get_final_message()
    else:
        answer = await anthropic_client.messages.create(messages=messages, **asked)
    calls = [block for block in answer.content if block.type == "tool_use"]
    assert len(calls) == 2
    echoed = answer.content if brings_thinking else calls
    messages.append({"role": "assistant", "content": [b.model_dump(mode="json") for b in echoed]})
    results = [{"type": "tool_result", "tool_use_id": c.id, "content": RESULT} for c in calls]
    messages.append({"role": "user", "content": results})
    last = await anthropic_client.messages.create(messages=messages, **asked)
    assert [b.text for b in last.content if b.type == "text"] == ["The secret word is mimosa."]
    assert proxy.last_request.attempts <= 2, "at most max_tokens is refused, not the conversation"


async def test_a_second_model_is_not_given_the_first_one_s_thinking(
    openai_client: AsyncOpenAI, proxy: Proxy
) -> None:
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Paris?"}]
    first = await openai_client.chat.completions.create(
        model=GEMINI, messages=messages, tools=[WEATHER]
    )
    (call,) = first.choices[0].message.tool_calls or []
    kept = {
        "id": call.id,
        "type": "function",
        "function": {"name": call.function.name, "arguments": call.function.arguments},
    }
    messages.append({"role": "assistant", "content": None, "tool_calls": [kept]})
    messages.append({"role": "tool", "tool_call_id": call.id, "content": RESULT})
    last = await openai_client.chat.completions.create(
        model="gpt-4o-mini", messages=messages, tools=[WEATHER]
    )
    assert last.choices[0].message.content == "The secret word is mimosa."
    assert "reasoning_opaque" not in json.dumps(proxy.simulator.requests[-1].body)


@pytest.mark.parametrize("model", ["gpt-5.3-codex", "gpt-5.4-mini"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_responses_client_may_send_every_item_back_as_it_came(
    proxy: Proxy, model: str, stream: bool
) -> None:
    """pi-ai does: with the ids of Copilot's own items, some of them 408 characters long."""
    tool = {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": False}
    body: dict[str, Any] = {
        "model": model,
        "input": [{"role": "user", "content": QUESTION}],
        "tools": [tool],
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "stream": stream,
    }
    first = await proxy.post("/v1/responses", body)
    assert first.status == 200, await first.text()
    if stream:
        lines = (await first.text()).splitlines()
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
        done = [e["item"] for e in events if e["type"] == "response.output_item.done"]
        assert [each["id"] for each in done] == [
            each["id"] for each in events[-1]["response"]["output"]
        ], "one item, one id"
        output = done
    else:
        output = (await first.json())["output"]
    kinds = [item["type"] for item in output]
    assert "reasoning" in kinds
    assert kinds.count("function_call") == 2
    body["input"] += output
    body["input"] += [
        {"type": "function_call_output", "call_id": item["call_id"], "output": RESULT}
        for item in output
        if item["type"] == "function_call"
    ]
    second = await proxy.post("/v1/responses", body)
    text = await second.text()
    assert second.status == 200, text
    assert "The secret word is mimosa." in text
    assert proxy.last_request.attempts == 1
    replayed = proxy.simulator.requests[-1].body["input"]
    assert any(item.get("type") == "reasoning" for item in replayed), "its reasoning went back"
    assert all(
        len(item.get("id", "")) <= 64 for item in replayed if item.get("type") != "reasoning"
    )
