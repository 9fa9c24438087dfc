"""A bar of parts in their order, each with its figure in the legend below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.presenters.activity.request_details import TimePart
from desktop.views.components.text import Text
from desktop.views.replaced import empty
from desktop.views.theme.theme import Theme

_HEIGHT = 14
_GAP = 2
_SMALLEST = 2.0
_MARK = 9
_SPACING, _BETWEEN = 6, 10
_AROUND = 20
_LONGEST_FIGURE = "00 min 00 s"


class _Bar(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: tuple[TimePart, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_parts(self, parts: tuple[TimePart, ...]) -> None:
        if parts != self._parts:
            self._parts = parts
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = sum(part.seconds for part in self._parts)
        room = self.width() - _GAP * max(0, len(self._parts) - 1)
        if whole <= 0 or room <= 0:
            painter.setBrush(self._theme.colour("track"))
            painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
            painter.end()
            return
        small = [max(_SMALLEST, room * part.seconds / whole) for part in self._parts]
        scale = room / sum(small)
        left = 0.0
        for part, width in zip(self._parts, small, strict=True):
            painter.setBrush(self._theme.colour(part.colour))
            painter.drawRoundedRect(QRectF(left, 0, width * scale, _HEIGHT), 2, 2)
            left += width * scale + _GAP
        painter.end()


class _Mark(QWidget):
    """The coloured square of a legend entry."""

    def __init__(self, theme: Theme, colour: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._colour = colour
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(_MARK, _MARK)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(self._colour))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        painter.end()


class StackedBar(QWidget):
    """The legend has two columns if they fit, else one. Its accessible name is one given sentence."""

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._labels: tuple[str, ...] = ()
        self._figures: list[Text] = []
        self.bar = _Bar(theme, self)
        self.setAccessibleName(name)
        self._legend = QGridLayout()
        self._legend.setContentsMargins(0, 0, 0, 0)
        self._legend.setHorizontalSpacing(_SPACING)
        self._legend.setVerticalSpacing(3)
        for column in (1, 5):
            self._legend.setColumnStretch(column, 1)
        self._legend.setColumnMinimumWidth(3, _BETWEEN)
        column_of_parts = QVBoxLayout(self)
        column_of_parts.setContentsMargins(0, 0, 0, 0)
        column_of_parts.setSpacing(6)
        column_of_parts.addWidget(self.bar)
        column_of_parts.addLayout(self._legend)

    def show_parts(self, parts: Sequence[TimePart], sentence: str) -> None:
        self.bar.set_parts(tuple(parts))
        self.setAccessibleDescription(sentence)
        labels = tuple(part.label for part in parts)
        if labels != self._labels:
            self._labels = labels
            self._build(parts)
        for text, part in zip(self._figures, parts, strict=True):
            text.set_text(part.figure)

    def _fit_in_two_columns(self, parts: Sequence[TimePart]) -> bool:
        """Whether two columns fit: next to a list the details are narrow, and text must not be cut."""
        theme = self._theme
        metrics = QFontMetrics(theme.font("small"))
        widest = [
            max(
                (
                    metrics.horizontalAdvance(part.label + _LONGEST_FIGURE)
                    for part in parts[column::2]
                ),
                default=0,
            )
            + _MARK
            + 2 * _SPACING
            for column in (0, 1)
        ]
        return sum(widest) + _BETWEEN + 2 * _SPACING <= theme.tokens.details_pane - 2 * _AROUND

    def _build(self, parts: Sequence[TimePart]) -> None:
        empty(self._legend)
        self._figures = []
        columns = 2 if self._fit_in_two_columns(parts) else 1
        for number, part in enumerate(parts):
            row, column = divmod(number, columns)
            first = column * 4
            figure = Text(self._theme, role="small", tone="text2", parent=self)
            self._legend.addWidget(_Mark(self._theme, part.colour, self), row, first)
            label = Text(self._theme, part.label, role="small", tone="text2", parent=self)
            self._legend.addWidget(label, row, first + 1)
            self._legend.addWidget(figure, row, first + 2, Qt.AlignmentFlag.AlignTrailing)
            self._figures.append(figure)
