"""Whatever is written, changed, pruned and added up, in any order: totals say what the rows say.

In zones with offsets of quarter, half and odd hours, with daylight saving time of an hour and of half an
hour, and for moments beside the quarters of an hour that totals are made of.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from math import floor, nextafter
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.day_totals import totals_of
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import Range, UsageQueries, day_start
from proxy_core.usage.ledger.totals_schema import END

FIRST, LAST = date(2026, 4, 3), date(2026, 4, 6)
"""Lord Howe goes back half an hour on 5 April, Chatham an hour."""
_BEGIN = int(day_start(FIRST - timedelta(days=1), UTC))
_QUARTERS = (int(day_start(LAST + timedelta(days=2), UTC)) - _BEGIN) // 900
ZONES: tuple[tzinfo, ...] = (
    UTC,
    *map(ZoneInfo, ("Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham")),
    *map(ZoneInfo, ("America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago")),
    timezone(timedelta(hours=1, minutes=7, seconds=23)),
)
_BESIDE = st.sampled_from([0.0, 0.5, 450.0, -0.25, nextafter(900.0, 0.0)])


def _moment(quarter: int, beside: float) -> float:
    begin = float(_BEGIN + quarter * 900)
    return nextafter(begin, 0.0) if beside == -0.25 else begin + beside


MOMENTS = st.builds(_moment, st.integers(0, _QUARTERS), _BESIDE)
ENTRIES = st.builds(
    LedgerEntry,
    request_id=st.sampled_from([f"r{number}" for number in range(12)]),
    started=MOMENTS,
    client=st.sampled_from(["Codex", "aider", ""]),
    model=st.sampled_from(["a", "b"]),
    ending=st.sampled_from(["done", "failed", "cancelled"]),
    input_tokens=st.integers(0, 9),
    nano_credits=st.sampled_from([None, 0, 5]),
    estimated=st.booleans(),
    miss_reason=st.sampled_from([None, "too_old", "prefix_edited"]),
    initiator=st.sampled_from(["", "user", "agent"]),
)
WRITES = st.lists(ENTRIES, max_size=6).map(lambda found: ("write", found))
STEPS = st.lists(
    st.one_of(
        *[WRITES] * 4,
        MOMENTS.map(lambda moment: ("prune", moment)),
        st.just(("lose the totals", None)),
        st.just(("add up a day", None)),
        st.just(("write again", None)),
    ),
    max_size=8,
)


def lose_totals(path: Path) -> None:
    """Make it as it is when a file of an older version has just been brought up to date."""
    with closing(sqlite3.connect(path)) as connection:
        for table in ("quarter_totals", "utc_client_days", "utc_day_totals", "utc_day_misses"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE totals_since SET since = ?", (END,))
        connection.commit()


def local_day(moment: float, zone: tzinfo) -> date:
    """Whole seconds: ``fromtimestamp`` would round the last moment of a day up into the next one."""
    return datetime.fromtimestamp(floor(moment), zone).date()


def expected_days(rows: list[LedgerEntry], zone: tzinfo) -> dict[date, Totals]:
    found: dict[date, Totals] = {}
    for each in rows:
        day = local_day(each.started, zone)
        if FIRST <= day <= LAST:
            found[day] = found.get(day, Totals()) + totals_of(each)
    return found


def compare(
    queries: UsageQueries, rows: list[LedgerEntry], zone: tzinfo, client: str | None, span: Range
) -> None:
    mine = [each for each in rows if client in (None, each.client)]
    days = expected_days(mine, zone)
    overview = queries.overview(FIRST, LAST, zone, client)
    assert {each.day: each.totals for each in overview.days if each.totals.requests} == days
    in_days = [e for e in mine if local_day(e.started, zone) in days]
    for shares, of in ((overview.models, "model"), (overview.clients, "client")):
        summed: dict[str, Totals] = {}
        for each in in_days:
            name = getattr(each, of)
            summed[name] = summed.get(name, Totals()) + totals_of(each)
        assert {each.name: each.totals for each in shares} == summed
    for day in overview.days:
        assert sum((each.totals for each in day.clients), Totals()) == day.totals
    assert sum(count for _, count in overview.misses) == sum(
        each.miss_reason is not None for each in in_days
    )
    within = [totals_of(e) for e in mine if span.since <= e.started < span.until]
    assert queries.totals(replace(span, client=client)) == sum(within, Totals())


@settings(max_examples=max(1, settings().max_examples // 2))
@given(
    STEPS,
    st.lists(ENTRIES, max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from([None, "Codex"]),
    MOMENTS,
    MOMENTS,
)
def test_totals_say_what_the_rows_say(
    steps: list[tuple[str, object]],
    waiting: list[LedgerEntry],
    zone: tzinfo,
    client: str | None,
    since: float,
    until: float,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "usage.sqlite3"
        file = LedgerFile(path, lambda: 0.0, lambda _: None)
        file.open()
        rows: dict[tuple[str, float], LedgerEntry] = {}
        unwritten = {each.key: each for each in waiting}
        queries = UsageQueries(path, lambda: tuple(unwritten.values()))
        for step, value in steps:
            match step, value:
                case "write", list():
                    file.write(value)
                    rows |= {each.key: each for each in value}
                case "write again", _:
                    file.write(list(rows.values())[:3])
                case "prune", float():
                    file.prune(value)
                    rows = {key: each for key, each in rows.items() if each.started >= value}
                case "lose the totals", _:
                    lose_totals(path)
                case "add up a day", _:
                    file.add_up_a_day()
        # What the file holds of a key is what counts: the writer may not know yet that it is there.
        everything = list({**unwritten, **rows}.values())
        compare(queries, everything, zone, client, Range(since, until))
        file.close()
