"""Members of a response object that no request has: returned to a client of the same dialect."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.events import Usage
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.openai_responses.response.request_echo import DEFAULTS, ECHOED
from proxy_core.dialects.openai_responses.response.response_object import render_usage
from proxy_core.dialects.shared.json_members import (
    decode_object,
    members_beside,
    with_missing,
)

RESPONSES = DialectName.OPENAI_RESPONSES
REPEATED = "repeated"
"""Where what repeats the request stands: upstream knows what came of what the client left out."""
_WRITTEN = frozenset({"object", "output", "usage", "error", "incomplete_details", "tools"})
_OWN = ECHOED | {"id", "created_at", "status", "model", "output", "error", "incomplete_details"}


def further_members(event: bytes) -> Opaque | None:
    """Return them of the event that ends a response; None where there are none."""
    response = decode_object(event).get("response")
    if not isinstance(response, dict):
        return None
    stated = {
        name: value
        for name, value in response.items()
        if value is not None and not name.startswith("copilot_")
    }
    more = {name: value for name, value in stated.items() if name not in _OWN}
    if repeated := {name: stated[name] for name in ECHOED & stated.keys() - _WRITTEN}:
        more[REPEATED] = repeated
    usage = response.get("usage")
    if isinstance(usage, dict):
        counted = members_beside(usage, render_usage(Usage()))
        more |= {"usage": counted} if counted else {}
    return Opaque(RESPONSES, "response", msgspec.json.encode(more).decode()) if more else None


def with_further_members(response: dict[str, Any], more: Opaque | None) -> dict[str, Any]:
    """Return the response object with them; it is complete already for any other dialect's."""
    if more is None or more.dialect is not RESPONSES:
        return response
    stated = decode_object(more.data)
    repeated = stated.pop(REPEATED, {})
    unsaid = {
        name: value for name, value in repeated.items() if response.get(name) == DEFAULTS.get(name)
    }
    return with_missing({**response, **unsaid}, stated)
