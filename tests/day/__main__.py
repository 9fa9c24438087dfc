"""``python -m tests.day [--seed N] [--rounds N] [--days N]``: the long form of ``test_a_day.py``."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from tests.day.working_day import Broken, simulated_day


async def _days(first_seed: int, days: int, rounds: int) -> int:
    for seed in range(first_seed, first_seed + days):
        began = time.monotonic()
        try:
            async with simulated_day(seed) as day:
                report = await day.run(rounds)
        except Broken as broken:
            print(f"seed {seed}: {broken}", file=sys.stderr)
            return 1
        print(f"seed {seed}: {report} ({time.monotonic() - began:.1f} s)", flush=True)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.day", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first day")
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=100, help="happenings in each day")
    asked = parser.parse_args()
    return asyncio.run(_days(asked.seed, asked.days, asked.rounds))


if __name__ == "__main__":
    sys.exit(main())
