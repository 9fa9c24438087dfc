"""A ledger of an older version of the program: read as it is, brought up to date by the writer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import UsageQueries
from proxy_core.usage.ledger.repair import readable_entries
from proxy_core.usage.ledger.schema import VERSION
from tests.unit.usage.ledger.ledger_words import NOON

VERSION_1 = """
CREATE TABLE requests (
    request_id TEXT NOT NULL, started REAL NOT NULL, client TEXT NOT NULL, model TEXT NOT NULL,
    path TEXT NOT NULL, endpoint TEXT NOT NULL, translated INTEGER NOT NULL, streamed INTEGER NOT NULL,
    ending TEXT NOT NULL, error TEXT, stop_reason TEXT, http_status INTEGER, duration REAL,
    first_byte REAL, attempts INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, nano_credits INTEGER,
    estimated INTEGER NOT NULL, saved_nano_credits INTEGER, miss_reason TEXT,
    UNIQUE (request_id, started)
);
CREATE INDEX requests_by_start ON requests (started);
CREATE INDEX requests_by_client ON requests (client, started);
PRAGMA user_version = 1;
PRAGMA application_id = 1732464725;
"""
"""As the releases before 29 November 2026 made it."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "usage.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
        connection.executemany(
            "INSERT INTO requests VALUES (?, ?, 'Codex', 'm', '/v1/responses', '/responses', 0, 1, "
            "'done', NULL, NULL, 200, 1.5, 0.5, 1, 10, 20, 30, 0, 0, 400, 0, NULL, NULL)",
            [(f"r{number}", NOON + number) for number in range(50)],
        )
        connection.commit()
    return path


def asked(number: int, initiator: str) -> LedgerEntry:
    return LedgerEntry(f"n{number}", NOON + 100 + number, client="Codex", initiator=initiator)


def test_it_is_read_without_being_changed(old: Path) -> None:
    before = old.read_bytes()
    waiting = (asked(1, "user"), asked(2, "agent"), asked(3, "agent"))
    totals = UsageQueries(old, lambda: waiting).totals()
    assert (totals.requests, totals.output_tokens, totals.nano_credits) == (53, 1_000, 20_000)
    assert (totals.asked_by_user, totals.asked_by_agent) == (1, 2)
    (newest,) = UsageQueries(old).latest(1)
    assert (newest.request_id, newest.initiator) == ("r49", "")
    assert old.read_bytes() == before


def test_the_writer_brings_it_up_to_date_and_keeps_every_row(old: Path) -> None:
    told: list[object] = []
    with closing(LedgerFile(old, lambda: NOON, told.append)) as ledger:
        ledger.open()
        ledger.write([asked(1, "agent"), asked(2, "user")])
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    totals = UsageQueries(old).totals()
    assert (totals.requests, totals.asked_by_user, totals.asked_by_agent) == (52, 1, 1)
    assert told == [], "nothing had to be rebuilt"


def test_what_is_saved_from_a_damaged_one_has_all_its_rows(old: Path) -> None:
    saved = list(readable_entries(old))
    assert [each.request_id for each in saved] == [f"r{number}" for number in range(50)]
    assert {each.initiator for each in saved} == {""}
