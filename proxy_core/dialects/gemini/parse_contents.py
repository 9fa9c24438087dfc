"""Parses ``contents`` into canonical messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    AssistantMessage,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Opaque,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.gemini.fields import fields, named, optional_fields
from proxy_core.dialects.gemini.schema import KNOWN_CONTENT, KNOWN_PART, NATIVE_PARTS, ROLES
from proxy_core.dialects.gemini.signatures import GEMINI, Signature, unseal
from proxy_core.dialects.shared.json_members import (
    as_list,
    as_object,
    join,
    members_beyond,
    one_of,
    optional_bool,
    optional_list,
    optional_text,
    refuse,
    required_text,
)

_DATA = ("inlineData", "fileData")
_OUTPUT, _ERROR = "output", "error"
"""Members by which ``functionResponse.response`` states its result, or what went wrong; a response with
others is the result as a whole (Google's description of ``FunctionResponse.response``)."""
_TO_STANDARD = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class _OpenCall:
    id: str
    name: str


class ContentsParser:
    """Parses one request's contents in order: results refer backwards.

    Calls need no id in this dialect; one without gets an id from its place, so that it has the same one
    in every request of the conversation.
    """

    def __init__(self) -> None:
        self._open: list[_OpenCall] = []
        """Calls without a result so far."""
        self._answers_follow = False

    def parse(self, contents: list[Any]) -> list[Message]:
        messages: list[Message] = []
        for position, item in enumerate(contents):
            path = f"contents[{position}]"
            content = fields(item, path)
            role = one_of(optional_text(content, "role", path) or "user", ROLES, join(path, "role"))
            parts = [
                fields(part, f"{path}.parts[{n}]")
                for n, part in enumerate(as_list(content.get("parts"), join(path, "parts")))
            ]
            if not parts:
                refuse(join(path, "parts"), "contents.parts must not be empty.")
            if role == "model":
                messages.append(self._model_turn(parts, path, position))
            else:
                messages.extend(self._users_turn(parts, path))
        return messages

    def _model_turn(self, parts: list[dict[str, Any]], path: str, position: int) -> Message:
        if self._answers_follow:
            self._open.clear()
            self._answers_follow = False
        content: list[Part] = []
        calls = 0
        for number, part in enumerate(parts):
            where = f"{path}.parts[{number}]"
            stated = optional_text(part, "thoughtSignature", where)
            signature = unseal(stated) if stated else Signature()
            if optional_bool(part, "thought", where):
                content.append(_thought(part, where, signature))
                continue
            _restore_thinking(content, signature)
            if part.get("functionCall") is None:
                own = signature.call if not signature.is_ours else None
                if own is not None:
                    content.append(ThinkingPart("", own))
                content.extend(_model_part(part, where))
                continue
            call = fields(part["functionCall"], join(where, "functionCall"))
            named_id = optional_text(call, "id", join(where, "functionCall"))
            call_id = named_id or f"call_{position}_{calls}"
            calls += 1
            content.append(_call(call, call_id, join(where, "functionCall"), signature.call))
            self._open.append(_OpenCall(call_id, str(call["name"])))
        return AssistantMessage(tuple(content))

    def _users_turn(self, parts: list[dict[str, Any]], path: str) -> Iterator[Message]:
        self._answers_follow = True
        said: list[Part] = []
        for number, part in enumerate(parts):
            where = f"{path}.parts[{number}]"
            if part.get("functionResponse") is None:
                said.append(content_part(part, where))
                continue
            if said:
                yield UserMessage(tuple(said))
                said = []
            yield self._result(part["functionResponse"], join(where, "functionResponse"))
        if said:
            yield UserMessage(tuple(said))

    def _result(self, value: Any, path: str) -> ToolResultMessage:
        result = fields(value, path)
        name = required_text(result, "name", path)
        call_id = self._id_of(optional_text(result, "id", path), name)
        response = as_object(result.get("response", {}), join(path, "response"))
        text, is_error = _said_by(response)
        content: list[Part] = [TextPart(text)]
        for number, part in enumerate(optional_list(result, "parts", path) or ()):
            where = f"{path}.parts[{number}]"
            content.append(content_part(fields(part, where), where))
        return ToolResultMessage(call_id, tuple(content), is_error, tool_name=name)

    def _id_of(self, stated: str | None, name: str) -> str:
        """Return the call's id that a result belongs to: by its id, else the first open one of its name.

        Clients that make up ids for their own use send one that no call has.
        """
        found = next((each for each in self._open if each.id == stated), None)
        found = found or next((each for each in self._open if each.name == name), None)
        if found is None:
            return stated or name
        self._open.remove(found)
        return found.id


def system_texts(value: object, path: str) -> tuple[TextPart, ...]:
    """Return the texts of ``systemInstruction``."""
    if value is None:
        return ()
    parts = as_list(fields(value, path).get("parts", []), join(path, "parts"))
    texts: list[TextPart] = []
    for number, part in enumerate(parts):
        where = f"{path}.parts[{number}]"
        texts.append(TextPart(required_text(fields(part, where), "text", where)))
    return tuple(texts)


def content_part(part: Mapping[str, Any], path: str) -> Part:
    """Parse a part that is no call, result or thought."""
    if part.get("inlineData") is not None:
        return _inline(
            fields(part["inlineData"], join(path, "inlineData")), join(path, "inlineData")
        )
    if part.get("fileData") is not None:
        return _file(fields(part["fileData"], join(path, "fileData")), join(path, "fileData"))
    for kind in NATIVE_PARTS:
        if part.get(kind) is not None:
            return _native(kind, part)
    if "text" not in part and "thoughtSignature" not in part:
        refuse(path, "required oneof field 'data' must have one initialized field")
    return TextPart(optional_text(part, "text", path) or "")


def left_out_of_contents(contents: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield each member without a canonical form, with its value."""
    for item in contents:
        content = named(item) if isinstance(item, dict) else {}
        yield from members_beyond(content, KNOWN_CONTENT, "contents[]")
        parts = content.get("parts")
        for each in parts if isinstance(parts, list) else ():
            part = named(each) if isinstance(each, dict) else {}
            yield from members_beyond(part, KNOWN_PART | set(NATIVE_PARTS), "contents[].parts[]")


def _thought(part: Mapping[str, Any], path: str, signature: Signature) -> ThinkingPart:
    """A thought that is shown; one of ours is stated whole by the signature of the part behind it."""
    own = None if signature.is_ours else signature.call
    return ThinkingPart(optional_text(part, "text", path) or "", own)


def _restore_thinking(content: list[Part], signature: Signature) -> None:
    """Put the thinking that ``signature`` carries before its part, in place of what was shown of it."""
    if not signature.thinking:
        return
    while content and isinstance(shown := content[-1], ThinkingPart) and shown.opaque is None:
        content.pop()
    content.extend(signature.thinking)


def _model_part(part: Mapping[str, Any], path: str) -> Iterator[Part]:
    for kind in _DATA:
        if part.get(kind) is not None:
            yield _native(kind, part)
            return
    parsed = content_part(part, path)
    if not isinstance(parsed, TextPart) or parsed.text:
        yield parsed


def _call(call: dict[str, Any], call_id: str, path: str, proof: Opaque | None) -> ToolCallPart:
    arguments = optional_fields(call, "args", join(path, "args")) and call["args"]
    text = msgspec.json.encode(arguments or {}).decode()
    return ToolCallPart(call_id, required_text(call, "name", path), text, opaque=proof)


def _said_by(response: dict[str, Any]) -> tuple[str, bool]:
    """Return a result's text, and whether the call failed."""
    if response.keys() == {_ERROR}:
        return _text_of(response[_ERROR]), True
    if response.keys() == {_OUTPUT}:
        return _text_of(response[_OUTPUT]), False
    return _text_of(response), False


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _inline(blob: dict[str, Any], path: str) -> Part:
    media_type = required_text(blob, "mimeType", path)
    # The official SDKs write data in either alphabet.
    data = required_text(blob, "data", path).translate(_TO_STANDARD)
    data += "=" * (-len(data) % 4)
    title = optional_text(blob, "displayName", path)
    if media_type.startswith("image/"):
        return ImagePart(media_type, data)
    if media_type.startswith(("audio/", "video/")):
        return _native(media_type.partition("/")[0], {"inlineData": blob})
    return DocumentPart(media_type, data, title=title)


def _file(file: dict[str, Any], path: str) -> Part:
    """A web address is the model's to read; Google's own stores are out of anybody else's reach."""
    uri = required_text(file, "fileUri", path)
    media_type = optional_text(file, "mimeType", path) or ""
    is_web = uri.startswith("https://") and "generativelanguage.googleapis.com" not in uri
    if media_type.startswith("image/"):
        return ImagePart(url=uri) if is_web else ImagePart(file_id=uri)
    title = optional_text(file, "displayName", path)
    if media_type.startswith(("audio/", "video/")):
        return _native(media_type.partition("/")[0], {"fileData": file})
    return DocumentPart(url=uri, title=title) if is_web else DocumentPart(file_id=uri, title=title)


def _native(kind: str, part: Mapping[str, Any]) -> NativePart:
    return NativePart(Opaque(GEMINI, kind, msgspec.json.encode(part).decode()))
