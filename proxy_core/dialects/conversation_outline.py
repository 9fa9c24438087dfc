"""A conversation's outline: its JSON with long texts cut, so that rules search a twentieth of it.

Whether a conversation needs anything is asked by three dozen searches for members, types and the
beginnings of values. A long conversation is mostly text, which none of them is about: it is decoded
once into structures that skip the text, and what they hold is encoded again. Every search that could
hit in the conversation hits in the outline; what is not of the usual shape is its own outline.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

LEAST = 8_192
"""Bytes of a conversation that is worth an outline; a shorter one is searched as it is."""
_LONG = 96
"""Bytes of a value above which it is cut."""
_BEGINNING = 80
"""Bytes that remain of it: more than any rule looks at, but of an image's address."""
_BEGINNING_OF_ADDRESS = 400
_DEEPEST = 8
_SEARCHED = 4_096

_NONE = Raw()
_OBJECT, _ARRAY, _TEXT = Raw(b"{}"), Raw(b"[]"), Raw(b'"..."')
_QUOTE, _BRACE, _BRACKET, _BLANK = 0x22, 0x7B, 0x5B, (0x20, 0x5C)
"""First bytes of JSON values; the last may begin a text of blanks: a space, or an escape."""
_CHARACTERS = re.compile(
    rb'"(?:[^"\\]|\\(?:[^u]|u(?:[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|(?![dD][89abAB])[0-9a-fA-F]{4})))*'
)
"""Whole characters: a pair of surrogates in escapes is one."""
_LISTS_PARTS = re.compile(rb'"content"\s*:\s*([\["])')


class _Source(msgspec.Struct, omit_defaults=True, gc=False):
    type: Raw = _NONE
    media_type: Raw = _NONE
    data: Raw = _NONE
    content: Raw = _NONE


class _Image(msgspec.Struct, omit_defaults=True, gc=False):
    url: Raw = _NONE
    detail: Raw = _NONE


class _Part(msgspec.Struct, omit_defaults=True, gc=False):
    """A content part or block of any dialect, with every member that a rule looks for."""

    type: Raw = _NONE
    id: Raw = _NONE
    text: Raw = _NONE
    tool_use_id: Raw = _NONE
    call_id: Raw = _NONE
    content: Raw = _NONE
    input: Raw = _NONE
    signature: Raw = _NONE
    data: Raw = _NONE
    source: _Source | UnsetType | None = UNSET
    image_url: Raw = _NONE
    detail: Raw = _NONE
    file_data: Raw = _NONE
    filename: Raw = _NONE
    cache_control: Raw = _NONE
    copilot_cache_control: Raw = _NONE
    prompt_cache_breakpoint: Raw = _NONE


class _Function(msgspec.Struct, omit_defaults=True, gc=False):
    name: Raw = _NONE
    arguments: Raw = _NONE
    thought_signature: Raw = _NONE


class _Call(msgspec.Struct, omit_defaults=True, gc=False):
    id: Raw = _NONE
    type: Raw = _NONE
    function: _Function | UnsetType | None = UNSET
    custom: Raw = _NONE
    cache_control: Raw = _NONE
    copilot_cache_control: Raw = _NONE


class _TurnMembers(msgspec.Struct, omit_defaults=True, gc=False):
    """A message or item of any dialect, but for its content."""

    role: Raw = _NONE
    type: Raw = _NONE
    id: Raw = _NONE
    call_id: Raw = _NONE
    tool_call_id: Raw = _NONE
    tool_calls: list[_Call] | UnsetType | None = UNSET
    arguments: Raw = _NONE
    output: Raw = _NONE
    tools: Raw = _NONE
    namespace: Raw = _NONE
    encrypted_content: Raw = _NONE
    reasoning_content: Raw = _NONE
    reasoning_text: Raw = _NONE
    reasoning_opaque: Raw = _NONE
    output_config: Raw = _NONE
    cache_control: Raw = _NONE
    copilot_cache_control: Raw = _NONE
    internal_chat_message_metadata_passthrough: Raw = _NONE


class _TurnOfParts(_TurnMembers, omit_defaults=True, gc=False):
    """For conversations of parts: they are skipped through in the same pass."""

    content: list[_Part] | str | UnsetType | None = UNSET


class _TurnOfText(_TurnMembers, omit_defaults=True, gc=False):
    """For conversations of texts, which are not decoded so."""

    content: Raw = _NONE


_of_parts = msgspec.json.Decoder(list[_TurnOfParts]).decode
_of_text = msgspec.json.Decoder(list[_TurnOfText]).decode
_parts = msgspec.json.Decoder(list[_Part]).decode
_part = msgspec.json.Decoder(_Part).decode
_image = msgspec.json.Decoder(_Image).decode
_items = msgspec.json.Decoder(list[Raw]).decode
_encode = msgspec.json.Encoder().encode


class Outline:
    """The outline of one member of a body. ``text`` is the JSON of the outline."""

    __slots__ = ("_value", "text")

    def __init__(self, value: Any) -> None:
        """``value`` is the member, as ``msgspec.Raw`` or decoded; None where it is absent."""
        self._value = value
        if value is None:
            self.text = b""
        else:
            self.text = outline(bytes(value) if isinstance(value, Raw) else _encode(value))

    def is_of(self, value: Any) -> bool:
        """Whether it is the outline of this very value."""
        return value is self._value

    def items(self) -> list[bytes]:
        """Return the outline of each item. Raises msgspec.DecodeError where it is no array."""
        return [bytes(each) for each in _items(self.text)]


def outline_of(value: Any, known: Outline | None = None) -> Outline:
    """Return the outline of a member: ``known``, if that is it, else a new one."""
    return known if known is not None and known.is_of(value) else Outline(value)


def outline(text: bytes) -> bytes:
    """Return the outline of a conversation, an array of messages or items in JSON."""
    if len(text) < LEAST:
        return text
    first = _LISTS_PARTS.search(text, 0, _SEARCHED)
    try:
        if first is not None and first[1] == b"[":
            turns: list[Any] = _of_parts(text)
            for turn in turns:
                _shorten_content(turn)
        else:
            turns = _of_text(text)
            for turn in turns:
                if turn.content is not _NONE:
                    turn.content = _shortened(turn.content, 0)
        for turn in turns:
            _shorten_members(turn)
        return _encode(turns)
    except (msgspec.DecodeError, RecursionError):
        return text


def _shorten_content(turn: _TurnOfParts) -> None:
    content = turn.content
    if isinstance(content, list):
        _shorten_parts(content, 0)
    elif isinstance(content, str) and len(content) > _LONG:
        turn.content = "..."


def _shorten_members(turn: _TurnMembers) -> None:
    if turn.tool_calls:
        for call in turn.tool_calls:
            _shorten_call(call)
    if turn.output is not _NONE:
        turn.output = _shortened(turn.output, 0)
    if turn.arguments is not _NONE:
        turn.arguments = _cut(turn.arguments)
    if turn.encrypted_content is not _NONE:
        turn.encrypted_content = _cut(turn.encrypted_content)
    if turn.reasoning_text is not _NONE or turn.reasoning_content is not _NONE:
        turn.reasoning_text = _cut(turn.reasoning_text)
        turn.reasoning_content = _cut(turn.reasoning_content)
    if turn.reasoning_opaque is not _NONE:
        turn.reasoning_opaque = _cut(turn.reasoning_opaque)


def _shorten_call(call: _Call) -> None:
    if isinstance(call.function, _Function):
        call.function.arguments = _cut(call.function.arguments)
        call.function.thought_signature = _cut(call.function.thought_signature)
    if call.custom is not _NONE:
        call.custom = _cut(call.custom)


def _shortened(value: Raw, depth: int) -> Raw:
    """Return a content, or a tool's output: a text, parts, or one part."""
    if memoryview(value)[0] == _QUOTE:
        return _TEXT if memoryview(value).nbytes > _LONG else value
    return _nested(value, depth)


def _nested(value: Raw, depth: int) -> Raw:
    if depth > _DEEPEST:
        raise RecursionError
    first = memoryview(value)[0]
    if first == _BRACKET:
        parts = _parts(value)
        _shorten_parts(parts, depth)
        return Raw(_encode(parts))
    if first == _BRACE:
        part = _part(value)
        _shorten_parts([part], depth)
        return Raw(_encode(part))
    return value


def _shorten_parts(parts: list[_Part], depth: int) -> None:
    for part in parts:
        text = memoryview(part.text)
        if text.nbytes > _LONG:
            part.text = _TEXT if text[1] not in _BLANK else _cut(part.text)
        if part.input is not _NONE:
            part.input = _cut(part.input)
        elif part.content is not _NONE:
            part.content = _shortened(part.content, depth + 1)
        elif part.text is _NONE:
            _shorten_part(part, depth)


def _shorten_part(part: _Part, depth: int) -> None:
    """Cut what a part that is no text, no call and no result holds."""
    part.signature = _cut(part.signature)
    part.data = _cut(part.data)
    part.file_data = _cut(part.file_data)
    if part.image_url is not _NONE:
        part.image_url = _shortened_image(part.image_url)
    source = part.source
    if isinstance(source, _Source):
        source.data = _cut(source.data)
        if source.content is not _NONE:
            source.content = _shortened(source.content, depth + 1)


def _shortened_image(value: Raw) -> Raw:
    if memoryview(value)[0] != _BRACE:
        return _cut(value, _BEGINNING_OF_ADDRESS)
    image = _image(value)
    image.url = _cut(image.url, _BEGINNING_OF_ADDRESS)
    return Raw(_encode(image))


def _cut(value: Raw, beginning: int = _BEGINNING) -> Raw:
    """Return a value, or the beginning of it: whole characters of a text, of others the brackets."""
    view = memoryview(value)
    if view.nbytes <= max(_LONG, beginning):
        return value
    if view[0] == _BRACE:
        return _OBJECT
    if view[0] == _BRACKET:
        return _ARRAY
    found = _CHARACTERS.match(bytes(view[:beginning]))
    if found is None:
        return value
    characters = found[0] if found[0].isascii() else found[0].decode(errors="ignore").encode()
    return Raw(characters + b'"')
