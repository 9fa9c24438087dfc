"""Independent judges of what we send to clients: the vendors' own types and the stream's grammar.

They share nothing with the writers but the wire itself.
"""

from __future__ import annotations

import json
from typing import Any

import anthropic.types
import openai.types.chat
from anthropic.types import beta

from proxy_core.canonical.sse import Frame
from tests.strict_types import check_typed

CHAT_EXTENSIONS = {"reasoning_content", "reasoning_opaque", "reasoning_text", "annotations"}
"""Members of thinking, which OpenAI's types have no place for, and of what was cited: OpenAI's searching
models send it in their streams, its types have it in whole messages alone."""

_MESSAGE_EVENT = anthropic.types.RawMessageStreamEvent


def check_completion(body: dict[str, Any]) -> openai.types.chat.ChatCompletion:
    completion = check_typed(openai.types.chat.ChatCompletion, body, beyond=CHAT_EXTENSIONS)
    assert isinstance(completion, openai.types.chat.ChatCompletion)
    assert completion.usage is not None
    for choice in completion.choices:
        for call in choice.message.tool_calls or ():
            assert call.id
    assert json.loads(json.dumps(body)) == body
    return completion


def check_message(body: dict[str, Any]) -> anthropic.types.Message:
    message = check_typed(anthropic.types.Message, body)
    assert isinstance(message, anthropic.types.Message)
    assert json.loads(json.dumps(body)) == body
    return message


def check_chat_stream(
    frames: list[Frame], *, include_usage: bool = True, was_cut: bool = False
) -> dict[str, Any]:
    """Check a chat completion stream; return what a client would have put together.

    The result has ``content``, ``reasoning``, ``opaque``, ``refusal``, ``calls`` (name, arguments),
    ``finish_reason``, ``usage`` and ``error``.
    """
    seen: dict[str, Any] = {
        "content": "",
        "reasoning": "",
        "opaque": "",
        "refusal": "",
        "calls": [],
        "finish_reason": None,
        "usage": None,
        "error": None,
    }
    heads = set()
    assert frames, "a stream without anything"
    for position, frame in enumerate(frames):
        is_last = position == len(frames) - 1
        assert frame.event == b"", "chat streams name no events"
        if frame.data == b"[DONE]":
            assert is_last, "[DONE] is the end"
            assert seen["finish_reason"] is not None, "the end without a finish reason"
            continue
        data = json.loads(frame.data)
        if "error" in data:
            assert is_last, "nothing follows an error"
            assert set(data) == {"error"}
            assert set(data["error"]) == {"message", "type", "param", "code"}
            assert isinstance(data["error"]["message"], str)
            seen["error"] = data["error"]
            continue
        assert was_cut or not is_last, "a stream ends with [DONE] or an error"
        listed = _with_listed_calls(data)
        chunk = check_typed(openai.types.chat.ChatCompletionChunk, listed, beyond=CHAT_EXTENSIONS)
        heads.add((chunk.id, chunk.created, chunk.model))
        _check_chunk(chunk, seen, include_usage=include_usage)
    assert len(heads) <= 1, f"id, created and model never change: {heads}"
    if seen["error"] is None and include_usage:
        assert seen["usage"] is not None
    return seen


def _with_listed_calls(chunk: dict[str, Any]) -> dict[str, Any]:
    """OpenAI streams custom calls like the others; only its types list none in a stream."""
    for choice in chunk["choices"]:
        for call in choice["delta"].get("tool_calls") or ():
            if call.get("type") == "custom" or "custom" in call:
                assert "function" not in call
                custom = call.pop("custom")
                assert set(custom) <= {"name", "input"}
                call["function"] = {"arguments": custom.pop("input", ""), **custom}
                call["type"] = "function"
    return chunk


def _check_chunk(
    chunk: openai.types.chat.ChatCompletionChunk, seen: dict[str, Any], *, include_usage: bool
) -> None:
    if chunk.usage is not None:
        assert include_usage, "usage nobody asked for"
        assert seen["usage"] is None, "usage comes once"
        seen["usage"] = chunk.usage
    if not chunk.choices:
        assert chunk.usage is not None, "a chunk that says nothing"
        assert seen["finish_reason"] is not None, "usage comes after the answer"
        return
    (choice,) = chunk.choices
    assert choice.index == 0
    assert seen["finish_reason"] is None, "nothing is said after the finish reason"
    delta = choice.delta
    extra = delta.model_extra or {}
    seen["content"] += delta.content or ""
    seen["refusal"] += delta.refusal or ""
    seen["reasoning"] += extra.get("reasoning_content") or ""
    seen["opaque"] += extra.get("reasoning_opaque") or ""
    for call in delta.tool_calls or ():
        if call.index == len(seen["calls"]):
            assert call.id, "a call starts with its id"
            assert call.function is not None
            assert call.function.name, "a call starts with its name"
            seen["calls"].append({"id": call.id, "name": call.function.name, "arguments": ""})
        assert 0 <= call.index < len(seen["calls"]), "calls are numbered without gaps"
        if call.function is not None:
            seen["calls"][call.index]["arguments"] += call.function.arguments or ""
    seen["finish_reason"] = choice.finish_reason


def check_messages_stream(
    frames: list[Frame], *, beta_types: bool = False, is_ours: bool = True
) -> dict[str, Any]:
    """Check a Messages stream; return the message a client would have put together.

    ``is_ours`` is for streams our own writer made: their tool input starts with an empty piece.

    The result has ``content`` (blocks), ``stop_reason``, ``stop_sequence``, ``usage`` and ``error``.
    """
    seen: dict[str, Any] = {"content": [], "stop_reason": None, "usage": None, "error": None}
    event_type = beta.BetaRawMessageStreamEvent if beta_types else _MESSAGE_EVENT
    state = "start"
    open_block: dict[str, Any] | None = None
    for position, frame in enumerate(frames):
        data = json.loads(frame.data)
        assert frame.event.decode() == data["type"], "the event's name is the data's type"
        if data["type"] == "ping":
            continue
        if data["type"] == "error":
            assert position == len(frames) - 1, "nothing follows an error"
            assert set(data) <= {"type", "error", "request_id"}
            if data["error"]["type"] != "request_too_large":  # Documented, but not in the SDK.
                anthropic.types.ErrorResponse.model_validate(data)
            seen["error"] = data["error"]
            return seen
        check_typed(event_type, data)
        assert state != "stopped", "nothing follows message_stop"
        if data["type"] == "message_start":
            assert state == "start", "a message starts once"
            assert data["message"]["content"] == []
            assert data["message"]["stop_reason"] is None
            seen["start_usage"] = data["message"]["usage"]
            state = "content"
        elif data["type"] == "content_block_start":
            assert state == "content"
            assert open_block is None, "blocks do not overlap"
            assert data["index"] == len(seen["content"]), "blocks are numbered without gaps"
            open_block = dict(data["content_block"])
            if open_block["type"] == "tool_use":
                assert open_block["input"] == {}
                open_block["partial_json"] = None
        elif data["type"] == "content_block_delta":
            assert open_block is not None, "a delta without a block"
            assert data["index"] == len(seen["content"])
            if not is_ours:
                open_block["partial_json"] = open_block.get("partial_json") or ""
            _apply_delta(open_block, data["delta"])
        elif data["type"] == "content_block_stop":
            assert open_block is not None, "a stop without a block"
            assert data["index"] == len(seen["content"])
            seen["content"].append(open_block)
            open_block = None
        elif data["type"] == "message_delta":
            assert state == "content"
            assert open_block is None, "the message ends inside a block"
            assert data["delta"]["stop_reason"] is not None
            seen["stop_reason"] = data["delta"]["stop_reason"]
            seen["stop_sequence"] = data["delta"]["stop_sequence"]
            seen["usage"] = data["usage"]
            state = "ended"
        else:
            assert data["type"] == "message_stop"
            assert state == "ended", "a stop without message_delta"
            state = "stopped"
    assert state == "stopped", f"the stream broke off: {state}"
    return seen


def _apply_delta(block: dict[str, Any], delta: dict[str, Any]) -> None:
    """Every kind of delta belongs to one kind of block."""
    match block["type"], delta["type"]:
        case "text", "text_delta":
            block["text"] += delta["text"]
        case "text", "citations_delta":
            block.setdefault("citations", []).append(delta["citation"])
        case "thinking", "thinking_delta":
            assert block["signature"] == "", "thinking goes on after its signature"
            block["thinking"] += delta["thinking"]
        case "thinking", "signature_delta":
            block["signature"] += delta["signature"]
        case "compaction", "compaction_delta":
            block.update({name: value for name, value in delta.items() if name != "type"})
        case "tool_use" | "server_tool_use", "input_json_delta":
            if block["partial_json"] is None:
                assert delta["partial_json"] == "", "input starts with an empty piece"
                block["partial_json"] = ""
            block["partial_json"] += delta["partial_json"]
        case kinds:
            raise AssertionError(f"a delta of the wrong kind: {kinds}")
