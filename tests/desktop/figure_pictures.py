"""Pictures of Usage, Settings and Doctor from the running app, at one and at two pixels for a point.

python -m tests.desktop.figure_pictures [FOLDER]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from desktop.views.theme.tokens import Scheme
from tests.desktop.screenshots import (
    PANELS,
    WINDOW,
    add_fonts,
    first,
    requests_running,
    running_demo,
    save,
    settle,
)
from tests.desktop.virtual_screen import VirtualScreen, eventually, missing_programs

SCALES = (1, 2)
CHECKED_SECONDS = 3.0
"""By then the doctor has looked at everything."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """``keys`` open the page; ``click`` is a place in the window, in points from its top left."""

    name: str
    keys: tuple[str, ...] = ()
    click: tuple[int, int] | None = None
    waits: float = 0.0


FIGURE_PAGES = (
    PagePicture("usage", keys=("ctrl+3",)),
    PagePicture("doctor", click=(100, 606), waits=CHECKED_SECONDS),
    PagePicture("settings", keys=("ctrl+comma",)),
)


def main(arguments: list[str]) -> int:
    missing = missing_programs()
    if missing:
        print(f"These programs are missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    folder = Path(arguments[0]) if arguments else Path("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # ours; the app gets the virtual screen
    _application = QGuiApplication([])
    for scheme in Scheme:
        for scale in SCALES:
            take_figure_pages(folder, scheme, scale)
    return 0


def take_figure_pages(folder: Path, scheme: Scheme, scale: int) -> None:
    suffix = "" if scheme is Scheme.LIGHT else "-dark"
    suffix += "" if scale == 1 else f"@{scale}x"
    size = (1280 * scale, 860 * scale)
    with VirtualScreen(*size, panel_colour=PANELS[scheme]) as screen:
        add_fonts(screen)
        screen.environ["QT_SCALE_FACTOR"] = str(scale)
        with running_demo(screen, scheme) as key, requests_running(key):
            window = eventually(lambda: first(screen.windows(WINDOW)), "the window")
            for page in FIGURE_PAGES:
                if page.click is not None:
                    click_in(screen, window, page.click, scale)
                screen.key(*page.keys)
                settle()
                time.sleep(page.waits)
                save(screen.picture_of(window), folder / f"{page.name}{suffix}.png")


def click_in(screen: VirtualScreen, window: str, place: tuple[int, int], scale: int) -> None:
    """Click at a place in a window, whatever its frame is."""
    across, down = (str(each * scale) for each in place)
    subprocess.run(
        ["xdotool", "mousemove", "--window", window, across, down, "click", "1"],
        env=screen.environ,
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
