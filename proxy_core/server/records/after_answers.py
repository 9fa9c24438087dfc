"""Work for a request after its response was sent: price, ledger, log line.

It is done in a separate thread, for many requests at once; a reader of the results can have it
completed at once.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

PAUSE_SECONDS = 0.1
"""Seconds that work may wait. Waking a thread for each request would cost more than most of the work."""
CLOSE_SECONDS = 1.0

log = logging.getLogger("g_copilot_proxy.server")

Work = Callable[[], None]


class AfterAnswers:
    """Does work in the order in which it was added. Every method may be called from any thread.

    ``on_done`` is called after each batch, in the thread that did it.
    """

    def __init__(self, on_done: Work = lambda: None, pause: float = PAUSE_SECONDS) -> None:
        self._on_done = on_done
        self._pause = pause
        self._waiting: deque[Work] = deque()
        self._doing = threading.RLock()
        """Held while work is done, so that it is done in order, by any thread."""
        self._has_work = threading.Event()
        self._is_awake = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start the thread. Until then work waits for ``catch_up``."""
        # Daemon: the interpreter need not wait, as ``close`` does the rest.
        self._thread = threading.Thread(target=self._run, name="after-answers", daemon=True)
        self._thread.start()

    def add(self, work: Work) -> None:
        """Have ``work`` done soon. Never blocks; what it raises is logged."""
        self._waiting.append(work)
        if not self._is_awake:
            self._is_awake = True
            self._has_work.set()

    def catch_up(self) -> None:
        """Return once everything that was added before is done."""
        if not self._waiting and not self._is_awake:
            return
        with self._doing:
            if not self._waiting:
                return
            while self._waiting:
                self._do(self._waiting.popleft())
            self._do(self._on_done)

    def close(self) -> None:
        """Do the remaining work and end the thread."""
        self._ended.set()
        self._has_work.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)
        self.catch_up()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._has_work.wait()
            self._has_work.clear()
            while not self._ended.is_set():
                self._ended.wait(self._pause)
                if not self._waiting:
                    self._is_awake = False
                    # Added between the check and the flag: nothing would wake this thread for it.
                    if not self._waiting:
                        break
                    self._is_awake = True
                self.catch_up()

    def _do(self, work: Work) -> None:
        try:
            work()
        except Exception:
            # The client has its response: an error in accounting must not fail anything.
            log.exception("the end of a request could not be recorded")
