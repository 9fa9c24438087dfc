"""Saves budgets and pauses soon after they changed, in a thread, newest state last."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from proxy_core.usage.limits.budget_file import BudgetStore, Remembered
from proxy_core.usage.limits.budgets import BudgetState

log = logging.getLogger("g_copilot_proxy.usage")

SAVE_SECONDS = 1.0
"""Requests end in bursts, and their cost is in the ledger too: one write per second is enough."""
CLOSE_SECONDS = 0.3
"""A hanging disk must not block the program's exit."""


class BudgetKeeping:
    """Belongs to one event loop; ``load`` may be called before it runs.

    ``on_merged`` is called with this process's saved state and the file's merged state: another
    server of this home uses the same budgets.
    """

    def __init__(
        self,
        path: Path,
        save_seconds: float = SAVE_SECONDS,
        on_merged: Callable[[Remembered, Remembered], None] = lambda *_: None,
    ) -> None:
        self._store = BudgetStore(path)
        self._on_merged = on_merged
        self._base = Remembered()
        self._save_seconds = save_seconds
        self._saving: asyncio.Task[None] | None = None
        self._newest: Callable[[], Remembered] | None = None
        self._hurry = asyncio.Event()

    def load(self) -> Remembered:
        self._base = self._store.load()
        return self._base

    def counted_elsewhere(self, budget: BudgetState) -> None:
        """Note spending known from the ledger, which must not be saved as spent here."""
        self._base = Remembered(budget, self._base.pauses)

    def save_soon(self, newest: Callable[[], Remembered]) -> None:
        """Write ``newest()`` in a second."""
        self._newest = newest
        if self._saving is None or self._saving.done():
            self._saving = asyncio.get_running_loop().create_task(self._save())

    async def close(self) -> None:
        """Write unsaved state now."""
        self._hurry.set()
        if self._saving is not None:
            await asyncio.wait({self._saving}, timeout=CLOSE_SECONDS)

    async def _save(self) -> None:
        while self._newest is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._save_seconds):
                    await self._hurry.wait()
            newest, self._newest = self._newest, None
            mine = newest()
            try:
                merged = await asyncio.to_thread(self._store.merge, mine, self._base)
            except OSError as error:
                # A full disk must not fail a request; the next change tries again.
                log.warning("budgets and pauses could not be saved: %s", error)
            else:
                self._base = merged
                self._on_merged(mine, merged)
