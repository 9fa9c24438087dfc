"""Makes the pictures in docs/images from the running app, in demo mode on a virtual screen.

    python -m tests.desktop.screen.screenshots [FOLDER]

Every page, the first run, signing in, the question before sending and the tray's menu, light and dark,
at one and at two pixels for a point: look at them beside the design. Nothing is drawn by hand: the app
serves, requests under the names of three programs go through it, and a mouse opens the menu. Needs the
programs named in ``virtual_screen.py``; with the Debian packages fonts-inter and fonts-jetbrains-mono
the pictures look as on a usual desktop, without them they are in DejaVu.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from desktop.views.theme.tokens import Scheme
from tests.desktop.screen.page_pictures import take_page_pictures
from tests.desktop.screen.pictured_app import ROOT
from tests.desktop.screen.virtual_screen import missing_programs
from tests.desktop.screen.welcome_pictures import take_welcome_pictures

SCALES = (1, 2)


def main(arguments: list[str]) -> int:
    missing = missing_programs()
    if missing:
        print(f"These programs are missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    folder = Path(arguments[0]) if arguments else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # ours; the app gets the virtual screen
    _application = QGuiApplication([])
    for scheme in Scheme:
        for scale in SCALES:
            take_page_pictures(folder, scheme, scale)
            take_welcome_pictures(folder, scheme, scale)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
