"""One client program for each dialect: what it sends, and what it makes of what it gets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from proxy_core.canonical.sse import Decoder, Frame
from tests import responses_checkers, stream_checkers
from tests.faults.axes import Client

PATHS = {
    Client.CHAT: "/v1/chat/completions",
    Client.MESSAGES: "/v1/messages",
    Client.RESPONSES: "/v1/responses",
}
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}


def body(
    client: Client, model: str, text: str, *, stream: bool, tool: bool = False
) -> dict[str, Any]:
    asked: dict[str, Any] = {"model": model, "stream": stream}
    if client is Client.RESPONSES:
        asked["input"] = text
        tools = [{"type": "function", "name": "get_weather", "parameters": SCHEMA}]
    else:
        asked["messages"] = [{"role": "user", "content": text}]
        tools = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
    if client is Client.MESSAGES:
        asked["max_tokens"] = 8000
        tools = [{"name": "get_weather", "input_schema": SCHEMA}]
    if tool:
        asked["tools"] = tools
    return asked


@dataclass(slots=True)
class Received:
    """What a client makes of an answer: ``text`` and ``calls`` it got, and how it ended."""

    text: str = ""
    calls: str = ""
    ended: bool = False
    error: dict[str, Any] | None = None
    was_cut: bool = False
    """The connection was lost: what no client takes for an end, and agents repeat."""
    frames: list[Frame] = field(default_factory=list)


def error_of(client: Client, content: Any) -> dict[str, Any]:
    """Return the error of a refusal, which must have its dialect's shape and say something."""
    assert isinstance(content, dict), content
    if client is Client.MESSAGES:
        assert content["type"] == "error"
        assert set(content) <= {"type", "error", "request_id"}
    error: dict[str, Any] = content["error"]
    assert isinstance(error["message"], str)
    assert error["message"], "an error says something"
    assert isinstance(error["type"], str)
    if client is not Client.MESSAGES:
        assert set(error) == {"message", "type", "param", "code"}
    return error


def read_whole_answer(client: Client, content: dict[str, Any]) -> Received:
    """Read a whole answer, by a judge that knows nothing of the product."""
    if client is Client.CHAT:
        stream_checkers.check_completion(content)
        message = content["choices"][0]["message"]
        calls = "".join(each["function"]["arguments"] for each in message.get("tool_calls") or ())
        return Received(message["content"] or "", calls, ended=True)
    if client is Client.MESSAGES:
        stream_checkers.check_message(content)
        text = "".join(each.get("text", "") for each in content["content"])
        calls = "".join(json.dumps(each["input"]) for each in content["content"] if "input" in each)
        return Received(text, calls, ended=True)
    assert content["status"] == "completed"
    received = Received(ended=True)
    for item in content["output"]:
        if item["type"] == "message":
            received.text += "".join(part["text"] for part in item["content"])
        elif item["type"] == "function_call":
            received.calls += item["arguments"]
    return received


def read_streamed_answer(client: Client, content: bytes, *, was_cut: bool = False) -> Received:
    """Read an event stream; nothing may follow its end or its error."""
    decoder = Decoder()
    frames = decoder.feed(content)
    assert decoder.is_between_frames, "the stream ends inside of an event"
    received = Received(frames=frames, was_cut=was_cut)
    for frame in frames:
        assert received.error is None or client is Client.RESPONSES, "nothing follows an error"
        assert not received.ended, "nothing follows the end"
        if client is Client.CHAT and frame.data == b"[DONE]":
            received.ended = True
            continue
        event = json.loads(frame.data)
        assert isinstance(event, dict)
        _READERS[client](event, received)
    assert received.ended + (received.error is not None) + was_cut == 1, "it ends in one way"
    assert not was_cut or client is Client.CHAT, "the other dialects have an event for it"
    return received


def _chat(event: dict[str, Any], received: Received) -> None:
    if "error" in event:
        received.error = error_of(Client.CHAT, event)
        return
    for choice in event["choices"]:
        delta = choice["delta"]
        received.text += delta.get("content") or ""
        for call in delta.get("tool_calls") or ():
            received.calls += call["function"].get("arguments") or ""


def _messages(event: dict[str, Any], received: Received) -> None:
    kind = event["type"]
    if kind == "error":
        received.error = error_of(Client.MESSAGES, event)
    elif kind == "message_stop":
        received.ended = True
    elif kind == "content_block_delta":
        received.text += event["delta"].get("text", "")
        received.calls += event["delta"].get("partial_json", "")


def _responses(event: dict[str, Any], received: Received) -> None:
    kind = event["type"]
    if received.error is not None:
        assert kind == "response.failed", "only the failed response follows an error"
    if kind == "error":
        assert event["message"]
        received.error = event
    elif kind == "response.failed":
        received.error = event["response"]["error"]
        assert received.error is not None
        assert received.error["message"]
    elif kind in ("response.completed", "response.incomplete"):
        received.ended = True
    elif kind == "response.output_text.delta":
        received.text += event["delta"]
    elif kind == "response.function_call_arguments.delta":
        received.calls += event["delta"]


_READERS = {Client.CHAT: _chat, Client.MESSAGES: _messages, Client.RESPONSES: _responses}


def check_grammar(
    client: Client, frames: list[Frame], *, translated: bool, was_cut: bool = False
) -> None:
    """Hold a stream, also one that broke, to the vendors' descriptions."""
    if client is Client.RESPONSES:
        if translated:
            responses_checkers.check_stream(frames)
        else:
            responses_checkers.check_forwarded_responses(frames)
    elif client is Client.MESSAGES:
        stream_checkers.check_messages_stream(frames, is_ours=translated)
    elif translated:
        stream_checkers.check_chat_stream(frames, include_usage=False, was_cut=was_cut)
