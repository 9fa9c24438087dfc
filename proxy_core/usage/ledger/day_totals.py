"""Totals of the current day, counted as requests end. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.entry import LedgerEntry


class DayFigures:
    """A request belongs to the local day on which it began. Belongs to one thread."""

    def __init__(self, day_of: Callable[[float], date]) -> None:
        """``day_of`` returns the local day of a moment, in seconds since 1970."""
        self._day_of = day_of
        self._day: date | None = None
        self._totals = Totals()

    def of(self, today: date) -> Totals:
        """Return that day's totals; a new day starts at zero."""
        if today != self._day:
            self._day, self._totals = today, Totals()
        return self._totals

    def add(self, entry: LedgerEntry, today: date) -> None:
        if self._day_of(entry.started) == today:
            self._totals = self.of(today) + totals_of(entry)

    def add_before(self, totals: Totals, day: date, today: date) -> None:
        """Add what earlier runs counted on ``day``."""
        if day == today:
            self._totals = self.of(today) + totals

    def forget(self) -> None:
        self._totals = Totals()


def totals_of(entry: LedgerEntry) -> Totals:
    """Return one entry's totals; must agree with the SQL of ``queries``."""
    nano = entry.nano_credits
    return Totals(
        requests=1,
        failed=int(entry.ending == "failed"),
        cancelled=int(entry.ending == "cancelled"),
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        cache_read_tokens=entry.cache_read_tokens,
        cache_write_tokens=entry.cache_write_tokens,
        reasoning_tokens=entry.reasoning_tokens,
        nano_credits=nano or 0,
        estimated_nano_credits=(nano or 0) if entry.estimated else 0,
        saved_nano_credits=entry.saved_nano_credits or 0,
        unpriced=int(nano is None and entry.prompt_tokens + entry.output_tokens > 0),
        asked_by_user=int(entry.initiator == "user"),
        asked_by_agent=int(entry.initiator == "agent"),
    )
