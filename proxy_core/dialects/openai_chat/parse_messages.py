"""Parses chat messages into canonical messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
    RefusalPart,
    SystemMessage,
    SystemRole,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.shared.data_url import parse_data_url
from proxy_core.dialects.shared.json_members import (
    as_list,
    as_object,
    as_text,
    join,
    one_of,
    optional_list,
    optional_object,
    optional_text,
    refuse,
    required_text,
    wrong_type,
)
from proxy_core.dialects.shared.opaque_envelope import unpack_thinking
from proxy_core.dialects.shared.tool_names import issued_call_id

_SYSTEM_ROLES = {"system": SystemRole.SYSTEM, "developer": SystemRole.DEVELOPER}
_THINKING_MEMBERS = ("reasoning_text", "reasoning_content", "reasoning", "cot_summary")
"""Members in which clients return thinking: ours first, then other servers' names."""
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_USER_PARTS = ("text", "image_url", "file", "input_audio", "input_text")
CHAT = DialectName.OPENAI_CHAT
_PLAIN = frozenset({"role", "content", "name"})
"""Of an assistant's message that only says something."""
_MARKS = frozenset({"copilot_cache_control", "cache_control", "prompt_cache_breakpoint"})
_MARKED = (TextPart, ImagePart, DocumentPart)


class MessageParser:
    """Parses the messages of one request in order; tool results refer backwards."""

    def __init__(self) -> None:
        self._legacy_calls = 0
        self._legacy_ids: dict[str, str] = {}
        self._custom_calls: set[str] = set()

    def parse(self, items: list[Any]) -> tuple[tuple[TextPart, ...], SystemRole, list[Message]]:
        """Return the leading instruction, its role, and the messages after it."""
        messages: list[Message] = []
        for position, item in enumerate(items):
            path = f"messages[{position}]"
            messages.append(self._message(as_object(item, path), path))
        system: list[TextPart] = []
        role = SystemRole.SYSTEM
        start = 0
        for message in messages:
            if not isinstance(message, SystemMessage) or (start and message.role is not role):
                break
            role = message.role
            system.extend(part for part in message.content if isinstance(part, TextPart))
            start += 1
        return tuple(system), role, messages[start:]

    def _message(self, item: dict[str, Any], path: str) -> Message:
        role = required_text(item, "role", path)
        if role not in _ROLES:
            one_of(role, _ROLES, join(path, "role"))
        if role in _SYSTEM_ROLES:
            return SystemMessage(_marked(_texts(item, path), item), _SYSTEM_ROLES[role])
        if role == "user":
            content = _marked(_content(item, path, _user_part), item)
            return UserMessage(content, optional_text(item, "name", path))
        if role == "assistant":
            content = _marked(self._assistant_content(item, path), item)
            return AssistantMessage(content, optional_text(item, "name", path))
        return self._tool_result(item, path, legacy=role == "function")

    def _assistant_content(self, item: dict[str, Any], path: str) -> tuple[Part, ...]:
        if item.keys() <= _PLAIN and isinstance(item.get("content"), str):
            return (TextPart(item["content"]),)
        parts: list[Part] = [*_thinking(item, path)]
        if item.get("content") is not None:
            parts.extend(_content(item, path, _assistant_part))
        refusal = optional_text(item, "refusal", path)
        if refusal is not None:
            parts.append(RefusalPart(refusal))
        audio = optional_object(item, "audio", path)
        if audio is not None:
            parts.append(_native("audio", audio))
        for position, call in enumerate(optional_list(item, "tool_calls", path) or ()):
            where = f"{path}.tool_calls[{position}]"
            part = _tool_call(as_object(call, where), where)
            if part.kind is ToolKind.CUSTOM:
                self._custom_calls.add(part.id)
            parts.append(part)
        function_call = optional_object(item, "function_call", path)
        if function_call is not None:
            parts.append(self._legacy_call(function_call, join(path, "function_call")))
        return tuple(parts)

    def _legacy_call(self, call: dict[str, Any], path: str) -> ToolCallPart:
        """Parse the single call of the form before ``tool_calls``: it has no id, so its number is
        used.
        """
        self._legacy_calls += 1
        name = required_text(call, "name", path)
        self._legacy_ids[name] = f"function_call_{self._legacy_calls}"
        return ToolCallPart(
            self._legacy_ids[name], name, optional_text(call, "arguments", path) or ""
        )

    def _tool_result(self, item: dict[str, Any], path: str, *, legacy: bool) -> ToolResultMessage:
        if legacy:
            name = required_text(item, "name", path)
            call_id = self._legacy_ids.get(name, name)
        else:
            call_id = issued_call_id(required_text(item, "tool_call_id", path))
        content: tuple[Part, ...] = ()
        if item.get("content") is not None:
            content = _content(item, path, _user_part)
        return ToolResultMessage(
            call_id,
            tuple([_without_mark(part) for part in content]),
            kind=ToolKind.CUSTOM if call_id in self._custom_calls else ToolKind.FUNCTION,
            tool_name=None if legacy else optional_text(item, "name", path),
            cache=_mark(item) or _first_mark(content),
        )


def _content(item: dict[str, Any], path: str, parse_part: Any) -> tuple[Part, ...]:
    content = item.get("content")
    if isinstance(content, str):
        return (TextPart(content),)
    where = join(path, "content")
    if not isinstance(content, list):
        if "content" not in item:
            refuse(where, "this member is required")
        wrong_type(where, "a string or an array of parts", content)
    return tuple(
        parse_part(as_object(part, f"{where}[{position}]"), f"{where}[{position}]")
        for position, part in enumerate(content)
    )


def _texts(item: dict[str, Any], path: str) -> tuple[Part, ...]:
    return _content(item, path, _text_part)


def _text_part(part: dict[str, Any], path: str) -> TextPart:
    kind = required_text(part, "type", path)
    if kind not in ("text", "input_text"):
        refuse(join(path, "type"), f"only text is possible here, got {kind!r}")
    return TextPart(required_text(part, "text", path), _mark(part))


def _user_part(part: dict[str, Any], path: str) -> Part:
    kind = one_of(required_text(part, "type", path), _USER_PARTS, join(path, "type"))
    if kind == "image_url":
        return _image(part, path)
    if kind == "file":
        return _file(as_object(part.get("file"), join(path, "file")), join(path, "file"), part)
    if kind == "input_audio":
        return _native(kind, part)
    return _text_part(part, path)


def _assistant_part(part: dict[str, Any], path: str) -> Part:
    kind = required_text(part, "type", path)
    if kind == "refusal":
        return RefusalPart(required_text(part, "refusal", path))
    if kind == "output_text":
        return TextPart(required_text(part, "text", path), _mark(part))
    return _text_part(part, path)


def _image(part: dict[str, Any], path: str) -> ImagePart:
    value = part.get("image_url")
    where = join(path, "image_url")
    if isinstance(value, str):
        value = {"url": value}  # Responses' form, sent by several clients.
    image = as_object(value, where)
    url = required_text(image, "url", where)
    detail = optional_text(image, "detail", where)
    inline = parse_data_url(url)
    if inline is not None:
        media_type, data = inline
        return ImagePart(media_type, data, detail=detail, cache=_mark(part))
    return ImagePart(url=url, detail=detail, cache=_mark(part))


def _file(file: dict[str, Any], path: str, part: dict[str, Any]) -> DocumentPart:
    title = optional_text(file, "filename", path)
    file_id = optional_text(file, "file_id", path)
    data = optional_text(file, "file_data", path)
    if data is None:
        if file_id is None:
            refuse(path, "either file_data or file_id is required")
        return DocumentPart(file_id=file_id, title=title, cache=_mark(part))
    inline = parse_data_url(data)
    media_type, data = inline if inline is not None else ("application/pdf", data)
    return DocumentPart(media_type, data, title=title, cache=_mark(part))


def _thinking(item: dict[str, Any], path: str) -> tuple[ThinkingPart, ...]:
    text = next(
        (value for name in _THINKING_MEMBERS if isinstance(value := item.get(name), str)), None
    )
    opaque = optional_text(item, "reasoning_opaque", path)
    if text is None and not opaque:
        return ()
    if opaque:
        return unpack_thinking(text or "", opaque, CHAT, "reasoning_opaque")
    return (ThinkingPart(text),) if text else ()


def _tool_call(call: dict[str, Any], path: str) -> ToolCallPart:
    call_id = issued_call_id(required_text(call, "id", path))
    kind = call.get("type", "function")
    if kind == "custom":
        where = join(path, "custom")
        custom = as_object(call.get("custom"), where)
        name = required_text(custom, "name", where)
        return ToolCallPart(
            call_id, name, optional_text(custom, "input", where) or "", ToolKind.CUSTOM
        )
    if kind != "function":
        refuse(join(path, "type"), f"must be function or custom, got {kind!r}")
    where = f"{path}.function"
    function = as_object(call.get("function"), where)
    signature = optional_text(function, "thought_signature", where)
    return ToolCallPart(
        call_id,
        required_text(function, "name", where),
        _arguments(function.get("arguments"), join(where, "arguments")),
        opaque=Opaque(CHAT, "thought_signature", signature) if signature else None,
    )


def _arguments(value: object, path: str) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):  # Ollama's form
        return msgspec.json.encode(value).decode()
    return as_text(value, path)


def _mark(item: Mapping[str, Any]) -> CacheMark | None:
    """``copilot_cache_control`` is upstream's member, ``cache_control`` what other servers take, and
    ``prompt_cache_breakpoint`` OpenAI's own."""
    if _MARKS.isdisjoint(item):
        return None
    for name in ("copilot_cache_control", "cache_control"):
        mark = item.get(name)
        if isinstance(mark, dict):
            ttl = mark.get("ttl")
            return CacheMark(ttl if isinstance(ttl, str) else None)
    return CacheMark() if isinstance(item.get("prompt_cache_breakpoint"), dict) else None


def _marked(content: tuple[Part, ...], item: dict[str, Any]) -> tuple[Part, ...]:
    """Move a message's own mark to its last part that can carry one."""
    mark = _mark(item)
    if mark is None:
        return content
    for position in range(len(content) - 1, -1, -1):
        part = content[position]
        if isinstance(part, TextPart | ImagePart | DocumentPart | ToolCallPart):
            marked = replace(part, cache=mark)
            return (*content[:position], marked, *content[position + 1 :])
    return content


def _first_mark(content: tuple[Part, ...]) -> CacheMark | None:
    for part in content:
        if isinstance(part, _MARKED) and part.cache is not None:
            return part.cache
    return None


def _without_mark(part: Part) -> Part:
    if isinstance(part, _MARKED) and part.cache is not None:
        return replace(part, cache=None)
    return part


def _native(kind: str, item: dict[str, Any]) -> NativePart:
    return NativePart(Opaque(CHAT, kind, msgspec.json.encode(item).decode()))


def parse_stop(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(as_text(each, f"stop[{n}]") for n, each in enumerate(as_list(value, "stop")))
