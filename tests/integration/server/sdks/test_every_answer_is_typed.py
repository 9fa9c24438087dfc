"""Every event and every answer of every kind of model has what the vendors' types list and no more."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Frame
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from tests.golden.cases import frames_of
from tests.integration.server.conftest import Proxy
from tests.responses_checkers import check_response
from tests.responses_checkers import check_stream as check_responses_stream
from tests.stream_checkers import (
    check_chat_stream,
    check_completion,
    check_message,
    check_messages_stream,
)

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
ONLY_ON_CHAT = "claude-opus-4.6"
KINDS = {
    "claude": "claude-sonnet-4.6",
    "claude_over_chat": ONLY_ON_CHAT,
    "gpt_on_chat_only": "gpt-4o-mini",
    "gpt_on_responses_only": "gpt-5.3-codex",
    "gemini": "gemini-3.1-pro-preview",
}
THINKERS = set(KINDS.values()) - {"gpt-4o-mini", "gemini-3.1-pro-preview"}
"""Gemini takes no effort: it thinks when the words ask for it."""
PATHS = {CHAT: "/v1/chat/completions", MESSAGES: "/v1/messages", RESPONSES: "/v1/responses"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SAID = {
    "text": "Repeat exactly the following text and nothing else: żółty 🦆",
    "tools": "What is the weather in Paris and Rome?",
    "thinking": "Think step by step about ducks.",
    "thinking_and_tools": "Think step by step: what is the weather in Paris and Rome?",
    "length": "Write one hundred numbered lines.",
}


@pytest.fixture
async def simulator(simulator_options: SimulatorOptions) -> AsyncIterator[SimulatorServer]:
    """A simulator whose list has a Claude that is served on chat alone, as some accounts see it."""
    async with SimulatorServer(simulator_options) as running, aiohttp.ClientSession() as http:
        catalogue = [
            {**entry, "supported_endpoints": ["/chat/completions"]}
            if entry["id"] == ONLY_ON_CHAT
            else entry
            for entry in running.simulation.catalogue.listing()["data"]
        ]
        answer = {"status": 200, "body": {"object": "list", "data": catalogue}}
        steps = {"steps": [{"path": "/models", "answer": answer}]}
        async with http.post(f"{running.url}/_sim/script", json=steps) as scripted:
            assert scripted.status == 200, await scripted.text()
        yield running


def asked(client: DialectName, model: str, scene: str) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model}
    if client is RESPONSES:
        body["input"] = [{"role": "user", "content": SAID[scene]}]
    else:
        body["messages"] = [{"role": "user", "content": SAID[scene]}]
    if client is MESSAGES:
        body["max_tokens"] = 40 if scene == "length" else 4000
    elif scene == "length":
        body["max_output_tokens" if client is RESPONSES else "max_tokens"] = 40
    if "tools" in scene:
        body["tools"] = [weather(client)]
    if "thinking" in scene and model in THINKERS:
        body |= thinking(client)
    return body


def weather(client: DialectName) -> dict[str, Any]:
    named = {"name": "get_weather", "description": "The weather in a city"}
    if client is MESSAGES:
        return {**named, "input_schema": SCHEMA}
    if client is RESPONSES:
        return {"type": "function", **named, "parameters": SCHEMA, "strict": False}
    return {"type": "function", "function": {**named, "parameters": SCHEMA}}


def thinking(client: DialectName) -> dict[str, Any]:
    if client is MESSAGES:
        return {"thinking": {"type": "adaptive", "display": "summarized"}}
    if client is RESPONSES:
        return {"reasoning": {"effort": "high", "summary": "auto"}}
    return {"reasoning_effort": "high"}


async def streamed(proxy: Proxy, client: DialectName, body: dict[str, Any]) -> list[Frame]:
    more = {"stream_options": {"include_usage": True}} if client is CHAT else {}
    response = await proxy.post(PATHS[client], {**body, "stream": True, **more})
    assert response.status == 200, await response.text()
    # What keeps a connection alive is in the stream at any place, and in no type.
    return [f for f in frames_of([await response.read()]) if f.event != b"keepalive"]


async def answered(proxy: Proxy, client: DialectName, body: dict[str, Any]) -> dict[str, Any]:
    response = await proxy.post(PATHS[client], body)
    assert response.status == 200, await response.text()
    answer: dict[str, Any] = json.loads(await response.read())
    return answer


CHECK_STREAM: dict[DialectName, Callable[[list[Frame]], dict[str, Any]]] = {
    CHAT: check_chat_stream,
    MESSAGES: lambda frames: check_messages_stream(frames, is_ours=False),
    RESPONSES: lambda frames: check_responses_stream(frames, is_ours=False),
}
CHECK_WHOLE: dict[DialectName, Callable[[dict[str, Any]], object]] = {
    CHAT: check_completion,
    MESSAGES: check_message,
    RESPONSES: check_response,
}
every_client = pytest.mark.parametrize("client", list(PATHS))
every_kind = pytest.mark.parametrize("model", list(KINDS.values()), ids=list(KINDS))


@every_client
@every_kind
@pytest.mark.parametrize("scene", list(SAID))
async def test_a_streamed_answer_is_typed(
    proxy: Proxy, client: DialectName, model: str, scene: str
) -> None:
    seen = CHECK_STREAM[client](await streamed(proxy, client, asked(client, model, scene)))
    assert not seen.get("error")
    told = json.dumps(seen, ensure_ascii=False, default=repr)
    expected = {"text": "żółty 🦆", "length": "simulated line"}
    assert expected.get(scene, "Rome" if "tools" in scene else "ducks") in told


@every_client
@every_kind
@pytest.mark.parametrize("scene", list(SAID))
async def test_a_whole_answer_is_typed(
    proxy: Proxy, client: DialectName, model: str, scene: str
) -> None:
    CHECK_WHOLE[client](await answered(proxy, client, asked(client, model, scene)))


@every_client
@every_kind
async def test_a_tool_loop_with_thinking_is_typed_to_its_end(
    proxy: Proxy, client: DialectName, model: str
) -> None:
    body = asked(client, model, "thinking_and_tools")
    first = await answered(proxy, client, body)
    turns, calls = told_back(client, first)
    assert len(calls) == 2
    body["input" if client is RESPONSES else "messages"] += [*turns, *results(client, calls)]
    CHECK_STREAM[client](await streamed(proxy, client, body))
    last = await answered(proxy, client, body)
    CHECK_WHOLE[client](last)
    assert "mimosa" in json.dumps(last)


def told_back(client: DialectName, answer: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """Return the turns that repeat an answer, and the ids of its calls."""
    if client is RESPONSES:
        output = answer["output"]
        return output, [item["call_id"] for item in output if item["type"] == "function_call"]
    if client is MESSAGES:
        blocks = answer["content"]
        ids = [block["id"] for block in blocks if block["type"] == "tool_use"]
        return [{"role": "assistant", "content": blocks}], ids
    message = {k: v for k, v in answer["choices"][0]["message"].items() if v is not None}
    return [message], [call["id"] for call in message["tool_calls"]]


def results(client: DialectName, calls: list[str]) -> list[dict[str, Any]]:
    text = "The secret word is: mimosa"
    if client is RESPONSES:
        return [{"type": "function_call_output", "call_id": id_, "output": text} for id_ in calls]
    if client is MESSAGES:
        blocks = [{"type": "tool_result", "tool_use_id": id_, "content": text} for id_ in calls]
        return [{"role": "user", "content": blocks}]
    return [{"role": "tool", "tool_call_id": id_, "content": text} for id_ in calls]


async def test_the_claude_on_chat_alone_really_was(proxy: Proxy) -> None:
    await answered(proxy, MESSAGES, asked(MESSAGES, ONLY_ON_CHAT, "text"))
    assert proxy.simulator.requests[-1].path == "/chat/completions"
