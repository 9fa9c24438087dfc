"""The app itself, offscreen, for measuring: ``tests.benchmarks.windowed_app PAGE [REPAINTS]``.

PAGE is opened and painted whole REPAINTS times a second; ``hidden`` opens no window, ``switch`` opens
each page several times. What it found is printed, one JSON a line: when the window was painted first
(seconds of the monotonic clock), and how long a page took (CPU of the thread, milliseconds).
"""

from __future__ import annotations

import json
import sys
import time

from desktop.app import load

HIDDEN, SWITCH = "hidden", "switch"
ROUNDS = 5


def main(page: str, repaints: int) -> int:
    run_app = load()
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from desktop import composition, desktop_app
    from desktop.pages.declared import PAGES
    from desktop.presenters.pages import PageKey

    class MeasuredApp(desktop_app.DesktopApp):
        def show_window(self) -> None:
            if page == HIDDEN:
                return
            is_first = not self.window.isVisible()
            super().show_window()
            if is_first:
                QTimer.singleShot(0, self._say_painted)
                if page != SWITCH:
                    self.window.show_page(PageKey(page))
                if repaints:
                    timer = QTimer(self)
                    timer.timeout.connect(self.window.repaint)
                    timer.start(round(1000 / repaints))

        def _say_painted(self) -> None:
            self.window.repaint()
            say({"painted": time.monotonic()})
            if page == SWITCH:
                QTimer.singleShot(2000, self._switch)

        def _switch(self) -> None:
            taken: dict[str, list[float]] = {}
            for _ in range(ROUNDS + 1):
                for each in PAGES:
                    before = time.thread_time()
                    self.window.show_page(each.key)
                    QApplication.processEvents()
                    taken.setdefault(each.key, []).append(1e3 * (time.thread_time() - before))
            say({"switched": taken})

    composition.DesktopApp = MeasuredApp  # type: ignore[misc]  # the app as it is, and watched
    return run_app(demo=False, shows_window=True)


def say(found: object) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
