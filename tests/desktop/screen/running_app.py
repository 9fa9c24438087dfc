"""The real app in demo mode on a virtual screen, as a test drives it."""

from __future__ import annotations

import contextlib
import http.client
import json
import sys
from pathlib import Path
from typing import Any

from desktop.views.theme.tokens import TOKENS_FILE
from tests.desktop.screen.virtual_screen import VirtualScreen, eventually

ROOT = Path(__file__).resolve().parents[3]
COLOURS = json.loads(TOKENS_FILE.read_text(encoding="utf-8"))["tray"]["light_or_dark_panel"]


CLICKS = 3
CLICK_SECONDS = 8.0


class App:
    """The running app, its home and its port."""

    def __init__(self, screen: VirtualScreen, home: Path, port: int) -> None:
        self.screen = screen
        self.port = port
        self.command = [sys.executable, "-m", "desktop", "--demo"]
        self.environ = {"G_COPILOT_PROXY_HOME": str(home), "PYTHONPATH": str(ROOT)}

    def icon(self, state: str) -> tuple[int, int]:
        """Where the tray shows its icon in the colour of ``state``."""
        return eventually(
            lambda: self.screen.place_of(COLOURS[state]), f"the icon of the state {state}"
        )

    def open_menu(self, at: tuple[int, int]) -> None:
        """Click until it opens: a panel that is busy with its icons loses a click now and then."""
        for _ in range(CLICKS - 1):
            self.screen.click(*at, button=3)
            with contextlib.suppress(AssertionError):
                eventually(lambda: self.screen.open_menus() or None, "the menu", CLICK_SECONDS)
                return
        self.screen.click(*at, button=3)
        eventually(lambda: self.screen.open_menus() or None, "the menu")

    def choose(self, at: tuple[int, int], entry: int) -> None:
        """Open the menu and choose the entry that the given number of Downs leads to."""
        self.open_menu(at)
        self.screen.key(*["Down"] * entry, "Return")

    def health(self) -> dict[str, Any] | None:
        """What the server says of itself, or None if it is not there."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            body = answer.read()
        except ConnectionError:  # nobody there, or just leaving
            return None
        finally:
            connection.close()
        assert answer.status == 200
        parsed: dict[str, Any] = json.loads(body)
        return parsed
