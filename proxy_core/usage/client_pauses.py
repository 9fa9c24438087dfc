"""Tools the user told to wait: which, and until when. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class ClientPauses:
    """``until`` maps a client to the end of its pause in seconds since 1970; infinity: until resumed.

    A client is named as in the request records.
    """

    until: Mapping[str, float] = field(default_factory=dict)

    def paused_until(self, client: str, now: float) -> float | None:
        """Return the end of the client's pause, or None where it is not paused."""
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
