"""A person who uses the window in any order, by mouse and keys, while things happen by themselves.

The model knows one thing only: what was asked for. The server stops when its switch, the tray's entry
or the question's button is pressed, and while answers stream only by the question's; a key presses a
control only if the person moved the keyboard there; and nothing else that acts may have the keyboard
because what had it went away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QWidget
from shiboken6 import isValid

from desktop.views.components.inputs.switch import Switch
from desktop.views.theme.theme import Theme
from tests.desktop.screen.seen import accessible_name, focusable
from tests.desktop.walk.virtual_time import VirtualTime
from tests.desktop.walk.walked_app import WalkedApp, told
from tests.desktop.walk.walked_service import NEWS

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
_BY_TAB = Qt.FocusReason.TabFocusReason
WIDTHS = (720, 860, 1040, 1600)
STOPS = ("the sidebar's switch", "the sidebar's switch by Space", "the tray's entry")
QUESTION_SEEN = "asked before answers are cut off"


class Walk(RuleBasedStateMachine):
    """One app over one service, from its start to its end."""

    qapp: QApplication
    theme: Theme
    clock: VirtualTime
    seen: ClassVar[Counter[str]] = Counter()
    """What all walks together came upon."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_to_stop = False
        self.may_end = False
        self._chosen: dict[QWidget, QWidget] = {}
        """Per window the control to which the person moved the keyboard last there: a dialog or a
        menu that closes gives it back to that one."""
        self.pressed = "nothing"
        self._stops = 0
        self.hand = WalkedApp(self.qapp, self.theme, self.clock)

    def teardown(self) -> None:
        self.hand.close()

    # What the person does.

    @rule(name=st.sampled_from(sorted(MOVES)))
    def moves(self, name: str) -> None:
        self.hand.press(*MOVES[name])
        self._choose(self.hand.target)
        note(f"{name}: the keyboard is on {told(self.hand.target)}")

    @rule(name=st.sampled_from(sorted(PRESSES)))
    def presses(self, name: str) -> None:
        control = self.hand.target
        note(f"{name} on {told(control)}")
        was_moved_there = self._chosen.get(control.window()) is control
        self._notice(control, was_moved_there)
        self._without_strays(lambda: self.hand.press(PRESSES[name], _NONE))

    @rule(name=st.sampled_from(sorted(OTHERS)))
    def types(self, name: str) -> None:
        self._notice(None)
        self._without_strays(lambda: self.hand.press(*OTHERS[name]))

    @rule(place=st.integers(0, 400), name=st.sampled_from(sorted(PRESSES)))
    def tabs_to_a_control_of_the_page_and_presses_it(self, place: int, name: str) -> None:
        if self.hand.window is not self.hand.app.window:
            return
        window = self.hand.app.window
        page = window.current_page.widget
        controls = [each for each in focusable(window) if page.isAncestorOf(each)]
        if controls:
            self._choose(controls[place % len(controls)])
            self.hand.do(lambda: controls[place % len(controls)].setFocus(_BY_TAB))
            self.presses(name)

    @rule(place=st.integers(0, 400))
    def clicks(self, place: int) -> None:
        window = self.hand.window
        controls = [each for each in focusable(window) if not each.visibleRegion().isEmpty()]
        if controls:
            self._click(controls[place % len(controls)])

    @rule(place=st.integers(0, 40))
    def clicks_a_row(self, place: int) -> None:
        """Somewhere down the page, whatever is there."""
        self._notice(None)
        page = self.hand.app.window.pages
        if self.hand.window is not self.hand.app.window:
            return
        at = QPoint(60 + page.width() * (place % 5) // 5, 40 + page.height() * (place // 5) // 9)
        below = page.childAt(at)
        if below is None or isinstance(below, QAbstractButton):
            return  # those are for ``clicks``
        note(f"on {told(below)}")
        self.hand.do(
            lambda: QTest.mouseClick(
                below, Qt.MouseButton.LeftButton, _NONE, below.mapFrom(page, at)
            )
        )
        self._choose_what_has_the_keyboard(self.hand.app.window)

    @rule(width=st.sampled_from(WIDTHS))
    def resizes(self, width: int) -> None:
        app = self.hand.app
        self._without_strays(lambda: self.hand.do(lambda: app.window.resize(width, 720)))

    @rule()
    def closes_and_opens_the_window(self) -> None:
        if self.hand.window is self.hand.app.window:
            self.hand.do(self.hand.app.window.close)
            self.hand.do(self.hand.app.show_window)
            self._choose_what_has_the_keyboard(self.hand.app.window)

    @rule(by=st.sampled_from(STOPS))
    def stops_while_answers_stream(self, by: str) -> None:
        """Nothing stops by that alone: a question is there, which has the keyboard."""
        app = self.hand.app
        if QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return
        while self.hand.service.waiting:
            self.a_command_ends(0, well=True)
        for news in ("signed in", "the server runs", "requests run"):
            self.happens(news)
        if QApplication.activeModalWidget():
            return  # what ended opened a dialog
        self._notice(None)
        switch = app.window.sidebar.foot.switch
        assert switch.isEnabled()
        if by == "the tray's entry":
            self.hand.do(app.tray.menu.action("serve").trigger)
        elif by == "the sidebar's switch":
            self._click(switch)
        else:
            self._choose(switch)
            self.hand.do(lambda: switch.setFocus(_BY_TAB))
            self.presses("Space")
        self.the_server_stops_only_when_asked()
        assert app.question is not None
        assert app.question.isVisible()
        self.seen[QUESTION_SEEN] += 1

    @rule()
    def quits(self) -> None:
        """While answers stream that asks too; else the app ends, and is started again."""
        if self.hand.window is not self.hand.app.window:
            return
        self._notice(None)
        self.may_end = not self.hand.service.status.active
        self.hand.press(Qt.Key.Key_Q, _CONTROL)
        assert self.hand.is_ending or not self.may_end, "Ctrl+Q does not quit"

    # What happens by itself.

    @rule(name=st.sampled_from(sorted(NEWS)))
    def happens(self, name: str) -> None:
        self._notice(None)
        self._without_strays(lambda: self.hand.do(lambda: self.hand.service.tell(name)))

    @rule(number=st.integers(0, 5), well=st.booleans())
    def a_command_ends(self, number: int, well: bool) -> None:
        service = self.hand.service
        self._without_strays(lambda: self.hand.do(lambda: service.settle(number, well=well)))

    @rule(seconds=st.sampled_from((1, 5, 30)))
    def time_passes(self, seconds: int) -> None:
        self._without_strays(lambda: self.hand.pass_time(seconds))

    # What always holds.

    @invariant()
    def the_server_stops_only_when_asked(self) -> None:
        stops = len(self.hand.service.called("stop"))
        if stops > self._stops:
            assert self.asked_to_stop, f"the server was stopped, by {self.pressed}"
        self._stops = stops

    @invariant()
    def nothing_went_wrong(self) -> None:
        assert not self.hand.wrong, "\n".join(self.hand.wrong)

    @invariant()
    def the_app_runs_until_it_is_asked_to_quit(self) -> None:
        if not self.hand.is_ending:
            return
        assert self.may_end, f"the app ends, by {self.pressed}"
        self.hand.end()
        self.nothing_went_wrong()
        self._chosen.clear()
        self.may_end, self._stops = False, 0
        self.hand.begin()

    @invariant()
    def the_page_that_is_marked_is_the_page_that_is_shown(self) -> None:
        window = self.hand.app.window
        marked = [key for key, button in window.sidebar.pages.items() if button.isChecked()]
        assert marked == [window.current_key], (marked, window.current_key)
        page = window.page(window.current_key)
        assert page is not None
        assert window.pages.currentWidget() is page.widget

    def _click(self, control: QWidget) -> None:
        note(f"a click on {told(control)}")
        self._choose(control)
        self._notice(control)
        middle = control.visibleRegion().boundingRect().center()
        self.hand.do(lambda: QTest.mouseClick(control, Qt.MouseButton.LeftButton, _NONE, middle))
        if isValid(control) and control.isVisible():
            self._choose_what_has_the_keyboard(control.window())

    def _choose(self, control: QWidget) -> None:
        self._chosen[control.window()] = control

    def _choose_what_has_the_keyboard(self, window: QWidget) -> None:
        """In ``window``, in which the person did something, and in what that opened."""
        self._choose(window.focusWidget() or window)
        self._choose(self.hand.target)

    def _without_strays(self, work: Callable[[], None]) -> None:
        """Do something after which the keyboard must not be on a control that acts by accident."""
        before = self.hand.target
        if not isValid(before):  # a menu that just closed
            work()
            return
        window = before.window()
        left = told(before)
        work()
        if self.hand.is_ending:  # its window may be gone: whether it may end, an invariant says
            return
        after = self.hand.target
        if after is before or not _acts(after):
            return
        if isValid(before) and isinstance(before, QAbstractItemView):
            return  # a row was opened: its details have the keyboard
        if isValid(before) and (before.isVisible() and before.isEnabled()):
            return  # it was moved on purpose: into a field, a dialog, the next page
        if after.window() is window:  # a dialog that closed gives it back to what opened it
            self.hand.wrong.append(f"the keyboard fell from {left} on {told(after)}")

    def _notice(self, control: QWidget | None, was_moved_there: bool = True) -> None:
        """Remember what a press of ``control`` asks for; while requests run only a question does."""
        app, active = self.hand.app, self.hand.service.status.active
        self.pressed = "nothing" if control is None else told(control)
        self.asked_to_stop = self.may_end = False
        if control is None or not isValid(control) or not was_moved_there:
            return
        if app.question is not None and control is app.question.do:
            self.asked_to_stop = self.may_end = True
        elif isinstance(control, Switch):
            serves = accessible_name(app.window.sidebar.foot.switch)
            self.asked_to_stop = accessible_name(control) == serves and not active


def _acts(control: QWidget) -> bool:
    return isinstance(control, QAbstractButton) and control.group() is None
