"""Figures from the ledger: by day, model and tool, what is usual, as a table."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proxy_core.status.totals import NANO_PER_CREDIT as CREDIT
from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.csv_export import write_csv
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import (
    MOST_DAYS,
    Habits,
    Range,
    UsageQueries,
    day_start,
)
from proxy_core.usage.ledger.reader import LedgerUnreadable

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
TODAY = date(2026, 11, 21)
HOUR = 3600.0
BERLIN = ZoneInfo("Europe/Berlin")

Make = Callable[..., LedgerEntry]
Ask = Callable[..., UsageQueries]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Queries over a ledger that holds these entries."""

    def make(*entries: LedgerEntry, unwritten: tuple[LedgerEntry, ...] = ()) -> UsageQueries:
        file = LedgerFile(tmp_path / "usage.sqlite3", lambda: NOON, lambda _: None)
        file.write(entries)
        file.close()
        return UsageQueries(tmp_path / "usage.sqlite3", lambda: unwritten)

    return make


def test_totals_add_up_every_count(ask: Ask, entry: Make) -> None:
    queries = ask(
        entry("a", cache_read_tokens=3_000, reasoning_tokens=50, saved_nano_credits=7),
        entry("b", ending="failed", nano_credits=None),
        entry("c", ending="cancelled", estimated=True, cache_write_tokens=1_000),
        entry("d", ending="failed", nano_credits=None, input_tokens=0, output_tokens=0),
    )
    assert queries.totals() == Totals(
        requests=4,
        failed=2,
        cancelled=1,
        input_tokens=3_000,
        output_tokens=300,
        cache_read_tokens=3_000,
        cache_write_tokens=1_000,
        reasoning_tokens=50,
        nano_credits=CREDIT,
        estimated_nano_credits=CREDIT // 2,
        saved_nano_credits=7,
        unpriced=1,
    )
    assert queries.totals().credits == 1.0
    assert queries.totals().cache_hit_rate == pytest.approx(3_000 / 7_000)


def test_nothing_at_all_adds_up_to_nothing(ask: Ask, tmp_path: Path) -> None:
    for queries in (ask(), UsageQueries(tmp_path / "none.sqlite3")):
        assert queries.totals() == Totals()
        assert queries.totals().cache_hit_rate is None
        assert queries.latest(5) == ()
        assert queries.first_start() is None
        assert queries.habits("Codex") == Habits()
        assert [each.totals for each in queries.by_day(TODAY, TODAY, UTC)] == [Totals()]
    assert not (tmp_path / "none.sqlite3").exists(), "asking must not make a file"


def test_a_file_that_was_only_just_made_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "usage.sqlite3").touch()
    assert UsageQueries(tmp_path / "usage.sqlite3").totals() == Totals()


def test_a_range_holds_its_beginning_and_not_its_end(ask: Ask, entry: Make) -> None:
    queries = ask(*(entry(str(n), started=NOON + n) for n in range(5)))
    assert queries.totals(Range(NOON + 1, NOON + 3)).requests == 2


def test_days_without_requests_are_there_too(ask: Ask, entry: Make) -> None:
    queries = ask(
        entry("a", started=NOON - 48 * HOUR, client="aider", nano_credits=1),
        entry("b", started=NOON, client="Codex", nano_credits=2),
        entry("c", started=NOON, client="aider", nano_credits=5),
    )
    days = queries.by_day(date(2026, 11, 18), TODAY, UTC)
    assert [(each.day.day, each.totals.requests) for each in days] == [
        (18, 0),
        (19, 1),
        (20, 0),
        (21, 2),
    ]
    assert [(each.name, each.totals.nano_credits) for each in days[3].clients] == [
        ("aider", 5),
        ("Codex", 2),
    ]
    (only,) = queries.by_day(TODAY, TODAY, UTC, client="Codex")
    assert only.totals.nano_credits == 2


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        (UTC, [20, 21]),
        (BERLIN, [21, 21]),
        (timezone(timedelta(hours=-12)), [20, 20]),
        (timezone(timedelta(hours=5, minutes=45)), [21, 21]),
    ],
)
def test_days_are_those_of_the_user_s_zone(
    ask: Ask, entry: Make, zone: Any, days: list[int]
) -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp()
    early = datetime(2026, 11, 21, 0, 30, tzinfo=UTC).timestamp()
    queries = ask(entry("a", started=late), entry("b", started=early))
    found = queries.by_day(date(2026, 11, 20), TODAY, zone)
    assert [each.day.day for each in found for _ in range(each.totals.requests)] == days


def test_days_of_23_and_25_hours_lose_nothing(ask: Ask, entry: Make) -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        start = day_start(day, BERLIN)
        assert day_start(day + timedelta(days=1), BERLIN) - start == hours * HOUR
        queries = ask(*(entry(f"{day}{n}", started=start + n * HOUR) for n in range(hours)))
        around = queries.by_day(day - timedelta(days=1), day + timedelta(days=1), BERLIN)
        assert [each.totals.requests for each in around] == [0, hours, 0]


def test_too_many_days_are_refused(ask: Ask) -> None:
    with pytest.raises(ValueError, match="at most"):
        ask().by_day(date(2000, 1, 1), date(2000, 1, 1) + timedelta(days=MOST_DAYS), UTC)
    assert ask().by_day(TODAY, TODAY - timedelta(days=1), UTC) == ()


def test_the_latest_come_first(ask: Ask, entry: Make) -> None:
    queries = ask(*(entry(str(n), started=NOON + n, client="ab"[n % 2]) for n in range(6)))
    assert [each.request_id for each in queries.latest(2)] == ["5", "4"]
    assert [each.request_id for each in queries.latest(9, client="a")] == ["4", "2", "0"]
    assert queries.first_start() == NOON


def test_an_entry_comes_back_as_it_went_in(ask: Ask, entry: Make) -> None:
    full = entry(
        translated=True,
        streamed=True,
        error="overloaded",
        stop_reason="stop",
        duration=1.5,
        first_byte=0.25,
        attempts=2,
        estimated=True,
        saved_nano_credits=-3,
        miss_reason="too_old",
    )
    assert ask(full).latest(1) == (full,)


def test_what_is_usual_for_a_tool_comes_from_its_finished_requests(ask: Ask, entry: Make) -> None:
    lengths = [100, 200, 300, 400, 1_000]
    queries = ask(
        *(
            entry(
                str(n),
                started=NOON + n,
                output_tokens=each,
                nano_credits=each,
                cache_read_tokens=3_000,
            )
            for n, each in enumerate(lengths)
        ),
        entry("failed", ending="failed", nano_credits=10**9),
        entry("other", client="aider", nano_credits=10**9),
        entry("mini", model="gpt-5-mini", nano_credits=1, output_tokens=1, started=NOON - 1),
    )
    usual = queries.habits("Codex", "gpt-5.2")
    assert usual == Habits(5, 300, 0.75, (200, 760))
    assert queries.habits("Codex").requests == 6
    assert queries.habits("Codex", "gpt-5-mini") == Habits(1, 1, 0.0, (1, 1))


def test_unwritten_entries_count_once_even_when_they_are_written_meanwhile(
    ask: Ask, entry: Make
) -> None:
    written, waiting = entry("a", nano_credits=1), entry("b", nano_credits=2)
    queries = ask(written, unwritten=(written, waiting))
    assert queries.totals().requests == 2
    assert queries.totals().nano_credits == 3
    assert {each.request_id for each in queries.latest(5)} == {"a", "b"}


def test_a_damaged_file_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite3"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(LedgerUnreadable, match="cannot be read") as caught:
        UsageQueries(path).totals()
    assert caught.value.code == "ledger_unreadable"


def test_reading_does_not_write(ask: Ask, entry: Make, tmp_path: Path) -> None:
    queries = ask(entry(), unwritten=(entry("r2"),))
    before = (tmp_path / "usage.sqlite3").read_bytes()
    queries.totals()
    queries.by_day(TODAY, TODAY, UTC)
    assert (tmp_path / "usage.sqlite3").read_bytes() == before


def test_a_long_read_sees_one_moment(ask: Ask, entry: Make, tmp_path: Path) -> None:
    queries = ask(*(entry(str(n), started=NOON + n) for n in range(3)))
    with queries.entries() as found:
        first = next(found)
        with closing(sqlite3.connect(tmp_path / "usage.sqlite3")) as writer:
            writer.execute("DELETE FROM requests")
            writer.commit()
        assert [first.request_id, *(each.request_id for each in found)] == ["0", "1", "2"]


# -- as a table ----------------------------------------------------------------------------------


def table(entries: list[LedgerEntry], zone: Any = UTC) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    assert write_csv(entries, zone, out) == len(entries)
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def test_the_table_has_one_line_for_each_request(entry: Make) -> None:
    (line,) = table([entry(duration=9.6049, nano_credits=2_400_000_000)], BERLIN)
    assert line["time"] == "2026-11-21T13:00:00.000+01:00"
    assert (line["tool"], line["model"], line["credits"]) == ("Codex", "gpt-5.2", "2.4")
    assert (line["credits_are"], line["seconds"], line["error"]) == ("billed", "9.605", "")


def test_the_table_says_where_a_price_comes_from(entry: Make) -> None:
    lines = table([entry(estimated=True), entry(nano_credits=None)])
    assert [each["credits_are"] for each in lines] == ["estimated", "unknown"]
    assert lines[1]["credits"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\u3000@", "＝"])
def test_no_tool_can_put_a_formula_into_the_table(entry: Make, start: str) -> None:
    (line,) = table([entry(client=f'{start}HYPERLINK("x")')])
    assert line["tool"] == f'\'{start}HYPERLINK("x")'


def test_a_model_s_name_breaks_no_line_of_the_table(entry: Make) -> None:
    (line,) = table([entry(model="gpt-4\r\n=cmd|' /C calc'!A0", client="\t=1+1\x1b[31m")])
    assert line["model"] == "gpt-4\\r\\n=cmd|' /C calc'!A0"
    assert line["tool"] == "\\t=1+1\\x1b[31m"


def test_the_ledger_can_be_exported_while_it_is_read(ask: Ask, entry: Make) -> None:
    queries = ask(*(entry(str(n), started=NOON + n) for n in range(5)))
    with queries.entries(Range(since=NOON + 2)) as found:
        assert [each["request_id"] for each in table(list(found))] == ["2", "3", "4"]
