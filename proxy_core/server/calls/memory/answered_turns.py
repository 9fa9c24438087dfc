"""Codex's turns that were answered lately: what follows in one of them is the program's work.

A turn goes on after its tools ran, and after Codex compacted the conversation in the middle of it.
Then a user's text stands last, and the client's statement is that of the turn; its ``turn_id`` tells
that the person was counted already (copilot-protocol.md 3.3).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from proxy_core.routing.initiator import InitiatorVerdict
from proxy_core.routing.upstream_api import Initiator

if TYPE_CHECKING:
    from proxy_core.routing.call_plan import PlannedCall

MOST_TURNS = 1000
LONGEST_ID = 100
WHY = "the same turn of Codex's goes on"


class AnsweredTurns:
    """One object per server; any thread may use it. In memory only."""

    def __init__(self, most: int = MOST_TURNS) -> None:
        self._most = most
        self._turns: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, turn: str) -> None:
        """A call of that turn was accepted upstream as the person's."""
        if not turn or len(turn) > LONGEST_ID:
            return
        with self._lock:
            self._turns[turn] = None
            self._turns.move_to_end(turn)
            while len(self._turns) > self._most:
                self._turns.popitem(last=False)

    def __contains__(self, turn: str) -> bool:
        with self._lock:
            return turn in self._turns


def continued(planned: PlannedCall, turn: str, answered: AnsweredTurns) -> PlannedCall:
    """Return the call as an agent's where its turn was answered before."""
    if planned.asked_by.initiator is not Initiator.USER or turn not in answered:
        return planned
    return replace(
        planned,
        asked_by=InitiatorVerdict(Initiator.AGENT, WHY),
        call=replace(planned.call, initiator=Initiator.AGENT),
    )
