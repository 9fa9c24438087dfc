"""The usage ledger: takes entries from any thread without blocking, writes them in a thread of its own.

Entries wait at most ``COMMIT_SECONDS`` before they are committed, so that a killed process loses no
more than that. While the file cannot be written they wait in memory, at most ``MOST_WAITING``, and
the user is notified once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from proxy_core.errors import Problem
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.errors import FAILURES, UpstreamErrorResponse, explain, is_busy
from proxy_core.usage.ledger.file import LedgerFile

log = logging.getLogger("g_copilot_proxy.usage")

COMMIT_SECONDS = 0.15
RETRY_SECONDS = 5.0
MOST_WAITING = 20_000
"""About 10 MB, and more requests than a person's tools send in a day."""
MOST_AT_ONCE = 1_000
FORGET_SECONDS = 10.0
"""Seconds that deletion waits for another process's write: a person is waiting."""
PRUNE_SECONDS = 6 * 3600.0
REST_SECONDS = 0.02
"""Between two steps of adding up or deleting: others want the file and the processor too."""
DAY_SECONDS = 24 * 3600.0


class Ledger:
    """``open`` starts the writer, ``close`` ends it. Everything else may be called from any thread.

    ``on_problem`` is called in the writer's thread: with a problem when writing starts to fail,
    with None once it works again.
    """

    def __init__(
        self,
        file: LedgerFile,
        *,
        wall: Callable[[], float],
        retention_days: Callable[[], int],
        on_problem: Callable[[Problem | None], None],
    ) -> None:
        """``wall`` returns seconds since 1970."""
        self._file = file
        self._wall = wall
        self._retention_days = retention_days
        self._on_problem = on_problem
        self._changed = threading.Condition()
        # Guarded by ``_changed``:
        self._waiting: deque[LedgerEntry] = deque()
        self._writing: tuple[LedgerEntry, ...] = ()
        self._forgetting: list[Future[None]] = []
        self._writing_is_forgotten = False
        self._failures = 0
        self._dropped = 0
        self._hurry = False
        self._closing = False
        self._problem: Problem | None = None
        # Used only in the writer's thread:
        self._pruned: float | None = None
        self._prunes_before: float | None = None
        """What began before that is being deleted; None: nothing is."""
        self._gone = 0
        self._may_add_up = True
        """False after totals could not be added up."""
        # Daemon: the interpreter need not wait for at most a quarter of a second of entries.
        self._thread = threading.Thread(target=self._run, name="usage-ledger", daemon=True)

    @property
    def problem(self) -> Problem | None:
        """Why the file cannot be written, or None."""
        return self._problem

    @property
    def dropped(self) -> int:
        """Number of entries dropped because too many waited."""
        return self._dropped

    def open(self) -> None:
        """Start the writer; it opens the file at once."""
        self._thread.start()

    def record(self, entry: LedgerEntry) -> None:
        """Add one entry. Never blocks or fails; if too many wait, the oldest is dropped."""
        with self._changed:
            if len(self._waiting) + len(self._writing) >= MOST_WAITING and self._waiting:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(entry)
            if len(self._waiting) == 1:
                # The writer is awake for those that came before.
                self._changed.notify_all()

    def unwritten(self) -> tuple[LedgerEntry, ...]:
        """Return the entries not yet known to be in the file, oldest first."""
        with self._changed:
            return (*self._writing, *self._waiting)

    def forget(self) -> Future[None]:
        """Delete the history; entries recorded from now on stay.

        The future fails with ``errors.FAILURES`` if the file cannot be written. It cannot be
        cancelled: who no longer waits for it has ordered it all the same.
        """
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()
        with self._changed:
            self._waiting.clear()
            # If the running write fails, its entries must not be written again.
            self._writing_is_forgotten = bool(self._writing)
            self._forgetting.append(done)
            self._changed.notify_all()
        return done

    def flush(self, timeout: float = 30.0) -> bool:
        """Write all waiting entries now; return whether all are in the file."""
        with self._changed:
            failures = self._failures
            self._hurry = self._is_busy
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._is_busy or self._failures > failures, timeout)
            return not self._is_busy

    def all_added_up(self, timeout: float) -> bool:
        """Wait until old entries are deleted and every row has its totals; return whether it is so."""

        def is_so() -> bool:
            return not self._file.lacks_totals and self._prunes_before is None

        with self._changed:
            return self._changed.wait_for(is_so, timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """Write waiting entries, close the file, end the writer; return whether it ended in time."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def _is_busy(self) -> bool:
        return bool(self._waiting or self._writing)

    @property
    def _is_pressed(self) -> bool:
        return self._hurry or self._closing or bool(self._forgetting)

    def _run(self) -> None:
        self._attempt(self._file.open)
        self._prune_if_due()
        while self._step():
            pass
        self._file.close()

    def _step(self) -> bool:
        """Wait for work and do it once; return whether there may be more."""
        batch, forgetting = self._take()
        for done in forgetting:
            self._carry_out(done)
        written = not batch or self._attempt(lambda: self._file.write(batch))
        self._settle(written)
        if batch and written:
            self._prune_if_due()
        if self._is_pruning and not self._is_pressed:
            self._prune()
        elif self._is_adding_up and not batch and not self._is_pressed:
            self._add_up()
        with self._changed:
            if not self._closing or (written and self._is_busy):
                return True
            if self._is_busy:
                log.error("%d entries could not be written to the ledger", len(self._waiting))
            return False

    def _take(self) -> tuple[tuple[LedgerEntry, ...], list[Future[None]]]:
        with self._changed:
            rest = REST_SECONDS if self._is_adding_up or self._is_pruning else None
            if not self._changed.wait_for(lambda: self._is_busy or self._is_pressed, rest):
                return (), []
            # Requests often end together: one commit for all within this time.
            pause = COMMIT_SECONDS if self._problem is None else RETRY_SECONDS
            self._changed.wait_for(lambda: self._is_pressed, pause)
            count = min(len(self._waiting), MOST_AT_ONCE)
            self._writing = tuple(self._waiting.popleft() for _ in range(count))
            forgetting, self._forgetting = self._forgetting, []
            return self._writing, forgetting

    @property
    def _is_adding_up(self) -> bool:
        return self._file.lacks_totals and self._may_add_up and self._problem is None

    @property
    def _is_pruning(self) -> bool:
        return self._prunes_before is not None and self._problem is None

    def _add_up(self) -> None:
        """Nobody is told of a failure: figures are as right without totals, only slower."""
        try:
            self._file.add_up_a_day()
        except FAILURES as error:
            if not is_busy(error):
                self._may_add_up = False
                log.warning("the ledger's totals could not be added up: %s", error)
        with self._changed:
            self._changed.notify_all()

    def _settle(self, written: bool) -> None:
        with self._changed:
            if not written:
                if not self._writing_is_forgotten:
                    self._waiting.extendleft(reversed(self._writing))
                self._failures += 1
            self._writing_is_forgotten = False
            self._writing = ()
            self._hurry = self._hurry and written and bool(self._waiting)
            self._changed.notify_all()

    def _carry_out(self, done: Future[None]) -> None:
        give_up = time.monotonic() + FORGET_SECONDS
        while True:
            try:
                self._file.forget()
            except FAILURES as error:
                if is_busy(error) and time.monotonic() < give_up and not self._closing:
                    continue  # each attempt already waits for the other process
                done.set_exception(error)
            else:
                done.set_result(None)
            return

    def _attempt(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except FAILURES as error:
            self._failed(error)
            return False
        if self._problem is not None:
            log.info("the usage ledger can be written again")
            self._may_add_up = True
            self._tell(None)
        return True

    def _failed(self, error: UpstreamErrorResponse) -> None:
        problem = explain(error, self._file.path)
        if self._problem is None or self._problem.code != problem.code:
            log.error("the usage ledger cannot be written: %s", error)
            self._tell(problem)

    def _tell(self, problem: Problem | None) -> None:
        self._problem = problem
        try:
            self._on_problem(problem)
        except Exception:
            # A failing listener must not end the writer, or the rest of the run is not recorded.
            log.exception("telling of the ledger's state failed")

    def _prune_if_due(self) -> None:
        now = self._wall()
        if self._problem is not None or (
            self._pruned is not None and 0 <= now - self._pruned < PRUNE_SECONDS
        ):
            return
        self._pruned = now
        self._prunes_before = now - self._retention_days() * DAY_SECONDS
        self._gone = 0
        self._prune()

    def _prune(self) -> None:
        """Delete some old entries: what comes meanwhile is written before the others go."""
        assert self._prunes_before is not None
        try:
            gone = self._file.prune(self._prunes_before)
        except FAILURES as error:
            self._prunes_before = None
            log.warning("old entries could not be deleted from the ledger: %s", error)
            return
        self._gone += gone
        if gone:
            return
        with self._changed:
            self._prunes_before = None
            self._changed.notify_all()
        if self._gone:
            log.info("deleted %d entries older than %d days", self._gone, self._retention_days())
