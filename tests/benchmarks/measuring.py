"""Processes that are measured: their CPU time, and figures of interleaved rounds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import upstream
from tests.benchmarks.load import (
    KEY,
    KINDS,
    Kind,
    body_of,
    one_after_the_other,
    request_of,
    side_by_side,
)
from tests.integration.free_ports import free_port

READY_SECONDS = 30.0
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. ``rounds`` alternate between floor and proxy."""

    rounds: int
    requests: int
    streams: int
    bodies: int


SHORT = Size(rounds=3, requests=150, streams=40, bodies=4)
LONG = Size(rounds=7, requests=600, streams=200, bodies=8)


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of the rounds; ``ratio`` is the median of each round's own ratio."""

    name: str
    unit: str
    floor: float
    ours: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Target:
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """CPU time of the process, user and system, all its threads. Linux alone."""
        try:  # in nanoseconds, where the kernel counts them; else in hundredths of a second
            threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
            return sum(int(each.read_text().split()[0]) for each in threads) / 1e9
        except OSError:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kilobytes(self) -> int:
        """Memory of the process that is in use. Linux alone."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024


@contextlib.contextmanager
def started(
    module: str, *arguments: str, port: int, env: Mapping[str, str] = {}
) -> Iterator[Target]:
    """Run a module of this checkout until the block ends; it is ready once its port is open."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield Target(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port}")


@contextlib.contextmanager
def both(home: Path) -> Iterator[tuple[Target, Target]]:
    """Yield the bare proxy and ours, as shipped, in front of the same upstream."""
    ports = free_port(), free_port(), free_port()
    url = f"http://127.0.0.1:{ports[0]}"
    env = {
        "G_COPILOT_PROXY_HOME": str(home),
        "G_COPILOT_PROXY_GITHUB_URL": url,
        "G_COPILOT_PROXY_GITHUB_API_URL": url,
        "G_COPILOT_PROXY_API_URL": url,
        "COPILOT_GITHUB_TOKEN": "ghu_benchmark000000000000000000000000000",
    }
    with (
        started("tests.benchmarks.upstream", str(ports[0]), port=ports[0]),
        started("tests.benchmarks.floor", str(ports[1]), url, port=ports[1]) as floor,
        started(
            "desktop", "serve", "--port", str(ports[2]), "--key", KEY, port=ports[2], env=env
        ) as ours,
    ):
        listed = urllib.request.Request(
            f"http://127.0.0.1:{ports[2]}/v1/models", headers={"Authorization": f"Bearer {KEY}"}
        )
        try:
            urllib.request.urlopen(listed, timeout=READY_SECONDS).read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"the proxy answered {error.read()!r}") from error
        yield floor, ours


def figures_of(kind: Kind, floor: Target, ours: Target, size: Size) -> Iterator[Figure]:
    """Measure one way of speaking."""
    fast, paced = (upstream.name(*pace, kind.upstream) for pace in upstream.PACES)

    def requests(model: str, body_size: int) -> dict[int, bytes]:
        own = request_of(kind.ours, body_of(kind.speaks, model, body_size))
        bare = request_of(kind.floor, body_of(kind.speaks, model, body_size))
        return {floor.port: bare, ours.port: own}

    small, large, slow = requests(fast, 1000), requests(fast, 1_000_000), requests(paced, 1000)

    def first_and_cpu(target: Target) -> tuple[float, float]:
        before = target.cpu_seconds()
        firsts = asyncio.run(one_after_the_other(target.port, small[target.port], size.requests))
        cpu = target.cpu_seconds() - before
        return 1e3 * median(firsts), 1e3 * cpu / size.requests

    def chunk(target: Target) -> tuple[float]:
        before = target.cpu_seconds()
        asyncio.run(side_by_side(target.port, slow[target.port], size.streams))
        chunks = size.streams * upstream.PACES[1][0]
        return (1e6 * (target.cpu_seconds() - before) / chunks,)

    def body(target: Target) -> tuple[float]:
        firsts = asyncio.run(one_after_the_other(target.port, large[target.port], size.bodies))
        return (1e3 * median(firsts),)

    measured = (
        (first_and_cpu, (("first chunk", "ms"), ("CPU a request", "ms"))),
        (chunk, (("CPU a chunk", "us"),)),
        (body, (("1 MB body, first chunk", "ms"),)),
    )
    for measure, names in measured:
        for target in (floor, ours):
            measure(target)  # what is loaded or cached at first counts for neither
        rounds = []
        for number in range(size.rounds):
            order = (floor, ours) if number % 2 == 0 else (ours, floor)
            found = {target.port: measure(target) for target in order}
            rounds.append((found[floor.port], found[ours.port]))
        for place, (name, unit) in enumerate(names):
            pairs = [(bare[place], own[place]) for bare, own in rounds]
            yield Figure(
                name=f"{kind.label}: {name}",
                unit=unit,
                floor=median(bare for bare, _ in pairs),
                ours=median(own for _, own in pairs),
                ratio=median(own / bare for bare, own in pairs if bare),
            )


def measure_all(home: Path, size: Size, kinds: tuple[Kind, ...] = KINDS) -> Iterator[Figure]:
    with both(home) as (floor, ours):
        for kind in kinds:
            yield from figures_of(kind, floor, ours, size)
