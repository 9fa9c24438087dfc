"""Parses Anthropic messages and system prompts into canonical messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
    DialectName,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Opaque,
    Part,
    SystemMessage,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.shared.json_members import (
    as_object,
    join,
    one_of,
    optional_bool,
    optional_list,
    optional_object,
    optional_text,
    refuse,
    required_list,
    required_text,
    wrong_type,
)
from proxy_core.dialects.shared.opaque_envelope import unpack
from proxy_core.dialects.shared.tool_names import UNPARSED_ARGUMENTS, issued_call_id
from proxy_core.dialects.vendor_rules.system_messages import is_cleared, last_user_turn

MESSAGES = DialectName.ANTHROPIC_MESSAGES
_ROLES = ("user", "assistant", "system")

ParsePart = Callable[[dict[str, Any], str], Part]


def parse_system(value: object) -> tuple[TextPart, ...]:
    """Parse ``system``: a string or text blocks."""
    if value is None or value == "":
        return ()
    return tuple(
        part for part in _content(value, "system", _text_part) if isinstance(part, TextPart)
    )


def parse_messages(items: list[Any]) -> list[Message]:
    messages: list[Message] = []
    last_user = last_user_turn(items)
    for position, item in enumerate(items):
        path = f"messages.{position}"
        if not is_cleared(as_object(item, path), position, last_user):
            messages.extend(_message(item, path))
    return messages


def _message(item: dict[str, Any], path: str) -> list[Message]:
    role = required_text(item, "role", path)
    if role not in _ROLES:
        one_of(role, _ROLES, join(path, "role"))
    where = f"{path}.content"
    if "content" not in item:
        if role == "system":
            return []  # it only sets what upstream does not take (``REFUSED_MESSAGE_MEMBERS``)
        refuse(where, "this member is required")
    if role == "assistant":
        return [AssistantMessage(_content(item["content"], where, _assistant_part))]
    if role == "system":
        return [SystemMessage(_content(item["content"], where, _instruction_part))]
    if isinstance(item["content"], list):
        return _user_turn(item["content"], where)
    return [UserMessage(_content(item["content"], where, _user_part))]


def _user_turn(blocks: list[Any], path: str) -> list[Message]:
    """Split a user turn into tool results and the user's content between them."""
    messages: list[Message] = []
    content: list[Part] = []
    for position, block in enumerate(blocks):
        if (plain := _plain_text(block)) is not None:
            content.append(plain)
            continue
        where = f"{path}.{position}"
        block = as_object(block, where)
        if block.get("type") != "tool_result":
            content.append(_user_part(block, where))
            continue
        if content:
            messages.append(UserMessage(tuple(content)))
            content = []
        messages.append(_tool_result(block, where))
    if content or not messages:
        messages.append(UserMessage(tuple(content)))
    return messages


def _content(value: object, path: str, parse_part: ParsePart) -> tuple[Part, ...]:
    if isinstance(value, str):
        return (TextPart(value),)
    if not isinstance(value, list):
        wrong_type(path, "a string or an array of content blocks", value)
    return tuple(
        [
            _plain_text(block)
            or parse_part(as_object(block, f"{path}.{position}"), f"{path}.{position}")
            for position, block in enumerate(value)
        ]
    )


def _plain_text(block: object) -> TextPart | None:
    """Return a block that is text and nothing else, as most are; it means the same in every place."""
    if not isinstance(block, dict) or len(block) != 2 or block.get("type") != "text":
        return None
    text = block.get("text")
    return TextPart(text) if isinstance(text, str) else None


def _text_part(block: dict[str, Any], path: str) -> TextPart:
    one_of(required_text(block, "type", path), ("text",), join(path, "type"))
    citations = optional_list(block, "citations", path) or ()
    return TextPart(
        required_text(block, "text", path),
        _mark(block),
        tuple(_opaque("citation", citation) for citation in citations),
    )


def _instruction_part(block: dict[str, Any], path: str) -> Part:
    """Tools are added and removed by blocks among the instructions (``tool_addition``)."""
    kind = required_text(block, "type", path)
    return _text_part(block, path) if kind == "text" else NativePart(_opaque(kind, block))


def _user_part(block: dict[str, Any], path: str) -> Part:
    kind = required_text(block, "type", path)
    if kind == "text":
        return _text_part(block, path)
    if kind == "image":
        return _image(block, path)
    if kind == "document":
        return _document(block, path)
    if kind == "search_result":
        return _search_result(block, path)
    return NativePart(_opaque(kind, block))


def _assistant_part(block: dict[str, Any], path: str) -> Part:
    kind = required_text(block, "type", path)
    if kind == "text":
        return _text_part(block, path)
    if kind == "thinking":
        signature = optional_text(block, "signature", path)
        return ThinkingPart(
            required_text(block, "thinking", path),
            unpack(signature, MESSAGES, "signature") if signature else None,
        )
    if kind == "redacted_thinking":
        data = required_text(block, "data", path)
        return ThinkingPart("", unpack(data, MESSAGES, "redacted_thinking"))
    if kind == "tool_use":
        return ToolCallPart(
            issued_call_id(required_text(block, "id", path)),
            required_text(block, "name", path),
            _arguments(block.get("input")),
            cache=_mark(block),
        )
    return NativePart(_opaque(kind, block))


def _arguments(value: object) -> str:
    """Return ``input`` as the arguments' text; other values than an object as what they are, as
    where a body is passed through (``vendor_rules.tool_arguments``)."""
    if value is None:
        return "{}"
    if isinstance(value, str):
        return value if value.strip() else "{}"
    if not isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    unparsed = value.get(UNPARSED_ARGUMENTS)
    if len(value) == 1 and isinstance(unparsed, str):
        return unparsed
    return msgspec.json.encode(value).decode()


def _tool_result(block: dict[str, Any], path: str) -> ToolResultMessage:
    content: tuple[Part, ...] = ()
    if block.get("content") is not None:
        content = _content(block["content"], join(path, "content"), _user_part)
    return ToolResultMessage(
        issued_call_id(required_text(block, "tool_use_id", path)),
        content,
        is_error=optional_bool(block, "is_error", path) or False,
        cache=_mark(block),
    )


def _image(block: dict[str, Any], path: str) -> ImagePart:
    where = join(path, "source")
    source = as_object(block.get("source"), where)
    kind = one_of(
        required_text(source, "type", where), ("base64", "url", "file"), join(where, "type")
    )
    if kind == "url":
        return ImagePart(url=required_text(source, "url", where), cache=_mark(block))
    if kind == "file":
        return ImagePart(file_id=required_text(source, "file_id", where), cache=_mark(block))
    return ImagePart(
        required_text(source, "media_type", where),
        required_text(source, "data", where),
        cache=_mark(block),
    )


def _document(block: dict[str, Any], path: str) -> Part:
    where = join(path, "source")
    source = as_object(block.get("source"), where)
    kind = required_text(source, "type", where)
    one_of(kind, ("base64", "text", "url", "file", "content"), join(where, "type"))
    citations = optional_object(block, "citations", path) or {}
    media_type = data = text = None
    if kind == "base64":
        media_type = required_text(source, "media_type", where)
        data = required_text(source, "data", where)
    elif kind == "text":
        text = required_text(source, "data", where)
    elif kind == "content":
        parts = _content(source.get("content"), join(where, "content"), _user_part)
        texts = [part.text for part in parts if isinstance(part, TextPart)]
        if len(texts) != len(parts):
            return NativePart(_opaque("document", block))
        text = "\n\n".join(texts)
    return DocumentPart(
        media_type,
        data,
        text,
        required_text(source, "url", where) if kind == "url" else None,
        required_text(source, "file_id", where) if kind == "file" else None,
        optional_text(block, "title", path),
        optional_text(block, "context", path),
        optional_bool(citations, "enabled", join(path, "citations")) or False,
        _mark(block),
    )


def _search_result(block: dict[str, Any], path: str) -> DocumentPart:
    """A search result is a document whose context is where it was found."""
    texts = [
        required_text(as_object(each, f"{path}.content.{n}"), "text", f"{path}.content.{n}")
        for n, each in enumerate(required_list(block, "content", path))
    ]
    citations = optional_object(block, "citations", path) or {}
    return DocumentPart(
        text="\n\n".join(texts),
        title=optional_text(block, "title", path),
        context=optional_text(block, "source", path),
        citations=optional_bool(citations, "enabled", join(path, "citations")) or False,
        cache=_mark(block),
    )


def _mark(block: dict[str, Any]) -> CacheMark | None:
    mark = block.get("cache_control")
    if not isinstance(mark, dict):
        return None
    ttl = mark.get("ttl")
    return CacheMark(ttl if isinstance(ttl, str) else None)


def _opaque(kind: str, item: object) -> Opaque:
    return Opaque(MESSAGES, kind, msgspec.json.encode(item).decode())
