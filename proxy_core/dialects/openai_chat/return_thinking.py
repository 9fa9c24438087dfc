"""Restores cached thinking in the turns of a request whose client did not return it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from proxy_core.dialects.shared.json_members import decode_raw, spelled_as_before
from proxy_core.dialects.shared.raw_body import raw_bytes
from proxy_core.dialects.shared.thinking_replay import TurnThinking


def return_thinking(
    body: Mapping[str, Any], find: Callable[[str], TurnThinking | None]
) -> Mapping[str, Any]:
    """Return ``body`` with the thinking of every turn whose calls ``find`` knows.

    A turn with another proof of its own is unchanged; one with this proof gets back the text that
    the proof covers: Gemini's may come after the response's text, in a separate block, and clients
    that drop unsigned thinking drop the text. Values may be ``msgspec.Raw``.
    """
    if b'"tool_calls"' not in raw_bytes(body, "messages"):
        return body
    messages = decode_raw(body, "messages")
    if not isinstance(messages, list):
        return body
    returned = [_with_thinking(each, find) for each in messages]
    if all(new is old for new, old in zip(returned, messages, strict=True)):
        return body
    return {**body, "messages": spelled_as_before(body["messages"], messages, returned)}


def _with_thinking(message: Any, find: Callable[[str], TurnThinking | None]) -> Any:
    if not isinstance(message, dict):
        return message
    own = message.get("reasoning_opaque")
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        call_id = call.get("id") if isinstance(call, dict) else None
        cached = find(call_id) if isinstance(call_id, str) else None
        if cached is not None and own and (own != cached.opaque or _text(message) == cached.text):
            return message
        if cached is not None:
            # The exact text, because the proof covers it.
            thinking = {"reasoning_text": cached.text} if cached.text else {}
            rest = {name: value for name, value in message.items() if name != "reasoning_text"}
            return {**rest, **thinking, "reasoning_opaque": cached.opaque}
    return message


def _text(message: dict[str, Any]) -> str:
    text = message.get("reasoning_text")
    return text if isinstance(text, str) else ""
