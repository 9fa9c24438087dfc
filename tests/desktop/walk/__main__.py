"""``python -m tests.desktop.walk [--examples N] [--steps N]``: the window in any order, for long."""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

from hypothesis.stateful import run_state_machine_as_test

from desktop.views.application import Application
from desktop.views.theme.theme import Theme
from tests.desktop.walk.prepared import prepared_walks
from tests.desktop.walk.settings_of_the_walk import walk_settings
from tests.desktop.walk.walking import Walk


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.desktop.walk", description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=80)
    parser.add_argument(
        "--shorten", action="store_true", help="leave out what a failure does not need"
    )
    parsed = parser.parse_args()
    application = Application([])
    chosen = walk_settings(
        examples=parsed.examples, steps=parsed.steps, is_shortened=parsed.shorten
    )
    with prepared_walks(application, Theme(application, reduced_motion=True)):
        run_state_machine_as_test(Walk, settings=chosen)
    print(f"{parsed.examples} walks of {parsed.steps} steps, nothing found.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
