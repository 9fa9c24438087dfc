"""What a stream costs among many: CPU a chunk from one to hundreds, memory of silent ones. Linux.

CPU that the process uses without any stream is taken off; each stream's share of its request is in.
One stream alone pays for a wake-up of the loop with every chunk, which many share: compare with the
bare proxy of the same row.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import upstream
from tests.benchmarks.load import KINDS, body_of, request_of, side_by_side
from tests.benchmarks.measuring import Target, both

IDLE_SECONDS = 2.0
_SETTLED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class GrowthSize:
    """``streams`` at once, for each as many rounds as bring ``chunks``; ``silent``: for memory."""

    streams: tuple[int, ...]
    chunks: int
    silent: int


SHORT = GrowthSize(streams=(1, 40, 200), chunks=100, silent=100)
LONG = GrowthSize(streams=(1, 10, 50, 200, 500), chunks=300, silent=400)


@dataclass(frozen=True, slots=True)
class GrowthFigure:
    """One figure of the bare proxy and of ours."""

    name: str
    unit: str
    floor: float
    ours: float


def cpu_a_chunk(target: Target, request: bytes, streams: int, chunks: int) -> float:
    """Return microseconds of CPU a chunk, without those of the process at rest."""
    began, before = time.monotonic(), target.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    at_rest = (target.cpu_seconds() - before) / (time.monotonic() - began)
    each = streams * upstream.SLOW[0]
    rounds = max(1, round(chunks / each))
    began, before = time.monotonic(), target.cpu_seconds()
    for _ in range(rounds):
        asyncio.run(side_by_side(target.port, request, streams))
    used = target.cpu_seconds() - before - at_rest * (time.monotonic() - began)
    return 1e6 * used / (rounds * each)


def memory_a_stream(target: Target, request: bytes, streams: int) -> float:
    """Return kB of memory that each of many open and silent streams takes."""

    async def hold() -> float:
        async def opened() -> asyncio.StreamWriter:
            reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
            writer.write(request)
            await reader.readuntil(b"\r\n\r\n")
            return writer

        warm = [await opened() for _ in range(4)]
        await asyncio.sleep(_SETTLED_SECONDS)
        before = target.resident_kilobytes()
        writers = await asyncio.gather(*(opened() for _ in range(streams)))
        await asyncio.sleep(_SETTLED_SECONDS)
        taken = target.resident_kilobytes() - before
        for each in (*warm, *writers):
            each.close()
        return taken / streams

    return asyncio.run(hold())


def measure_growth(home: Path, size: GrowthSize) -> Iterator[GrowthFigure]:
    kind = KINDS[0]
    with both(home) as targets:
        requests = {
            target.port: {
                pace: request_of(
                    path, body_of(kind.speaks, upstream.name(*pace, kind.upstream), 1000)
                )
                for pace in (upstream.SLOW, upstream.SILENT)
            }
            for target, path in zip(targets, (kind.floor, kind.ours), strict=True)
        }
        for target in targets:  # what is loaded at first counts for nothing
            asyncio.run(side_by_side(target.port, requests[target.port][upstream.SLOW], 4))
        # Before the others, whose memory it would take over unseen.
        found = [
            memory_a_stream(each, requests[each.port][upstream.SILENT], size.silent)
            for each in targets
        ]
        yield GrowthFigure(f"chat: memory, {size.silent} silent streams, each", "kB", *found)
        for streams in size.streams:
            found = [
                cpu_a_chunk(each, requests[each.port][upstream.SLOW], streams, size.chunks)
                for each in targets
            ]
            yield GrowthFigure(f"chat: CPU a chunk, {streams} streams", "us", *found)
