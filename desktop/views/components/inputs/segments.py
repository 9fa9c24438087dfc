"""One of a few, side by side: All, On, Off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.theme.theme import Theme

_PADDING = 12


class _Segment(KeyboardFocus, QAbstractButton):
    """The chosen one has a ground, a line below and bold words."""

    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font("button_primary"))
        height = max(self._theme.tokens.heights["button"], metrics.height() + 10)
        width = self._theme.words_width("button_primary", self.text())
        return QSize(width + 2 * _PADDING, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        box = self.rect().adjusted(1, 1, -1, -1)
        if self.isChecked():
            painter.fillRect(box, theme.colour("accentSoft"))
            painter.fillRect(box.left(), box.bottom() - 1, box.width(), 2, theme.colour("accent"))
        elif self.underMouse():
            painter.fillRect(box, theme.colour("hover"))
        painter.setFont(theme.font("button_primary" if self.isChecked() else "body"))
        painter.setPen(theme.colour("text" if self.isChecked() else "text2"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class Segments(QWidget):
    """``chosen`` carries the value the user chose; ``set_value`` sets the current one."""

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, name: str, entries: Sequence[tuple[str, str]], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)  # exclusive: arrow keys move inside, Tab leaves
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.buttons: dict[str, QAbstractButton] = {}
        for value, words in entries:
            button = _Segment(theme, words, self)
            button.clicked.connect(lambda _=False, value=value: self.chosen.emit(value))
            self._group.addButton(button)
            row.addWidget(button)
            self.buttons[value] = button
        theme.changed.connect(self.update)

    def set_value(self, value: str) -> None:
        self.buttons[value].setChecked(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        radius = self._theme.tokens.radii["control"]
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline.addRoundedRect(frame, radius, radius)
        painter.fillPath(outline, self._theme.colour("surface"))
        painter.setPen(QPen(self._theme.colour("border"), 1))
        painter.drawPath(outline)
        painter.setPen(QPen(self._theme.colour("line"), 1))
        for button in list(self.buttons.values())[1:]:
            edge = button.geometry().left()
            painter.drawLine(edge, 1, edge, self.height() - 2)
        painter.end()
