"""The totals beside the rows say what the rows say, whatever is written, deleted or moved."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.day_totals import totals_of
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import Range, UsageQueries, day_start
from proxy_core.usage.local_zone import LocalDays
from tests.unit.usage.ledger.ledger_words import FIRST, LAST, Make

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")


def opened(path: Path) -> LedgerFile:
    """Return the file with all its totals."""
    file = LedgerFile(path, lambda: 0.0, lambda _: None)
    file.open()
    while file.lacks_totals:
        file.add_up_a_day()
    return file


def added_up(entries: Sequence[LedgerEntry], zone: tzinfo) -> dict[date, Totals]:
    found: dict[date, Totals] = {}
    for each in entries:
        day = datetime.fromtimestamp(each.started, zone).date()
        found[day] = found.get(day, Totals()) + totals_of(each)
    return found


def check(path: Path, kept: Sequence[LedgerEntry], zone: tzinfo) -> None:
    found = UsageQueries(path).overview(FIRST, LAST, zone)
    expected = added_up(kept, zone)
    shown = {each.day: each.totals for each in found.days if each.totals.requests}
    assert shown == {day: each for day, each in expected.items() if FIRST <= day <= LAST}
    assert found.totals == sum(shown.values(), Totals())
    of_models = sum((each.totals for each in found.models), Totals())
    assert of_models == found.totals


def uses_totals(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT since FROM totals_since").fetchone() == (0,)


@pytest.mark.parametrize("zone", [UTC, BERLIN, KATHMANDU], ids=str)
def test_days_of_any_zone_add_up(tmp_path: Path, entries: list[LedgerEntry], zone: tzinfo) -> None:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    file.write(entries)
    assert uses_totals(path)
    check(path, entries, zone)
    file.close()


def test_a_row_written_again_counts_once_with_its_latest_figures(
    tmp_path: Path, entries: list[LedgerEntry], entry: Make
) -> None:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    file.write(entries)
    again = entry("r3", started=entries[3].started, client="curl", model="z", nano_credits=9)
    file.write([again, entries[4]])
    check(path, [*entries[:3], again, *entries[4:]], UTC)
    file.close()


def test_what_is_pruned_or_forgotten_is_counted_no_more(
    tmp_path: Path, entries: list[LedgerEntry]
) -> None:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    file.write(entries)
    file.prune(entries[50].started)
    check(path, entries[50:], UTC)
    file.forget()
    check(path, [], UTC)
    file.write(entries[:7])
    check(path, entries[:7], UTC)
    assert uses_totals(path)
    file.close()


def test_rows_of_another_hand_count_too(tmp_path: Path, entries: list[LedgerEntry]) -> None:
    path, other = tmp_path / "usage.sqlite3", tmp_path / "other.sqlite3"
    opened(path).close()
    file = opened(other)
    file.write(entries)
    file.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ATTACH ? AS other", (str(other),))
        connection.execute("INSERT INTO main.requests SELECT * FROM other.requests")
        connection.commit()
    assert uses_totals(path)
    check(path, entries, UTC)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM requests WHERE request_id IN ('r3', 'r77')")
        connection.commit()
    check(path, [each for each in entries if each.request_id not in ("r3", "r77")], BERLIN)


def test_what_is_not_written_yet_is_in_the_figures(
    tmp_path: Path, entries: list[LedgerEntry]
) -> None:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    file.write(entries[:100])
    queries = UsageQueries(path, lambda: entries[90:])
    found = queries.overview(FIRST, LAST, UTC)
    assert found.totals.requests == 160
    assert [each.request_id for each in queries.latest(2)] == ["r159", "r158"]
    file.close()


def test_a_row_of_no_possible_day_keeps_no_other_from_being_counted(
    tmp_path: Path, entries: list[LedgerEntry], entry: Make
) -> None:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    odd = [entry("odd", started=1e300), entry("older", started=-5.0), entry("first", started=0.0)]
    file.write([*entries, *odd])
    check(path, entries, BERLIN)
    assert UsageQueries(path).totals().requests == len(entries) + 2
    assert UsageQueries(path).totals(Range(-10.0)).requests == len(entries) + 3
    file.write(odd)
    assert UsageQueries(path).totals(Range(-10.0)).requests == len(entries) + 3
    file.close()


def test_days_are_as_long_as_they_are_in_their_zone() -> None:
    days = LocalDays(BERLIN)
    change = date(2026, 3, 29)
    since, until = days.bounds(day_start(change, BERLIN) + 5)
    assert (until - since) / 3600 == 23
    assert since == day_start(change, BERLIN)
    assert until == day_start(change + timedelta(days=1), BERLIN)


@pytest.mark.parametrize("client", [None, "Codex", "nobody"])
@pytest.mark.parametrize(
    ("first", "last"), [(0, 160), (0.5, 159.5), (3, 5), (4, 4), (7.9, 100.2), (80, 8000), (-9, 12)]
)
def test_any_range_is_added_up_from_totals_and_the_rows_of_quarters_it_cuts(
    tmp_path: Path,
    entries: list[LedgerEntry],
    client: str | None,
    first: float,
    last: float,
) -> None:
    path = tmp_path / "usage.sqlite3"
    file = opened(path)
    file.write(entries)
    file.close()
    begin = day_start(FIRST, UTC)
    since, until = begin + first * 3 * 3600, begin + last * 3 * 3600
    unwritten = (replace(entries[0], request_id="new", started=begin + 1), entries[1])
    found = UsageQueries(path, lambda: unwritten).totals(Range(since, until, client))
    expected = [
        totals_of(each)
        for each in (*entries, unwritten[0])
        if since <= each.started < until and client in (None, each.client)
    ]
    assert found == sum(expected, Totals())
