"""A real X screen with a window manager and a tray, for tests and pictures of the running app."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from PySide6.QtGui import QColor, QImage

PROGRAMS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "tint2": "tint2",
    "xdotool": "xdotool",
    "xdpyinfo": "x11-utils",
    "xprop": "x11-utils",
    "import": "imagemagick",
}
"""Program and the Debian package it comes in."""
PANEL_HEIGHT = 30
_DEADLINE = 60.0
_X_TRIES = 3
_FIRST_TRIES = 15.0
_PAUSE = 0.05
_TINT2 = """\
panel_items = S
panel_position = top right horizontal
panel_size = 30% {height}
systray_padding = 4 2 4
rootpmap = 0
background_color = {ground} 100
panel_background_id = 1
"""

Found = TypeVar("Found")


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


def eventually(look: Callable[[], Found | None], what: str, seconds: float = _DEADLINE) -> Found:
    """Return what ``look`` returns once it is neither None nor False; else fail naming ``what``."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(_PAUSE)


class VirtualScreen:
    """``with VirtualScreen() as screen:``; everything it started ends with it.

    ``has_tray``: a panel shows icons at the top; without it no program takes them.
    """

    def __init__(
        self,
        width: int = 1280,
        height: int = 900,
        *,
        panel_colour: str = "#222222",
        has_tray: bool = True,
    ) -> None:
        self._size = (width, height)
        self._has_tray = has_tray
        self._panel_colour = panel_colour
        self._stack = ExitStack()
        self.environ: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(_folder()))
            self.environ = self._base_environ(folder)
            self.environ["DISPLAY"] = self._start_x(stack)
            self._start(stack, ["openbox"], self._windows_are_managed, "the window manager")
            if self._has_tray:
                config = folder / "tint2rc"
                config.write_text(_TINT2.format(height=PANEL_HEIGHT, ground=self._panel_colour))
                self._start(stack, ["tint2", "-c", str(config)], self._panel_is_up, "the panel")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @contextmanager
    def running(
        self,
        command: list[str],
        *,
        environ: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run ``command`` on this screen for as long as the block lasts; ``log`` gets what it says."""
        with Path(os.devnull if log is None else log).open("ab") as said:
            process = subprocess.Popen(
                command, env={**self.environ, **(environ or {})}, stdout=said, stderr=said
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def picture(self) -> QImage:
        """The whole screen as it is now."""
        raw = self._run("import", "-window", "root", "png:-")
        return QImage.fromData(raw)

    def picture_of(self, window: str) -> QImage:
        """One window by its id, without its frame."""
        return QImage.fromData(self._run("import", "-window", window, "png:-"))

    def key(self, *names: str) -> None:
        for name in names:
            self._run("xdotool", "key", name)

    def click(self, x: int, y: int, button: int = 1) -> None:
        self._run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def close(self, window: str) -> None:
        """Ask a window to close, as its frame's cross does."""
        self._run("xdotool", "windowclose", window)

    def said(self, *command: str) -> str:
        """Run a program on this screen and return what it prints."""
        return self._run(*command).decode()

    def windows(self, title: str) -> list[str]:
        """The ids of visible windows whose title matches the pattern."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", title],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,  # finding nothing is an answer
        )
        return found.stdout.split()

    def has_keyboard(self, title: str) -> bool:
        """Whether keys go to a window whose title matches: only then is one pressed heard there."""
        active = subprocess.run(
            ["xdotool", "getactivewindow"],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,  # that none is active is an answer
        )
        return active.stdout.strip() in self.windows(title)

    def open_menus(self) -> list[str]:
        """The ids of the menus that are open."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--class", "."],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,  # finding nothing is an answer
        )
        return [each for each in found.stdout.split() if self._is_menu(each)]

    def place_of(
        self, colour: str, *, below: int = 0, above: int = PANEL_HEIGHT
    ) -> tuple[int, int] | None:
        """The middle of all pixels near ``colour`` between two heights, or None if there are none."""
        image, wanted = self.picture(), QColor(colour)
        spots = [
            (x, y)
            for y in range(below, min(above, image.height()))
            for x in range(image.width())
            if _near(image.pixelColor(x, y), wanted)
        ]
        if len(spots) < 6:
            return None
        return (
            sum(x for x, _ in spots) // len(spots),
            sum(y for _, y in spots) // len(spots),
        )

    def _start(
        self, stack: ExitStack, command: list[str], is_up: Callable[[], bool], what: str
    ) -> None:
        """Run a program of the desktop; one that never shows is started again.

        Both were seen to hang at their start, once in dozens, on a busy machine and an idle one.
        """
        for is_last in (False, False, True):
            with ExitStack() as tried:
                tried.enter_context(self.running(command))
                try:
                    eventually(is_up, what, _DEADLINE if is_last else _FIRST_TRIES)
                except AssertionError:
                    if is_last:
                        raise
                    continue
                stack.push(tried.pop_all())
                return

    def _start_x(self, stack: ExitStack) -> str:
        """Let the server choose a free display; several test runs share a machine.

        Two servers that choose at the same moment may both lose: then it is tried again.
        """
        for _ in range(_X_TRIES):
            process, number = self._try_x()
            if number:
                stack.callback(process.wait)
                stack.callback(process.terminate)
                return f":{number}"
            process.kill()
            process.wait()
        raise AssertionError("Xvfb did not start")

    def _try_x(self) -> tuple[subprocess.Popen[bytes], str]:
        reader, writer = os.pipe()
        width, height = self._size
        screen = ["-screen", "0", f"{width}x{height}x24"]
        with os.fdopen(reader) as answer:
            process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(writer), *screen, "-nolisten", "tcp"],
                pass_fds=[writer],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            os.close(writer)
            return process, answer.readline().strip()

    def _base_environ(self, folder: Path) -> dict[str, str]:
        """The person's environment without anything that would choose another screen or theme."""
        dropped = ("QT_", "WAYLAND_", "DBUS_SESSION", "XDG_SESSION", "XDG_CURRENT", "GTK_")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        return {**kept, "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}

    def _windows_are_managed(self) -> bool:
        return "window id" in self.said("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")

    def _is_menu(self, window: str) -> bool:
        asked = subprocess.run(
            ["xprop", "-id", window, "_NET_WM_WINDOW_TYPE"],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,  # it may be gone by now
        )
        return "_MENU" in asked.stdout

    def _panel_is_up(self) -> bool:
        image = self.picture()
        return image.pixelColor(image.width() - 4, 4).name() == self._panel_colour.lower()

    def _run(self, *command: str) -> bytes:
        return subprocess.run(
            command, env=self.environ, check=True, capture_output=True, timeout=30
        ).stdout


def _folder() -> tempfile.TemporaryDirectory[str]:
    # A program that is just ending may still write into it.
    return tempfile.TemporaryDirectory(prefix="screen-", ignore_cleanup_errors=True)


def _near(one: QColor, other: QColor) -> bool:
    return all(
        abs(a - b) <= 10
        for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    )
