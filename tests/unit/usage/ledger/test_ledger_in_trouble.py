"""A ledger that cannot be written, is damaged, foreign, shared or killed."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from proxy_core.errors import Problem
from proxy_core.usage.ledger import writer as ledger_module
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import MOST_REBUILDS, LedgerFile, connect
from proxy_core.usage.ledger.schema import APPLICATION_ID, VERSION
from proxy_core.usage.ledger.writer import Ledger
from tests.unit.usage.ledger.ledger_words import NOON, Keep, Make, rows


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
    assert keeper.ledger.dropped == 150
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
        keeper.ledger.forget().result(90)


def test_forgetting_waits_for_another_process_that_writes(keep: Keep, entry: Make) -> None:
    keeper = keep(connect=lambda path: sqlite3.connect(path, timeout=0.01, isolation_level=None))
    keeper.ledger.record(entry("before"))
    assert keeper.ledger.flush()
    with closing(sqlite3.connect(keeper.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        forgotten = keeper.ledger.forget()
        with pytest.raises(TimeoutError):
            forgotten.result(0.2)
        other.execute("COMMIT")
        forgotten.result(90)
    assert rows(keeper.path) == []


def test_what_is_forgotten_while_its_write_fails_is_not_written_later(
    keep: Keep, entry: Make
) -> None:
    writing, go_on = threading.Event(), threading.Event()
    keeper = keep()
    assert keeper.ledger.flush()
    write = keeper.ledger._file.write

    def failing(entries: Sequence[LedgerEntry]) -> None:
        keeper.ledger._file.write = write
        writing.set()
        assert go_on.wait(30)
        raise OSError(28, "No space left on device")

    keeper.ledger._file.write = failing
    keeper.ledger.record(entry("forgotten"))
    assert writing.wait(30)
    forgotten = keeper.ledger.forget()
    go_on.set()
    forgotten.result(90)
    keeper.ledger.record(entry("later"))
    assert keeper.ledger.flush()
    assert rows(keeper.path) == ["later"]


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


SHORT = ("--rounds", "8", "--seed", "1", "--due-after", "2")


def test_killed_at_any_moment_it_is_whole_up_to_the_last_second(tmp_path: Path) -> None:
    soak = Path(__file__).resolve().parents[3] / "soak" / "kill_the_ledger.py"
    ran = subprocess.run(
        [sys.executable, str(soak), "--folder", str(tmp_path), *SHORT],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "8 kills" in ran.stdout
