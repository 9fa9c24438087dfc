"""One line of the ledger: names of one area that fare alike, and why."""

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.surface.measure import Fate
from tests.unit.surface.names import expanded


@dataclass(frozen=True, slots=True)
class Classified:
    """``messages``, ``chat`` and ``responses`` are the dialects upstream may speak."""

    area: str
    names: str
    messages: Fate
    chat: Fate
    responses: Fate
    reason: str

    def fates(self) -> dict[str, Fate]:
        return {"messages": self.messages, "chat": self.chat, "responses": self.responses}

    def is_left_out(self, client: str) -> bool:
        """Whether every translation leaves it out whole."""
        others = (fate for target, fate in self.fates().items() if target != client)
        return all(fate in (Fate.TOLD, Fate.REFUSED) for fate in others)

    def each_name(self) -> list[str]:
        return expanded(self.names)
