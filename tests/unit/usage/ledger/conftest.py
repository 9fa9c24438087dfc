"""Three weeks of requests with a change to summer time in them."""

from __future__ import annotations

from datetime import UTC

import pytest

from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.queries import day_start
from tests.unit.usage.ledger.ledger_words import FIRST, Make


@pytest.fixture
def entries(entry: Make) -> list[LedgerEntry]:
    """One every three hours from the first day's begin in UTC, by two tools and three models."""
    begin = day_start(FIRST, UTC)
    return [
        entry(
            f"r{number}",
            started=begin + number * 3 * 3600,
            client=("Codex", "Claude Code")[number % 2],
            model=("a", "b", "c")[number % 3],
            nano_credits=None if number % 7 == 0 else number,
            ending="failed" if number % 5 == 0 else "done",
            estimated=number % 4 == 0,
            miss_reason="too_old" if number % 6 == 0 else None,
            initiator=("user", "agent", "")[number % 3],
        )
        for number in range(160)
    ]
