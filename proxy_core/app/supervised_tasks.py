"""The engine's background work: one task group that restarts failed loops and reports them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from proxy_core.clock import Clock
from proxy_core.errors import Problem, translatable

log = logging.getLogger("g_copilot_proxy.engine")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds before a loop that failed is started again; doubled at each failure in a row."""
STEADY_SECONDS = 120.0
"""A loop that has run this long since its last failure has recovered."""


class SupervisedTasks:
    """Belongs to one event loop; ``close`` ends everything.

    ``on_trouble`` is called with the names of the failing loops whenever these change, in the order
    of their first failure; with none once all have recovered.
    """

    def __init__(self, clock: Clock, on_trouble: Callable[[tuple[str, ...]], None]) -> None:
        self._clock = clock
        self._on_trouble = on_trouble
        self._tasks: set[asyncio.Task[Any]] = set()
        self._troubled: tuple[str, ...] = ()

    def keep_running(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run the loop ``run`` until ``close``; ``name`` tells people what does not work without it.

        An unhandled exception restarts the loop after a pause. A loop that returns is done.
        """
        self._start(self._supervise(name, run))

    def run_once(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work`` in the background; its failure is logged."""
        task = self._start(work)
        task.add_done_callback(lambda ended: _log_failure(name, ended))
        return task

    async def close(self) -> None:
        """Cancel what runs and wait for its end. Safe to call twice."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            # A task that is being cancelled may start a last piece of work.
            await asyncio.wait(tuple(self._tasks))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _supervise(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        pause = FIRST_PAUSE
        while True:
            began = self._clock.monotonic()
            recovery = self._start(self._recover(name)) if name in self._troubled else None
            try:
                await run()
            except Exception:
                # Any exception: without this loop, limits, budgets or the sign-in would stop
                # working.
                log.exception("background work failed and is started again: %s", name)
            else:
                self._note(name, is_troubled=False)
                return
            finally:
                if recovery is not None:
                    recovery.cancel()
            if self._clock.monotonic() - began >= STEADY_SECONDS:
                pause = FIRST_PAUSE
            self._note(name, is_troubled=True)
            await self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _recover(self, name: str) -> None:
        await self._clock.sleep(STEADY_SECONDS)
        self._note(name, is_troubled=False)

    def _note(self, name: str, *, is_troubled: bool) -> None:
        others = tuple(each for each in self._troubled if each != name)
        if is_troubled and name in self._troubled:
            return
        now = (*others, name) if is_troubled else others
        if now != self._troubled:
            self._troubled = now
            self._on_trouble(now)


def _log_failure(name: str, task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background work failed: %s", name, exc_info=error)


def background_problem(names: tuple[str, ...]) -> Problem | None:
    """Return the problem to show while the loops of these ``names`` fail; None if there are none."""
    if not names:
        return None
    return Problem(
        translatable("Part of the proxy fails"),
        translatable(
            "This stands still at times: {parts}. It is tried again by itself.",
            parts="; ".join(names),
        ),
        translatable("Requests go on. If it stays, the log says more."),
        "background_failed",
    )
