"""The clients the user paused, and until when. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class ClientPauses:
    """``until`` maps a client to the end of its pause in seconds since 1970; infinity: until resumed.

    Clients are named as in the request records. ``everyone`` is the end of a pause of all clients.
    """

    until: Mapping[str, float] = field(default_factory=dict)
    everyone: float | None = None

    def paused_until(self, client: str, now: float) -> float | None:
        """Return the end of the client's pause, or None if it is not paused."""
        end = self.until.get(client)
        return end if end is not None and end > now else None

    def running(self, now: float) -> dict[str, float]:
        """Return the pauses that have not ended."""
        return {client: end for client, end in self.until.items() if end > now}

    def pause(self, client: str, now: float, seconds: float | None = None) -> ClientPauses:
        """Return the pauses with this one, replacing an earlier one of the client.

        ``seconds`` None: until resumed. Pauses that have ended are dropped.
        """
        end = math.inf if seconds is None else now + seconds
        return replace(self, until=self.running(now) | {client: end})

    def resume(self, client: str, now: float) -> ClientPauses:
        running = self.running(now)
        running.pop(client, None)
        return replace(self, until=running)

    def everyone_until(self, now: float) -> float | None:
        """Return the end of the pause of all clients, or None where there is none."""
        return self.everyone if self.everyone is not None and self.everyone > now else None

    def pause_everyone(self, now: float, seconds: float | None = None) -> ClientPauses:
        return replace(self, everyone=math.inf if seconds is None else now + seconds)

    def resume_everyone(self) -> ClientPauses:
        """Return the pauses without the pause of all clients; single ones stay."""
        return replace(self, everyone=None)


def combined(stored: ClientPauses, base: ClientPauses, mine: ClientPauses) -> ClientPauses:
    """Return ``stored`` with this process's changes since ``base`` applied."""
    until = {
        client: end
        for client, end in stored.until.items()
        if mine.until.get(client) == base.until.get(client)
    }
    changed = {client: end for client, end in mine.until.items() if end != base.until.get(client)}
    everyone = stored.everyone if mine.everyone == base.everyone else mine.everyone
    return ClientPauses(until | changed, everyone)
