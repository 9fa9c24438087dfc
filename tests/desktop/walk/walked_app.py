"""One app over one service, in a time of its own, and what a hand does to it.

After each thing that is done everything follows that follows from it without time passing, and then a
moment passes.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QEventLoop, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QWidget
from shiboken6 import isValid

from desktop.desktop_app import DesktopApp
from desktop.presenters.words import Words
from desktop.system.translation import Translations, translate_in
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import Language
from tests.desktop.screen.seen import accessible_name
from tests.desktop.walk.virtual_time import VirtualLoop, VirtualTime
from tests.desktop.walk.walked_service import WalkedService

MOMENT = 0.3
"""Seconds from one thing that is done to the next: news is shown by then."""
_MOST_TURNS = 400
_LONGEST_END = 20.0


class WalkedApp:
    """``wrong`` collects whatever was raised or logged as an error."""

    def __init__(self, qapp: QApplication, theme: Theme, clock: VirtualTime) -> None:
        self.wrong: list[str] = []
        self.clock = clock
        self._qapp = qapp
        self._theme = theme
        self._translations = Translations(qapp)
        self._attended: QWidget | None = None
        """Held, since what Python knows of a list's window would go, and its list with it."""
        self._hook, sys.excepthook = sys.excepthook, self._note_exception
        self._log = _Complaints(self.wrong)
        logging.getLogger("g_copilot_proxy").addHandler(self._log)
        self.begin()

    def begin(self) -> None:
        # Run by hand: Qt's events are the loop's turns, and between two steps of the walk there is none.
        self._loop = VirtualLoop(self._qapp)
        asyncio._set_running_loop(self._loop)
        self._loop.set_exception_handler(
            lambda _, context: self.wrong.append(f"in the loop: {context}")
        )
        words = Words()
        words.tr, words.numbered = translate_in("Presenters")
        self.service = WalkedService()
        self.app = DesktopApp(
            self.service,
            self._theme,
            words,
            open_page=lambda _: True,
            taskbar_is_light=lambda: False,
            memory=None,
            use_language=self._translations.use,
        )
        self.app.tray._is_available = lambda: True
        self._running = self._loop.create_task(self.app.run())
        self.do(lambda: None)
        self.do(self.app.show_window)

    def end(self) -> None:
        """Wait for the app's end; threads of the loop take part in it, so this takes real time."""
        self.app.ask_to_quit()
        end = time.monotonic() + _LONGEST_END
        while not self._running.done() and time.monotonic() < end:
            QApplication.processEvents()
        asyncio._set_running_loop(None)
        self._loop.close()
        self._follow()
        self.clock.forget()
        assert self._running.done(), "the app did not end"
        assert self._running.result() == 0

    def close(self) -> None:
        self.end()
        self._translations.use(Language.ENGLISH)
        logging.getLogger("g_copilot_proxy").removeHandler(self._log)
        sys.excepthook = self._hook

    @property
    def is_ending(self) -> bool:
        return self.app._quit.is_set()

    @property
    def window(self) -> QWidget:
        """The window that has the person's attention."""
        places = (
            QApplication.activePopupWidget(),
            QApplication.activeModalWidget(),
            QApplication.activeWindow(),
        )
        # The list of a choice is gone with its window, and Qt may still name it.
        return next((each for each in places if each and isValid(each)), self.app.window)

    @property
    def target(self) -> QWidget:
        """What gets the next key."""
        window = self._attended = self.window
        focused = None if isinstance(window, QMenu) else window.focusWidget()
        return window if focused is None or not isValid(focused) else focused

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        target = self.target

        def click() -> None:
            if not isValid(target):  # the list of a choice, gone while the key was on its way
                return
            QTest.keyPress(target, key, modifiers)
            if isValid(target):  # a press may close what it was for
                QTest.keyRelease(target, key, modifiers)

        self.do(click)

    def do(self, work: Callable[[], object]) -> None:
        """Do ``work``, let what follows from it happen, and a moment pass."""
        work()
        self._follow()
        if self.is_ending:
            return
        if QApplication.activeWindow() is None and self.app.window.isVisible():
            self.window.activateWindow()  # as a window manager does once a dialog is gone
            self._follow()
        self.pass_time(MOMENT)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds, self._follow)

    def _follow(self) -> None:
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        for _ in range(_MOST_TURNS):
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            if not dispatcher.processEvents(QEventLoop.ProcessEventsFlag.AllEvents):
                break
        else:
            self.wrong.append("the window never comes to rest")
        for each in QApplication.topLevelWidgets():
            if isinstance(each, QFileDialog) and each.isVisible():
                each.reject()  # it would show, and could change, real files

    def _note_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self.wrong.append("".join(traceback.format_exception(kind, error, trace)))


class _Complaints(logging.Handler):
    def __init__(self, wrong: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._wrong = wrong

    def emit(self, record: logging.LogRecord) -> None:
        self._wrong.append(f"{record.getMessage()} {record.exc_info}")


def told(thing: QObject) -> str:
    """What it is and how it is called, for a person who reads what the walk did."""
    if not isValid(thing):
        return "something that is gone"
    name = accessible_name(thing) if isinstance(thing, QWidget) else ""
    return f"{type(thing).__name__} “{name}”"


def dialogs_left() -> list[str]:
    return [
        type(each).__name__
        for each in QApplication.topLevelWidgets()
        if isinstance(each, QDialog) and each.isVisible()
    ]
