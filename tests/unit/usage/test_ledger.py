"""The ledger: nothing recorded is lost, nothing it cannot help stops a request."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy_core.status import Problem, RequestRecord, RequestState
from proxy_core.usage import ledger as ledger_module
from proxy_core.usage.entry import LedgerEntry, entry_from_record, storable
from proxy_core.usage.ledger import Ledger
from proxy_core.usage.ledger_file import MOST_REBUILDS, LedgerFile, connect
from proxy_core.usage.ledger_schema import APPLICATION_ID, COLUMNS, VERSION
from proxy_core.usage.pricing import Charge

NOON = 1_795_262_400.0
DAY = 86_400.0

Keep = Callable[..., Any]
Make = Callable[..., LedgerEntry]


def rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [each for (each,) in connection.execute("SELECT request_id FROM requests")]


# -- what is kept --------------------------------------------------------------------------------


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
    assert (tables, journal, version) == (["requests"], "wal", VERSION)


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
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_no_entry_can_keep_others_from_being_written(
    tmp_path_factory: pytest.TempPathFactory, entries: list[LedgerEntry]
) -> None:
    path = tmp_path_factory.mktemp("any") / "usage.sqlite3"
    file = LedgerFile(path, lambda: NOON, lambda _: None)
    file.write([storable(each) for each in entries])
    file.close()
    assert len(rows(path)) == len({storable(each).key for each in entries})


# -- threads -------------------------------------------------------------------------------------


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


# -- retention -----------------------------------------------------------------------------------


def test_old_entries_are_deleted_and_their_room_given_back(keep: Keep, entry: Make) -> None:
    keeper = keep(retention_days=30)
    for number in range(6_000):
        keeper.ledger.record(entry(f"old{number}", started=NOON - 31 * DAY))
    keeper.ledger.record(entry("young", started=NOON - 29 * DAY))
    assert keeper.ledger.close()
    large = keeper.path.stat().st_size
    keeper = keep(retention_days=30)
    assert keeper.ledger.close()
    assert rows(keeper.path) == ["young"]
    assert keeper.path.stat().st_size < large / 10


def test_a_program_that_runs_for_months_deletes_too(keep: Keep, entry: Make) -> None:
    keeper = keep(retention_days=30)
    keeper.ledger.record(entry("first"))
    assert keeper.ledger.flush()
    keeper.now = NOON + 31 * DAY
    keeper.ledger.record(entry("second", started=keeper.now))
    assert keeper.ledger.close()
    assert rows(keeper.path) == ["second"]


def test_forgetting_leaves_no_trace_and_later_entries_stay(keep: Keep, entry: Make) -> None:
    keeper = keep()
    keeper.ledger.record(entry("r1", client="a-name-to-forget"))
    assert keeper.ledger.flush()
    keeper.ledger.record(entry("r2", client="a-name-to-forget"))
    forgotten = keeper.ledger.forget()
    keeper.ledger.record(entry("r3"))
    forgotten.result(10)
    assert keeper.ledger.flush()
    assert [each.request_id for each in keeper.queries.latest(9)] == ["r3"]
    assert keeper.ledger.close()
    for each in keeper.path.parent.iterdir():
        assert b"a-name-to-forget" not in each.read_bytes(), each.name


# -- a file that cannot be written ---------------------------------------------------------------


class Fault:
    """Connections that refuse to write as long as ``error`` is set."""

    def __init__(self) -> None:
        self.code: int | None = None

    def __call__(self, path: Path) -> sqlite3.Connection:
        fault = self

        class Refusing(sqlite3.Connection):
            def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
                if fault.code is not None and statement.startswith(("BEGIN", "PRAGMA journal")):
                    error = sqlite3.OperationalError("refused")
                    error.sqlite_errorcode = fault.code
                    raise error
                return super().execute(statement, *values)

        return sqlite3.connect(path, isolation_level=None, factory=Refusing)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (sqlite3.SQLITE_FULL, "ledger_full"),
        (sqlite3.SQLITE_BUSY, "ledger_locked"),
        (sqlite3.SQLITE_READONLY | 1 << 8, "ledger_read_only"),
        (sqlite3.SQLITE_IOERR | 3 << 8, "ledger_failed"),
    ],
)
def test_while_the_file_cannot_be_written_it_is_counted_in_memory_and_told_once(
    keep: Keep, entry: Make, code: int, told: str
) -> None:
    fault = Fault()
    keeper = keep(connect=fault)
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.flush()
    fault.code = code
    for number in range(3):
        keeper.ledger.record(entry(f"r{number}"))
        assert not keeper.ledger.flush()
    assert keeper.codes == [told]
    assert keeper.ledger.problem is keeper.told[0]
    assert keeper.queries.totals().requests == 4, "the figures go on"
    fault.code = None
    assert keeper.ledger.flush()
    assert keeper.codes == [told, None]
    assert sorted(rows(keeper.path)) == ["before", "r0", "r1", "r2"]


def test_memory_is_bounded_while_the_file_cannot_be_written(
    keep: Keep, entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "MOST_WAITING", 100)
    fault = Fault()
    fault.code = sqlite3.SQLITE_FULL
    keeper = keep(connect=fault)
    for number in range(250):
        keeper.ledger.record(entry(f"r{number}", started=NOON + number))
    assert len(keeper.ledger.unwritten()) == 100
    assert keeper.ledger.lost == 150
    fault.code = None
    assert keeper.ledger.flush()
    assert len(rows(keeper.path)) == 100
    assert keeper.queries.latest(1)[0].request_id == "r249"


def test_closing_while_the_file_cannot_be_written_does_not_hang(keep: Keep, entry: Make) -> None:
    fault = Fault()
    fault.code = sqlite3.SQLITE_FULL
    keeper = keep(connect=fault)
    keeper.ledger.record(entry())
    assert keeper.ledger.close()


def test_forgetting_fails_when_the_file_cannot_be_written(keep: Keep) -> None:
    fault = Fault()
    keeper = keep(connect=fault)
    assert keeper.ledger.flush()
    fault.code = sqlite3.SQLITE_READONLY
    with pytest.raises(sqlite3.OperationalError):
        keeper.ledger.forget().result(10)


def test_another_program_s_lock_is_waited_out(keep: Keep, entry: Make) -> None:
    keeper = keep(connect=lambda path: sqlite3.connect(path, timeout=0.01, isolation_level=None))
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.flush()
    with closing(sqlite3.connect(keeper.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        keeper.ledger.record(entry("during"))
        assert not keeper.ledger.flush()
        assert keeper.codes == ["ledger_locked"]
        assert keeper.queries.totals().requests == 2
        other.execute("COMMIT")
    assert keeper.ledger.flush()
    assert keeper.codes == ["ledger_locked", None]


def test_a_path_that_is_a_folder_is_told(keep: Keep, entry: Make, tmp_path: Path) -> None:
    (tmp_path / "usage.sqlite3").mkdir()
    keeper = keep(tmp_path / "usage.sqlite3")
    keeper.ledger.record(entry())
    assert not keeper.ledger.flush()
    assert keeper.codes == ["ledger_read_only"]
    (tmp_path / "usage.sqlite3").rmdir()
    assert keeper.ledger.flush()
    assert keeper.codes == ["ledger_read_only", None]


def test_a_folder_that_was_removed_is_made_again(keep: Keep, entry: Make) -> None:
    keeper = keep()
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.flush()
    for each in keeper.path.parent.iterdir():
        each.unlink()
    keeper.path.parent.rmdir()
    keeper.ledger.record(entry("after"))
    assert keeper.ledger.flush()
    assert rows(keeper.path) == ["after"]


def test_a_listener_that_fails_does_not_end_the_ledger(tmp_path: Path, entry: Make) -> None:
    def broken(problem: Problem | None) -> None:
        raise RuntimeError("the window is gone")

    fault = Fault()
    fault.code = sqlite3.SQLITE_FULL
    file = LedgerFile(tmp_path / "usage.sqlite3", lambda: NOON, lambda _: None, fault)
    ledger = Ledger(file, wall=lambda: NOON, retention_days=lambda: 1, on_problem=broken)
    ledger.open()
    ledger.record(entry())
    assert not ledger.flush()
    fault.code = None
    assert ledger.flush()
    assert ledger.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 kB; mounting one takes root on Linux."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    libc = ctypes.CDLL(None, use_errno=True)
    folder = tmp_path / "disk"
    folder.mkdir()
    target = os.fsencode(folder)
    if libc.mount(b"none", target, b"tmpfs", 0, b"size=512k,mode=0700") != 0:
        pytest.skip("mounting is not allowed here")
    yield folder
    assert libc.umount2(target, 2) == 0  # MNT_DETACH


def test_a_disk_that_is_really_full_loses_nothing(
    keep: Keep, entry: Make, small_disk: Path
) -> None:
    keeper = keep(small_disk / "usage.sqlite3")
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.flush()
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    for number in range(3_000):
        keeper.ledger.record(entry(f"r{number}", started=NOON + number))
    assert not keeper.ledger.flush()
    assert keeper.codes == ["ledger_full"]
    assert keeper.queries.totals().requests == 3_001
    ballast.unlink()
    assert not keeper.ledger.flush(), "3,000 rows are more than 512 kB"
    written = len(rows(keeper.path))
    assert keeper.queries.totals().requests == 3_001
    assert 0 < written < 3_001
    with closing(sqlite3.connect(keeper.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_disk_that_is_read_only_can_still_be_read(
    keep: Keep, entry: Make, small_disk: Path
) -> None:
    keeper = keep(small_disk / "usage.sqlite3")
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.close()
    libc = ctypes.CDLL(None, use_errno=True)
    read_only_remount = 1 | 32
    target = os.fsencode(small_disk)
    assert libc.mount(b"none", target, b"tmpfs", read_only_remount, b"size=512k") == 0
    keeper = keep(small_disk / "usage.sqlite3")
    keeper.ledger.record(entry("after"))
    assert not keeper.ledger.flush()
    assert keeper.codes == ["ledger_read_only"]
    assert keeper.queries.totals().requests == 2


# -- damage --------------------------------------------------------------------------------------


def written(keep: Keep, entry: Make, count: int) -> Path:
    keeper = keep()
    for number in range(count):
        keeper.ledger.record(entry(f"r{number}", started=NOON + number))
    assert keeper.ledger.close()
    path: Path = keeper.path
    return path


def kept_files(path: Path) -> list[Path]:
    return sorted(path.parent.glob("usage-damaged-*.sqlite3"))


@pytest.mark.parametrize("content", [b"this is no database" * 400, b"\0" * 8192])
def test_a_file_that_is_no_ledger_is_kept_aside_and_a_new_one_begun(
    keep: Keep, entry: Make, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "state" / "usage.sqlite3"
    path.parent.mkdir()
    path.write_bytes(content)
    keeper = keep()
    keeper.ledger.record(entry())
    assert keeper.ledger.flush()
    (kept,) = kept_files(path)
    assert kept.name == "usage-damaged-2026-11-21T120000Z.sqlite3"
    assert kept.read_bytes() == content
    assert rows(path) == ["r1"]
    (told,) = keeper.rebuilt
    assert told.code == "ledger_rebuilt"
    assert kept.name in told.message
    assert "0 entries were recovered" in told.message
    assert keeper.told == []


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_what_can_be_read_of_a_damaged_ledger_is_recovered(
    keep: Keep, entry: Make, part: float
) -> None:
    path = written(keep, entry, 5_000)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(int(size * part) // 4096 * 4096)
        file.write(b"\xff" * 8192)
    keeper = keep()
    keeper.ledger.record(entry("new", started=NOON + 9_999))
    assert keeper.ledger.flush()
    assert len(kept_files(path)) == 1
    (told,) = keeper.rebuilt
    count = keeper.queries.totals().requests
    assert f"{count - 1} entries were recovered" in told.message
    assert 4_500 < count <= 5_001
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_damage_that_shows_while_the_program_runs_is_mended(keep: Keep, entry: Make) -> None:
    keeper = keep()
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.flush()
    with closing(sqlite3.connect(keeper.path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with keeper.path.open("r+b") as file:
        file.write(b"nonsense" * 512)
    keeper.ledger.record(entry("after"))
    assert keeper.ledger.flush()
    assert len(keeper.rebuilt) == 1
    assert "after" in rows(keeper.path)


def test_two_damaged_files_of_one_second_are_both_kept(
    keep: Keep, entry: Make, tmp_path: Path
) -> None:
    path = tmp_path / "state" / "usage.sqlite3"
    path.parent.mkdir()
    for _ in range(2):
        path.write_bytes(b"no database" * 500)
        assert keep().ledger.close()
    assert len(kept_files(path)) == 2


def test_a_disk_that_damages_every_file_is_not_filled_with_copies(
    tmp_path: Path, entry: Make
) -> None:
    path = tmp_path / "usage.sqlite3"

    def spoiled(where: Path) -> sqlite3.Connection:
        connection = connect(where)
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.close()
        where.write_bytes(b"spoiled!" * 1024)
        return connect(where)

    file = LedgerFile(path, lambda: NOON, lambda _: None, spoiled)
    for _ in range(MOST_REBUILDS + 3):
        with pytest.raises(sqlite3.DatabaseError):
            file.write([entry()])
    assert len(kept_files(path)) <= MOST_REBUILDS


def test_a_file_of_a_newer_version_is_left_as_it_is(keep: Keep, entry: Make) -> None:
    path = written(keep, entry, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    keeper = keep()
    keeper.ledger.record(entry("r2"))
    assert not keeper.ledger.flush()
    assert keeper.codes == ["ledger_newer"]
    assert keeper.ledger.close()
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_as_it_is(
    keep: Keep, entry: Make, tmp_path: Path
) -> None:
    path = tmp_path / "state" / "usage.sqlite3"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE requests (mine TEXT)")
        connection.commit()
    keeper = keep()
    keeper.ledger.record(entry())
    assert not keeper.ledger.flush()
    assert keeper.codes == ["ledger_foreign"]
    assert keeper.queries.totals().requests == 1, "counted in memory, without the other's rows"
    assert keeper.ledger.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA table_info(requests)").fetchall()[0][1] == "mine"


def test_two_programs_may_share_one_ledger(keep: Keep, entry: Make) -> None:
    first, second = keep(), keep()
    for number in range(50):
        first.ledger.record(entry(f"a{number}"))
        second.ledger.record(entry(f"b{number}"))
    assert first.ledger.flush()
    assert second.ledger.flush()
    assert first.queries.totals().requests == 100
    assert first.told == second.told == []


def test_the_file_carries_our_mark(keep: Keep, entry: Make) -> None:
    path = written(keep, entry, 1)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


# -- killed --------------------------------------------------------------------------------------


def test_killed_at_any_moment_it_is_whole_up_to_the_last_second(tmp_path: Path) -> None:
    soak = Path(__file__).resolve().parents[2] / "soak" / "kill_the_ledger.py"
    ran = subprocess.run(
        [sys.executable, str(soak), "--rounds", "20", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "20 kills" in ran.stdout
