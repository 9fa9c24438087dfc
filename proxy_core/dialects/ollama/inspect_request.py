"""What routing needs of a request, read from raw members."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.dialects.interface import OutputLimits, RequestFacts
from proxy_core.dialects.ollama.parse_request import plain_model, streams
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.output_limits import read_output_limits
from proxy_core.dialects.shared.raw_body import check_tools, last_turn, model_name, raw_bytes

_IMAGES = re.compile(rb'"images"\s*:\s*\[\s*"')
"""Within a string the quotes are escaped, so a match is a member."""
_LONGEST_NOTHING = 100
"""Bytes of an empty value with blanks in it; a longer one is not looked at."""
_NOTHING = (b"", b"null", b"[]", b'""')


def inspect_chat(body: Mapping[str, Any]) -> RequestFacts:
    """It is a user's turn if the last message is the user's."""
    messages = raw_bytes(body, "messages")
    turn = last_turn(messages)
    check_tools(body)
    return _facts(
        body, is_users=turn.role == "user", has_images=_IMAGES.search(messages) is not None
    )


def inspect_generate(body: Mapping[str, Any]) -> RequestFacts:
    """It has no turns: the prompt is the user's."""
    return _facts(body, is_users=True, has_images=not is_empty(body, "images"))


def is_empty(body: Mapping[str, Any], member: str) -> bool:
    """Whether a raw member says nothing; Ollama only loads a model to which nothing is said."""
    text = raw_bytes(body, member)
    return len(text) < _LONGEST_NOTHING and b"".join(text.split()) in _NOTHING


def output_limits(body: Mapping[str, Any]) -> OutputLimits:
    """Read the limits of a raw body; an unreadable one counts as absent."""
    try:
        options = msgspec.json.decode(raw_bytes(body, "options") or b"{}")
    except msgspec.DecodeError:
        return OutputLimits()
    if not isinstance(options, dict):
        return OutputLimits()
    limits = read_output_limits(options, ("num_predict",), "stop")
    return limits if limits.max_output_tokens != 0 else OutputLimits(stop=limits.stop)


def _facts(body: Mapping[str, Any], *, is_users: bool, has_images: bool) -> RequestFacts:
    return RequestFacts(
        model=plain_model(model_name(body)),
        stream=streams({"stream": decode_raw(body, "stream")}),
        is_user_turn=is_users,
        has_images=has_images,
        include_usage=True,
        must_translate=True,
    )
