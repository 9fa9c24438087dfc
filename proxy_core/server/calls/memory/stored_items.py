"""The items one caller may refer to: resolved in its request, stored from its response."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from proxy_core.dialects.openai_responses.session.stored_state import with_items_for_references
from proxy_core.server.access.guest_tokens import github_token
from proxy_core.server.parts import ServerContext
from proxy_core.server.records.request_log import RequestLogEntry


class StoredItems:
    """One object per request."""

    def __init__(
        self, parts: ServerContext, headers: Mapping[str, str], entry: RequestLogEntry
    ) -> None:
        self._items = parts.items
        self._clock = parts.clock
        self._owner = _owner(parts, headers, entry)

    def resolve(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the body with its references replaced by the items."""
        return with_items_for_references(members, self._find) if len(self._items) else members

    def keep(self, item_id: str, item: bytes) -> None:
        self._items.keep(self._owner, item_id, item, self._clock.monotonic())

    def _find(self, item_id: str) -> bytes | None:
        return self._items.find(self._owner, item_id, self._clock.monotonic())


def _owner(parts: ServerContext, headers: Mapping[str, str], entry: RequestLogEntry) -> str:
    """Return the items' owner: for a guest, a hash of its token."""
    if entry.is_guests:
        token = github_token(headers) or ""
        return f"guest:{sha256(token.encode()).hexdigest()}"
    return f"user:{parts.board.published.account.login or ''}"
