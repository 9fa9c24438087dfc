"""Stores budgets and pauses between runs, in a file only the user may read."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, write_private
from proxy_core.usage.limits import budgets
from proxy_core.usage.limits import pauses as client_pauses
from proxy_core.usage.limits.budgets import BudgetState, new_state
from proxy_core.usage.limits.pauses import ClientPauses

log = logging.getLogger("g_copilot_proxy.usage")

VERSION = 1


@dataclass(frozen=True, slots=True)
class Remembered:
    budget: BudgetState | None = None
    pauses: ClientPauses = field(default_factory=ClientPauses)


def combined(stored: Remembered, base: Remembered, mine: Remembered) -> Remembered:
    """Return ``stored`` with the changes from ``base`` to ``mine`` applied."""
    budget = mine.budget
    if stored.budget is not None and mine.budget is not None:
        before = base.budget or new_state(mine.budget.day.began)
        budget = budgets.combined(stored.budget, before, mine.budget)
    return Remembered(
        budget or stored.budget, client_pauses.combined(stored.pauses, base.pauses, mine.pauses)
    )


class _Content(msgspec.Struct):
    version: int
    budget: BudgetState | None = None
    paused: dict[str, float | None] = {}
    """None: until resumed, as JSON has no infinity."""
    is_all_paused: bool = False
    all_paused_until: float | None = None


_decode = msgspec.json.Decoder(_Content).decode


class BudgetStore:
    """Its methods block on the disk. Other processes may use the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Remembered:
        """Return the stored state; an empty one if the file is missing or unusable."""
        try:
            content = read_private(self._path)
            found = _decode(content) if content is not None else None
        except (OSError, msgspec.DecodeError) as error:
            log.warning("%s cannot be read, budgets begin anew: %s", self._path.name, error)
            return Remembered()
        if found is None or found.version != VERSION:
            return Remembered()
        paused = {name: math.inf if end is None else end for name, end in found.paused.items()}
        everyone = None
        if found.is_all_paused:
            everyone = math.inf if found.all_paused_until is None else found.all_paused_until
        return Remembered(found.budget, ClientPauses(paused, everyone))

    def merge(self, mine: Remembered, base: Remembered) -> Remembered:
        """Add this process's changes since ``base`` to other processes' state; return the result.

        Raises OSError; the old file is then untouched.
        """
        with locked(self._path):
            merged = combined(self.load(), base, mine)
            self.save(merged)
        return merged

    def save(self, remembered: Remembered) -> None:
        """Replace the stored state. Raises OSError; the old file is then untouched."""
        pauses = remembered.pauses
        content = _Content(
            VERSION,
            remembered.budget,
            {name: _finite(end) for name, end in pauses.until.items()},
            is_all_paused=pauses.everyone is not None,
            all_paused_until=None if pauses.everyone is None else _finite(pauses.everyone),
        )
        write_private(self._path, msgspec.json.format(msgspec.json.encode(content)) + b"\n")


def _finite(end: float) -> float | None:
    return None if math.isinf(end) else end
