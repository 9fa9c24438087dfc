"""One of several: a drop-down list whose closed form paints itself like the other controls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyle, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme

_ICON = 16
_PADDING = 10
_LEAST_WIDTH = 150


class ChoiceField(KeyboardFocus, QComboBox):
    """``activated`` reports the user's choice; ``show_choices`` sets the current one."""

    def __init__(
        self, theme: Theme, name: str, *, role: str = "body", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role
        self._shown: tuple[tuple[str, str], ...] = ()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_choices(self, choices: Sequence[tuple[str, str]], chosen: str) -> None:
        """``choices`` are pairs of value and text."""
        if tuple(choices) != self._shown:
            self._shown = tuple(choices)
            self.clear()
            for value, text in choices:
                self.addItem(text, value)
            self.updateGeometry()
        place = self.findData(chosen)
        if place != self.currentIndex():
            self.setCurrentIndex(place)

    @property
    def chosen(self) -> str:
        return str(self.currentData() or "")

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        widest = max((metrics.horizontalAdvance(text) for _, text in self._shown), default=80)
        height = max(self._theme.tokens.heights["field"], metrics.height() + 10)
        return QSize(widest + _ICON + 3 * _PADDING, height)

    def minimumSizeHint(self) -> QSize:
        """Less than its choices need: then the chosen one is cut and its tooltip says it."""
        hint = self.sizeHint()
        return QSize(min(hint.width(), self._theme.scaled(_LEAST_WIDTH)), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_cut = self.width() < self.sizeHint().width()
        self.setToolTip(literal(self.currentText()) if is_cut else "")

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a page must not change a field under the pointer.
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = self.isEnabled()
        radius = theme.tokens.radii["control"]
        painter.setPen(QPen(theme.colour("border" if enabled else "line"), 1))
        painter.setBrush(theme.colour("hover" if self.underMouse() and enabled else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        direction = self.layoutDirection()
        icon = QRect(
            self.width() - _PADDING - _ICON + 2, (self.height() - _ICON) // 2, _ICON, _ICON
        )
        pixmap = theme.pixmap("chevron-down", "text2", _ICON, self.devicePixelRatioF())
        painter.drawPixmap(QStyle.visualRect(direction, self.rect(), icon).topLeft(), pixmap)
        words = self.rect().adjusted(_PADDING, 0, -(_ICON + _PADDING + 2), 0)
        words = QStyle.visualRect(direction, self.rect(), words)
        painter.setFont(self.font())
        painter.setPen(theme.colour("text" if enabled else "text3"))
        text = QFontMetrics(self.font()).elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, words.width()
        )
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, QStyle.visualAlignment(direction, leading), text)
        painter.end()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._role))
        self.updateGeometry()
        self.update()
