"""One id per user turn, the same for every call of its tool loop (``X-Interaction-Id``)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from proxy_core.routing.upstream_api import Initiator

CONVERSATIONS_REMEMBERED = 512


class InteractionIds:
    """Stores the current turn's id of each conversation a client names; bounded."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._current: OrderedDict[str, str] = OrderedDict()

    def interaction_id(self, session_id: str | None, initiator: Initiator) -> str:
        """Return a new id for a person's turn, and the same id for its follow-up calls."""
        if session_id is None:
            return self._new_id()
        known = self._current.get(session_id)
        if known is None or initiator is Initiator.USER:
            known = self._new_id()
        self._current[session_id] = known
        self._current.move_to_end(session_id)
        while len(self._current) > CONVERSATIONS_REMEMBERED:
            self._current.popitem(last=False)
        return known
