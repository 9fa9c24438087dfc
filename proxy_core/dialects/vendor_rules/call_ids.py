"""Maps ids of tool calls and items issued by another vendor or by upstream itself.

The mapping is a pure function of the id: call and result agree, and the same history gives the same
bytes at every turn, so that cached prompts stay valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.shared.tool_names import wire_call_id
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    edit_content,
    edit_items,
)

OPENAI_CHAT_LENGTH = 40
"""“Invalid 'messages[1].tool_calls[0].id': string too long. Expected maximum length 40”"""
LENGTH = 64
"""Of ``call_id`` at OpenAI, and of ``toolUseId`` at Bedrock, one of the three that serve Claude."""

_ID = rb'id"\s*:\s*"'
"""The end of each such member's name: a pattern that begins with the same text wherever it matches is
searched for ten times as fast as one that begins with alternatives."""
_LONG = {n: re.compile(_ID + rb'[^"]{%d}' % (n + 1)) for n in (OPENAI_CHAT_LENGTH, LENGTH)}
_ILLEGAL = re.compile(_ID + rb'[^"]*[^a-zA-Z0-9_"-]')
_KIMI_ID = re.compile(r"functions\.[\w-]+:\d+")

MapId = Callable[[str], str]


def claude_id(call_id: str) -> str:
    """Anthropic: “String should match pattern '^[a-zA-Z0-9_-]+$'” (maximhq/bifrost#5097, Kimi's
    ``functions.Bash:0`` in MoonshotAI/kimi-code#327)."""
    return wire_call_id(call_id, LENGTH)


def openai_chat_id(call_id: str) -> str:
    return (
        call_id if len(call_id) <= OPENAI_CHAT_LENGTH else wire_call_id(call_id, OPENAI_CHAT_LENGTH)
    )


def openai_id(call_id: str) -> str:
    return call_id if len(call_id) <= LENGTH else wire_call_id(call_id, LENGTH)


def legal_everywhere(call_id: str) -> str:
    return wire_call_id(call_id, OPENAI_CHAT_LENGTH)


def edit_ids(body: OutgoingBody, map_id: MapId) -> None:
    """Map the id of every call and its result."""
    member = "input" if body.target.endpoint is Endpoint.RESPONSES else "messages"

    def mapped(holder: dict[str, Any], name: str) -> dict[str, Any]:
        value = holder.get(name)
        if not isinstance(value, str) or (legal := map_id(value)) == value:
            return holder
        return {**holder, name: legal}

    def block(each: dict[str, Any]) -> dict[str, Any]:
        kind = each.get("type")
        if kind == "tool_use":
            return mapped(each, "id")
        return mapped(each, "tool_use_id") if kind == "tool_result" else each

    def item(each: dict[str, Any]) -> dict[str, Any]:
        if body.target.endpoint is Endpoint.RESPONSES:
            return mapped(each, "call_id")
        if body.target.endpoint is Endpoint.MESSAGES:
            return edit_content(each, block)
        each = edit_content(each, lambda call: mapped(call, "id"), "tool_calls")
        return mapped(each, "tool_call_id")

    items = body.items(member)
    edited = edit_items(items, item)
    if edited is not items:
        body.write(member, edited)


def kimi_ids(body: OutgoingBody) -> None:
    """Kimi's own form is ``functions.name:N`` (VS Code's rule, copilot-protocol.md 15.11).

    N counts the calls of the conversation, so an id never changes as the conversation grows.
    """
    names: dict[str, str] = {}
    count = 0

    def call(each: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        old, function = each.get("id"), each.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(old, str) or not isinstance(name, str):
            return each
        names[old] = old if _KIMI_ID.fullmatch(old) else f"functions.{name}:{count}"
        count += 1
        return each if names[old] == old else {**each, "id": names[old]}

    def message(each: dict[str, Any]) -> dict[str, Any]:
        if each.get("role") == "assistant":
            return edit_content(each, call, "tool_calls")
        old = each.get("tool_call_id")
        new = names.get(old, old) if isinstance(old, str) else old
        return each if new == old else {**each, "tool_call_id": new}

    messages = body.items("messages")
    edited = edit_items(messages, message)
    if edited is not messages:
        body.write("messages", edited)


def unique_item_ids(body: OutgoingBody) -> None:
    """OpenAI: “Duplicate item found with id …. Remove duplicate items from your input and try again.”

    A client that merges histories repeats items. A repeated reasoning item is removed; of any other
    item only the id is removed, which upstream does not need.
    """
    seen: set[str] = set()

    def edit(item: dict[str, Any]) -> dict[str, Any] | None:
        item_id = item.get("id")
        if not isinstance(item_id, str) or item.get("type") == "item_reference":
            return item
        if item_id not in seen:
            seen.add(item_id)
            return item
        if item.get("type") == "reasoning":
            body.drop("input[] (reasoning that was there twice)")
            return None
        return {name: value for name, value in item.items() if name != "id"}

    items = body.items("input")
    edited = edit_items(items, edit)
    if edited is not items:
        body.write("input", edited)


_ITEM_ID = re.compile(rb'"id"\s*:\s*"([^"]*)"')


def _may_repeat_ids(body: OutgoingBody) -> bool:
    text = body.searched("input")
    if text is None:
        return "input" in body
    found = _ITEM_ID.findall(text)
    return len(found) != len(set(found))


def _matches(name: str, pattern: re.Pattern[bytes]) -> Callable[[OutgoingBody], bool]:
    def may_apply(body: OutgoingBody) -> bool:
        text = body.searched(name)
        return name in body if text is None else pattern.search(text) is not None

    return may_apply


def _may_be_illegal(body: OutgoingBody) -> bool:
    if not body.holds("messages", b'"tool_'):
        return False
    text = body.searched("messages")
    return text is None or any(p.search(text) is not None for p in (_ILLEGAL, _LONG[LENGTH]))


CLAUDE_IDS = Rule("tool call ids", lambda body: edit_ids(body, claude_id), _may_be_illegal)
OPENAI_CHAT_IDS = Rule(
    "tool call ids",
    lambda body: edit_ids(body, openai_chat_id),
    _matches("messages", _LONG[OPENAI_CHAT_LENGTH]),
)
OPENAI_IDS = Rule(
    "tool call ids", lambda body: edit_ids(body, openai_id), _matches("input", _LONG[LENGTH])
)
KIMI_IDS = Rule("tool call ids", kimi_ids, lambda body: body.holds("messages", b'"tool_calls"'))
UNIQUE_ITEM_IDS = Rule("item ids", unique_item_ids, _may_repeat_ids)
PLAIN_IDS = Rule(
    "tool call ids (plain)", lambda body: edit_ids(body, legal_everywhere), when_refused=True
)
