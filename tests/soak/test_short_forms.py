"""The soaks in their short forms; the long ones are commands (docs/testing.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
LIVES = 6


def run(module: str, *arguments: str, seconds: float) -> None:
    """Run a soak as a person would; what it prints is shown when it finds something."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_two_hundred_streams_for_half_a_minute_lose_mix_and_leave_nothing() -> None:
    run("tests.soak.streams", "--minutes", "0.5", seconds=240)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the works are forked")
def test_a_connect_that_is_killed_leaves_whole_files_and_gives_every_byte_back() -> None:
    run("tests.soak.kill_the_connect", "--rounds", str(KILLS), seconds=240)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the updates are forked")
def test_updates_that_are_killed_leave_a_working_app() -> None:
    run("tests.soak.kill_the_update", "--rounds", str(KILLS), seconds=240)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the lives are forked")
def test_a_busy_server_that_is_killed_keeps_what_it_promised() -> None:
    # Longer lives, since an entry may take longer where the disk is busy: what is due after a second
    # is asked of a machine that does nothing else, by the long form.
    lives = ("--longest-life", "3.2", "--due-after", "2", "--seed", "1")
    run("tests.soak.kill_the_server", "--rounds", str(LIVES), *lives, seconds=240)
