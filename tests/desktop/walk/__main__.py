"""``python -m tests.desktop.walk [--examples N] [--steps N]``: the window in any order, for long."""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

from hypothesis.stateful import run_state_machine_as_test

import desktop.pages.connect
from desktop.views.application import Application
from desktop.views.theme.theme import Theme
from tests.desktop.surfaces import FOUND
from tests.desktop.walk.settings_of_the_walk import walk_settings
from tests.desktop.walk.walking import Walk


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.desktop.walk", description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=80)
    parsed = parser.parse_args()
    Walk.qapp = Application([])
    Walk.theme = Theme(Walk.qapp, reduced_motion=True)
    desktop.pages.connect.tools_of_this_computer = lambda: FOUND
    run_state_machine_as_test(
        Walk, settings=walk_settings(examples=parsed.examples, steps=parsed.steps)
    )
    print(f"{parsed.examples} walks of {parsed.steps} steps, nothing found.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
