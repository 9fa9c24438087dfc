"""A person at the screen: finds things by their names, moves the mouse there, types, takes pictures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.desktop.screen.screen_reader import Name, ScreenReader, Thing
from tests.desktop.screen.virtual_screen import VirtualScreen, eventually

_SECONDS = 60.0
NOTE = Path(__file__).with_name("note_window.py")
Found = TypeVar("Found")
MAIN_WINDOW = "^g-copilot-proxy$"


class Person:
    """``pictures`` gets one of the whole screen for each :meth:`picture`, numbered in order."""

    def __init__(self, screen: VirtualScreen, reader: ScreenReader, pictures: Path) -> None:
        self.screen = screen
        self.reader = reader
        self._pictures = pictures
        self._taken = 0

    def sees(self, name: Name, *, role: str = "", window: Name = "") -> Thing:
        """Wait until it is shown."""
        return self.until(
            lambda: self.reader.find(name, role=role, window=window), f"{role} {name!r}"
        )

    def sees_no_more(self, name: Name, *, window: Name = "") -> None:
        self.until(lambda: self.reader.find(name, window=window) is None, f"{name!r} to be gone")

    def clicks(self, name: Name, *, role: str = "push button", window: Name = "") -> None:
        """Wait until it can be clicked and has come to rest, and click its middle."""
        self.screen.click(*self._at_rest(name, role, window).middle)

    def leaves_the_page(self) -> None:
        """Point at the sidebar: a banner that came under the pointer lets presses through at first."""
        across, down = self._at_rest("Home", "check box", "").middle
        self.screen.said("xdotool", "mousemove", str(across), str(down))

    def types(self, text: str) -> None:
        self.screen.said("xdotool", "type", "--delay", "8", text)

    def presses(self, *keys: str) -> None:
        self.screen.key(*keys)

    def has_window(self, title: str = MAIN_WINDOW) -> None:
        self.until(lambda: self.screen.windows(title) or None, f"a window {title}")

    def has_no_window(self, title: str = MAIN_WINDOW) -> None:
        self.until(lambda: not self.screen.windows(title), f"no window {title}")

    @contextmanager
    def types_elsewhere(self) -> Iterator[Callable[[], str]]:
        """Another program's window has the keyboard; gives how to read what stands in it."""
        note = self._pictures / "note"
        note.unlink(missing_ok=True)
        with self.screen.running([sys.executable, str(NOTE)], log=note):
            window = self.until(lambda: next(iter(self.screen.windows("^Note$")), None), "the note")
            active = ("xdotool", "getactivewindow")
            self.until(lambda: self.screen.said(*active).strip() == window, "the note's focus")
            yield lambda: (note.read_text(encoding="utf-8").splitlines() or [""])[-1]

    def picture(self, name: str) -> None:
        self._taken += 1
        self.screen.picture().save(str(self._pictures / f"{self._taken:02}-{name}.png"))

    def _at_rest(self, name: Name, role: str, window: Name) -> Thing:
        before: list[Thing | None] = [None]

        def look() -> Thing | None:
            """The same thing at the same place twice: a page still moves while its news arrive."""
            thing = self.reader.find(name, role=role, window=window)
            same = thing is not None and thing.is_enabled and thing == before[0]
            before[0] = thing
            return thing if same else None

        return self.until(look, f"a {role} {name!r} to click")

    def until(self, look: Callable[[], Found | None], what: str) -> Found:
        """Wait until ``look`` returns something; if it never does, say what is shown instead."""
        try:
            return eventually(look, what, _SECONDS)
        except AssertionError as error:
            self.picture("in-vain")
            seen = "\n".join(
                f"  {each.role} {each.name!r} {each.box}" for each in self.reader.everything()
            )
            raise AssertionError(f"{error}; shown are\n{seen}") from None
