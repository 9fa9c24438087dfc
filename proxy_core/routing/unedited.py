"""A passed-through request as its client sent it, for those who want nothing fitted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.dialects.shared.opaque_envelope import PREFIX_BYTES
from proxy_core.dialects.shared.raw_body import raw_bytes
from proxy_core.dialects.web_search import SEARCH_ID_PREFIX

_OURS = (PREFIX_BYTES, SEARCH_ID_PREFIX.encode(), b'"reasoning_content"')
"""What only we write: an envelope of thinking, a search that another model ran, thinking under the name
chat clients know. Upstream cannot read them."""


def unedited_members(members: Mapping[str, Any], edited: Mapping[str, Any]) -> dict[str, Any]:
    """Return the client's members, byte for byte, but for the model's id.

    ``edited`` is the body made of them; a member in which something of ours stands is taken from it.
    """
    body = {
        name: edited[name] if name in edited and _holds_ours(members, name) else value
        for name, value in members.items()
    }
    return {**body, "model": edited["model"]}


def _holds_ours(members: Mapping[str, Any], name: str) -> bool:
    raw = raw_bytes(members, name)
    return any(each in raw for each in _OURS)
