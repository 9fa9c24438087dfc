"""Opens and closes every dialog again and again and says what grew.

    python -m tests.desktop.responsive.dialog_cycles [CYCLES]

Counted after the first cycles, when caches are warm, and at the end: widgets of the application,
listeners of the theme, and Python objects of our own classes.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import SIGNAL
from PySide6.QtWidgets import QApplication

from desktop.presenters.words import Words
from desktop.views.theme.theme import Theme
from tests.desktop.surfaces import DIALOGS, opened_dialog

WARM = 5
LONG_CYCLES = 500


def counted(theme: Theme) -> Counter[str]:
    gc.collect()
    found: Counter[str] = Counter()
    found["widgets"] = len(QApplication.allWidgets())
    found["listeners of the theme"] = theme.receivers(SIGNAL("changed()"))
    for each in gc.get_objects():
        module = type(each).__module__
        if isinstance(module, str) and module.startswith("desktop."):
            found[f"{module}.{type(each).__name__}"] += 1
    return found


def grown(name: str, theme: Theme, cycles: int) -> dict[str, int]:
    """Return what is more after ``cycles`` openings than after the first few."""
    words = Words()
    for _ in range(WARM):
        with opened_dialog(name, theme, words):
            pass
    before = counted(theme)
    for _ in range(cycles - WARM):
        with opened_dialog(name, theme, words):
            pass
    after = counted(theme)
    return {what: count - before[what] for what, count in after.items() if count > before[what]}


def main(arguments: list[str]) -> int:
    cycles = int(arguments[0]) if arguments else LONG_CYCLES
    application = QApplication([])
    theme = Theme(application, reduced_motion=True)
    wrong = 0
    for name in DIALOGS:
        found = grown(name, theme, cycles)
        wrong += bool(found)
        print(f"{name}: {cycles} times, {found or 'nothing grew'}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
