"""The menu that a control opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget


class ControlMenu(QMenu):
    """Closes when its entries change and when its control is hidden or disabled.

    Otherwise a key or a click would choose an entry that was another one a moment ago. An open
    ``QMenu`` without entries has no size but takes all keys, and is seen again once it has entries.

    It is popped up, never ``exec``-uted: a nested loop would stop the window's own coroutines.
    """

    def __init__(self, control: QWidget) -> None:
        super().__init__(control)
        self._control = control
        self._entries: tuple[tuple[str, str], ...] = ()
        control.installEventFilter(self)
        self.aboutToShow.connect(self._take_name)
        self._take_name()

    def set_entries(
        self, entries: Sequence[tuple[str, str]], on_chosen: Callable[[str], None]
    ) -> bool:
        """``entries`` are pairs of value and words. Returns whether they are other ones."""
        if tuple(entries) == self._entries:
            return False
        self._entries = tuple(entries)
        self.hide()
        self.clear()
        for value, words in self._entries:
            action = QAction(words.replace("&", "&&"), self)
            action.setData(value)
            action.triggered.connect(lambda _=False, value=value: on_chosen(value))
            self.addAction(action)
        return True

    def _take_name(self) -> None:
        """A screen reader says what opened it; a button may have got other words."""
        self.setAccessibleName(self._control.accessibleName())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide or (
            event.type() == QEvent.Type.EnabledChange and not self._control.isEnabled()
        ):
            self.hide()
        return super().eventFilter(watched, event)
