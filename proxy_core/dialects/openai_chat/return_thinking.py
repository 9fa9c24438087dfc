"""Puts thinking that was kept back into the turns of a request whose client could not return it."""

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

    A turn that brings a proof of its own stays as it is; one that brings this very proof gets the text
    back that the proof is bound to: Gemini's may come behind the answer's words, in a block of its own,
    and clients that drop unsigned thinking drop the text. Values may be ``msgspec.Raw``.
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
        kept = find(call_id) if isinstance(call_id, str) else None
        if kept is not None and own and (own != kept.opaque or _text(message) == kept.text):
            return message
        if kept is not None:
            # The text as it was: the proof is bound to it.
            thinking = {"reasoning_text": kept.text} if kept.text else {}
            rest = {name: value for name, value in message.items() if name != "reasoning_text"}
            return {**rest, **thinking, "reasoning_opaque": kept.opaque}
    return message


def _text(message: dict[str, Any]) -> str:
    text = message.get("reasoning_text")
    return text if isinstance(text, str) else ""
