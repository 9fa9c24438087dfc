"""What routing needs of a request, read from raw members."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.dialects.interface import OutputLimits, RequestFacts
from proxy_core.dialects.shared.json_members import decode_raw, refuse
from proxy_core.dialects.shared.output_limits import read_output_limits
from proxy_core.dialects.shared.raw_body import model_name, raw_bytes, wants_stream

_IMAGE = re.compile(rb'"mime_?[tT]ype"\s*:\s*"image/')
"""Within a string the quotes are escaped, so a match is a member."""
_DOCUMENT = re.compile(rb'"mime_?[tT]ype"\s*:\s*"(?:application|text)/')


class _Part(msgspec.Struct, rename="camel"):
    function_response: msgspec.Raw = msgspec.Raw()


class _OriginalPart(msgspec.Struct):
    function_response: msgspec.Raw = msgspec.Raw()


class _Content(msgspec.Struct):
    role: str | None = None
    parts: msgspec.Raw = msgspec.Raw(b"[]")


_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_content = msgspec.json.Decoder(_Content).decode
_decode_part = msgspec.json.Decoder(_Part).decode
_decode_original = msgspec.json.Decoder(_OriginalPart).decode


def inspect_request(body: Mapping[str, Any]) -> RequestFacts:
    """It is a user's turn if the last content is the user's and holds no result."""
    contents = raw_bytes(body, "contents")
    return RequestFacts(
        model=model_name(body),
        stream=wants_stream(body),
        is_user_turn=_is_users(contents),
        has_images=_IMAGE.search(contents) is not None,
        include_usage=True,
        must_translate=True,
        has_documents=_DOCUMENT.search(contents) is not None,
    )


def output_limits(body: Mapping[str, Any]) -> OutputLimits:
    """Read the limits of a raw body; an unreadable one counts as absent."""
    config = _config(body)
    limits = read_output_limits(config, ("maxOutputTokens", "max_output_tokens"), "stopSequences")
    if not limits.stop:
        older = read_output_limits(config, (), "stop_sequences")
        return OutputLimits(limits.max_output_tokens, older.stop)
    return limits


def _config(body: Mapping[str, Any]) -> Mapping[str, Any]:
    name = "generationConfig" if "generationConfig" in body else "generation_config"
    try:
        config = msgspec.json.decode(raw_bytes(body, name) or b"{}")
    except msgspec.DecodeError:
        return {}
    return config if isinstance(config, dict) else {}


def _is_users(contents: bytes) -> bool:
    if not contents:
        refuse("contents", "contents is not specified")
    try:
        items = _items(contents)
        last = _decode_content(items[-1]) if items else _Content()
        return last.role in (None, "", "user") and not any(map(_is_result, _items(last.parts)))
    except msgspec.DecodeError:
        decode_raw({"contents": msgspec.Raw(contents)}, "contents")
        return True  # Its parser says what is wrong, by its path.


def _items(stated: bytes | msgspec.Raw) -> list[msgspec.Raw]:
    """An object in place of a list is its only item (``fields.listed``)."""
    text = bytes(stated)
    return _decode_items(b"[" + text + b"]" if text.lstrip()[:1] == b"{" else text)


def _is_result(part: msgspec.Raw) -> bool:
    found = _decode_part(part).function_response or _decode_original(part).function_response
    return bytes(found) not in (b"", b"null")
