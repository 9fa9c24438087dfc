"""Structured answers that are no JSON object, from models whose schemas must describe one.

OpenAI's and Anthropic's structured outputs refuse a schema with another root, which Google's and
Ollama's clients use freely (a list of things, one of some words). So the schema goes upstream as the
one member of an object, and the answer is taken out of it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.canonical.request import Request, ResponseFormat

MEMBER = "value"
_JSON_NAME, _TEXT_NAME = "wrapped_value", "wrapped_text"
"""Names of such formats, by which a writer knows them: clients of these dialects cannot name one."""
_ROOT_ONLY = ("$defs", "definitions", "$schema")
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def format_of(schema: Mapping[str, Any], name: str, *, is_plain: bool = False) -> ResponseFormat:
    """Return the format for an answer that fits ``schema``; ``is_plain``: its text, not its JSON."""
    if is_plain or _is_wrapped(schema):
        return ResponseFormat(
            "json_schema", _TEXT_NAME if is_plain else _JSON_NAME, _wrapped(schema)
        )
    return ResponseFormat("json_schema", name, schema)


class Unwrapper:
    """Holds an answer's text back until its end, and takes the value out of it."""

    def __init__(self, *, is_plain: bool) -> None:
        self._is_plain = is_plain
        self._pieces: list[str] = []

    def feed(self, text: str) -> None:
        self._pieces.append(text)

    def end(self) -> str:
        """Return the answer; one that was cut off, or is something else, as it came."""
        text = "".join(self._pieces)
        try:
            members = _decode(text)
        except (msgspec.DecodeError, RecursionError):
            return text
        if members.keys() != {MEMBER}:
            return text
        value = members[MEMBER]
        if self._is_plain and isinstance(plain := msgspec.json.decode(value), str):
            return plain
        return bytes(value).decode()


def unwrapper_of(request: Request | None) -> Unwrapper | None:
    """Return what takes the answer to ``request`` out of its wrapping; None if it has none."""
    wanted = None if request is None else request.response_format
    if wanted is None or wanted.name not in (_JSON_NAME, _TEXT_NAME):
        return None
    return Unwrapper(is_plain=wanted.name == _TEXT_NAME)


def _is_wrapped(schema: Mapping[str, Any]) -> bool:
    """Whether the root is certainly no object."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if kind is None:
        return "enum" in schema
    return "object" not in kinds


def _wrapped(schema: Mapping[str, Any]) -> dict[str, Any]:
    inner = {name: value for name, value in schema.items() if name not in _ROOT_ONLY}
    root = {name: schema[name] for name in _ROOT_ONLY if name in schema}
    return {
        "type": "object",
        "properties": {MEMBER: inner},
        "required": [MEMBER],
        "additionalProperties": False,
        **root,
    }
