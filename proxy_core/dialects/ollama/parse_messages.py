"""Parses Ollama's messages into canonical messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    AssistantMessage,
    ImagePart,
    Message,
    Part,
    SystemMessage,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.ollama.schema import KNOWN_MESSAGE, ROLES
from proxy_core.dialects.shared.data_url import parse_data_url
from proxy_core.dialects.shared.json_members import (
    as_object,
    as_text,
    join,
    members_beyond,
    one_of,
    optional_list,
    optional_text,
    required_text,
    wrong_type,
)

_UNKNOWN_TYPE = "image/png"
"""Ollama's images state no type; the vendor rules correct it by the bytes."""


@dataclass(frozen=True, slots=True)
class _OpenCall:
    id: str
    name: str


class MessageParser:
    """Parses one request's messages in order: results refer backwards.

    Most clients know no ids of calls; a call without one gets it from its place, so that it has the
    same one in every request of the conversation.
    """

    def __init__(self) -> None:
        self._open: list[_OpenCall] = []
        """Calls without a result so far."""

    def parse(self, items: list[Any]) -> tuple[tuple[TextPart, ...], list[Message]]:
        """Return the leading instructions and the messages after them."""
        messages = [self._message(item, position) for position, item in enumerate(items)]
        start = 0
        system: list[TextPart] = []
        while start < len(messages) and isinstance(leading := messages[start], SystemMessage):
            system += [part for part in leading.content if isinstance(part, TextPart)]
            start += 1
        return tuple(system), messages[start:]

    def _message(self, item: Any, position: int) -> Message:
        path = f"messages[{position}]"
        message = as_object(item, path)
        role = one_of(required_text(message, "role", path), ROLES, join(path, "role"))
        text = optional_text(message, "content", path) or ""
        if role == "system":
            return SystemMessage((TextPart(text),))
        if role == "user":
            return UserMessage(user_content(text, message, path))
        if role == "tool":
            return self._result(message, text, path)
        thinking = optional_text(message, "thinking", path)
        content: list[Part] = [ThinkingPart(thinking)] if thinking else []
        content += [TextPart(text)] if text else []
        self._open.clear()
        for number, call in enumerate(optional_list(message, "tool_calls", path) or ()):
            where = f"{path}.tool_calls[{number}]"
            content.append(self._call(as_object(call, where), f"call_{position}_{number}", where))
        return AssistantMessage(tuple(content))

    def _call(self, call: dict[str, Any], from_place: str, path: str) -> ToolCallPart:
        where = join(path, "function")
        function = as_object(call.get("function"), where)
        name = required_text(function, "name", where)
        call_id = optional_text(call, "id", path) or from_place
        self._open.append(_OpenCall(call_id, name))
        arguments = _arguments(function.get("arguments"), join(where, "arguments"))
        return ToolCallPart(call_id, name, arguments)

    def _result(self, message: dict[str, Any], text: str, path: str) -> ToolResultMessage:
        name = optional_text(message, "tool_name", path) or optional_text(message, "name", path)
        call_id = self._id_of(optional_text(message, "tool_call_id", path), name)
        content: list[Part] = [TextPart(text), *_images(message, path)]
        return ToolResultMessage(call_id, tuple(content), tool_name=name)

    def _id_of(self, stated: str | None, name: str | None) -> str:
        """Return the call's id that a result belongs to: by its id, by its tool, else by its turn."""
        found = next((each for each in self._open if each.id == stated), None)
        found = found or next((each for each in self._open if each.name == name), None)
        if found is None and stated is None and name is None and self._open:
            found = self._open[0]
        if found is None:
            return stated or name or "call"
        self._open.remove(found)
        return found.id


def user_content(text: str, holder: Mapping[str, Any], path: str) -> tuple[Part, ...]:
    """Return a user's text with the images beside it."""
    images = _images(holder, path)
    return (TextPart(text), *images) if text or not images else tuple(images)


def left_out_of_messages(items: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield each member without a canonical form, with its value."""
    for item in items:
        if isinstance(item, dict):
            yield from members_beyond(item, KNOWN_MESSAGE, "messages[]")


def _images(holder: Mapping[str, Any], path: str) -> list[ImagePart]:
    images: list[ImagePart] = []
    for number, value in enumerate(optional_list(holder, "images", path) or ()):
        data = as_text(value, f"{join(path, 'images')}[{number}]")
        inline = parse_data_url(data)
        media_type, data = inline if inline is not None else (_UNKNOWN_TYPE, data)
        images.append(ImagePart(media_type, data))
    return images


def _arguments(value: object, path: str) -> str:
    if value is None:
        return "{}"
    if isinstance(value, str):  # OpenAI's form, which some clients send back
        return value
    if not isinstance(value, dict):
        wrong_type(path, "an object", value)
    return msgspec.json.encode(value).decode()
