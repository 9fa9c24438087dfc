"""``python -m tests.desktop.second_day FOLDER``: the app on a virtual screen when things go wrong.

Sign-in, requests of several tools, an outage and its end, a taken port, a restart with history, a
settings file broken by hand, Chinese, dark, 720 pixels, no tray; a picture of each step goes to
FOLDER, to be looked at.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # ours; the app gets the virtual screen

from PySide6.QtGui import QGuiApplication

from tests.desktop.screen import session_bus
from tests.desktop.screen.virtual_screen import missing_programs
from tests.desktop.second_day.second_day import SecondDay


def main(arguments: list[str]) -> int:
    missing = [*missing_programs(), *session_bus.missing_programs()]
    if missing or len(arguments) != 1:
        print(f"{__doc__}\nMissing programs: {', '.join(missing) or 'none'}", file=sys.stderr)
        return 1
    _application = QGuiApplication([])
    folder = Path(arguments[0]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    SecondDay(folder).spend()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
