"""``python -m tests.benchmarks``: floor, ours and their ratio, side by side; Linux.

Absolute times move with the machine and its neighbours: compare ratios, of one run or of the history.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.measuring import LONG, SHORT, Figure, measure_all


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--long", action="store_true", help="more rounds, 200 streams side by side")
    parser.add_argument(
        "--history", type=Path, help="add the figures to this file, one JSON a line"
    )
    parsed = parser.parse_args()
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


if __name__ == "__main__":
    raise SystemExit(main())
