"""``python -m tests.benchmarks``: floor, ours and their ratio, side by side; Linux.

Absolute times move with the machine and its neighbours: compare ratios, of one run or of the history.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.bodies import LONG as LONG_BODIES
from tests.benchmarks.bodies import SHORT as SHORT_BODIES
from tests.benchmarks.bodies import BodiesSize, measure_bodies
from tests.benchmarks.growth import LONG as LONG_GROWTH
from tests.benchmarks.growth import SHORT as SHORT_GROWTH
from tests.benchmarks.growth import GrowthSize, measure_growth
from tests.benchmarks.ledger import measure_ledger
from tests.benchmarks.measuring import LONG, SHORT, Figure, measure_all
from tests.benchmarks.window import LONG as LONG_WINDOW
from tests.benchmarks.window import SHORT as SHORT_WINDOW
from tests.benchmarks.window import WindowSize, measure_window


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--long", action="store_true", help="more rounds, 200 streams side by side")
    parser.add_argument(
        "--history", type=Path, help="add the figures to this file, one JSON a line"
    )
    parser.add_argument("--window", action="store_true", help="what the app's window costs instead")
    parser.add_argument(
        "--growth", action="store_true", help="what a stream costs among many instead"
    )
    parser.add_argument(
        "--bodies", action="store_true", help="what a long conversation costs instead"
    )
    parser.add_argument("--ledger", action="store_true", help="what a large ledger costs instead")
    parser.add_argument("--rows", type=int, default=1_000_000, help="requests in that ledger")
    parsed = parser.parse_args()
    if parsed.ledger:
        return _ledger(parsed.rows)
    if parsed.bodies:
        return _bodies(LONG_BODIES if parsed.long else SHORT_BODIES)
    if parsed.growth:
        return _growth(LONG_GROWTH if parsed.long else SHORT_GROWTH)
    if parsed.window:
        return _window(LONG_WINDOW if parsed.long else SHORT_WINDOW)
    print(f"{'':36}{'floor':>10}{'ours':>10}{'ratio':>8}")
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as home:
        for figure in measure_all(Path(home), LONG if parsed.long else SHORT):
            found.append(figure)
            print(
                f"{figure.name:36}{figure.floor:10.3f}{figure.ours:10.3f}{figure.ratio:8.2f}"
                f"  {figure.unit}",
                flush=True,
            )
    if parsed.history is not None:
        line = {
            "at": int(time.time()),
            "machine": f"{platform.machine()} {platform.system()}",
            "python": platform.python_version(),
            "form": "long" if parsed.long else "short",
            "figures": [asdict(each) for each in found],
        }
        with parsed.history.open("a") as file:
            file.write(json.dumps(line) + "\n")
    return 0


def _growth(size: GrowthSize) -> int:
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}", flush=True)
    print(f"{'':44}{'floor':>10}{'ours':>10}")
    with tempfile.TemporaryDirectory() as home:
        for each in measure_growth(Path(home), size):
            print(f"{each.name:44}{each.floor:10.1f}{each.ours:10.1f}  {each.unit}", flush=True)
    return 0


def _bodies(size: BodiesSize) -> int:
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}", flush=True)
    print(f"{'':44}{'seen':>10}{'aim':>8}")
    for each in measure_bodies(size):
        aim = "" if each.aim is None else each.aim
        print(f"{each.name:44}{each.value:10.2f}{aim:>8}  {each.unit}", flush=True)
    return 0


def _ledger(rows: int) -> int:
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}", flush=True)
    print(f"{'milliseconds':44}{'clock':>10}{'CPU':>10}{'aim':>8}")
    with tempfile.TemporaryDirectory() as home:
        for each in measure_ledger(Path(home), rows):
            cpu = "" if each.cpu is None else f"{each.cpu:.1f}"
            aim = "" if each.aim is None else f"{each.aim:.0f}"
            print(f"{each.name:44}{each.clock:10.1f}{cpu:>10}{aim:>8}", flush=True)
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}")
    return 0


def _window(size: WindowSize) -> int:
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}", flush=True)
    print(f"{'':44}{'seen':>10}{'aim':>8}")
    with tempfile.TemporaryDirectory() as home:
        for each in measure_window(Path(home), size):
            print(f"{each.name:44}{each.value:10.3f}{each.aim:>8}  {each.unit}", flush=True)
    print(f"load of the machine (1, 5, 15 min): {os.getloadavg()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
