"""Converts instructions within the messages of ``/v1/messages``.

Upstream refuses the role there on most models (“Unexpected role "system"”), and accepts it on the
newest ones only with a beta; Claude Code's default models send one as the second message. It
becomes a ``<system-reminder>`` in a user's turn, which Claude's own client uses for text that is
not the user's. Always, so that signatures cover the same conversation on every turn.
"""

from __future__ import annotations

from typing import Any

from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule, text_of

CLEARED_BY_USER = "next_user_message"


def fold_system_messages(body: OutgoingBody) -> None:
    messages = body.items("messages")
    if not any(_is_system(message) for message in messages):
        return
    folded: list[Any] = []
    waiting: list[dict[str, Any]] = []
    last_user = last_user_turn(messages)
    for position, message in enumerate(messages):
        if _is_system(message):
            if is_cleared(message, position, last_user):
                continue
            for kind in _other_kinds(message):
                body.drop(f"messages[].content ({kind})")
            text = text_of(message.get("content"))
            if text.strip():
                waiting.append(_reminder(text, message))
        elif not waiting:
            folded.append(message)
        elif isinstance(message, dict) and message.get("role") == "user":
            folded.append(_with_reminders(message, waiting))
            waiting = []
        else:
            _append(folded, waiting)
            waiting = []
            folded.append(message)
    _append(folded, waiting)
    body.write("messages", folded)


def last_user_turn(messages: list[Any]) -> int:
    """Return the place of the last turn of the user's, -1 where there is none."""
    for position in range(len(messages) - 1, -1, -1):
        message = messages[position]
        if isinstance(message, dict) and message.get("role") == "user":
            return position
    return -1


def is_cleared(message: dict[str, Any], position: int, last_user: int) -> bool:
    """Whether an instruction is over: with ``clear_at: next_user_message`` it is shown until the user
    speaks again (Anthropic's SDK 2.11, ``BetaSystemMessageParam``)."""
    return message.get("clear_at") == CLEARED_BY_USER and position < last_user


def _other_kinds(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    blocks = content if isinstance(content, list) else ()
    return [
        kind
        for block in blocks
        if isinstance(block, dict) and isinstance(kind := block.get("type"), str) and kind != "text"
    ]


def _is_system(message: object) -> bool:
    return isinstance(message, dict) and message.get("role") in ("system", "developer")


def _reminder(text: str, message: dict[str, Any]) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "text",
        "text": f"<system-reminder>\n{text}\n</system-reminder>",
    }
    content = message.get("content")
    last = content[-1] if isinstance(content, list) and content else None
    if isinstance(last, dict) and "cache_control" in last:
        block["cache_control"] = last["cache_control"]
    return block


def _with_reminders(message: dict[str, Any], reminders: list[dict[str, Any]]) -> dict[str, Any]:
    """Insert the reminders after the turn's tool results, which must come first, and before its text."""
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(blocks, list):
        return message
    start = 0
    while start < len(blocks) and _is_result(blocks[start]):
        start += 1
    return {**message, "content": [*blocks[:start], *reminders, *blocks[start:]]}


def _is_result(block: object) -> bool:
    return isinstance(block, dict) and block.get("type") == "tool_result"


def _append(folded: list[Any], reminders: list[dict[str, Any]]) -> None:
    if not reminders:
        return
    last = folded[-1] if folded else None
    if isinstance(last, dict) and last.get("role") == "user":
        content = last.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if isinstance(blocks, list):
            folded[-1] = {**last, "content": [*blocks, *reminders]}
            return
    folded.append({"role": "user", "content": list(reminders)})


SYSTEM_MESSAGES = Rule(
    "system messages",
    fold_system_messages,
    lambda body: body.holds("messages", b'"system"', b'"developer"'),
)
