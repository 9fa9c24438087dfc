"""A ledger in a temporary folder, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy_core.errors import Problem
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import Connect, LedgerFile, connect
from proxy_core.usage.ledger.queries import UsageQueries
from proxy_core.usage.ledger.writer import Ledger

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


class Keeper:
    """A ledger and what it told."""

    def __init__(self, path: Path, connect: Connect = connect, retention_days: int = 400) -> None:
        self.path = path
        self.now = NOON
        self.retention_days = retention_days
        self.told: list[Problem | None] = []
        self.rebuilt: list[Problem] = []
        file = LedgerFile(path, lambda: self.now, self.rebuilt.append, connect)
        self.ledger = Ledger(
            file,
            wall=lambda: self.now,
            retention_days=lambda: self.retention_days,
            on_problem=self.told.append,
        )
        self.queries = UsageQueries(path, self.ledger.unwritten)

    @property
    def codes(self) -> list[str | None]:
        """The codes of what was told, None for a recovery."""
        return [None if each is None else each.code for each in self.told]


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[..., Keeper]]:
    """Make and open a ledger; all are closed at the end."""
    made: list[Keeper] = []

    def make(path: Path | None = None, **options: object) -> Keeper:
        keeper = Keeper(path or tmp_path / "state" / "usage.sqlite3", **options)  # type: ignore[arg-type]  # passed on
        keeper.ledger.open()
        made.append(keeper)
        return keeper

    yield make
    for each in made:
        assert each.ledger.close()


@pytest.fixture
def entry() -> Callable[..., LedgerEntry]:
    """Make a plausible entry; what matters is said by the test."""

    def make(request_id: str = "r1", **values: object) -> LedgerEntry:
        plausible: dict[str, object] = {
            "started": NOON,
            "client": "Codex",
            "model": "gpt-5.2",
            "path": "/v1/responses",
            "endpoint": "/responses",
            "ending": "done",
            "http_status": 200,
            "input_tokens": 1_000,
            "output_tokens": 100,
            "nano_credits": 500_000_000,
        }
        return LedgerEntry(request_id=request_id, **(plausible | values))  # type: ignore[arg-type]  # by the caller

    return make
