"""Builds the question for GitHub's automatic model choice from a client's body. Pure.

Only the turns' roles and texts are read; an invalid body is refused later, by its parser. A
conversation is identified by a hash of its first text, because most clients send no id, and those
that do use it for their helpers too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from proxy_core.routing.upstream_api import AutomaticQuestion

LONGEST_PROMPT = 8000
"""In characters, from the end: agents put their own additions in front of the user's text."""
_TURN_MEMBERS = ("messages", "input")
_TEXT_TYPES = ("text", "input_text")


class _Turn(msgspec.Struct):
    role: Any = None
    content: msgspec.Raw = msgspec.Raw(b"null")


class _Part(msgspec.Struct):
    type: Any = None
    text: Any = None


def automatic_question(
    members: Mapping[str, Any], *, has_image: bool, session_id: str | None
) -> AutomaticQuestion:
    """Return the question for a body of raw ``members``, of any dialect."""
    first, last, number = "", "", 0
    answered = _is_text(members.get("previous_response_id"))
    for turn in _turns(members):
        if turn.role == "assistant":
            answered = True
        elif turn.role == "user":
            text = _text(turn.content)
            if text:
                first, last, number = first or text, text, number + 1
    named = f"{session_id or ''}\n{first}".encode("utf-8", "surrogatepass")
    return AutomaticQuestion(
        prompt=last[-LONGEST_PROMPT:],
        has_image=has_image,
        multi_turn=answered or number > 1,
        conversation=hashlib.sha256(named).hexdigest(),
    )


def _turns(members: Mapping[str, Any]) -> Iterable[_Turn]:
    for name in _TURN_MEMBERS:
        value = members.get(name)
        if value is None:
            continue
        raw = _raw(value)
        if raw.lstrip()[:1] == b'"':
            return (_Turn("user", msgspec.Raw(raw)),)
        try:
            return msgspec.json.decode(raw, type=list[_Turn])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ()
    return ()


def _text(content: msgspec.Raw) -> str:
    try:
        parts = msgspec.json.decode(content, type=str | list[_Part])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if isinstance(parts, str):
        return parts
    texts = (each.text for each in parts if each.type in _TEXT_TYPES)
    return "\n".join(each for each in texts if isinstance(each, str))


def _is_text(value: Any) -> bool:
    return value is not None and _raw(value).lstrip()[:1] == b'"'


def _raw(value: Any) -> bytes:
    return bytes(value) if isinstance(value, msgspec.Raw) else msgspec.json.encode(value)
