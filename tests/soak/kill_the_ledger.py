"""Kills a process that writes the ledger at random moments, again and again, and checks what is left.

    python tests/soak/kill_the_ledger.py --rounds 1000

After each kill the file must be whole, and every entry recorded more than a second before must be in
it, with its figures. Ends with 1 at the first kill that lost something.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALLOWED_SECONDS = 1.0
"""What may be missing: entries recorded within this time before the kill."""
LONGEST_LIFE = 0.9

WRITER = """
import sys, time
from pathlib import Path
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.writer import Ledger
from proxy_core.usage.ledger.file import LedgerFile

def fail(problem):
    sys.exit(f"problem: {problem}") if problem else None

path, round_number = Path(sys.argv[1]), int(sys.argv[2])
file = LedgerFile(path, time.time, fail)
ledger = Ledger(file, wall=time.time, retention_days=lambda: 400, on_problem=fail)
ledger.open()
number = 0
while True:
    now = time.time()
    ledger.record(LedgerEntry(f"{round_number}-{number}", now, nano_credits=number))
    # What was recorded is told first and killed later: a line that arrived is a promise.
    sys.stdout.write(f"{number} {now!r}\\n")
    sys.stdout.flush()
    number += 1
    time.sleep(0.002)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--due-after", type=float, default=ALLOWED_SECONDS, help="seconds")
    parser.add_argument("--folder", type=Path, default=None)
    parsed = parser.parse_args()
    seed = random.randrange(2**32) if parsed.seed is None else parsed.seed
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(dir=parsed.folder) as folder:
        chance = random.Random(seed)
        return soak(Path(folder) / "usage.sqlite3", parsed.rounds, chance, parsed.due_after)


def soak(path: Path, rounds: int, chance: random.Random, due_after: float) -> int:
    expected, youngest_lost = 0, 0.0
    for number in range(rounds):
        recorded, killed_at = live_and_die(path, number, chance.uniform(0.0, LONGEST_LIFE))
        found = entries(path, number)
        if isinstance(found, str):
            print(f"kill {number}: {found}")
            return 1
        for index, at in recorded.items():
            if index in found:
                continue
            if killed_at - at > due_after:
                print(f"kill {number}: entry {index}, {killed_at - at:.3f} s old, is lost")
                return 1
            youngest_lost = max(youngest_lost, killed_at - at)
        expected += len(found)
    kept = count(path)
    if kept != expected:
        print(f"{expected} entries were there after their kill, {kept} are at the end")
        return 1
    print(f"{rounds} kills, {kept} entries whole; the oldest lost was {youngest_lost:.3f} s old")
    return 0


def live_and_die(path: Path, number: int, life: float) -> tuple[dict[int, float], float]:
    """Run the writer, kill it ``life`` seconds after its first entry; return what it recorded when."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(number)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(life)
        killed_at = time.time()
        writer.kill()
        lines += writer.stdout.read().splitlines()
    if not lines[0]:
        raise SystemExit(f"kill {number}: the writer ended by itself")
    # The last line may be cut in half.
    whole = [each.split() for each in lines[:-1]]
    return {int(index): float(at) for index, at in whole}, killed_at


def entries(path: Path, number: int) -> dict[int, int] | str:
    """Return the round's entries by index, or what is wrong with the file or its figures."""
    with closing(sqlite3.connect(path)) as connection:
        (state,) = connection.execute("PRAGMA integrity_check").fetchone()
        if state != "ok":
            return f"the file is damaged: {state}"
        if not has_rows(connection):
            return {}
        rows = connection.execute(
            "SELECT request_id, nano_credits FROM requests WHERE request_id LIKE ?",
            (f"{number}-%",),
        ).fetchall()
    found = {int(name.partition("-")[2]): nano for name, nano in rows}
    wrong = [index for index, nano in found.items() if index != nano]
    if wrong:
        return f"entry {wrong[0]} has another entry's figures"
    if sorted(found) != list(range(len(found))):
        return "an entry is missing although a later one is there"
    return found


def has_rows(connection: sqlite3.Connection) -> bool:
    """Whether the kill left the file its tables: one that came while they were made did not."""
    wanted = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'requests'"
    return connection.execute(wanted).fetchone() is not None


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        if not has_rows(connection):
            return 0
        (rows,) = connection.execute("SELECT COUNT(*) FROM requests").fetchone()
    return int(rows)


if __name__ == "__main__":
    sys.exit(main())
