"""A call's arguments for clients whose dialect has them as an object, not as text."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.dialects.shared.tool_names import UNPARSED_ARGUMENTS

_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def object_arguments(arguments: str) -> Any:
    """Return the object as raw JSON, in the model's own spelling; None if the text is no JSON object.

    No arguments at all are an empty object.
    """
    if not arguments.strip():
        return {}
    try:
        _decode_members(arguments)
    except (msgspec.DecodeError, RecursionError):
        return None
    return msgspec.Raw(arguments.encode())


def unparsed_arguments(arguments: str) -> dict[str, str]:
    """Return the object that stands for such a text (``UNPARSED_ARGUMENTS``)."""
    return {UNPARSED_ARGUMENTS: arguments}
