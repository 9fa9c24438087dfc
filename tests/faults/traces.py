"""What calls leave behind in a process: tasks and descriptors, without those the engine lives with."""

from __future__ import annotations

import asyncio
from pathlib import Path

_BACKGROUND = (
    "Engine.",
    "UsageSide.",
    "BudgetKeeping.",
    "sleep",  # what the ones above wait for, where it can be cut short
    "SettingsWatcher.",
    "keep_saving_uses",
    "ModelCatalog.",
    "ParameterStore.",
    "CopilotTokens.",
    "AccountSession.",
)


def running_tasks() -> list[str]:
    """Return the tasks that are not the engine's own, by the names of their coroutines."""
    names = [getattr(each.get_coro(), "__qualname__", "?") for each in asyncio.all_tasks()]
    return sorted(name for name in names if not name.startswith(_BACKGROUND))


def open_descriptors() -> int:
    """Return how many descriptors are open, without the ledger's; 0 where the system does not tell."""
    count = 0
    try:
        for each in Path("/proc/self/fd").iterdir():
            try:
                target = str(each.readlink())
            except OSError:
                continue  # the descriptor of this very look
            count += ".sqlite3" not in target
    except OSError:
        return 0
    return count
