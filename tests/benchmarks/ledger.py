"""What a large ledger costs: ``python -m tests.benchmarks --ledger [--rows N]``; Linux.

Times of queries by the clock and in CPU of their thread, medians of five; what the loop and a request
wait for meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from proxy_core.usage.ledger import file as ledger_file
from proxy_core.usage.ledger.csv_export import write_csv
from proxy_core.usage.ledger.file import LedgerFile
from proxy_core.usage.ledger.queries import UsageQueries
from tests.benchmarks import upstream
from tests.benchmarks.ledger_queries import queries_of, searches_of_ids
from tests.benchmarks.ledger_rows import make_ledger
from tests.benchmarks.load import KEY, KINDS, body_of, one_after_the_other, request_of
from tests.benchmarks.measuring import both

DAYS = 400
ROUNDS = 5
REQUESTS = 400
AIM = 50.0
_LONGEST_TRANSACTION = 250.0
_PRUNED_DAYS = 20


@dataclass(frozen=True, slots=True)
class LedgerFigure:
    """Milliseconds; ``cpu`` of the thread that asked, None where others work too."""

    name: str
    clock: float
    cpu: float | None = None
    aim: float | None = AIM


def measure_ledger(home: Path, rows: int) -> Iterator[LedgerFigure]:
    path = home / "state" / "usage.sqlite3"
    now = time.time()
    began = time.monotonic()
    make_ledger(path, rows, DAYS, now)
    yield LedgerFigure(f"made, {rows} rows", 1e3 * (time.monotonic() - began), aim=None)
    queries = UsageQueries(path)
    asked = queries_of(queries, now, DAYS) | searches_of_ids(queries, now)
    for name, ask in asked.items():
        yield _timed(name, ask)
    yield from _beside_requests(home)
    yield from _long_work(path, now)


def _timed(name: str, ask: Callable[[], object]) -> LedgerFigure:
    found = []
    for _ in range(ROUNDS):
        clock, cpu = time.perf_counter(), time.thread_time()
        ask()
        found.append((time.perf_counter() - clock, time.thread_time() - cpu))
    return LedgerFigure(name, 1e3 * median(c for c, _ in found), 1e3 * median(c for _, c in found))


def _beside_requests(home: Path) -> Iterator[LedgerFigure]:
    """The first chunk of small requests, alone and while all days' usage is asked for all the time."""
    kind = KINDS[0]
    request = request_of(
        kind.ours, body_of(kind.speaks, upstream.name(*upstream.PACES[0], kind.upstream), 1000)
    )
    with both(home) as (_, ours):
        asyncio.run(one_after_the_other(ours.port, request, REQUESTS // 4))
        for name, asks in (("alone", False), ("beside queries", True)):
            with _asking(ours.port) if asks else contextlib.nullcontext():
                firsts = asyncio.run(one_after_the_other(ours.port, request, REQUESTS))
            cuts = quantiles(firsts, n=100)
            yield LedgerFigure(f"small request {name}, p50", 1e3 * cuts[49], aim=None)
            yield LedgerFigure(f"small request {name}, p99", 1e3 * cuts[98])


@contextlib.contextmanager
def _asking(port: int) -> Iterator[None]:
    first = datetime.now(UTC).date() - timedelta(DAYS - 1)
    report = urllib.request.Request(
        f"http://127.0.0.1:{port}/control/usage?first={first}",
        headers={"Authorization": f"Bearer {KEY}"},
    )
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            urllib.request.urlopen(report, timeout=60).read()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _long_work(path: Path, now: float) -> Iterator[LedgerFigure]:
    """Export, deletion of old requests and of all: how late a loop is, and the longest transaction."""
    queries = UsageQueries(path)

    def export() -> None:
        with queries.entries() as entries, tempfile.TemporaryFile("w", newline="") as out:
            write_csv(entries, UTC, out)

    def prune() -> None:
        with contextlib.closing(LedgerFile(path, lambda: now, lambda _: None)) as file:
            while file.prune(now - (DAYS - _PRUNED_DAYS) * 86_400) or file.lacks_totals:
                file.add_up_a_day()

    def forget() -> None:
        with contextlib.closing(LedgerFile(path, lambda: now, lambda _: None)) as file:
            file.forget()

    works = (("nothing for a second", partial(time.sleep, 1)), ("export", export))
    for name, work in (*works, ("prune 20 days", prune), ("forget", forget)):
        with _transactions() as taken:
            whole, late = asyncio.run(_lateness(work))
        yield LedgerFigure(f"{name}, whole", whole, aim=None)
        yield LedgerFigure(f"{name}, the loop late, longest", late)
        if taken:
            longest = 1e3 * max(taken)
            yield LedgerFigure(f"{name}, longest transaction", longest, aim=_LONGEST_TRANSACTION)


async def _lateness(work: Callable[[], None]) -> tuple[float, float]:
    """Return how long the work took in a thread, and how late a timer of the loop was at most."""
    longest, began = 0.0, time.perf_counter()
    running = asyncio.ensure_future(asyncio.to_thread(work))
    while not running.done():
        asked = time.perf_counter()
        await asyncio.sleep(0.002)
        longest = max(longest, time.perf_counter() - asked - 0.002)
    await running
    return 1e3 * (time.perf_counter() - began), 1e3 * longest


@contextlib.contextmanager
def _transactions() -> Iterator[list[float]]:
    """Yield the seconds that each transaction of the writer took."""
    taken: list[float] = []
    whole = ledger_file.transaction

    @contextlib.contextmanager
    def timed(connection: sqlite3.Connection) -> Iterator[None]:
        began = time.perf_counter()
        with whole(connection):
            yield
        taken.append(time.perf_counter() - began)

    ledger_file.transaction = timed
    try:
        yield taken
    finally:
        ledger_file.transaction = whole
