"""A person's first minute, with a stopwatch: start, demo, first answered request.

    python -m tests.desktop.screen.first_time_walk [FILE]

The real app on a virtual screen with an empty home, pressed by a mouse; the clock runs from the start of
the process. The last walk's protocol is docs/first-time-walk.txt.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QColor, QGuiApplication, QImage

from desktop.pages.declared import PAGES
from desktop.presenters.pages import PageKey
from desktop.views.theme.tokens import Scheme, read_tokens
from tests.desktop.screen.virtual_screen import (
    VirtualScreen,
    eventually,
    missing_programs,
)
from tests.integration.free_ports import free_port

ROOT = Path(__file__).resolve().parents[3]
MOST_SECONDS, MOST_CLICKS = 60.0, 5
ACCENT = QColor(read_tokens().colours[Scheme.LIGHT]["accent"])
FOOT = 90
"""Height of the strip at a window's foot in which its primary button stands."""
FILLED_ROWS, FILLED_COLUMNS = 12, 6
SIDEBAR = 200


class Walk:
    """Counts clicks and seconds and writes both down."""

    def __init__(self, screen: VirtualScreen) -> None:
        self.screen = screen
        self.clicks = 0
        self.lines: list[str] = []
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def note(self, text: str) -> None:
        self.lines.append(f"{self.seconds:5.1f} s  {text}")
        print(self.lines[-1], flush=True)

    def click(self, window: str, place: tuple[int, int], what: str) -> None:
        """Click at a place inside a window, told from its own corner."""
        self.clicks += 1
        self.note(f"click {self.clicks}: {what}")
        at = [str(each) for each in place]
        self.screen.said("xdotool", "mousemove", "--window", window, *at, "click", "1")


def main(arguments: list[str]) -> int:
    missing = missing_programs()
    if missing:
        print(f"These programs are missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # ours; the app gets the virtual screen
    _application = QGuiApplication([])
    walk, answer = walk_once()
    walk.note(f"answered: {answer}")
    good = walk.seconds < MOST_SECONDS and walk.clicks <= MOST_CLICKS
    walk.lines.append(
        f"{walk.clicks} clicks, {walk.seconds:.1f} s; allowed are {MOST_CLICKS} clicks and "
        f"{MOST_SECONDS:.0f} s."
    )
    print(walk.lines[-1])
    if arguments:
        Path(arguments[0]).write_text("\n".join(walk.lines) + "\n", encoding="utf-8")
    return 0 if good else 1


def walk_once() -> tuple[Walk, str]:
    """Return the walk and what the answered request was."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home, VirtualScreen(1280, 860) as screen:
        settings = f'[server]\nport = {port}\n[desktop]\ntheme = "light"\nlanguage = "en"\n'
        (Path(home) / "settings.toml").write_text(settings, encoding="utf-8")
        environ = {
            "G_COPILOT_PROXY_HOME": home,
            "PYTHONPATH": str(ROOT),
            # Nobody is signed in, whoever walks.
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        walk = Walk(screen)
        with screen.running([sys.executable, "-m", "desktop"], environ=environ):
            dialog = eventually(lambda: first(screen.windows("^Welcome$")), "the first run")
            primary = eventually(lambda: primary_button(screen, dialog), "its buttons")
            walk.note("the first run is there")
            left, top, _, bottom = primary
            walk.click(dialog, (left - 60, (top + bottom) // 2), "Try the demo")
            window = eventually(lambda: first(screen.windows("^g-copilot-proxy$")), "the window")
            eventually(lambda: is_serving(port), "the demo's server")
            # Drawn where it will stay: its switch at the foot is on.
            eventually(lambda: primary_button(screen, window), "the switch, on")
            walk.note("the demo serves, the window is there")
            walk.click(window, page_place(PageKey.CONNECT), "Connect")
            left, top, right, bottom = eventually(
                lambda: resting(lambda: primary_button(screen, window, beside=SIDEBAR)), "Test it"
            )
            walk.note("the steps are there")
            walk.click(window, ((left + right) // 2, (top + bottom) // 2), "Test it")
            key = (Path(home) / "state" / "local-key").read_text(encoding="utf-8").strip()
            record = eventually(lambda: answered(port, key), "an answered request", MOST_SECONDS)
        return walk, f"{record['model']}, status {record['http_status']}"


def first(found: list[str]) -> str | None:
    return found[0] if found else None


def primary_button(
    screen: VirtualScreen, window: str, *, beside: int = 0
) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of the filled button at the foot of a window, once it is drawn."""
    image: QImage = screen.picture_of(window)
    top = max(0, image.height() - FOOT)
    filled = []
    for column in range(beside, image.width()):
        rows = [
            row for row in range(top, image.height()) if image.pixelColor(column, row) == ACCENT
        ]
        if len(rows) >= FILLED_ROWS:  # words in the accent's colour are never that high
            filled.append((column, rows[0], rows[-1]))
    if len(filled) < FILLED_COLUMNS:
        return None
    columns = [column for column, _, _ in filled]
    return min(columns), min(f for _, f, _ in filled), max(columns), max(x for _, _, x in filled)


Box = tuple[int, int, int, int]


def resting(look: Callable[[], Box | None]) -> Box | None:
    """What is seen at the same place twice: a page still moves while its news arrive."""
    before = look()
    time.sleep(0.3)
    return before if before == look() else None


def page_place(key: PageKey) -> tuple[int, int]:
    """The middle of a page's entry in the sidebar."""
    entries = [each.key for each in PAGES if each.build is not None and not each.at_foot]
    row = read_tokens().heights["nav"] + 2
    return 60, 12 + entries.index(key) * row + row // 2


def is_serving(port: int) -> bool:
    return ask(port, "/health", "") is not None


def answered(port: int, key: str) -> dict[str, object] | None:
    """The newest request that got an answer."""
    activity = ask(port, "/v1/activity", key) or {}
    done = [each for each in activity.get("recent", []) if each.get("http_status") == 200]
    return done[0] if done else None


def ask(port: int, path: str, key: str) -> dict[str, list[dict[str, object]]] | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        body = answer.read()
        return json.loads(body) if answer.status == 200 else None
    except ConnectionError:
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
