"""Reads any endpoint's answer, whole or streamed, into one small form; from the wire shapes only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.simulator.conftest import Client, Received

MODELS = {"chat": "gpt-4.1", "messages": "claude-sonnet-4.6", "responses": "gpt-5.4"}
WAYS = [
    (endpoint, streamed)
    for endpoint in ("chat", "claude chat", "gemini chat", "messages", "responses")
    for streamed in (False, True)
]


@dataclass
class Said:
    """``calls`` are (name, arguments); ``finish`` is the endpoint's own word."""

    text: str = ""
    thinking: str = ""
    opaque: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    call_ids: list[str] = field(default_factory=list)
    finish: str | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    cost: dict[str, Any] = field(default_factory=dict)


async def ask(
    client: Client, endpoint: str, streamed: bool, request: str, /, **more: Any
) -> Received:
    """Ask one thing at one endpoint; ``more`` is in that endpoint's own words."""
    if streamed:
        more["stream"] = True
    if endpoint == "messages":
        return await client.messages(request, **more)
    if endpoint == "responses":
        return await client.responses(request, **more)
    model = {"claude chat": "claude-sonnet-4.6", "gemini chat": "gemini-3.1-pro-preview"}
    more.setdefault("model", model.get(endpoint, MODELS["chat"]))
    return await client.chat(request, **more)


def tool(endpoint: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A function tool in the endpoint's own form, all properties required."""
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    if endpoint == "messages":
        return {"name": name, "description": "A tool", "input_schema": schema}
    if endpoint == "responses":
        return {"type": "function", "name": name, "parameters": schema}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


def read(endpoint: str, received: Received) -> Said:
    assert received.status == 200, received.text
    streamed = received.headers["Content-Type"] == "text/event-stream"
    if endpoint == "messages":
        return read_messages_stream(received) if streamed else read_message(received.json())
    if endpoint == "responses":
        return read_responses_stream(received) if streamed else read_response(received.json())
    return read_chat_stream(received) if streamed else read_completion(received.json())


def read_completion(body: dict[str, Any]) -> Said:
    said = Said(usage=body["usage"], cost=body["copilot_usage"])
    for choice in body["choices"]:
        message = choice["message"]
        said.text += message.get("content") or ""
        said.thinking += message.get("reasoning_text") or ""
        said.opaque += message.get("reasoning_opaque") or ""
        said.finish = choice["finish_reason"]
        for call in message.get("tool_calls", ()):
            function = call["function"]
            said.calls.append((function["name"], json.loads(function["arguments"])))
            said.call_ids.append(call["id"])
    return said


def read_chat_stream(received: Received) -> Said:
    said = Said()
    arguments: dict[int, list[str]] = {}
    events = [data for _, data in received.events()]
    assert events[-1] == "[DONE]"
    for chunk in events[:-1]:
        if chunk.get("usage"):
            said.usage = chunk["usage"]
        said.cost = chunk.get("copilot_usage", said.cost)
        for choice in chunk["choices"] or ():
            delta = choice["delta"]
            said.text += delta.get("content") or ""
            said.thinking += delta.get("reasoning_text") or ""
            said.opaque += delta.get("reasoning_opaque") or ""
            said.finish = choice.get("finish_reason", said.finish)
            for call in delta.get("tool_calls", ()):
                if "id" in call:
                    said.call_ids.append(call["id"])
                    arguments[call["index"]] = [call["function"]["name"]]
                arguments[call["index"]].append(call["function"]["arguments"])
    for name, *parts in arguments.values():
        said.calls.append((name, json.loads("".join(parts))))
    return said


def read_message(body: dict[str, Any]) -> Said:
    said = Said(finish=body["stop_reason"], usage=body["usage"], cost=body["copilot_usage"])
    for block in body["content"]:
        if block["type"] == "text":
            said.text += block["text"]
        elif block["type"] == "thinking":
            said.thinking += block["thinking"]
            said.opaque += block["signature"]
        else:
            said.calls.append((block["name"], block["input"]))
            said.call_ids.append(block["id"])
    return said


def read_messages_stream(received: Received) -> Said:
    blocks: list[dict[str, Any]] = []
    ending: dict[str, Any] = {}
    events = received.events()
    assert [events[0][0], events[-1][0]] == ["message_start", "message_stop"]
    for name, data in events:
        assert name == data["type"]
        if name == "content_block_start":
            assert data["index"] == len(blocks)
            blocks.append(dict(data["content_block"]) | {"json": ""})
        elif name == "content_block_delta":
            delta = data["delta"]
            block = blocks[data["index"]]
            for member in ("text", "thinking", "signature"):
                block[member] = block.get(member, "") + delta.get(member, "")
            block["json"] += delta.get("partial_json", "")
        elif name == "message_delta":
            ending = data
    for block in blocks:
        if block["type"] == "tool_use":
            block["input"] = json.loads(block["json"])
    return read_message(
        {
            "content": blocks,
            "stop_reason": ending["delta"]["stop_reason"],
            "usage": ending["usage"],
            "copilot_usage": ending["copilot_usage"],
        }
    )


def read_response(body: dict[str, Any]) -> Said:
    details = body["incomplete_details"]
    said = Said(
        finish=details["reason"] if details else body["status"],
        usage=body["usage"],
        cost=body["copilot_usage"],
    )
    for item in body["output"]:
        if item["type"] == "message":
            said.text += "".join(part["text"] for part in item["content"])
        elif item["type"] == "reasoning":
            said.thinking += "".join(part["text"] for part in item["summary"])
            said.opaque += item.get("encrypted_content", "")
        elif item["type"] == "custom_tool_call":
            said.calls.append((item["name"], item["input"]))
            said.call_ids.append(item["call_id"])
        else:
            said.calls.append((item["name"], json.loads(item["arguments"])))
            said.call_ids.append(item["call_id"])
    return said


def read_responses_stream(received: Received) -> Said:
    """From the terminal event, once the deltas have been seen to say the same."""
    deltas = {"output_text": "", "reasoning_summary_text": "", "function_call_arguments": ""}
    for position, (name, data) in enumerate(received.events()):
        assert name == data["type"]
        assert data["sequence_number"] == position
        kind = data["type"].removeprefix("response.").removesuffix(".delta")
        if kind in deltas and "delta" in data:
            deltas[kind] += data["delta"]
    last = received.events()[-1][1]
    said = read_response({**last["response"], "copilot_usage": last["copilot_usage"]})
    assert deltas["output_text"] == said.text
    assert deltas["reasoning_summary_text"] == said.thinking
    return said
