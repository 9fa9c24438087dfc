"""Publishes the program's status.

Most changes are of running requests, several for each, and mostly unread: such fields are not
stored here but read from their owner (``add_source``) when a status is needed. Listeners are
notified of them at most four times a second, and only on request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from proxy_core.status.status import Status

Listener = Callable[[Status], None]
Source = Callable[[], Mapping[str, Any]]
"""Returns fields of the status as they are now; called in any thread."""
Later = Callable[[float, Callable[[], None]], object]
"""Calls a function after some seconds, in the listeners' thread; may be called from any thread."""

SOON_SECONDS = 0.05
NEWS_SECONDS = 0.25
"""Minimum seconds between notifications of sources' changes."""


class StatusBoard:
    """Holds the current :class:`Status` and notifies listeners of each new one.

    Every method may be called from any thread; listeners run in the thread that changed the status,
    or in that of ``later``, and must not block (the desktop posts to its own loop).
    """

    def __init__(self, initial: Status | None = None) -> None:
        self._lock = threading.RLock()
        self._current = initial or Status()
        self._told = self._current
        """What listeners were notified of last: a look in between makes a new status without news."""
        self._is_stale = False
        self._sources: tuple[Source, ...] = ()
        self._before_look: tuple[Callable[[], None], ...] = ()
        self._listeners: tuple[Listener, ...] = ()
        self._watchers: tuple[Listener, ...] = ()
        """Listeners that are also notified of sources' changes."""
        self._later: Later | None = None
        self._is_due = False
        self._notified_at = 0.0

    @property
    def published(self) -> Status:
        """The status without reading the sources: requests, budget and the day's use may be outdated."""
        return self._current

    @property
    def latest(self) -> Status:
        """The status at once: what just ended may still lack its price, and is told again with it."""
        return self._built()

    @property
    def current(self) -> Status:
        """The status with everything recorded that ended before; that is done by the caller's thread."""
        for prepare in self._before_look:
            prepare()
        return self._built()

    def change(self, update: Callable[[Status], Status]) -> Status:
        with self._lock:
            before = self._built()
            self._current = now = update(before)
            listeners = self._listeners
            if now is not before:
                self._told = now
        if now is not before:
            for listener in listeners:
                listener(now)
        return now

    def subscribe(self, listener: Listener, *, to_requests: bool = True) -> Callable[[], None]:
        """Return a function that ends the subscription.

        ``to_requests``: it is also notified of sources' changes.
        """
        with self._lock:
            self._listeners += (listener,)
            if to_requests:
                self._watchers += (listener,)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)
                self._watchers = tuple(each for each in self._watchers if each is not listener)

        return unsubscribe

    def add_source(self, source: Source, before_look: Callable[[], None] | None = None) -> None:
        """Read some fields from ``source`` from now on; ``touch`` reports that they may have changed.

        ``before_look`` is called before a status is read, but not before listeners are notified.
        """
        with self._lock:
            self._sources += (source,)
            if before_look is not None:
                self._before_look += (before_look,)
        self.touch()

    def notify_with(self, later: Later | None) -> None:
        """Notify of touches through ``later``; None: not before the next change."""
        self._later = later
        self._is_due = False

    def touch(self) -> None:
        """Note that sources' fields may have changed."""
        self._is_stale = True
        later = self._later
        if later is not None and self._watchers and not self._is_due:
            self._is_due = True
            next_news = self._notified_at + NEWS_SECONDS - time.monotonic()
            later(max(SOON_SECONDS, next_news), self._tell)

    def _tell(self) -> None:
        self._is_due = False
        self._notified_at = time.monotonic()
        with self._lock:
            now = self._built()
            is_news = now is not self._told
            self._told = now
            watchers = self._watchers
        if is_news:
            for watcher in watchers:
                watcher(now)

    def _built(self) -> Status:
        """Return the status with the sources' current fields."""
        if not self._is_stale:
            return self._current
        with self._lock:
            # Before the sources are read: changes meanwhile cause another read.
            self._is_stale = False
            fields: dict[str, Any] = {}
            for source in self._sources:
                fields |= source()
            new = {
                name: value
                for name, value in fields.items()
                if getattr(self._current, name) != value
            }
            if new:
                self._current = replace(self._current, **new)
            return self._current
