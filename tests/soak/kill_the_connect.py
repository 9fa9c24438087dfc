"""Kills Connect at random moments, again and again, and looks at the tools' files after each kill.

    python -m tests.soak.kill_the_connect --rounds 500

Each round a process connects and disconnects Claude Code, Codex and aider, whose settings a person
wrote, until SIGKILL. Each file is then what the person wrote or what Connect wrote, whole; and
disconnecting gives every byte back and leaves nothing beside it. Ends with 1 at the first file that is
neither. Needs ``fork`` (Linux, macOS).
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from proxy_core.clients.catalogue import TOOLS
from tests.unit.clients.connecting.test_edited_at_every_step import FILES
from tests.unit.clients.connecting.workbench import BASE_URL, CONNECTION, Workbench

LONGEST_LIFE = 0.15
"""Seconds: a few works of each kind."""


def work_until_killed(bench: Workbench, seed: int) -> None:
    chance = random.Random(seed)
    connector = bench.connector()
    while True:
        tool = TOOLS[chance.choice(list(FILES))]
        connector.connect(tool, CONNECTION)
        connector.disconnect(tool)


def written_by_connect(folder: Path) -> dict[str, bytes]:
    """What Connect makes of each file, undisturbed."""
    bench = Workbench(folder)
    paths = {app_id: bench.put(name, content) for app_id, (name, content) in FILES.items()}
    for app_id in FILES:
        bench.connector().connect(TOOLS[app_id], CONNECTION)
    return {app_id: without_key(path.read_bytes()) for app_id, path in paths.items()}


def without_key(content: bytes) -> bytes:
    """Each connecting has a key of its own."""
    return b"".join(part[4:] for part in content.split(b"sk-local-key-number-"))[-10_000:]


def kill(bench: Workbench, seed: int, life: float) -> None:
    child = os.fork()
    if child == 0:
        try:
            work_until_killed(bench, seed)
        finally:
            os._exit(70)
    time.sleep(life)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        raise SystemExit(f"the work of seed {seed} ended by itself")


def soak(rounds: int, seed: int) -> int:
    chance = random.Random(seed)
    between = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "undisturbed").mkdir()
        theirs = written_by_connect(folder / "undisturbed")
        (folder / "killed").mkdir()
        bench = Workbench(folder / "killed")
        paths = {app_id: bench.put(name, content) for app_id, (name, content) in FILES.items()}
        before = bench.tree()
        for number in range(rounds):
            kill(bench, seed + number, chance.uniform(0, LONGEST_LIFE))
            for app_id, path in paths.items():
                content = path.read_bytes()
                is_mine = content == FILES[app_id][1]
                if not is_mine and without_key(content) != theirs[app_id]:
                    raise SystemExit(f"kill {number}: {path} is neither: {content!r}")
                between += not is_mine
            for app_id in FILES:
                connector = bench.connector()
                if connector.state(TOOLS[app_id], BASE_URL).receipt is not None:
                    connector.disconnect(TOOLS[app_id])
            if bench.tree() != before:
                raise SystemExit(f"kill {number}: after disconnecting there is {bench.tree()}")
    return between


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    between = soak(options.rounds, options.seed)
    print(f"{options.rounds} kills, {between} files found connected; every byte came back")
    return 0


if __name__ == "__main__":
    sys.exit(main())
