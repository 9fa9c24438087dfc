"""What both backends cost, side by side: ``python -m tests.integration.backends.cost``. Linux.

Two servers as shipped, one for each backend, in front of the benchmarks' stand-in for Copilot; rounds
alternate. Absolute times move with the machine: compare within a row.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from proxy_core.config.paths import find_paths
from proxy_core.config.settings import BackendName
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
from tests.benchmarks.measuring import Target, started
from tests.integration.backends.installed import MISSING, NODE, place_package
from tests.integration.free_ports import free_port

ROUNDS, REQUESTS, STREAMS = 5, 100, 40
Cost = dict[str, float]


def main() -> int:
    if MISSING is not None:
        print(MISSING, file=sys.stderr)
        return 1
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}")
    print(f"{'':44}{'copilot':>10}{'pi_ai':>10}{'Node in it':>12}")
    with tempfile.TemporaryDirectory() as home, both(Path(home)) as targets:
        for kind in KINDS[:3]:
            for name, native, other, node in figures_of(kind, targets):
                print(
                    f"{kind.label + ': ' + name:44}{native:10.2f}{other:10.2f}{node:12.2f}",
                    flush=True,
                )
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}")
    return 0


@contextlib.contextmanager
def both(home: Path) -> Iterator[tuple[Target, Target]]:
    with contextlib.ExitStack() as stack:
        port = free_port()
        stack.enter_context(started("tests.benchmarks.upstream", str(port), port=port))
        targets = [
            stack.enter_context(server(home / name, name, f"http://127.0.0.1:{port}"))
            for name in (BackendName.COPILOT, BackendName.PI_AI)
        ]
        yield targets[0], targets[1]


@contextlib.contextmanager
def server(home: Path, backend: BackendName, url: str) -> Iterator[Target]:
    port = free_port()
    env = {
        "G_COPILOT_PROXY_HOME": str(home),
        "G_COPILOT_PROXY_GITHUB_URL": url,
        "G_COPILOT_PROXY_GITHUB_API_URL": url,
        "G_COPILOT_PROXY_API_URL": url,
        "COPILOT_GITHUB_TOKEN": "ghu_benchmark000000000000000000000000000",
    }
    paths = find_paths(env)
    paths.config.mkdir(parents=True)
    paths.settings_file.write_text(f'[upstream]\nbackend = "{backend}"\nnode_path = "{NODE}"\n')
    place_package(paths.backends)
    with started("desktop", "serve", "--port", str(port), "--key", KEY, port=port, env=env) as it:
        yield it


def node_seconds(target: Target) -> float:
    """CPU time of the process's children, of which the only one is Node."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == target.process.pid:
                total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def figures_of(
    kind: Kind, targets: tuple[Target, Target]
) -> Iterator[tuple[str, float, float, float]]:
    """Yield name, the native client's figure, pi_ai's, and Node's part of it."""
    fast, paced = (upstream.name(*pace, kind.upstream) for pace in upstream.PACES)
    small, slow = (
        request_of(kind.ours, body_of(kind.speaks, each, 1000)) for each in (fast, paced)
    )
    rounds: list[tuple[Cost, Cost]] = []
    for target in targets:
        measured(target, small, slow)  # what is loaded at first counts for neither
    for number in range(ROUNDS):
        pair = (0, 1) if number % 2 == 0 else (1, 0)
        found = {place: measured(targets[place], small, slow) for place in pair}
        rounds.append((found[0], found[1]))
    for name in ("first chunk, p50 ms", "CPU ms a request", "CPU ms for 1,000 chunks"):
        native, other, node = (
            median(one[side][name + part] for one in rounds)
            for side, part in ((0, ""), (1, ""), (1, " node"))
        )
        yield name, native, other, node


def measured(target: Target, small: bytes, slow: bytes) -> Cost:
    def cpu() -> tuple[float, float]:
        node = node_seconds(target)
        return target.cpu_seconds() + node, node

    before = cpu()
    firsts = asyncio.run(one_after_the_other(target.port, small, REQUESTS))
    between = cpu()
    asyncio.run(side_by_side(target.port, slow, STREAMS))
    after = cpu()
    chunks = STREAMS * upstream.PACES[1][0] / 1000
    return {
        "first chunk, p50 ms": 1e3 * median(firsts),
        "first chunk, p50 ms node": 0.0,
        "CPU ms a request": 1e3 * (between[0] - before[0]) / REQUESTS,
        "CPU ms a request node": 1e3 * (between[1] - before[1]) / REQUESTS,
        "CPU ms for 1,000 chunks": 1e3 * (after[0] - between[0]) / chunks,
        "CPU ms for 1,000 chunks node": 1e3 * (after[1] - between[1]) / chunks,
    }


if __name__ == "__main__":
    sys.exit(main())
