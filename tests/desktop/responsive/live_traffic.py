"""A service under load, for the window's tests: 200 ended requests, 20 running, 45 new ones a second."""

from __future__ import annotations

import itertools
from collections import deque

from msgspec.structs import replace

from proxy_core.status.status import RECENT_REQUESTS, RequestRecord, RequestState
from tests.desktop.fake_service import NOW, FakeService, record

RUNNING_AT_ONCE = 20
A_QUARTER_SECOND = 11
"""Requests that end, and begin, between two looks of a window that looks four times a second."""
_TOOLS = ("Claude Code", "Codex", "aider", "Cursor")


class BusyService(FakeService):
    """``go_on`` ends the oldest running requests and starts as many."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self._ended: deque[RequestRecord] = deque(maxlen=RECENT_REQUESTS)
        self._running: deque[RequestRecord] = deque()
        while len(self._running) < RUNNING_AT_ONCE:
            self._begin()
        while len(self._ended) < RECENT_REQUESTS:
            self.go_on()

    def go_on(self, count: int = A_QUARTER_SECOND) -> None:
        self._move(count)
        self.change(**self._parts())

    def go_on_and_tell(self, count: int = A_QUARTER_SECOND) -> None:
        """As the engine does, from a thread of its own."""
        self._move(count)
        self.publish(**self._parts())

    def _move(self, count: int) -> None:
        for _ in range(count):
            ended = self._running.popleft()
            self._ended.appendleft(replace(ended, state=RequestState.DONE, duration=0.4))
            self._begin()

    def _begin(self) -> None:
        number = next(self._numbers)
        self._running.append(
            record(
                number,
                client=_TOOLS[number % len(_TOOLS)],
                started=NOW + number / 45,
                state=RequestState.STREAMING,
                duration=None,
            )
        )

    def _parts(self) -> dict[str, tuple[RequestRecord, ...]]:
        return {"recent": tuple(self._ended), "active": tuple(self._running)}
