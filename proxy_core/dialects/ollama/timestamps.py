"""Times as RFC 3339 in UTC, as Ollama writes them. Reads no clock."""

from __future__ import annotations

_DAY = 86_400
_CYCLE_DAYS = 146_097
"""Days of 400 years, after which the Gregorian calendar repeats."""


def rfc3339(seconds: int) -> str:
    """Return ``seconds`` since 1970 as ``2026-11-29T14:00:00Z``."""
    days, rest = divmod(seconds, _DAY)
    year, month, day = _date(days)
    hours, minutes = rest // 3600, rest // 60 % 60
    return f"{year:04d}-{month:02d}-{day:02d}T{hours:02d}:{minutes:02d}:{rest % 60:02d}Z"


def _date(days: int) -> tuple[int, int, int]:
    """Return the date of a day since 1970; years are counted from March, so that leap days come last."""
    cycle, day = divmod(days + 719_468, _CYCLE_DAYS)
    year = (day - day // 1_460 + day // 36_524 - day // (_CYCLE_DAYS - 1)) // 365
    day -= 365 * year + year // 4 - year // 100
    shifted = (5 * day + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return cycle * 400 + year + (month <= 2), month, day - (153 * shifted + 2) // 5 + 1
