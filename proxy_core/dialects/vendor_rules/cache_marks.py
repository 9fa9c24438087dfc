"""Cache marks: the right member name, at most four, and default marks if the client set none.

Cached prompt tokens cost a tenth, so an agent whose dialect has no marks would pay ten times as
much for its growing conversation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from proxy_core.canonical.request import DialectName
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    VendorFamily,
    edit_content,
    edit_items,
)

MOST_MARKS = 4
"""“A maximum of 4 blocks with cache_control may be provided. Found 5.” (Wei-Shaw/sub2api#176)"""
EPHEMERAL = {"type": "ephemeral"}
CLIENT_MARK = "cache_control"
OPENAI_MARK = "prompt_cache_breakpoint"
CHAT_MARK = "copilot_cache_control"
"""Upstream's member on chat; it belongs on messages (copilot-protocol.md 5.1)."""
_CHAT_MARK_WORDS = (b'"cache_control"', b'"copilot_cache_control"')
_UNMARKABLE = ("thinking", "redacted_thinking")


class _Head(msgspec.Struct):
    role: str | None = None


_raw_items = msgspec.json.Decoder(list[msgspec.Raw])
_head = msgspec.json.Decoder(_Head)


def limit_claude_marks(body: OutgoingBody) -> None:
    """Keep the first mark, for the instructions, and the last ones, for the latest turns."""
    places = [*_marked_blocks(body)]
    doomed = {id(block) for block in places[1 : len(places) - MOST_MARKS + 1]}
    doomed |= {id(b) for b in places if b.get("type") in _UNMARKABLE}
    if len(places) > MOST_MARKS:
        body.drop(f"cache_control (more than {MOST_MARKS})")
    if not doomed:
        return

    def without(items: list[Any]) -> list[Any]:
        edited = [without_mark(each) if isinstance(each, dict) else each for each in items]
        return edited if any(n is not o for n, o in zip(edited, items, strict=True)) else items

    def without_mark(holder: dict[str, Any]) -> dict[str, Any]:
        unmarked = holder
        if id(holder) in doomed:
            unmarked = {name: each for name, each in holder.items() if name != CLIENT_MARK}
        content = unmarked.get("content")
        if not isinstance(content, list):
            return unmarked
        edited = without(content)
        return unmarked if edited is content else {**unmarked, "content": edited}

    for name in ("tools", "system", "messages"):
        if isinstance(body.read(name), list):
            body.write(name, without(body.read(name)))


def _marked_blocks(body: OutgoingBody) -> Iterator[dict[str, Any]]:
    """Yield every object that carries a mark, in caching order."""
    for name in ("tools", "system", "messages"):
        yield from _marked(body.items(name))


def _marked(items: list[Any]) -> Iterator[dict[str, Any]]:
    for item in items:
        if not isinstance(item, dict):
            continue
        content = item.get("content")
        if isinstance(content, list):
            yield from _marked(content)
        if isinstance(item.get(CLIENT_MARK), dict):
            yield item


def _may_have_many_marks(body: OutgoingBody) -> bool:
    count = 0
    for name in ("tools", "system", "messages"):
        text = body.searched(name)
        if text is None:
            text = msgspec.json.encode(body.read(name))
        count += text.count(b'"cache_control"')
    return count > MOST_MARKS


def rename_chat_marks(body: OutgoingBody) -> None:
    """Move marks from parts, calls and tools to the messages, under upstream's member name.

    A client's ``cache_control`` has no effect on this endpoint. Other vendors' models cache
    automatically; for them the marks are removed.
    """
    keeps = body.target.family is VendorFamily.ANTHROPIC
    _unmark_tools(body)
    if not body.holds("messages", *_CHAT_MARK_WORDS):
        return

    def edit(message: dict[str, Any]) -> dict[str, Any]:
        found = False
        edited = message
        for name in ("content", "tool_calls"):
            parts = edited.get(name)
            if isinstance(parts, list) and any(_has_mark(part) for part in parts):
                found = True
                edited = {**edited, name: [_unmarked(part) for part in parts]}
        if _has_mark(edited):
            found = found or CLIENT_MARK in edited or keeps
            own = edited.get(CHAT_MARK)
            if CLIENT_MARK in edited or not keeps:
                edited = _unmarked(edited)
                edited = {**edited, CHAT_MARK: own} if own and keeps else edited
        if found and keeps and not edited.get(CHAT_MARK):
            edited = {**edited, CHAT_MARK: EPHEMERAL}
        return edited

    messages = body.items("messages")
    edited = [edit(each) if isinstance(each, dict) else each for each in messages]
    if any(new is not old for new, old in zip(edited, messages, strict=True)):
        body.write("messages", edited)
        if not keeps:
            body.drop(CLIENT_MARK)


def _unmark_tools(body: OutgoingBody) -> None:
    tools = body.items("tools")
    if not any(
        _has_mark(t) or (isinstance(t, dict) and _has_mark(t.get("function"))) for t in tools
    ):
        return
    edited = []
    for tool in tools:
        new = _unmarked(tool)
        if isinstance(new, dict) and _has_mark(new.get("function")):
            new = {**new, "function": _unmarked(new["function"])}
        edited.append(new)
    body.write("tools", edited)
    body.drop("tools[].cache_control")


def _has_mark(value: object) -> bool:
    return isinstance(value, dict) and (CLIENT_MARK in value or CHAT_MARK in value)


def _unmarked(value: Any) -> Any:
    if not _has_mark(value):
        return value
    return {name: each for name, each in value.items() if name not in (CLIENT_MARK, CHAT_MARK)}


def openais_marks(body: OutgoingBody) -> None:
    """Say OpenAI's own mark (``prompt_cache_breakpoint`` of a part, SDK 3.52) as Claude's; the models of
    other vendors cache by themselves."""
    keeps = body.target.family is VendorFamily.ANTHROPIC

    def edit(part: dict[str, Any]) -> dict[str, Any]:
        if OPENAI_MARK not in part:
            return part
        edited = {name: each for name, each in part.items() if name != OPENAI_MARK}
        if keeps and isinstance(part[OPENAI_MARK], dict) and "ttl" in part[OPENAI_MARK]:
            body.drop(f"{OPENAI_MARK}.ttl")
        return {**edited, CLIENT_MARK: EPHEMERAL} if keeps and part[OPENAI_MARK] else edited

    messages = body.items("messages")
    edited = edit_items(messages, lambda message: edit_content(message, edit))
    if edited is not messages:
        body.write("messages", edited)
        if not keeps:
            body.drop(OPENAI_MARK)


def limit_chat_marks(body: OutgoingBody) -> None:
    messages = body.items("messages")
    marked = [m for m in messages if isinstance(m, dict) and m.get(CHAT_MARK)]
    if len(marked) <= MOST_MARKS:
        return
    doomed = {id(each) for each in marked[1 : len(marked) - MOST_MARKS + 1]}
    edited = [_unmarked(each) if id(each) in doomed else each for each in messages]
    body.write("messages", edited)
    body.drop(f"cache_control (more than {MOST_MARKS})")


def set_chat_marks(body: OutgoingBody) -> None:
    """Mark the instructions and the last two turns of an agent's conversation with Claude.

    A single question without tools is not marked: writing the cache costs a quarter more, and it
    would not be reused. Only the marked messages are decoded.
    """
    try:
        items, roles = _messages_and_roles(body)
    except msgspec.DecodeError:
        return
    if any(isinstance(each, dict) and each.get(CHAT_MARK) for each in items):
        return
    spoken = [place for place, role in enumerate(roles) if role not in ("system", "developer")]
    if len(spoken) < 2 and not body.holds("tools", b"{"):
        return
    places = set()
    leading = spoken[0] if spoken else len(roles)
    if leading:
        places.add(leading - 1)
    theirs = [place for place in spoken if roles[place] in ("user", "tool")]
    if theirs:
        places.add(theirs[-1])
        answers = [place for place in spoken if place < theirs[-1] and roles[place] == "assistant"]
        earlier = [place for place in theirs if answers and place < answers[-1]]
        if earlier:
            places.add(earlier[-1])
    edited = list(items)
    for place in places:
        decoded = _opened(items[place])
        if isinstance(decoded, dict):
            edited[place] = {**decoded, CHAT_MARK: EPHEMERAL}
    body.write("messages", edited)


def _role_of(item: object) -> str | None:
    if isinstance(item, msgspec.Raw):
        return _head.decode(item).role
    role = item.get("role") if isinstance(item, dict) else None
    return role if isinstance(role, str) else None


def set_claude_marks(body: OutgoingBody) -> None:
    """The same on Messages, for a client whose own dialect has no marks."""
    if body.target.client is DialectName.ANTHROPIC_MESSAGES:
        return
    if _may_have_marks(body) and next(_marked_blocks(body), None):
        return
    try:
        messages, roles = _messages_and_roles(body)
    except msgspec.DecodeError:
        return
    if len(messages) < 2 and not body.read("tools"):
        return
    for name in ("tools", "system"):
        items = body.items(name)
        if items and isinstance(items[-1], dict):
            body.write(name, [*items[:-1], {**items[-1], CLIENT_MARK: EPHEMERAL}])
    turns = [place for place, role in enumerate(roles) if role == "user"]
    edited = list(messages)
    for place in turns[-2:]:
        turn = _opened(messages[place])
        content = turn.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if isinstance(blocks, list) and blocks and isinstance(blocks[-1], dict):
            marked = {**blocks[-1], CLIENT_MARK: EPHEMERAL}
            edited[place] = {**turn, "content": [*blocks[:-1], marked]}
    body.write("messages", edited)


def _may_have_marks(body: OutgoingBody) -> bool:
    return any(body.holds(name, b'"cache_control"') for name in ("tools", "system", "messages"))


def _messages_and_roles(body: OutgoingBody) -> tuple[list[Any], list[str | None]]:
    """Return the messages, undecoded where they came so. Raises msgspec.DecodeError."""
    text = body.text("messages")
    messages: list[Any] = _raw_items.decode(text) if text is not None else body.items("messages")
    shapes: list[Any] = (
        messages if text is None else _raw_items.decode(body.searched("messages") or b"[]")
    )
    return messages, [_role_of(each) for each in shapes]


def _opened(message: Any) -> Any:
    return msgspec.json.decode(message) if isinstance(message, msgspec.Raw) else message


CLAUDE_MARKS_SET = Rule("cache marks", set_claude_marks)
CLAUDE_MARKS = Rule("cache marks", limit_claude_marks, _may_have_many_marks)
OPENAI_MARKS = Rule(
    "cache marks",
    openais_marks,
    lambda body: body.holds("messages", b'"prompt_cache_breakpoint"'),
)
CHAT_MARK_WORDS = Rule(
    "cache marks",
    rename_chat_marks,
    lambda body: (
        body.holds("messages", *_CHAT_MARK_WORDS) or body.holds("tools", *_CHAT_MARK_WORDS)
    ),
)
CHAT_MARK_LIMIT = Rule(
    "cache marks", limit_chat_marks, lambda body: body.holds("messages", b'"copilot_cache_control"')
)
CHAT_MARKS_SET = Rule(
    "cache marks",
    set_chat_marks,
    lambda body: (
        body.text("messages") is None or not body.holds("messages", b'"copilot_cache_control"')
    ),
)
