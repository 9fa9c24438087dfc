"""Parses ``contents`` into canonical messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

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
from proxy_core.dialects.gemini.fields import (
    fields,
    listed,
    named,
    optional_fields,
    optional_listed,
)
from proxy_core.dialects.gemini.schema import KNOWN_CONTENT, KNOWN_PART, NATIVE_PARTS, ROLES
from proxy_core.dialects.gemini.signatures import GEMINI, Signature, unseal
from proxy_core.dialects.shared.json_members import (
    as_object,
    join,
    members_beyond,
    one_of,
    optional_bool,
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


class _ModelTurn:
    """One turn of the model, of one content or several. ``position`` is the first one's."""

    def __init__(self, position: int) -> None:
        self._position = position
        self._content: list[Part] = []
        self._calls = 0

    def add(self, part: dict[str, Any], path: str) -> _OpenCall | None:
        """Add a part; return the call that it makes. Raises BadRequest."""
        stated = optional_text(part, "thoughtSignature", path)
        signature = unseal(stated) if stated else Signature()
        if optional_bool(part, "thought", path):
            self._join(_thought(part, path, signature))
            return None
        self._restore_thinking(signature)
        if part.get("functionCall") is None:
            if signature.call is not None and not signature.is_ours:
                self._content.append(ThinkingPart("", signature.call))
            for each in _model_part(part, path):
                self._join(each)
            return None
        where = join(path, "functionCall")
        call = fields(part["functionCall"], where)
        call_id = optional_text(call, "id", where) or f"call_{self._position}_{self._calls}"
        self._calls += 1
        parsed = _call(call, call_id, where, signature.call)
        self._content.append(parsed)
        return _OpenCall(call_id, parsed.name)

    def message(self) -> AssistantMessage:
        return AssistantMessage(tuple(self._content))

    def _join(self, part: Part) -> None:
        """Add a part, to the one before if both are pieces of one text or of one thought."""
        last = self._content[-1] if self._content else None
        if isinstance(part, TextPart) and isinstance(last, TextPart):
            self._content[-1] = TextPart(last.text + part.text)
        elif _is_shown(part) and _is_shown(last):
            self._content[-1] = ThinkingPart(last.text + part.text)
        else:
            self._content.append(part)

    def _restore_thinking(self, signature: Signature) -> None:
        """Put the thinking that ``signature`` carries before its part, in place of what was shown."""
        if not signature.thinking:
            return
        if self._content and _is_shown(self._content[-1]):
            self._content.pop()
        self._content.extend(signature.thinking)


class ContentsParser:
    """Parses one request's contents in order: results refer backwards.

    Calls need no id in this dialect; one without gets an id from its place, so that it has the same one
    in every request of the conversation.
    """

    def __init__(self) -> None:
        self._open: list[_OpenCall] = []
        """Calls without a result so far."""

    def parse(self, contents: list[Any]) -> list[Message]:
        """Google's own SDKs keep every piece of a stream as a content of its own: they are one turn."""
        messages: list[Message] = []
        turn: _ModelTurn | None = None
        for position, item in enumerate(contents):
            path = f"contents[{position}]"
            content = fields(item, path)
            role = one_of(optional_text(content, "role", path) or "user", ROLES, join(path, "role"))
            parts = _parts(content, path)
            if role != "model":
                messages += [] if turn is None else [turn.message()]
                turn = None
                messages.extend(self._users_turn(parts))
                continue
            if turn is None:
                self._open.clear()
                turn = _ModelTurn(position)
            for part, where in parts:
                called = turn.add(part, where)
                self._open += [] if called is None else [called]
        return messages if turn is None else [*messages, turn.message()]

    def _users_turn(self, parts: list[tuple[dict[str, Any], str]]) -> Iterator[Message]:
        said: list[Part] = []
        for part, where in parts:
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
        for number, part in enumerate(optional_listed(result, "parts", path)):
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
    parts = listed(fields(value, path).get("parts", []), join(path, "parts"))
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
        for each in (
            [parts] if isinstance(parts, dict) else parts if isinstance(parts, list) else ()
        ):
            part = named(each) if isinstance(each, dict) else {}
            yield from members_beyond(part, KNOWN_PART | set(NATIVE_PARTS), "contents[].parts[]")


def _parts(content: Mapping[str, Any], path: str) -> list[tuple[dict[str, Any], str]]:
    """Return a content's parts, each with its path. Raises BadRequest."""
    where = join(path, "parts")
    stated = listed(content.get("parts"), where)
    if not stated:
        refuse(where, "contents.parts must not be empty.")
    paths = [f"{where}[{number}]" for number in range(len(stated))]
    return [(fields(part, each), each) for part, each in zip(stated, paths, strict=True)]


def _is_shown(part: Part | None) -> TypeGuard[ThinkingPart]:
    """Whether it is a thought that was only shown."""
    return isinstance(part, ThinkingPart) and part.opaque is None


def _thought(part: Mapping[str, Any], path: str, signature: Signature) -> ThinkingPart:
    """A thought that is shown; one of ours is stated whole by the signature of the part behind it."""
    own = None if signature.is_ours else signature.call
    return ThinkingPart(optional_text(part, "text", path) or "", own)


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
    if not is_web or media_type.startswith(("audio/", "video/")):
        return _native("fileData", {"fileData": file})
    if media_type.startswith("image/"):
        return ImagePart(url=uri)
    return DocumentPart(url=uri, title=optional_text(file, "displayName", path))


def _native(kind: str, part: Mapping[str, Any]) -> NativePart:
    return NativePart(Opaque(GEMINI, kind, msgspec.json.encode(part).decode()))
