"""Independent judges of what clients of Google's and Ollama's APIs get: the wire as their SDKs read it.

They share nothing with the writers. The vendors' own types are applied in the long form
(``tests/independent_clients/test_client_sdks.py``).
"""

from __future__ import annotations

import json
from typing import Any

_GEMINI_CHUNK = {"candidates", "modelVersion", "responseId"}
_GEMINI_LAST = _GEMINI_CHUNK | {"usageMetadata"}
_REASONS = {"STOP", "MAX_TOKENS", "SAFETY"}
_COUNTS = {
    "promptTokenCount",
    "candidatesTokenCount",
    "totalTokenCount",
    "cachedContentTokenCount",
    "thoughtsTokenCount",
}
_PARTS = ({"text"}, {"text", "thought"}, {"functionCall"})
_OLLAMA_LAST = {"done_reason", "prompt_eval_count", "eval_count"}


def gemini_events(data: bytes) -> list[dict[str, Any]]:
    """The objects of a stream of server-sent events, read as Google's SDKs do."""
    frames = data.split(b"\n\n")
    assert frames[-1].strip() == b"", "a stream ends between events"
    objects = []
    for frame in frames[:-1]:
        assert frame.strip().startswith(b"data: "), frame
        objects.append(json.loads(frame.strip().removeprefix(b"data: ")))
    return objects


def check_gemini_chunks(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Check a stream's objects; return what was said, with ``reason`` or ``error``."""
    seen: dict[str, Any] = {
        "text": "",
        "thoughts": "",
        "calls": [],
        "parts": [],
        "reason": None,
        "error": None,
    }
    assert chunks, "a stream without anything"
    for position, chunk in enumerate(chunks):
        is_last = position == len(chunks) - 1
        if "error" in chunk:
            assert is_last, "nothing follows an error"
            _check_gemini_error(chunk)
            seen["error"] = chunk["error"]
            continue
        assert set(chunk) == (_GEMINI_LAST if is_last else _GEMINI_CHUNK), chunk
        (candidate,) = chunk["candidates"]
        wanted = {"content", "index"} | ({"finishReason"} if is_last else set())
        assert set(candidate) == wanted, candidate
        assert candidate["content"]["role"] == "model"
        assert candidate["content"]["parts"], "no content without a part"
        for part in candidate["content"]["parts"]:
            _check_gemini_part(part, seen)
        if is_last:
            seen["reason"] = candidate["finishReason"]
            assert seen["reason"] in _REASONS
            check_gemini_usage(chunk["usageMetadata"])
    return seen


def check_gemini_usage(usage: dict[str, Any]) -> None:
    assert set(usage) <= _COUNTS
    assert all(isinstance(each, int) and each >= 0 for each in usage.values())
    total = usage["promptTokenCount"] + usage["candidatesTokenCount"]
    assert usage["totalTokenCount"] == total + usage.get("thoughtsTokenCount", 0)


def _check_gemini_part(part: dict[str, Any], seen: dict[str, Any]) -> None:
    assert part.keys() - {"thoughtSignature"} in _PARTS, part
    seen["parts"].append(part)
    if "functionCall" in part:
        call = part["functionCall"]
        assert set(call) == {"id", "name", "args"}
        assert isinstance(call["args"], dict)
        seen["calls"].append(call)
    else:
        assert isinstance(part["text"], str)
        seen["thoughts" if part.get("thought") else "text"] += part["text"]


def _check_gemini_error(body: dict[str, Any]) -> None:
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "status", "details"}
    assert isinstance(body["error"]["code"], int)
    assert isinstance(body["error"]["message"], str)
    assert body["error"]["message"]
    assert all(
        each["@type"].startswith("type.googleapis.com/") for each in body["error"]["details"]
    )


def check_ollama_lines(data: bytes) -> dict[str, Any]:
    """Check a stream of ``/api/chat``; return what was said, with ``reason`` or ``error``."""
    seen: dict[str, Any] = {"text": "", "thinking": "", "calls": [], "reason": None, "error": None}
    assert data.endswith(b"\n"), "a stream ends between lines"
    lines = [json.loads(line) for line in data.splitlines()]
    for position, line in enumerate(lines):
        is_last = position == len(lines) - 1
        if "error" in line:
            assert is_last, "nothing follows an error"
            assert list(line) == ["error"]
            assert line["error"], "an empty error is none to Ollama's clients"
            assert isinstance(line["error"], str)
            seen["error"] = line["error"]
            continue
        assert line["done"] is is_last, line
        wanted = {"model", "created_at", "message", "done"} | (_OLLAMA_LAST if is_last else set())
        assert line.keys() - {"logprobs"} == wanted, line
        message = line["message"]
        assert message.keys() - {"thinking", "tool_calls"} == {"role", "content"}
        assert message["role"] == "assistant"
        seen["text"] += message["content"]
        seen["thinking"] += message.get("thinking", "")
        for call in message.get("tool_calls", ()):
            assert set(call) == {"id", "function"}
            assert set(call["function"]) == {"index", "name", "arguments"}
            assert call["function"]["index"] == len(seen["calls"])
            assert isinstance(call["function"]["arguments"], dict)
            seen["calls"].append({"id": call["id"], **call["function"]})
        if is_last:
            seen["reason"] = line["done_reason"]
    return seen
