"""The ledger as a table for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import TextIO

from proxy_core.status.plain_text import one_line
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.usage.ledger.entry import LedgerEntry

_COLUMNS = (
    "time",
    "tool",
    "model",
    "path",
    "endpoint",
    "ending",
    "error",
    "http_status",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "credits",
    "credits_are",
    "seconds",
    "first_byte_seconds",
    "cache_miss_reason",
    "asked_by",
    "request_id",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Characters that start a formula in spreadsheets, also after blanks."""


def write_csv(entries: Iterable[LedgerEntry], zone: tzinfo, out: TextIO) -> int:
    """Write a header line and one line per entry; return the number of entries.

    Open ``out`` with ``newline=""``. Times are local by ``zone``, with their offset.
    """
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    count = 0
    for entry in entries:
        writer.writerow([_cell(each) for each in _row(entry, zone)])
        count += 1
    return count


def _row(entry: LedgerEntry, zone: tzinfo) -> tuple[str | int | float | None, ...]:
    return (
        datetime.fromtimestamp(entry.started, zone).isoformat(timespec="milliseconds"),
        entry.client,
        entry.model,
        entry.path,
        entry.endpoint,
        entry.ending,
        entry.error,
        entry.http_status,
        entry.input_tokens,
        entry.cache_read_tokens,
        entry.cache_write_tokens,
        entry.output_tokens,
        entry.reasoning_tokens,
        None if entry.nano_credits is None else entry.nano_credits / NANO_PER_CREDIT,
        _origin(entry),
        _seconds(entry.duration),
        _seconds(entry.first_byte),
        entry.miss_reason,
        entry.initiator or None,
        entry.request_id,
    )


def _origin(entry: LedgerEntry) -> str:
    if entry.nano_credits is None:
        return "unknown"
    return "estimated" if entry.estimated else "billed"


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _cell(value: str | float | None) -> str | int | float | None:
    # Client names are untrusted, and spreadsheets execute texts that begin like a formula.
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA_STARTS) else text
