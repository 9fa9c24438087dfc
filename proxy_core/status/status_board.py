"""Where the program's status is published and looked at.

Most changes are of running requests, several for each of them, and mostly nobody looks: what changes
that often is not written here but asked of its owner (``add_source``) when a status is wanted.
Listeners hear of it four times a second at most, and only those that asked for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from proxy_core.status.status import Status

Listener = Callable[[Status], None]
Source = Callable[[], Mapping[str, Any]]
"""Returns fields of the status as they are now; called in any thread."""
Later = Callable[[float, Callable[[], None]], object]
"""Calls a function in so many seconds, in the thread that listeners expect; called from any thread."""

SOON_SECONDS = 0.05
NEWS_SECONDS = 0.25
"""How often listeners hear of what sources tell."""


class StatusBoard:
    """Holds the current :class:`Status` and tells listeners of each new one.

    Every method may be called from any thread; listeners run in the thread that changed the status, or
    in that of ``later``, and must return at once (the desktop posts to its own loop).
    """

    def __init__(self, initial: Status | None = None) -> None:
        self._lock = threading.RLock()
        self._current = initial or Status()
        self._is_stale = False
        self._sources: tuple[Source, ...] = ()
        self._before_look: tuple[Callable[[], None], ...] = ()
        self._listeners: tuple[Listener, ...] = ()
        self._watchers: tuple[Listener, ...] = ()
        """Those of the listeners that want to hear of what sources tell."""
        self._later: Later | None = None
        self._is_due = False
        self._told = 0.0

    @property
    def published(self) -> Status:
        """The status without a look at what changes with every request: requests, budget, the day's use
        may be old in it."""
        return self._current

    @property
    def current(self) -> Status:
        for prepare in self._before_look:
            prepare()
        return self._built()

    def change(self, update: Callable[[Status], Status]) -> Status:
        with self._lock:
            before = self._built()
            self._current = now = update(before)
            listeners = self._listeners
        if now is not before:
            for listener in listeners:
                listener(now)
        return now

    def subscribe(self, listener: Listener, *, to_requests: bool = True) -> Callable[[], None]:
        """Return a function that ends the subscription.

        ``to_requests``: it hears of what sources tell, too.
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
        """Have ``source`` tell some fields from now on; ``touch`` says that they may have changed.

        ``before_look`` is called before somebody looks, and not before listeners are told.
        """
        with self._lock:
            self._sources += (source,)
            if before_look is not None:
                self._before_look += (before_look,)
        self.touch()

    def tell_by(self, later: Later | None) -> None:
        """Tell of touches by ``later``; None: nobody is told, until the next change."""
        self._later = later
        self._is_due = False

    def touch(self) -> None:
        """What sources tell may have changed."""
        self._is_stale = True
        later = self._later
        if later is not None and self._watchers and not self._is_due:
            self._is_due = True
            next_news = self._told + NEWS_SECONDS - time.monotonic()
            later(max(SOON_SECONDS, next_news), self._tell)

    def _tell(self) -> None:
        self._is_due = False
        self._told = time.monotonic()
        with self._lock:
            before = self._current
            now = self._built()
            watchers = self._watchers
        if now is not before:
            for watcher in watchers:
                watcher(now)

    def _built(self) -> Status:
        """Return the status with what sources tell by now."""
        if not self._is_stale:
            return self._current
        with self._lock:
            # Before the sources are asked: what changes meanwhile is asked for again.
            self._is_stale = False
            told: dict[str, Any] = {}
            for source in self._sources:
                told |= source()
            new = {
                name: value for name, value in told.items() if getattr(self._current, name) != value
            }
            if new:
                self._current = replace(self._current, **new)
            return self._current
