"""``reasoning_text`` and ``reasoning_opaque`` of chat: issued with an answer, checked when they return.

The opaque text is one piece for the reasoning alone, and for Gemini one more for each tool call; clients
join the pieces. A piece is bound to the reasoning text and to the call's place and name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members, text_of
from proxy_core.simulator.behaviour.prompt import Turn
from proxy_core.simulator.http.refusal import invalid_body
from proxy_core.simulator.model_calls.signing import base64_digest
from proxy_core.simulator.model_calls.wire import Asked

_PIECE_BYTES = 34
_PIECE_LENGTH = 48


def opaque_piece(reasoning_text: str, anchor: str = "") -> str:
    """48 characters ending in ``==``, so that joining pieces is visibly not concatenating base64."""
    return base64_digest("reasoning_opaque", reasoning_text, anchor, size=_PIECE_BYTES)


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
        known = {opaque_piece(text, anchor): anchor for anchor in ("", *anchors)}
        for piece in pieces:
            if piece not in known:
                raise invalid_body(
                    f"messages[{index}].reasoning_opaque: Thought signature is not valid."
                )
        wanted = signs_tool_calls(asked.model["id"]) and index > current_turn
        if wanted and asked.profile.requires_gemini_reasoning_replay:
            present = {known[piece] for piece in pieces}
            for place, anchor in enumerate(anchors):
                if anchor not in present:
                    name = anchor.partition(":")[2]
                    raise invalid_body(
                        "Function call is missing a thought_signature in functionCall parts. "
                        f"Additional data, function call `{name}`, position {place + 1}."
                    )


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
