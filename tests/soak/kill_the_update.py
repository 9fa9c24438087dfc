"""Kills an update at random moments, again and again, and starts the app after each kill.

    python -m tests.soak.kill_the_update --rounds 1000

Each round a process looks for the newer version, fetches, verifies, unpacks, tries and chooses it,
and is killed with SIGKILL on the way. Whatever the next start then runs must be a whole program: the
installed one, or a version whose every byte is there. A killed update must also not keep the next one
from working.
Ends with 1 at the first start that fails. Needs ``fork`` (Linux, macOS).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from proxy_core.app.updates.installed_versions import InstalledVersions
from proxy_core.app.updates.start_newest import start_newest
from tests.integration.updates.release_page import INSTALLED, ReleasePage, served, updates_at

NEWEST = "1.1.0"


def update(address: str, root: bytes, state: Path) -> None:
    updates, _ = updates_at(address, root, state)
    release = updates.look()
    if release is not None and not updates.is_ready(release):
        updates.prepare(release)


def update_and_die(address: str, root: bytes, state: Path, life: float) -> bool:
    """Run an update in a process of its own, killed after ``life`` seconds; return whether it ended."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            update(address, root, state)
            code = 0
        finally:
            os._exit(code)
    deadline = time.monotonic() + life
    while time.monotonic() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            if status:
                raise SystemExit(f"an update failed by itself ({status})")
            return True
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def what_starts(state: Path) -> str:
    """Return the version that the next start runs. Raises SystemExit if it is not whole."""
    versions = InstalledVersions(state / "app")
    said: list[str] = []

    def run(program: Path, arguments: object, environ: object) -> int:
        done = subprocess.run([program], capture_output=True, text=True, check=False)
        data = (program.parent / "data").read_bytes()
        version = done.stdout.strip()
        if done.returncode or data != version.encode() * 20_000:
            raise SystemExit(f"a version that is not whole was started: {done.stderr}")
        said.append(version)
        return 0

    if start_newest(versions, INSTALLED, (), {}, run=run) is None:
        return INSTALLED
    return said[-1]


def soak(rounds: int, seed: int) -> Counter[str]:
    chance = random.Random(seed)
    ended: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        page = ReleasePage(Path(folder) / "page")
        page.release(NEWEST)
        state = Path(folder) / "state"
        with served(page.published) as address:
            started = time.monotonic()
            update(address, page.root, state)
            longest = 1.2 * (time.monotonic() - started)
            shutil.rmtree(state)
            for _ in range(rounds):
                is_done = update_and_die(address, page.root, state, chance.uniform(0, longest))
                ended["ended" if is_done else "killed"] += 1
                version = what_starts(state)
                ended[version] += 1
                if is_done and version != NEWEST:
                    raise SystemExit("an update that ended is not what starts")
                if version == NEWEST:  # begin again, with what the kills left lying about
                    (state / "app" / "chosen.json").unlink()
                    if chance.random() < 0.5:
                        shutil.rmtree(state / "app" / "versions")
            update(address, page.root, state)
            if what_starts(state) != NEWEST:
                raise SystemExit("after the kills an update does not work")
            left = sorted(each.name for each in (state / "app" / "versions").iterdir())
            if left != [NEWEST]:
                raise SystemExit(f"the kills left {left}")
    return ended


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    ended = soak(options.rounds, options.seed)
    print(
        f"{options.rounds} updates, {ended['killed']} killed on the way: the next start ran the "
        f"installed version {ended[INSTALLED]} times, the newer one {ended[NEWEST]} times"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
