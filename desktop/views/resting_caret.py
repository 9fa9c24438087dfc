"""Keeps the caret of a text field from blinking for ever: each blink paints the field, twice a second.

Ten seconds after the last key or click it stands still, in sight; the next one lets it blink again. So
do GTK's fields. Applies to every field of the application, since Qt has one flash time for all.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid

REST_MILLISECONDS = 10_000
_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit)
_STILL, _AS_THE_SYSTEM_SAYS = 0, -1
_USES = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.WindowActivate,
    )
)


class RestingCaret(QObject):
    """Watches the one field that has the focus, and nothing while none has."""

    def __init__(self, application: QApplication, rest: int = REST_MILLISECONDS) -> None:
        super().__init__(application)
        self._application = application
        self._field: QWidget | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(rest)
        self._timer.timeout.connect(self._stand_still)
        application.focusChanged.connect(self._on_focus_changed)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _USES:
            self._blink()
        return False

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self._field is not None and isValid(self._field):
            self._field.removeEventFilter(self)
        self._field = now if isinstance(now, _FIELDS) else None
        if self._field is None:
            self._timer.stop()
        else:
            self._field.installEventFilter(self)
            self._blink()

    def _blink(self) -> None:
        self._application.setCursorFlashTime(_AS_THE_SYSTEM_SAYS)  # nothing where it does already
        self._timer.start()

    def _stand_still(self) -> None:
        self._application.setCursorFlashTime(_STILL)
