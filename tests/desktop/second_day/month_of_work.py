"""Thirty days of three tools in a ledger, so that pictures show a month as people have it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.file import LedgerFile

DAYS = 30
_CREDIT = 1_000_000_000
_SHARES = (
    ("Claude Code", "/v1/messages", "claude-sonnet-4.6", 0.56),
    ("Codex", "/v1/responses", "gpt-5.3-codex", 0.26),
    ("Claude Code", "/v1/messages", "claude-haiku-4.5", 0.08),
    ("aider", "/v1/chat/completions", "gpt-5.2", 0.10),
)
_ON_A_DAY = (9, 24)
_ON_A_WEEKEND = (0, 5)


def write_month(ledger: Path) -> None:
    """Fill ``ledger`` with the days before today; the same days every time."""
    ledger.parent.mkdir(parents=True, exist_ok=True)
    file = LedgerFile(ledger, time.time, lambda problem: None)
    file.open()
    file.write(tuple(_entries()))
    file.close()


def _entries() -> Iterator[LedgerEntry]:
    chance = random.Random(30)  # pictures, no secret
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    for before in range(DAYS, 0, -1):
        day = today - timedelta(days=before)
        fewest, most = _ON_A_WEEKEND if day.weekday() >= 5 else _ON_A_DAY
        for number in range(chance.randint(fewest, most)):
            seconds = chance.triangular(9 * 3600, 19 * 3600, 15 * 3600)
            yield _entry(chance, f"demo-{before}-{number}", day.timestamp() + seconds)


def _entry(chance: random.Random, request_id: str, started: float) -> LedgerEntry:
    tool, path, model, _ = chance.choices(_SHARES, [share for *_, share in _SHARES])[0]
    prompt, output = chance.randint(1_500, 14_000), chance.randint(40, 360)
    cached = round(prompt * chance.choice((0.0, 0.82, 0.9, 0.94, 0.97)))
    credit = (prompt - cached) * 1.6e-4 + cached * 1.6e-5 + output * 6e-4
    return LedgerEntry(
        request_id,
        started,
        client=tool,
        model=model,
        path=f"POST {path}",
        endpoint=path.removeprefix("/v1") if path != "/v1/messages" else path,
        streamed=True,
        ending="done",
        http_status=200,
        duration=chance.uniform(1.5, 28.0),
        first_byte=chance.uniform(0.4, 2.0),
        attempts=1,
        input_tokens=prompt - cached,
        cache_read_tokens=cached,
        output_tokens=output,
        nano_credits=round(credit * _CREDIT),
        saved_nano_credits=round(cached * 1.4e-4 * _CREDIT),
        miss_reason=None if cached else "first_request",
        initiator=chance.choice(("user", "agent", "agent")),
    )
