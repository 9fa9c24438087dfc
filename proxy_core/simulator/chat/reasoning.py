"""``reasoning_text`` and ``reasoning_opaque`` of chat: issued with an answer, checked when they return.

The opaque text is one piece for the reasoning alone, and for Gemini one more for each tool call; clients
join the pieces. A piece is bound to the model, the reasoning text, and the call's place and name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members, text_of
from proxy_core.simulator.behaviour.prompt import Turn
from proxy_core.simulator.http.refusal import Refusal, invalid_body
from proxy_core.simulator.model_calls.signing import base64_digest
from proxy_core.simulator.model_calls.wire import Asked

_MODEL_BYTES = 6
_PIECE_BYTES = 34
_PIECE_LENGTH = 48
# Six bytes are eight characters of base64, so the model's mark can be cut off a piece as text.
_MARK_LENGTH = 8


def opaque_piece(model_id: str, reasoning_text: str, anchor: str = "") -> str:
    """48 characters ending in ``==``, so that joining pieces is visibly not concatenating base64."""
    return _piece(_mark_of(model_id), reasoning_text, anchor)


def _mark_of(model_id: str) -> str:
    return base64_digest("reasoning of", model_id, size=_MODEL_BYTES)


def _piece(mark: str, reasoning_text: str, anchor: str) -> str:
    size = _PIECE_BYTES - _MODEL_BYTES
    return mark + base64_digest("reasoning_opaque", mark, reasoning_text, anchor, size=size)


def call_anchor(index: int, name: str) -> str:
    return f"{index}:{name}"


def signs_tool_calls(model_id: str) -> bool:
    """Gemini 3 and later sign every tool call and want the signatures back."""
    return model_id.startswith(("gemini-3", "gemini-4"))


def check_replay(asked: Asked, messages: Sequence[Any]) -> None:
    """Raise the real 400 for altered reasoning, or for reasoning a Gemini model misses."""
    current_turn = _start_of_current_turn(messages)
    for index, raw in enumerate(messages):
        message = members(raw)
        if message.get("role") != "assistant":
            continue
        anchors = [
            call_anchor(place, str(members(members(call).get("function")).get("name")))
            for place, call in enumerate(items(message.get("tool_calls")))
        ]
        pieces = _pieces(message.get("reasoning_opaque"))
        text = str(message.get("reasoning_text") or "")
        known = {
            _piece(mark, text, anchor): anchor
            for mark in _marks_allowed(asked, pieces)
            for anchor in ("", *anchors)
        }
        for piece in pieces:
            if piece not in known:
                raise _not_genuine(asked, index)
        wanted = signs_tool_calls(asked.model["id"]) and index > current_turn
        if wanted and asked.profile.requires_gemini_reasoning_replay:
            present = {known[piece] for piece in pieces}
            # Of calls side by side Google wants the first one's signature back.
            for place, anchor in enumerate(anchors[:1]):
                if anchor not in present:
                    name = anchor.partition(":")[2]
                    raise invalid_body(
                        "Function call is missing a thought_signature in functionCall parts. "
                        f"Additional data, function call `{name}`, position {place + 1}."
                    )


def _marks_allowed(asked: Asked, pieces: Sequence[str]) -> set[str]:
    """Marks of the models whose pieces are taken: by the vendors' rules only the asked one's."""
    if asked.profile.vendor_rules:
        return {_mark_of(asked.model["id"])}
    return {piece[:_MARK_LENGTH] for piece in pieces}


def _not_genuine(asked: Asked, index: int) -> Refusal:
    if asked.profile.vendor_rules and asked.model.get("vendor") == "Anthropic":
        return invalid_body(f"messages.{index}.content.0: Invalid `signature` in `thinking` block")
    return invalid_body(f"messages[{index}].reasoning_opaque: Thought signature is not valid.")


def _pieces(opaque: Any) -> list[str]:
    text = opaque if isinstance(opaque, str) else ""
    return [text[at : at + _PIECE_LENGTH] for at in range(0, len(text), _PIECE_LENGTH)]


def _start_of_current_turn(messages: Sequence[Any]) -> int:
    """Index of the last message in which a person speaks; older turns are not checked for presence."""
    for index in range(len(messages) - 1, -1, -1):
        message = members(messages[index])
        words = Turn("user", text_of(message.get("content")))
        if message.get("role") == "user" and not words.is_only_context:
            return index
    return -1
