"""The ledger: nothing recorded is lost, nothing it cannot help stops a request."""

from __future__ import annotations

import sqlite3
import stat
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.usage.ledger.entry import LedgerEntry, entry_from_record, storable
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.schema import COLUMNS, VERSION
from proxy_core.usage.ledger.search_schema import TEXT_TABLES
from proxy_core.usage.ledger.totals_schema import DAY_TABLES
from proxy_core.usage.ledger.writer import Ledger
from proxy_core.usage.pricing import Charge
from tests.unit.usage.ledger.ledger_words import DAY, NOON, Keep, Make, rows


def test_what_was_recorded_is_there_after_the_program_ended(keep: Keep, entry: Make) -> None:
    keeper = keep()
    wanted = [entry(f"r{n}", started=NOON + n) for n in range(2_500)]
    for each in wanted:
        keeper.ledger.record(each)
    assert keeper.ledger.close()
    again = keep()
    assert [each.request_id for each in again.queries.latest(3)] == ["r2499", "r2498", "r2497"]
    assert again.queries.latest(3_000) == tuple(reversed(wanted))
    assert again.told == again.rebuilt == []


def test_the_same_request_recorded_twice_is_one_row_with_the_latest_figures(
    keep: Keep, entry: Make
) -> None:
    keeper = keep()
    keeper.ledger.record(entry(nano_credits=1))
    keeper.ledger.record(entry(nano_credits=2))
    assert keeper.ledger.flush()
    (found,) = keeper.queries.latest(10)
    assert found.nano_credits == 2


@pytest.mark.skipif(sys.platform == "win32", reason="the profile folder protects the file there")
def test_only_the_user_can_read_it(keep: Keep, entry: Make) -> None:
    keeper = keep()
    keeper.ledger.record(entry())
    assert keeper.ledger.flush()
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in keeper.path.parent.iterdir()}
    assert modes == dict.fromkeys(
        ("usage.sqlite3", "usage.sqlite3-wal", "usage.sqlite3-shm"), 0o600
    )
    assert stat.S_IMODE(keeper.path.parent.stat().st_mode) == 0o700
    keeper.ledger.close()
    keeper.path.chmod(0o644)
    assert keep().ledger.close()
    assert stat.S_IMODE(keeper.path.stat().st_mode) == 0o600


def test_the_file_has_the_declared_columns_and_no_others(keep: Keep) -> None:
    keeper = keep()
    assert keeper.ledger.close()
    with closing(sqlite3.connect(keeper.path)) as connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(requests)")]
        tables = [
            n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    assert columns == list(COLUMNS)
    assert (tables[0], journal, version) == ("requests", "wal", VERSION)
    since = {"totals_since", "texts_since"}
    assert set(tables[1:]) == {*since, "quarter_totals", *DAY_TABLES, *TEXT_TABLES}


def test_a_record_becomes_an_entry_without_anything_a_client_wrote() -> None:
    record = RequestRecord(
        request_id="req_1",
        client="Claude Code",
        path="/v1/messages",
        model_asked="please keep this secret",
        started=NOON,
        state=RequestState.DONE,
        model="claude-sonnet-4.6",
        upstream_endpoint="/v1/messages",
        streamed=True,
        http_status=200,
        duration=12.8,
        first_byte=0.9,
        input_tokens=4_824,
        cache_read_tokens=35_376,
        output_tokens=655,
        nano_credits=2_380_000_000,
        attempts=1,
        stop_reason="tool_use",
        dropped=("messages[3] said: hello",),
        notes=("the prompt was: hello",),
    )
    found = entry_from_record(record, miss_reason="too_old")
    assert found.nano_credits == 2_380_000_000
    assert (found.estimated, found.miss_reason, found.ending) == (False, "too_old", "done")
    said = " ".join(str(getattr(found, name)) for name in COLUMNS)
    assert "secret" not in said
    assert "hello" not in said
    estimated = entry_from_record(record, Charge(7, estimated=True, saved_nano_credits=9))
    assert (estimated.nano_credits, estimated.estimated) == (7, True)
    assert estimated.saved_nano_credits == 9


_TEXTS = st.text(max_size=200) | st.text(st.characters(codec=None), max_size=20)


_ENTRIES = st.builds(
    LedgerEntry,
    request_id=_TEXTS,
    started=st.floats(),
    client=_TEXTS,
    model=_TEXTS,
    error=st.none() | _TEXTS,
    duration=st.none() | st.floats(),
    input_tokens=st.integers(),
    output_tokens=st.integers(),
    nano_credits=st.none() | st.integers(),
    http_status=st.none() | st.integers(),
    estimated=st.booleans(),
)


@given(entries=st.lists(_ENTRIES, max_size=5))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
def test_no_entry_can_keep_others_from_being_written(
    tmp_path_factory: pytest.TempPathFactory, entries: list[LedgerEntry]
) -> None:
    path = tmp_path_factory.mktemp("any") / "usage.sqlite3"
    file = LedgerFile(path, lambda: NOON, lambda _: None)
    file.write([storable(each) for each in entries])
    file.close()
    assert len(rows(path)) == len({storable(each).key for each in entries})


def test_moments_without_a_day_are_written_like_any(tmp_path: Path, entry: Make) -> None:
    moments = {"r1": 1e300, "r2": 1e301, "r3": 1e300, "r4": NOON}
    file = LedgerFile(tmp_path / "usage.sqlite3", lambda: NOON, lambda _: None)
    file.write([entry(name, started=moment) for name, moment in moments.items()])
    file.close()
    assert len(rows(tmp_path / "usage.sqlite3")) == len(moments)


def test_many_threads_may_record_while_others_read(keep: Keep, entry: Make) -> None:
    keeper = keep()
    counts: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            counts.append(keeper.queries.totals().requests)

    def write(name: int) -> None:
        for number in range(200):
            keeper.ledger.record(entry(f"{name}-{number}", started=NOON + number))

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(name,)) for name in range(5)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(30)
    assert keeper.ledger.flush()
    done.set()
    reader.join(30)
    assert keeper.queries.totals().requests == 1_000
    assert counts == sorted(counts), "figures must never go back"


def test_what_is_not_yet_written_is_in_the_figures_already(keep: Keep, entry: Make) -> None:
    keeper = keep()
    keeper.ledger.record(entry("r1"))
    assert keeper.queries.totals().requests == 1
    assert keeper.ledger.flush()
    assert keeper.ledger.unwritten() == ()
    assert keeper.queries.totals().requests == 1


def test_recording_before_opening_and_after_closing_fails_nobody(
    tmp_path: Path, entry: Make
) -> None:
    file = LedgerFile(tmp_path / "usage.sqlite3", lambda: NOON, lambda _: None)
    ledger = Ledger(file, wall=lambda: NOON, retention_days=lambda: 1, on_problem=lambda _: None)
    ledger.record(entry("early"))
    ledger.open()
    assert ledger.close()
    ledger.record(entry("late"))
    assert rows(tmp_path / "usage.sqlite3") == ["early"]


def test_closing_what_was_never_opened_is_nothing(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path / "usage.sqlite3", lambda: NOON, lambda _: None)
    ledger = Ledger(file, wall=lambda: NOON, retention_days=lambda: 1, on_problem=lambda _: None)
    assert ledger.close()
    assert not (tmp_path / "usage.sqlite3").exists()


def test_old_entries_are_deleted_and_their_room_given_back(keep: Keep, entry: Make) -> None:
    keeper = keep(retention_days=30)
    for number in range(6_000):
        keeper.ledger.record(entry(f"old{number}", started=NOON - 31 * DAY))
    keeper.ledger.record(entry("young", started=NOON - 29 * DAY))
    assert keeper.ledger.close()
    large = keeper.path.stat().st_size
    keeper = keep(retention_days=30)
    keeper.ledger.record(entry("new"))
    assert keeper.ledger.flush(30.0), "it does not wait for the others to go"
    assert keeper.ledger.all_added_up(60.0)
    assert keeper.ledger.close()
    assert sorted(rows(keeper.path)) == ["new", "young"]
    assert keeper.path.stat().st_size < large / 10


def test_a_program_that_runs_for_months_deletes_too(keep: Keep, entry: Make) -> None:
    keeper = keep(retention_days=30)
    keeper.ledger.record(entry("first"))
    assert keeper.ledger.flush()
    keeper.now = NOON + 31 * DAY
    keeper.ledger.record(entry("second", started=keeper.now))
    assert keeper.ledger.close()
    assert rows(keeper.path) == ["second"]


def test_who_no_longer_waits_for_forgetting_does_not_end_the_writer(
    keep: Keep, entry: Make
) -> None:
    keeper = keep()
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.flush()
    assert not keeper.ledger.forget().cancel()
    keeper.ledger.record(entry("after"))
    assert keeper.ledger.flush()
    assert rows(keeper.path) == ["after"]


def test_forgetting_leaves_no_trace_and_later_entries_stay(keep: Keep, entry: Make) -> None:
    keeper = keep()
    keeper.ledger.record(entry("r1", client="a-name-to-forget"))
    assert keeper.ledger.flush()
    keeper.ledger.record(entry("r2", client="a-name-to-forget"))
    forgotten = keeper.ledger.forget()
    keeper.ledger.record(entry("r3"))
    forgotten.result(90)
    assert keeper.ledger.flush()
    assert [each.request_id for each in keeper.queries.latest(9)] == ["r3"]
    assert keeper.ledger.close()
    for each in keeper.path.parent.iterdir():
        assert b"a-name-to-forget" not in each.read_bytes(), each.name
