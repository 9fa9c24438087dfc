"""What an answer of another vendor's model looks like to its client: ids, stops, ping, usage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
RESPONSES = "/v1/responses"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ASK = {"role": "user", "content": "How is the weather in Paris?"}


def messages_body(model: str, *messages: object, **more: Any) -> dict[str, Any]:
    tool = {"name": "get_weather", "description": "Tell the weather", "input_schema": SCHEMA}
    base = {"model": model, "max_tokens": 300, "messages": [ASK, *messages], "tools": [tool]}
    return base | more


def sent_text(proxy: Proxy) -> str:
    return json.dumps(proxy.simulator.requests[-1].body)


def events_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "gemini-3-flash-preview"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_messages_client_sees_toolu_ids_and_the_model_its_own(
    proxy: Proxy, model: str, stream: bool
) -> None:
    choice = {"type": "tool", "name": "get_weather"}
    answer = await proxy.post(MESSAGES, messages_body(model, stream=stream, tool_choice=choice))
    text = await answer.text()
    assert answer.status == 200, text
    if stream:
        blocks = [e["content_block"] for e in events_of(text) if e["type"] == "content_block_start"]
    else:
        blocks = json.loads(text)["content"]
    (call,) = [block for block in blocks if block["type"] == "tool_use"]
    assert call["id"].startswith("toolu_")
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "sunny"}
    call = {**call, "input": {"city": "Paris"}}
    second = await proxy.post(
        MESSAGES,
        messages_body(
            model,
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ),
    )
    assert second.status == 200, await second.text()
    assert "toolu_" not in sent_text(proxy)


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_an_openai_client_sees_call_ids_and_claude_its_own(proxy: Proxy, path: str) -> None:
    function = {"name": "get_weather", "description": "w", "parameters": SCHEMA}
    model = "claude-sonnet-4.6"
    if path == RESPONSES:
        tools: list[Any] = [{"type": "function", **function}]
        body = {"model": model, "input": [ASK], "tools": tools, "tool_choice": "required"}
        output = (await (await proxy.post(path, body)).json())["output"]
        call_id = next(item["call_id"] for item in output if item["type"] == "function_call")
        result = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
        again = {"model": model, "input": [ASK, *output, result], "tools": tools}
    else:
        tools = [{"type": "function", "function": function}]
        # Claude offers chat as well; a thinking budget in another's words makes no difference here.
        body = {"model": "gpt-5.3-codex", "messages": [ASK], "tools": tools}
        body["tool_choice"] = "required"
        message = (await (await proxy.post(path, body)).json())["choices"][0]["message"]
        call_id = message["tool_calls"][0]["id"]
        result = {"role": "tool", "tool_call_id": call_id, "content": "sunny"}
        again = {"model": "gpt-5.3-codex", "messages": [ASK, message, result], "tools": tools}
    assert call_id.startswith("call_")
    second = await proxy.post(path, again)
    assert second.status == 200, await second.text()
    assert "call_via_" not in sent_text(proxy)


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_messages_client_is_told_the_sequence_that_ended_the_answer(
    proxy: Proxy, model: str, stream: bool
) -> None:
    ask = {"role": "user", "content": "Say alpha beta gamma"}
    body = {"model": model, "max_tokens": 100, "messages": [ask], "stream": stream}
    answer = await proxy.post(MESSAGES, body | {"stop_sequences": ["nothing", "beta"]})
    text = await answer.text()
    assert answer.status == 200, text
    if stream:
        events = events_of(text)
        told = next(e["delta"] for e in events if e["type"] == "message_delta")
        said = "".join(
            e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta"
        )
    else:
        told = json.loads(text)
        said = "".join(block.get("text", "") for block in told["content"])
    assert (told["stop_reason"], told["stop_sequence"]) == ("stop_sequence", "beta")
    assert "alpha" in said
    assert "beta" not in said


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex"])
async def test_a_translated_messages_stream_begins_with_one_ping(proxy: Proxy, model: str) -> None:
    body = {"model": model, "max_tokens": 100, "messages": [ASK], "stream": True}
    events = events_of(await (await proxy.post(MESSAGES, body)).text())
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["message_start", "ping"]
    assert kinds.count("ping") == 1


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
async def test_a_chat_client_finds_usage_in_a_chunk_of_its_own(proxy: Proxy, model: str) -> None:
    body = {"model": model, "messages": [ASK], "stream": True}
    answer = await proxy.post(CHAT, body | {"stream_options": {"include_usage": True}})
    chunks = events_of(await answer.text())
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] > 0
    assert all(choice["delta"] is not None for chunk in chunks for choice in chunk["choices"])


@pytest.mark.parametrize("model", ["gpt-5.3-codex", "claude-sonnet-4.6"])
async def test_several_answers_in_a_stream_are_refused_where_only_one_would_come(
    proxy: Proxy, model: str
) -> None:
    body = {"model": model, "messages": [ASK], "n": 2, "stream": True}
    answer = await proxy.post(CHAT, body)
    assert answer.status == 400
    assert (await answer.json())["error"]["param"] == "n"
