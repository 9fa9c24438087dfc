"""Which raw conversations go on as they came, and which must be set straight first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.dialects.anthropic_messages import inspect_turns as messages_check
from proxy_core.dialects.openai_chat import inspect_turns as chat_check
from proxy_core.dialects.openai_responses import inspect_turns as responses_check

USER = {"role": "user", "content": "hi"}


def call(*ids: str) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [{"id": each, "type": "function"} for each in ids]}


def result(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "ok"}


@pytest.mark.parametrize(
    ("conversation", "settled"),
    [
        ([USER], True),
        ([USER, call("a"), result("a")], True),
        ([USER, call("a", "b"), result("b"), result("a"), USER], True),
        ([call("a"), result("a"), call("b"), result("b")], True),
        ([USER, call("a")], False),
        ([USER, call("a"), USER, result("a")], False),
        ([USER, result("a")], False),
        ([call("a"), result("a"), result("a")], False),
        ([call("a", "a"), result("a"), result("a")], False),
        ([call("a"), result("a"), call("a"), result("a")], False),
    ],
)
def test_chat(conversation: list[Any], settled: bool) -> None:
    assert chat_check.tool_calls_are_paired(json.dumps(conversation).encode()) is settled


def use(*ids: str, last: dict[str, Any] | None = None) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {"type": "tool_use", "id": each, "name": "f", "input": {"type": "text"}} for each in ids
    ]
    return {"role": "assistant", "content": blocks + ([last] if last else [])}


def answered(*ids: str, first: dict[str, Any] | None = None) -> dict[str, Any]:
    blocks = [{"type": "tool_result", "tool_use_id": each, "content": "ok"} for each in ids]
    return {"role": "user", "content": ([first] if first else []) + blocks}


TEXT = {"type": "text", "text": "t"}


@pytest.mark.parametrize(
    ("conversation", "settled"),
    [
        ([USER], True),
        ([USER, use("a"), answered("a")], True),
        ([USER, use("a", "b"), answered("b", "a"), use("c"), answered("c")], True),
        ([use("a"), {"role": "user", "content": [*answered("a")["content"], TEXT]}], True),
        ([USER, use("a")], False),
        ([USER, use("a"), USER], False),
        ([answered("a")], False),
        ([use("a", "b"), answered("a"), answered("b")], False),
        ([use("a"), answered("a", first=TEXT)], False),
        ([use("a", "a"), answered("a", "a")], False),
        ([use("a"), answered("a"), use("a"), answered("a")], False),
        ([use("a"), answered("a", "a")], False),
        ([use("a", last=TEXT), answered("a")], False),
    ],
)
def test_messages(conversation: list[Any], settled: bool) -> None:
    assert messages_check.tool_calls_are_paired(json.dumps(conversation).encode()) is settled


def item(kind: str, call_id: str) -> dict[str, Any]:
    return {"type": kind, "call_id": call_id, "name": "f", "arguments": "{}"}


@pytest.mark.parametrize(
    ("conversation", "settled"),
    [
        ([USER], True),
        ([item("function_call", "a"), USER, item("function_call_output", "a")], True),
        ([item("custom_tool_call", "a"), item("custom_tool_call_output", "a")], True),
        ([item("tool_search_call", "a")], True),
        ([item("function_call", "a")], False),
        ([item("function_call_output", "a")], False),
        ([item("function_call_output", "a"), item("function_call", "a")], False),
        ([item("function_call", "a"), item("function_call_output", "a")] * 2, False),
    ],
)
def test_responses(conversation: list[Any], settled: bool) -> None:
    assert responses_check.tool_calls_are_paired(json.dumps(conversation).encode()) is settled


@pytest.mark.parametrize(
    "body", [b'"tool_calls call_id tool_use"', b'[{"tool_calls":7}]', b'[7,"tool_use"]', b"", b"[]"]
)
def test_what_cannot_be_read_is_upstream_s_to_judge(body: bytes) -> None:
    for check in (chat_check, messages_check, responses_check):
        assert check.tool_calls_are_paired(body)
