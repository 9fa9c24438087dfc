"""An expandable section: chevron, title, and a body below."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QRect, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QVBoxLayout, QWidget

from desktop.views.components.inputs.painted_button import ICON, PaintedButton
from desktop.views.theme.theme import Theme

_GAP = 8
_HEIGHT = 24
_MOST_HEIGHT = 10_000
_WRAPS = Qt.TextFlag.TextWordWrap


class _FoldLine(PaintedButton):
    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(theme, text, is_fixed=False, parent=parent)
        self.setCheckable(True)
        wraps = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        wraps.setHeightForWidth(True)
        self.setSizePolicy(wraps)
        self._restyle()

    def font_role(self) -> str:
        return "body"

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        # One more than their advance: fractions of a pixel would break the line.
        width = ICON + _GAP + metrics.horizontalAdvance(self.text()) + 1
        return QSize(width, max(_HEIGHT, metrics.height() + 4))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        room = QRect(0, 0, max(1, width - ICON - _GAP), _MOST_HEIGHT)
        words = QFontMetrics(self.font()).boundingRect(room, _WRAPS, self.text())
        return max(_HEIGHT, words.height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = self.begun()
        token = "text" if self.underMouse() else "text2"
        self.paint_icon(painter, "chevron-down" if self.isChecked() else "chevron-right", token, 0)
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        leading = QStyle.visualAlignment(self.layoutDirection(), leading)
        words = self.rect().adjusted(ICON + _GAP, 0, 0, 0)
        self.paint_words(painter, self.text(), token, words, leading, wrap=True)
        painter.end()


class Fold(QWidget):
    """Closed at first. What is inside a closed fold is out of the Tab order."""

    height_changed = Signal()
    """At each step of opening and closing, and after it: for a window that fits its content."""

    def __init__(
        self, theme: Theme, text: str, body: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.line = _FoldLine(theme, text, self)
        self.body = body
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(body)
        body.hide()
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_step)
        self._animation.finished.connect(self._on_finished)
        self.line.toggled.connect(self._on_toggled)

    @property
    def is_open(self) -> bool:
        return self.line.isChecked()

    def set_text(self, text: str) -> None:
        if text != self.line.text():
            self.line.setText(text)
            self.line.updateGeometry()

    def set_open(self, is_open: bool) -> None:
        self.line.setChecked(is_open)

    def _on_toggled(self, is_open: bool) -> None:
        duration = self._theme.duration("fold_ms")
        self._animation.stop()
        if duration == 0 or not self.isVisible():
            self.body.setVisible(is_open)
            self.height_changed.emit()
            return
        height = self.body.sizeHint().height()
        self.body.setVisible(True)
        self._animation.setDuration(duration)
        self._animation.setStartValue(0 if is_open else height)
        self._animation.setEndValue(height if is_open else 0)
        self._animation.start()

    def _on_step(self, height: int) -> None:
        self.body.setMaximumHeight(height)
        self.height_changed.emit()

    def _on_finished(self) -> None:
        self.body.setMaximumHeight(16777215)
        self.body.setVisible(self.is_open)
        self.height_changed.emit()
