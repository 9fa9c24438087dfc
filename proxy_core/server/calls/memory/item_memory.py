"""Stores output items of recent responses, so that a client may refer to them by id.

OpenAI stores items unless a client sends ``store: false``, and the AI SDK's Responses provider then
sends ``item_reference`` in place of earlier items. Copilot stores nothing. This memory replaces it:
only for clients that rely on storage, per account, in memory only, bounded in size and time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

MOST_BYTES = 32_000_000
"""Of items and their ids together; a long turn of an agent makes some hundred thousand. Copilot's ids
are hundreds of characters long."""
MOST_ITEMS = 2_000
LONGEST_SECONDS = 24 * 3600.0


class ItemMemory:
    """An LRU cache of items' JSON by id.

    One object per server. Any thread may use it: large bodies are worked on in threads.
    ``now`` is in seconds of a monotonic clock.
    """

    def __init__(
        self,
        *,
        most_bytes: int = MOST_BYTES,
        most_items: int = MOST_ITEMS,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._most_bytes = most_bytes
        self._most_items = most_items
        self._longest_seconds = longest_seconds
        self._items: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._items)

    def keep(self, owner: str, item_id: str, item: bytes, now: float) -> None:
        """Store one item of ``owner``'s responses; other accounts cannot find it."""
        key = (owner, item_id)
        with self._lock:
            self._forget(key)
            self._items[key] = (now, item)
            self._bytes += _size(item_id, item)
            while len(self._items) > self._most_items or self._bytes > self._most_bytes:
                self._forget(next(iter(self._items)))

    def find(self, owner: str, item_id: str, now: float) -> bytes | None:
        key = (owner, item_id)
        with self._lock:
            found = self._items.get(key)
            if found is None:
                return None
            stored_at, item = found
            if now - stored_at > self._longest_seconds:
                self._forget(key)
                return None
            self._items.move_to_end(key)
            return item

    def _forget(self, key: tuple[str, str]) -> None:
        found = self._items.pop(key, None)
        if found is not None:
            self._bytes -= _size(key[1], found[1])


def _size(item_id: str, item: bytes) -> int:
    return len(item_id) + len(item)
