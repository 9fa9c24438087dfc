"""A short message at the bottom of the window about the user's last action, with Undo if possible.

A child of the page, never a window of its own: Wayland gives those no place.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from desktop.presenters.notices.toast import Toast
from desktop.views.components.announcement import announce
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.theme.theme import Theme

_FROM_BELOW = 20


class ToastBar(QFrame):
    """Stays for 4 s, longer while the pointer or the keyboard is on it."""

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self._theme = theme
        self._toast: Toast | None = None
        self._icon = LineIcon(theme, "check", "onTooltip", parent=self)
        self.text = Text(theme, tone="onTooltip", parent=self)
        self.undo = QToolButton(self)
        self.undo.setText(self.tr("Undo"))
        self.undo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.undo.setAutoRaise(True)
        self.undo.setMinimumSize(24, 24)
        self.undo.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 14, 6)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self.text)
        row.addWidget(self.undo)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(theme.tokens.motion["toast_show_ms"])
        self._timer.timeout.connect(self._on_time_over)
        self.undo.clicked.connect(self._on_undo)
        host.installEventFilter(self)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def show_toast(self, toast: Toast) -> None:
        self._toast = toast
        self._icon.set_icon(toast.icon, "onTooltip", "tooltip")
        self.text.set_text(toast.text)
        self.undo.setVisible(toast.undo is not None)
        self.undo.setAccessibleName(self.tr("Undo: {what}").format(what=toast.text))
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        announce(self, toast.text)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._timer.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("tooltipLine"), 1))
        painter.setBrush(self._theme.colour("tooltip"))
        radius = self._theme.tokens.radii["banner"]
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, radius, radius)
        painter.end()

    def _place(self) -> None:
        host = self.parentWidget()
        if host is None:
            return
        self.adjustSize()
        left = (host.width() - self.width()) // 2
        self.move(max(0, left), host.height() - self.height() - _FROM_BELOW)

    def _on_time_over(self) -> None:
        if self.underMouse() or self.undo.hasFocus():
            self._timer.start()
        else:
            self.hide()

    def _on_undo(self) -> None:
        toast = self._toast
        self.hide()
        if toast is not None and toast.undo is not None:
            toast.undo()

    def _restyle(self) -> None:
        font = self._theme.font("button_primary")
        font.setUnderline(True)
        self.undo.setFont(font)
        palette = self.undo.palette()
        palette.setColor(QPalette.ColorRole.ButtonText, self._theme.colour("onTooltip"))
        self.undo.setPalette(palette)
        self.update()
