"""A person who uses the window in any order, by mouse and keys, while things happen by themselves.

The model knows one thing only: what was asked for. The server stops when its switch or the question's
button is pressed, and a key presses a control only if the person moved the keyboard there; and nothing
else that acts may have the keyboard because what had it went away.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType

import qasync
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QMenu,
    QWidget,
)
from shiboken6 import isValid

from desktop.desktop_app import DesktopApp
from desktop.presenters.words import Words
from desktop.views.components.inputs.switch import Switch
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import Language
from tests.desktop.screen.seen import accessible_name, focusable
from tests.desktop.walk.walked_service import NEWS, WalkedService

_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_NONE = Qt.KeyboardModifier.NoModifier
MOVES = {
    "Tab": (Qt.Key.Key_Tab, _NONE),
    "Shift+Tab": (Qt.Key.Key_Backtab, _SHIFT),
    "F6": (Qt.Key.Key_F6, _NONE),
    "Shift+F6": (Qt.Key.Key_F6, _SHIFT),
    "Up": (Qt.Key.Key_Up, _NONE),
    "Down": (Qt.Key.Key_Down, _NONE),
    "Left": (Qt.Key.Key_Left, _NONE),
    "Right": (Qt.Key.Key_Right, _NONE),
    "Ctrl+F": (Qt.Key.Key_F, _CONTROL),
}
"""Keys that say where the keyboard shall be."""
PRESSES = {"Space": Qt.Key.Key_Space, "Enter": Qt.Key.Key_Return}
OTHERS = {
    "Esc": (Qt.Key.Key_Escape, _NONE),
    "Del": (Qt.Key.Key_Delete, _NONE),
    "F5": (Qt.Key.Key_F5, _NONE),
    "Ctrl+R": (Qt.Key.Key_R, _CONTROL),
    "a letter": (Qt.Key.Key_A, _NONE),
    **{f"Ctrl+{n}": (getattr(Qt.Key, f"Key_{n}"), _CONTROL) for n in range(1, 6)},
    "Ctrl+,": (Qt.Key.Key_Comma, _CONTROL),
}
_TURNS = 4
_BY_TAB = Qt.FocusReason.TabFocusReason
WIDTHS = (720, 860, 1040, 1600)


class Walk(RuleBasedStateMachine):
    """One app over one service, from its start to its end."""

    qapp: QApplication
    theme: Theme

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.asked_to_stop = False
        self.chosen: QWidget | None = None
        """The control to which the person moved the keyboard last."""
        self.pressed = "nothing"
        self._hook, sys.excepthook = sys.excepthook, self._note_exception
        self._log = _Complaints(self.wrong)
        logging.getLogger("g_copilot_proxy").addHandler(self._log)
        # Run by hand: Qt's events are the loop's turns, and between two steps of the walk there is none.
        self._loop = qasync.QEventLoop(self.qapp)
        asyncio._set_running_loop(self._loop)
        self._loop.set_exception_handler(
            lambda _, context: self.wrong.append(f"in the loop: {context}")
        )
        self._language = Language.ENGLISH
        self.service = WalkedService()
        self.app = DesktopApp(
            self.service,
            self.theme,
            Words(),
            open_page=lambda _: True,
            taskbar_is_light=lambda: False,
            memory=None,
            use_language=self._use_language,
        )
        self.app.tray._is_available = lambda: True
        self._running = self._loop.create_task(self.app.run())
        self._stops = 0
        self._do(lambda: None)
        self._do(self.app.show_window)

    def teardown(self) -> None:
        self.app.ask_to_quit()
        end = time.monotonic() + 20
        while not self._running.done() and time.monotonic() < end:
            QApplication.processEvents()
        asyncio._set_running_loop(None)
        self._loop.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        logging.getLogger("g_copilot_proxy").removeHandler(self._log)
        sys.excepthook = self._hook
        assert self._running.done(), "the app did not end"

    # What the person does.

    @rule(name=st.sampled_from(sorted(MOVES)))
    def moves(self, name: str) -> None:
        self._press(*MOVES[name])
        self.chosen = self._target()

    @rule(name=st.sampled_from(sorted(PRESSES)))
    def presses(self, name: str) -> None:
        control = self._target()
        was_moved_there = control is self.chosen
        self.asked_to_stop = self._stops_the_server(control) and was_moved_there
        self._without_strays(lambda: self._press(PRESSES[name], _NONE))

    @rule(name=st.sampled_from(sorted(OTHERS)))
    def types(self, name: str) -> None:
        self.asked_to_stop = False
        self._without_strays(lambda: self._press(*OTHERS[name]))

    @rule(place=st.integers(0, 400), name=st.sampled_from(sorted(PRESSES)))
    def tabs_to_a_control_of_the_page_and_presses_it(self, place: int, name: str) -> None:
        if self._window() is not self.app.window:
            return
        page = self.app.window.current_page.widget
        controls = [each for each in focusable(self.app.window) if page.isAncestorOf(each)]
        if controls:
            self.chosen = controls[place % len(controls)]
            self._do(lambda: controls[place % len(controls)].setFocus(_BY_TAB))
            self.presses(name)

    @rule(place=st.integers(0, 400))
    def clicks(self, place: int) -> None:
        window = self._window()
        controls = [each for each in focusable(window) if not each.visibleRegion().isEmpty()]
        if not controls:
            return
        control = controls[place % len(controls)]
        self.chosen = control
        self.asked_to_stop = self._stops_the_server(control)
        middle = control.visibleRegion().boundingRect().center()
        self._do(lambda: QTest.mouseClick(control, Qt.MouseButton.LeftButton, _NONE, middle))
        if self.chosen is not None and isValid(self.chosen) and self.chosen.isVisible():
            self.chosen = self._target()

    @rule(place=st.integers(0, 40))
    def clicks_a_row(self, place: int) -> None:
        """Somewhere down the page, whatever is there."""
        self.asked_to_stop = False
        page = self.app.window.pages
        if self._window() is not self.app.window:
            return
        at = QPoint(60 + page.width() * (place % 5) // 5, 40 + page.height() * (place // 5) // 9)
        below = page.childAt(at)
        if below is None or isinstance(below, QAbstractButton):
            return  # those are for ``clicks``
        self._do(
            lambda: QTest.mouseClick(
                below, Qt.MouseButton.LeftButton, _NONE, below.mapFrom(page, at)
            )
        )
        self.chosen = self._target()

    @rule(width=st.sampled_from(WIDTHS))
    def resizes(self, width: int) -> None:
        self._without_strays(lambda: self._do(lambda: self.app.window.resize(width, 720)))

    @rule()
    def closes_and_opens_the_window(self) -> None:
        if self._window() is self.app.window:
            self._do(self.app.window.close)
            self._do(self.app.show_window)
            self.chosen = self._target()

    # What happens by itself.

    @rule(name=st.sampled_from(sorted(NEWS)))
    def happens(self, name: str) -> None:
        self.asked_to_stop = False
        self._without_strays(lambda: self._do(lambda: self.service.tell(name)))

    @rule(number=st.integers(0, 5), well=st.booleans())
    def a_command_ends(self, number: int, well: bool) -> None:
        self._without_strays(lambda: self._do(lambda: self.service.settle(number, well=well)))

    # What always holds.

    @invariant()
    def the_server_stops_only_when_asked(self) -> None:
        stops = len(self.service.called("stop"))
        if stops > self._stops:
            assert self.asked_to_stop, f"the server was stopped, by {self.pressed}"
        self._stops = stops

    @invariant()
    def nothing_went_wrong(self) -> None:
        assert not self.wrong, self.wrong

    @invariant()
    def the_page_that_is_marked_is_the_page_that_is_shown(self) -> None:
        window = self.app.window
        marked = [key for key, button in window.sidebar.pages.items() if button.isChecked()]
        assert marked == [window.current_key], (marked, window.current_key)
        page = window.page(window.current_key)
        assert page is not None
        assert window.pages.currentWidget() is page.widget

    @invariant()
    def the_app_runs(self) -> None:
        if self._running.done():
            self._running.result()
            raise AssertionError("the app ended, and nobody asked for it")

    def _without_strays(self, work: Callable[[], None]) -> None:
        """Do something after which the keyboard must not be on a control that acts by accident."""
        before = self._target()
        if not isValid(before):  # a menu that just closed
            work()
            return
        window = before.window()
        left = f"{type(before).__name__} “{accessible_name(before)}”"
        work()
        after = self._target()
        if after is before or not _acts(after):
            return
        if isValid(before) and isinstance(before, QAbstractItemView):
            return  # a row was opened: its details have the keyboard
        if isValid(before) and (before.isVisible() and before.isEnabled()):
            return  # it was moved on purpose: into a field, a dialog, the next page
        if after.window() is window:  # a dialog that closed gives it back to what opened it
            self.wrong.append(f"the keyboard fell from {left} on “{accessible_name(after)}”")

    def _stops_the_server(self, control: QWidget | None) -> bool:
        """Whether pressing it says plainly that the server shall stop; while requests run, a question
        says it."""
        self.pressed = "nothing"
        if control is None:
            return False
        self.pressed = f"{type(control).__name__} “{accessible_name(control)}”"
        asks = control.window()
        if isinstance(asks, ConfirmDialog):
            return control is asks.do
        names = (accessible_name(control), control.property("text") or "")
        says_so = (isinstance(control, Switch) and "Serve tools" in names) or "Stop" in names
        return says_so and not self.service.status.active

    def _window(self) -> QWidget:
        """The window that has the person's attention."""
        found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        return found or QApplication.activeWindow() or self.app.window

    def _target(self) -> QWidget:
        """What gets the next key."""
        window = self._window()
        focused = None if isinstance(window, QMenu) else window.focusWidget()
        return window if focused is None or not isValid(focused) else focused

    def _press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        target = self._target()
        self._do(lambda: QTest.keyClick(target, key, modifiers))

    def _do(self, work: Callable[[], object]) -> None:
        """Do ``work``, and let what follows from it happen."""
        work()
        for _ in range(_TURNS):
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QApplication.processEvents()
        for each in QApplication.topLevelWidgets():
            if isinstance(each, QFileDialog) and each.isVisible():
                each.reject()  # it would show, and could change, real files

    def _use_language(self, language: Language) -> bool:
        changed, self._language = language is not self._language, language
        return changed

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


def _acts(control: QWidget) -> bool:
    return isinstance(control, QAbstractButton) and control.group() is None


def dialogs_left() -> list[str]:
    return [
        type(each).__name__
        for each in QApplication.topLevelWidgets()
        if isinstance(each, QDialog) and each.isVisible()
    ]
