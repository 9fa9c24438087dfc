"""A file of the version before gets its totals day by day; figures are right at every moment of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import Connect, LedgerFile, connect
from proxy_core.usage.ledger.queries import UsageQueries
from proxy_core.usage.ledger.schema import VERSION
from tests.unit.usage.ledger.ledger_words import DAY, NOON, Keep
from tests.unit.usage.ledger.test_stored_totals import check, opened, uses_totals

BERLIN = ZoneInfo("Europe/Berlin")
FORMER = """
DROP TRIGGER added_is_counted; DROP TRIGGER changed_is_counted; DROP TRIGGER changed_is_uncounted;
DROP TRIGGER deleted_is_uncounted; DROP INDEX requests_unusual;
DROP TABLE quarter_totals; DROP TABLE utc_client_days; DROP TABLE utc_day_totals;
DROP TABLE utc_day_misses; DROP TABLE totals_since;
DROP TRIGGER added_is_found; DROP TRIGGER changed_is_found;
DROP TABLE request_texts; DROP TABLE utc_text_days; DROP TABLE texts_since;
CREATE TABLE days (since REAL PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE day_totals (since REAL NOT NULL, client TEXT NOT NULL, model TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (since, client, model)) WITHOUT ROWID;
CREATE TABLE day_misses (since REAL NOT NULL, client TEXT NOT NULL, reason TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (since, client, reason)) WITHOUT ROWID;
CREATE TABLE totals_state (id INTEGER PRIMARY KEY CHECK (id = 1), is_stale INTEGER NOT NULL);
INSERT INTO totals_state VALUES (1, 0);
INSERT INTO days VALUES (0, 86400); INSERT INTO day_totals VALUES (0, 'x', 'm', 7);
CREATE TRIGGER request_added AFTER INSERT ON requests BEGIN
    UPDATE day_totals SET requests = requests + 1; END;
CREATE TRIGGER request_changed AFTER UPDATE ON requests BEGIN
    UPDATE day_totals SET requests = requests + 1; END;
CREATE TRIGGER request_deleted AFTER DELETE ON requests BEGIN
    UPDATE day_totals SET requests = requests - 1; END;
PRAGMA user_version = 4;
"""
"""Makes of today's file one of version 4: totals by days of the computer's time zone."""


@pytest.fixture
def former(tmp_path: Path, entries: list[LedgerEntry]) -> Path:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    file.write(entries)
    file.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORMER)
    return path


def plain(path: Path, connect: Connect = connect) -> LedgerFile:
    return LedgerFile(path, lambda: 0.0, lambda _: None, connect)


def test_it_is_right_before_during_and_after(former: Path, entries: list[LedgerEntry]) -> None:
    check(former, entries, BERLIN)
    file = plain(former)
    file.open()
    steps = 0
    while file.lacks_totals:
        check(former, entries, BERLIN)
        file.add_up_a_day()
        steps += 1
    assert steps == 41, "twenty days of totals and of texts, and one look that finds no other"
    assert uses_totals(former)
    check(former, entries, BERLIN)
    file.close()
    with closing(sqlite3.connect(former)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert not names & {"days", "day_totals", "day_misses", "totals_state", "request_added"}


def test_rows_that_come_go_and_change_meanwhile_are_counted_once(
    former: Path, entries: list[LedgerEntry], entry: Callable[..., LedgerEntry]
) -> None:
    file = plain(former)
    file.open()
    expected = {each.key: each for each in entries}
    number = 0
    while file.lacks_totals:
        started = entries[(number * 37) % 160].started + 1
        new = entry(f"new{number}", started=started, client="Codex", nano_credits=number)
        changed = entry(
            entries[number].request_id, started=entries[number].started, client="curl", model="z"
        )
        file.write([new, changed])
        expected |= {new.key: new, changed.key: changed}
        file.add_up_a_day()
        check(former, list(expected.values()), BERLIN)
        number += 1
    file.close()


def test_a_process_that_dies_in_a_step_leaves_the_former_state(
    former: Path, entries: list[LedgerEntry]
) -> None:
    """What a kill leaves is what is there without the commit: the step's transaction is gone."""
    file = plain(former)
    file.open()
    file.add_up_a_day()
    with closing(sqlite3.connect(former, isolation_level=None)) as dying:
        dying.execute("BEGIN IMMEDIATE")
        dying.execute("DELETE FROM quarter_totals")
        dying.execute("UPDATE totals_since SET since = 0")
    check(former, entries, BERLIN)
    while file.lacks_totals:
        file.add_up_a_day()
    check(former, entries, BERLIN)
    file.close()


def test_two_processes_add_up_each_day_once(former: Path, entries: list[LedgerEntry]) -> None:
    files = [plain(former), plain(former)]
    for each in files:
        each.open()
    while any(each.lacks_totals for each in files):
        for each in files:
            if each.lacks_totals:
                each.add_up_a_day()
    check(former, entries, BERLIN)
    for each in files:
        each.close()


def test_a_full_disk_ends_it_and_nobody_is_told(
    former: Path, entries: list[LedgerEntry], keep: Keep
) -> None:
    """The figures are as right without totals; entries can still be written."""

    class Full(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql.startswith("INSERT INTO quarter_totals"):
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            return super().execute(sql, *values)

    def full(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, factory=Full)

    keeper = keep(former, connect=full, retention_days=100_000)
    keeper.ledger.record(LedgerEntry("now", NOON))
    assert keeper.ledger.flush()
    assert keeper.ledger.close()
    assert keeper.told == []
    check(former, entries, BERLIN)
    assert UsageQueries(former).totals().requests == len(entries) + 1
    assert not uses_totals(former)


def test_the_writer_adds_up_by_itself_and_entries_do_not_wait_for_it(
    former: Path, entries: list[LedgerEntry], keep: Keep
) -> None:
    keeper = keep(former, retention_days=100_000)
    keeper.ledger.record(LedgerEntry("now", NOON, client="Codex"))
    assert keeper.ledger.flush()
    assert keeper.ledger.all_added_up(30.0)
    assert uses_totals(former)
    check(former, entries, BERLIN)


def test_pruning_takes_the_totals_of_whole_days_and_adds_up_the_day_it_cuts(
    tmp_path: Path, entries: list[LedgerEntry]
) -> None:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    file.write(entries)
    edge = entries[0].started + 5.25 * DAY
    assert file.prune(edge) == 42
    kept = [each for each in entries if each.started >= edge]
    check(path, kept, BERLIN)
    assert file.lacks_totals
    while file.lacks_totals:
        file.add_up_a_day()
    check(path, kept, BERLIN)
    assert uses_totals(path)
    assert file.prune(edge) == 0
    assert not file.lacks_totals
    file.close()
    with closing(sqlite3.connect(path)) as connection:
        (oldest,) = connection.execute("SELECT MIN(quarter) FROM quarter_totals").fetchone()
    assert oldest >= edge - 900
