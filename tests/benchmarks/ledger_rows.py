"""A ledger of as many requests as wanted, made by the database in some seconds, the same each time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.totals_schema import DAY_SECONDS, END

CLIENTS = ("Claude Code", "Codex", "opencode", "aider", "curl", "Cline")
MODELS = ("gpt-5.2", "claude-opus-4.6", "gpt-5-mini", "gemini-3-pro", "claude-sonnet-4.6")
ERRORS = ("rate_limited", "upstream_error", "quota_exceeded")
REASONS = ("GitHub Copilot refused the request", "GitHub Copilot broke off")
MISSES = ("too_old", "first_request", "prefix_edited", None, None, None, None, None)
RARE = "grok-code-fast-1"
"""A model of one request in ``RARELY``, spread over all days."""
RARELY = 20_000
_KIBIBYTES = 400_000
"""Ids are random, so that their index would be read from the disk again for each row."""


def _mixed(salt: int) -> str:
    """SQL for bits that look random, of a row's number ``n`` (Knuth's multiplicative hash).

    What is multiplied is cut to 32 bits first: SQLite makes a floating number of what has more than 63.
    """
    return f"((n * {2654435761 + 1640531526 * salt} & 4294967295) * 40503 >> 11)"


def _one_of(names: tuple[str | None, ...], salt: int) -> str:
    texts = ("NULL" if name is None else f"'{name}'" for name in names)
    whens = " ".join(f"WHEN {number} THEN {text}" for number, text in enumerate(texts))
    return f"CASE {_mixed(salt)} % {len(names)} {whens} END"


_FAILED = f"{_mixed(5)} % 10 = 0"
_VALUES = {
    "request_id": "printf('req_%08x%08x%08x', n * 2654435761 & 4294967295, "
    f"{_mixed(1)} & 4294967295, {_mixed(2)} & 4294967295)",
    "started": ":since + n * :step",
    "client": _one_of(CLIENTS, 3),
    "model": f"CASE WHEN n % {RARELY} = 77 THEN '{RARE}' ELSE {_one_of(MODELS, 4)} END",
    "path": "'POST /v1/messages'",
    "endpoint": "'/v1/messages'",
    "translated": "0",
    "streamed": "1",
    "ending": f"CASE WHEN {_FAILED} THEN 'failed' ELSE 'done' END",
    "error": f"CASE WHEN {_FAILED} THEN {_one_of(ERRORS, 6)} END",
    "stop_reason": "'stop'",
    "http_status": "200",
    "duration": "1.5",
    "first_byte": "0.3",
    "attempts": f"1 + ({_mixed(7)} % 50 = 0)",
    "input_tokens": f"{_mixed(8)} % 5000",
    "output_tokens": f"{_mixed(9)} % 900",
    "cache_read_tokens": f"{_mixed(10)} % 50000",
    "cache_write_tokens": "0",
    "reasoning_tokens": "0",
    "nano_credits": f"{_mixed(11)} % 1000000000",
    "estimated": "0",
    "saved_nano_credits": "5",
    "miss_reason": _one_of(MISSES, 12),
    "initiator": _one_of(("user", "agent"), 13),
    "reason": f"CASE WHEN {_FAILED} THEN {_one_of(REASONS, 14)} ELSE '' END",
}


def make_ledger(path: Path, rows: int, days: int, until: float) -> None:
    """Make a ledger of requests, evenly over the ``days`` before ``until``, seconds since 1970."""
    file = LedgerFile(path, lambda: until, lambda _: None)
    file.open()
    file.close()
    span = days * DAY_SECONDS
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Totals row by row would take a minute: they are added up day by day, as of an older file.
        connection.execute("UPDATE totals_since SET since = ?", (END,))
        connection.execute("UPDATE texts_since SET since = ?", (END,))
        connection.execute(f"PRAGMA cache_size = -{_KIBIBYTES}")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            f"INSERT INTO requests ({', '.join(_VALUES)}) "
            "WITH RECURSIVE numbers (n) AS "
            "(SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :rows) "
            f"SELECT {', '.join(_VALUES.values())} FROM numbers",
            {"rows": rows, "since": until - span, "step": span / rows},
        )
    file.open()
    while file.lacks_totals:
        file.add_up_a_day()
    file.close()
