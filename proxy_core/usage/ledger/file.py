"""The ledger's file: opened, written, pruned and, when damaged, replaced. One thread uses it.

WAL with ``synchronous=NORMAL``: what was committed survives the process being killed at any moment,
because the operating system holds it; a power cut may lose the last commits but never damages the
file. An fsync for every commit would save those seconds but keep the disk awake.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import stat
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from proxy_core.errors import Problem
from proxy_core.storage.private_files import FILE_MODE, make_private_folder
from proxy_core.usage.ledger.adding_up import add_up_a_day, delete_all, drop_totals_before
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.errors import FAILURES, explain_rebuilt, is_damage
from proxy_core.usage.ledger.repair import move_aside, readable_entries
from proxy_core.usage.ledger.schema import ledger_version, transaction, upgrade, write_entries
from proxy_core.usage.ledger.search_schema import add_texts_of_a_day, drop_texts_before, texts_since
from proxy_core.usage.ledger.totals_schema import totals_since

log = logging.getLogger("g_copilot_proxy.usage")

BUSY_SECONDS = 1.0
"""Seconds to wait for another process's lock before the write counts as failed."""
CACHE_KIBIBYTES = 512
"""Page cache; SQLite's default is 2,000. Entries are appended, few pages are read again."""
MOST_REBUILDS = 3
"""Bounds the damaged copies on a disk that damages the file repeatedly."""
_RECOVERED_AT_ONCE = 2_000
_PRUNED_AT_ONCE = 500
_LOG_BYTES = 4 * 1024 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

Result = TypeVar("Result")
Connect = Callable[[Path], sqlite3.Connection]


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)


class LedgerFile:
    """Methods raise ``errors.FAILURES``; the file is then closed and unchanged.

    Damage is not a failure: the file is replaced by a new one with its readable entries, at most
    ``MOST_REBUILDS`` times, and ``on_rebuilt`` is called.
    """

    def __init__(
        self,
        path: Path,
        wall: Callable[[], float],
        on_rebuilt: Callable[[Problem], None],
        connect: Connect = connect,
    ) -> None:
        """``wall`` returns seconds since 1970."""
        self.path = path
        self._wall = wall
        self._on_rebuilt = on_rebuilt
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._checked: tuple[int, int] | None = None
        self._rebuilds = 0
        self.lacks_totals = False
        """Whether there may be rows that have no totals or are not searchable by day yet, as of an older
        version or after pruning.
        """

    def open(self) -> None:
        """Open or create the file now, not with the first entry."""
        self._with_rebuild(lambda: None)

    def write(self, entries: Sequence[LedgerEntry]) -> None:
        """Commit all of ``entries`` or none. Idempotent, so an uncertain write may be repeated."""
        self._with_rebuild(lambda: self._commit(entries))

    def add_up_a_day(self) -> None:
        """Add up the newest day without totals, or if all have them, make one searchable.

        ``lacks_totals`` says whether there may be such days.
        """
        self._with_rebuild(self._add_up_a_day)

    def prune(self, before: float) -> int:
        """Delete some entries that began before that time; return how many, 0 where none are left.

        A step of some milliseconds: entries that come meanwhile wait for it.
        """
        return self._with_rebuild(lambda: self._prune(before))

    def forget(self) -> None:
        """Delete every row, and overwrite its traces in the file and its WAL."""
        self._with_rebuild(self._forget)

    def close(self) -> None:
        """Never raises. The next operation opens the file again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _with_rebuild(self, action: Callable[[], Result]) -> Result:
        try:
            self._ready()
            return action()
        except FAILURES as error:
            self.close()
            if not is_damage(error) or self._rebuilds >= MOST_REBUILDS:
                raise
            log.warning("the usage ledger is damaged: %s", error)
        try:
            self._rebuild()
            return action()
        except FAILURES:
            self.close()
            raise

    def _ready(self) -> None:
        """Open the file; again if it was removed or replaced meanwhile."""
        if self._connection is not None and _identity(self.path) == self._identity:
            return
        self.close()
        make_private_folder(self.path.parent)
        _make_private_file(self.path)
        self._connection = connection = self._connect(self.path)
        self._identity = _identity(self.path)
        ledger_version(connection)  # before writing to a file that may not be ours
        # Must precede the first table: space of deleted rows can then be released in steps, where a
        # full VACUUM would need the file's size once more.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        if self._checked != self._identity:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise _damage(found)
            self._checked = self._identity
        upgrade(connection)
        self.lacks_totals = totals_since(connection) > 0 or texts_since(connection) > 0

    def _commit(self, entries: Sequence[LedgerEntry]) -> None:
        connection = self._connection
        assert connection is not None
        with transaction(connection):
            write_entries(connection, entries)

    def _add_up_a_day(self) -> None:
        connection = self._connection
        assert connection is not None
        with transaction(connection):
            self.lacks_totals = add_up_a_day(connection) or add_texts_of_a_day(connection)

    def _prune(self, before: float) -> int:
        connection = self._connection
        assert connection is not None
        first = "SELECT 1 FROM requests WHERE started < ? LIMIT 1"
        if connection.execute(first, (before,)).fetchone() is None:
            return 0
        with transaction(connection):
            drop_totals_before(connection, before)
            drop_texts_before(connection, before)
        self.lacks_totals = True
        return self._delete(
            "DELETE FROM requests WHERE rowid IN "
            "(SELECT rowid FROM requests WHERE started < ? LIMIT ?)",
            (before, _PRUNED_AT_ONCE),
        )

    def _forget(self) -> None:
        connection = self._connection
        assert connection is not None
        with transaction(connection):
            delete_all(connection)
        self.lacks_totals = False
        connection.executescript("PRAGMA incremental_vacuum")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _delete(self, statement: str, values: tuple[float, ...]) -> int:
        assert self._connection is not None
        with transaction(self._connection):
            rows = self._connection.execute(statement, values).rowcount
        # As a script: Python's module steps a single statement once, which is one page.
        self._connection.executescript("PRAGMA incremental_vacuum")
        return rows

    def _rebuild(self) -> None:
        self._rebuilds += 1
        damaged = move_aside(self.path, self._wall())
        self._ready()
        recovered = 0
        entries = readable_entries(damaged)
        while batch := list(islice(entries, _RECOVERED_AT_ONCE)):
            self._commit(batch)
            recovered += len(batch)
        log.warning("kept the damaged ledger as %s; %d entries recovered", damaged.name, recovered)
        self._on_rebuilt(explain_rebuilt(damaged, recovered))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_dev, found.st_ino)


def _make_private_file(path: Path) -> None:
    """Create it private: SQLite would make it world-readable; WAL and index inherit its mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
    except FileExistsError:
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            with contextlib.suppress(PermissionError):  # we may write it but not change its mode
                path.chmod(FILE_MODE)


def _damage(found: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(found)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
