"""Repairs arguments of past tool calls: null, empty, or an object in place of text.

Upstream returns “Failed to parse tool call arguments as JSON” or “tool_use.input: Input should be a
valid dictionary”, and the call stays in the history.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.shared.tool_names import UNPARSED_ARGUMENTS
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    VendorFamily,
    edit_content,
    edit_items,
)

_ODD_ARGUMENTS = re.compile(rb'"arguments"\s*:\s*(?:"\s*"|null|\{|\[)')
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_NO_OUTPUT = re.compile(rb'"output"\s*:\s*null')
_NO_CONTENT = re.compile(rb'"content"\s*:\s*null')
_ODD_INPUT = re.compile(rb'"input"\s*:\s*(?:"|null|\[)')


def openai_arguments(body: OutgoingBody) -> None:
    """Make ``arguments`` a JSON object's text, as both OpenAI dialects require, and a result of
    nothing an empty text."""
    responses = body.target.endpoint is Endpoint.RESPONSES

    def repair(holder: dict[str, Any]) -> dict[str, Any]:
        old = holder.get("arguments")
        new = _argument_text(old, objects_only=body.target.family is VendorFamily.ANTHROPIC)
        return holder if new == old else {**holder, "arguments": new}

    def call(each: dict[str, Any]) -> dict[str, Any]:
        function = each.get("function")
        if not isinstance(function, dict):
            return each
        repaired = repair(function)
        return each if repaired is function else {**each, "function": repaired}

    def item(each: dict[str, Any]) -> dict[str, Any]:
        if responses:
            if each.get("type") in _OUTPUTS and each.get("output", "") is None:
                return {**each, "output": ""}
            return repair(each) if each.get("type") == "function_call" else each
        if each.get("role") == "tool" and each.get("content", "") is None:
            return {**each, "content": ""}
        return edit_content(each, call, "tool_calls")

    member = "input" if responses else "messages"
    items = body.items(member)
    edited = edit_items(items, item)
    if edited is not items:
        body.write(member, edited)


def _argument_text(value: object, *, objects_only: bool) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        return "{}"
    if isinstance(value, (dict, list)):  # Ollama's form
        value = msgspec.json.encode(value).decode()
    if not isinstance(value, str) or not objects_only:
        return value
    # Behind this endpoint the text is converted to an object.
    return value if _is_object(value) else msgspec.json.encode({UNPARSED_ARGUMENTS: value}).decode()


def _is_object(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except msgspec.DecodeError:
        return False


def claude_input(body: OutgoingBody) -> None:
    """Make ``input`` of every ``tool_use`` an object."""

    def block(each: dict[str, Any]) -> dict[str, Any]:
        if each.get("type") != "tool_use" or isinstance(each.get("input"), dict):
            return each
        return {**each, "input": _as_object(each.get("input"))}

    messages = body.items("messages")
    edited = edit_items(messages, lambda message: edit_content(message, block))
    if edited is not messages:
        body.write("messages", edited)


def _as_object(value: object) -> dict[str, Any]:
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}
    if isinstance(value, str):
        try:
            decoded = msgspec.json.decode(value)
        except msgspec.DecodeError:
            decoded = None
        return decoded if isinstance(decoded, dict) else {UNPARSED_ARGUMENTS: value}
    return {UNPARSED_ARGUMENTS: msgspec.json.encode(value).decode()}


def _matches(member: str, word: bytes, *patterns: re.Pattern[bytes]) -> Any:
    def may_apply(body: OutgoingBody) -> bool:
        if not body.holds(member, word):
            return False
        text = body.searched(member)
        return text is None or any(pattern.search(text) is not None for pattern in patterns)

    return may_apply


class _Turn(msgspec.Struct):
    role: Any = None
    content: msgspec.Raw = msgspec.Raw()


_turns = msgspec.json.Decoder(list[_Turn]).decode


def _has_empty_result(text: bytes) -> bool:
    """Whether a tool's result is null, as the content of a turn of calls alone often is."""
    try:
        return any(turn.role == "tool" and bytes(turn.content) == b"null" for turn in _turns(text))
    except msgspec.DecodeError:
        return True


def _chat_may_be_odd(body: OutgoingBody) -> bool:
    if not body.holds("messages", b'"tool_calls"', b'"tool"'):
        return False
    text = body.searched("messages")
    if text is None or _ODD_ARGUMENTS.search(text) is not None:
        return True
    if b'"tool"' in text and _NO_CONTENT.search(text) and _has_empty_result(text):
        return True
    if body.target.family is VendorFamily.ANTHROPIC:
        return re.search(rb'"arguments"\s*:\s*"(?!\s*\{)', text) is not None
    return False


CHAT_ARGUMENTS = Rule("tool arguments", openai_arguments, _chat_may_be_odd)
RESPONSES_ARGUMENTS = Rule(
    "tool arguments", openai_arguments, _matches("input", b'"call_id"', _ODD_ARGUMENTS, _NO_OUTPUT)
)
CLAUDE_INPUT = Rule("tool arguments", claude_input, _matches("messages", b'"tool_use"', _ODD_INPUT))
