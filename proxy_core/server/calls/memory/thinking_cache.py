"""The thinking of recent turns that called tools, for the next request of the same loop.

In memory only, bounded, never logged: a restart costs at most one refused turn.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxy_core.dialects.shared.thinking_replay import TurnThinking

MOST_CALLS = 2000
"""Tool calls remembered; a long session of an agent makes some hundred."""
MOST_CHARACTERS = 8_000_000
"""Total characters of thinking and opaque data."""
MOST_PROOFS = 20_000
"""Maximum stored issuers, by a digest of the opaque data."""


class ThinkingCache:
    """An LRU cache of turns' thinking by the id of any of their calls.

    One object per server. Any thread may use it: large bodies are worked on in threads.
    """

    def __init__(
        self, most_calls: int = MOST_CALLS, most_characters: int = MOST_CHARACTERS
    ) -> None:
        self._most_calls = most_calls
        self._most_characters = most_characters
        self._turns: OrderedDict[tuple[str, str], TurnThinking] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()
        self._issuers: OrderedDict[bytes, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._turns)

    def issuer(self, opaque: str) -> str | None:
        """Return the model that issued the opaque data, if this server has seen it."""
        return self._issuers.get(_digest(opaque))

    def keep(self, model_id: str, turn: TurnThinking) -> None:
        with self._lock:
            self._note_issuer(turn.opaque, model_id)
            for call_id in turn.call_ids:
                key = _key(model_id, call_id)
                self._forget(key)
                self._turns[key] = turn
                self._characters += _size(turn)
            while len(self._turns) > self._most_calls or self._characters > self._most_characters:
                self._forget(next(iter(self._turns)))

    def find(self, model_id: str, call_id: str) -> TurnThinking | None:
        key = _key(model_id, call_id)
        with self._lock:
            turn = self._turns.get(key)
            if turn is not None:
                self._turns.move_to_end(key)
            return turn

    def _note_issuer(self, opaque: str, model_id: str) -> None:
        self._issuers[_digest(opaque)] = model_id
        while len(self._issuers) > MOST_PROOFS:
            self._issuers.popitem(last=False)

    def _forget(self, key: tuple[str, str]) -> None:
        turn = self._turns.pop(key, None)
        if turn is not None:
            self._characters -= _size(turn)


def _key(model_id: str, call_id: str) -> tuple[str, str]:
    # Imported with the first turn: a start makes the cache, and does without the canonical request.
    from proxy_core.dialects.shared.tool_names import wire_call_id

    return model_id, wire_call_id(call_id)


def _digest(opaque: str) -> bytes:
    return sha256(opaque.encode("utf-8", "surrogatepass")).digest()


def _size(turn: TurnThinking) -> int:
    return len(turn.text) + len(turn.opaque)
