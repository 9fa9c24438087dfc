"""Where the keyboard goes when its control vanishes: to a place where no key does anything.

Qt moves the focus to the next control in the tab order when the focused one is hidden or disabled.
The next key press then operates a control the user did not choose, such as the server's switch.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractScrollArea, QWidget
from shiboken6 import isValid


def operates_something(control: QWidget) -> bool:
    """Whether Space, Enter or the focus itself does more on ``control`` than choose one of a group.

    A table that gets the focus chooses its first row, and that opens its details.
    """
    if isinstance(control, QAbstractItemView):
        return True
    return isinstance(control, QAbstractButton) and control.group() is None


class _Return(QObject):
    """Watches the control that lost the focus."""

    def __init__(self, window: CalmFocus) -> None:
        assert isinstance(window, QWidget)
        super().__init__(window)
        self._window = window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        back = event.type() in (QEvent.Type.EnabledChange, QEvent.Type.Show)
        if back and isinstance(watched, QWidget):
            self._window.give_back(watched)
        return False


class CalmFocus:
    """Mix-in for windows and dialogs, before the Qt class in the list of bases.

    A focused control that is disabled, hidden or removed leaves the focus to the nearest scrolled
    page around it, or to the window itself. If the same control comes back with the same name while
    the focus still rests there, it gets the focus again; Tab goes on from where the control was.
    """

    _lost: QWidget | None = None
    _lost_name = ""
    _return: _Return | None = None
    _resting_place: QWidget | None = None

    @property
    def is_resting(self) -> bool:
        """Whether the focus waits where it was put when its control vanished."""
        assert isinstance(self, QWidget)
        return self._resting_place is not None and self.focusWidget() is self._resting_place

    def focusNextPrevChild(self, forward: bool) -> bool:  # Qt's signature
        assert isinstance(self, QWidget)
        focused = self.focusWidget()
        if focused is not None and not _takes_keys(focused, self):
            self.rest_focus(focused)
            return True
        if focused is not None and focused is self._resting_place:
            self._forget_lost(keep=True)
            target = _neighbour(self._lost, self, forward=forward)
            self._lost = None
            if target is not None:
                reason = Qt.FocusReason
                target.setFocus(reason.TabFocusReason if forward else reason.BacktabFocusReason)
                return True
        return bool(super().focusNextPrevChild(forward))  # type: ignore[misc]  # QWidget's

    def rest_focus(self, lost: QWidget) -> None:
        """Put the focus on the place around ``lost`` that no key operates."""
        assert isinstance(self, QWidget)
        self._forget_lost()
        place = _place_around(lost, self)
        self._lost, self._lost_name = lost, _name(lost)
        self._resting_place = place
        if self._return is None:
            self._return = _Return(self)
        lost.installEventFilter(self._return)
        place.setFocus(Qt.FocusReason.OtherFocusReason)

    def give_back(self, lost: QWidget) -> None:
        """Focus ``lost`` again if it takes keys again and nothing else was focused meanwhile."""
        assert isinstance(self, QWidget)
        if lost is not self._lost or not _takes_keys(lost, self):
            return
        rests = self.focusWidget() is self._resting_place
        same = _name(lost) == self._lost_name
        self._forget_lost()
        if rests and same:
            lost.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget_lost(self, *, keep: bool = False) -> None:
        if self._lost is not None and isValid(self._lost) and self._return is not None:
            self._lost.removeEventFilter(self._return)
        elif self._lost is not None:
            self._lost = None
        self._resting_place = None
        if not keep:
            self._lost = None


def _takes_keys(control: QWidget, window: QWidget) -> bool:
    return control is window or (control.isEnabled() and control.isVisibleTo(window))


def _name(control: QWidget) -> str:
    return f"{control.accessibleName()}\n{control.property('text') or ''}"


def _place_around(lost: QWidget, window: QWidget) -> QWidget:
    """The nearest scroll area around ``lost`` that stays in sight, or the window."""
    each = lost.parentWidget()
    while each is not None and each is not window and not each.isWindow():
        if isinstance(each, QAbstractScrollArea) and _takes_keys(each, window):
            return each
        each = each.parentWidget()
    return window


def _neighbour(lost: QWidget | None, window: QWidget, *, forward: bool) -> QWidget | None:
    """The control after (or before) ``lost`` in the tab order; None if ``lost`` is gone."""
    if lost is None or not isValid(lost) or not window.isAncestorOf(lost):
        return None
    each: QWidget | None = lost
    while True:
        assert each is not None
        each = each.nextInFocusChain() if forward else each.previousInFocusChain()
        if each is None or each is lost:
            return None
        takes_tab = bool(each.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if (
            takes_tab
            and each.isEnabled()
            and each.isVisibleTo(window)
            and window.isAncestorOf(each)
        ):
            return each
