"""No query of the window and the commands looks at every request: counted in steps of SQLite's machine.

A look at a row takes at least three; what an index or a total answers takes no more steps where there
are more rows on as many days.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from proxy_core.usage.ledger.queries import UsageQueries
from tests.benchmarks.ledger_queries import queries_of, searches_of_ids
from tests.benchmarks.ledger_rows import make_ledger

NEWEST = 1_795_262_400.0
DAYS = 10
ASKED = NEWEST + 12 * 86_400
"""No range cuts a day with requests: those of such days are read."""
FEW, MANY = 2_000, 5_000
PAGE = 20
"""So few that also the smaller file fills it."""
MOST_STEPS_A_ROW = 2.0
_AT_ONCE = 10
"""Steps between two calls of SQLite's progress handler."""


class Steps:
    """Counts the steps of all connections that are opened."""

    def __init__(self) -> None:
        self.taken = 0

    def connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = sqlite3.Connection(*arguments, **options)
        connection.set_progress_handler(self._count, _AT_ONCE)
        return connection

    def _count(self) -> int:
        self.taken += _AT_ONCE
        return 0

    def of(self, ask: Callable[[], object]) -> int:
        before = self.taken
        ask()
        return self.taken - before


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    counted = Steps()
    monkeypatch.setattr("proxy_core.usage.ledger.reader.sqlite3.connect", counted.connect)
    yield counted


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[UsageQueries, UsageQueries]:
    folder = tmp_path_factory.mktemp("ledgers")
    for rows in (FEW, MANY):
        make_ledger(folder / f"{rows}.sqlite3", rows, DAYS, NEWEST)
    return UsageQueries(folder / f"{FEW}.sqlite3"), UsageQueries(folder / f"{MANY}.sqlite3")


def more_a_row(
    files: tuple[UsageQueries, UsageQueries],
    steps: Steps,
    asked: Callable[[UsageQueries], dict[str, Callable[[], object]]],
) -> dict[str, float]:
    few, many = (asked(each) for each in files)
    return {name: (steps.of(many[name]) - steps.of(few[name])) / (MANY - FEW) for name in few}


def test_more_requests_on_as_many_days_cost_a_query_next_to_nothing(
    files: tuple[UsageQueries, UsageQueries], steps: Steps
) -> None:
    found = more_a_row(files, steps, lambda each: queries_of(each, ASKED, 30, PAGE))
    assert {name: each for name, each in found.items() if each > MOST_STEPS_A_ROW} == {}


def test_a_look_at_every_request_would_be_noticed(
    files: tuple[UsageQueries, UsageQueries], steps: Steps
) -> None:
    found = more_a_row(files, steps, lambda each: searches_of_ids(each, ASKED))
    assert min(found.values()) > MOST_STEPS_A_ROW
