"""What the tests of the ledger share."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from proxy_core.usage.ledger.entry import LedgerEntry

FIRST, LAST = date(2026, 3, 20), date(2026, 4, 10)
"""A change to summer time lies between them."""
NOON = 1_795_262_400.0
DAY = 86_400.0
Keep = Callable[..., Any]
Make = Callable[..., LedgerEntry]


def rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [each for (each,) in connection.execute("SELECT request_id FROM requests")]
