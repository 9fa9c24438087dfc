"""The tools of the Connect page and of the first run: shape, name, version, state; one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from desktop.presenters.connect.connect_view import ToolRow
from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.fold import Fold
from desktop.views.components.inputs.press_on_enter import PressOnEnter
from desktop.views.components.status_shape import COLOUR_TOKENS, paint_shape
from desktop.views.replaced import empty
from desktop.views.theme.theme import Theme

_SHAPE = 12
_INSET = 10
_TEXT_AT = _INSET + _SHAPE + 10


class ToolButton(KeyboardFocus, PressOnEnter, QAbstractButton):
    """One tool in two lines. The chosen one has a ground; its shape and words say the state."""

    pointed = Signal()
    """Chosen with the mouse."""

    def __init__(self, theme: Theme, row: ToolRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row = row
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)
        self.show_row(row)

    @property
    def row(self) -> ToolRow:
        return self._row

    def show_row(self, row: ToolRow) -> None:
        self._row = row
        self.setText(row.name)
        self.setAccessibleName(row.sentence)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        bold, small = self._metrics("button_primary"), self._metrics("small")
        version = small.horizontalAdvance(self._row.version)
        first = bold.horizontalAdvance(self._row.name) + 6 + version
        width = _TEXT_AT + max(first, small.horizontalAdvance(self._row.line)) + _INSET
        return QSize(width, bold.height() + small.height() + 14)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self.isChecked() and self.rect().contains(event.position().toPoint()):
            self.pointed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, row = self._theme, self._row
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        direction = self.layoutDirection()
        ground = "accentSoft" if self.isChecked() else "hover" if self.underMouse() else ""
        if ground:
            radius = theme.tokens.radii["control"]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(ground))
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        place = QRect(_INSET, (self.height() - _SHAPE) // 2, _SHAPE, _SHAPE)
        place = QStyle.visualRect(direction, self.rect(), place)
        colour, under = theme.colour(COLOUR_TOKENS[row.shape]), theme.colour(ground or "surface")
        paint_shape(painter, QRectF(place), row.shape, colour, under)
        bold, small = self._metrics("button_primary"), self._metrics("small")
        left, top = _TEXT_AT, 7
        name = bold.horizontalAdvance(row.name)
        role = "button_primary" if self.isChecked() else "body"
        self._write(painter, row.name, role, "text", QRect(left, top, name + 2, bold.height()))
        after = left + name + 6
        box = QRect(after, top, self.width() - after - 4, bold.height())
        self._write(painter, row.version, "small", "text3", box)
        box = QRect(left, top + bold.height(), self.width() - left - 4, small.height())
        self._write(painter, row.line, "small", "text2", box)
        painter.end()

    def _metrics(self, role: str) -> QFontMetrics:
        return QFontMetrics(self._theme.font(role))

    def _write(self, painter: QPainter, text: str, role: str, token: str, box: QRect) -> None:
        direction = self.layoutDirection()
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour(token))
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        flags = QStyle.visualAlignment(direction, leading)
        painter.drawText(QStyle.visualRect(direction, self.rect(), box), flags, text)


class ToolList(QWidget):
    """Arrow keys move between the tools; Tab leaves them. Those not found are in a fold below."""

    tool_chosen = Signal(str)
    pointed = Signal()
    """A tool was chosen with the mouse: the keyboard stays in the list, the eye goes on."""

    def __init__(self, theme: Theme, tab_after: QWidget, parent: QWidget | None = None) -> None:
        """``tab_after`` is the control that Tab leaves towards the list."""
        super().__init__(parent)
        self._theme = theme
        self._tab_after = tab_after
        self._group = QButtonGroup(self)
        self.buttons: dict[str, ToolButton] = {}
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        others = QWidget(self)
        self._others = QVBoxLayout(others)
        self._others.setContentsMargins(0, 0, 0, 0)
        self._others.setSpacing(0)
        self.fold = Fold(theme, "", others, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._rows)
        fold = QVBoxLayout()
        fold.setContentsMargins(_INSET - 2, 0, 0, 0)
        fold.addWidget(self.fold)
        column.addLayout(fold)
        self.setAccessibleName(self.tr("Tools"))

    def show_rows(
        self, rows: Sequence[ToolRow], others: Sequence[ToolRow] = (), others_text: str = ""
    ) -> None:
        wanted = [row.app_id for row in (*rows, *others)]
        current = [name for name in self.buttons if self.buttons[name].parentWidget() is self]
        if wanted != list(self.buttons) or current != [row.app_id for row in rows]:
            self._build(rows, others)
        for row in (*rows, *others):
            button = self.buttons[row.app_id]
            if button.row != row:
                button.show_row(row)
            if row.chosen and not button.isChecked():
                button.setChecked(True)
        self.fold.line.setText(others_text)
        self.fold.line.updateGeometry()
        self.fold.setVisible(bool(others))

    def chosen_button(self) -> QWidget | None:
        return self._group.checkedButton()

    def _build(self, rows: Sequence[ToolRow], others: Sequence[ToolRow]) -> None:
        focused = next((name for name, each in self.buttons.items() if each.hasFocus()), None)
        for button in self.buttons.values():
            self._group.removeButton(button)
        empty(self._rows)
        empty(self._others)
        self.buttons = {}
        for layout, part, parent, before in (
            (self._rows, rows, self, self._tab_after),
            (self._others, others, self.fold.body, self.fold.line),
        ):
            # New widgets join the Tab order at its end; these belong where they stand.
            last: QWidget = before
            for row in part:
                button = ToolButton(self._theme, row, parent)
                self._group.addButton(button)
                layout.addWidget(button)
                QWidget.setTabOrder(last, button)
                last = button
                button.show()  # now: a widget that is still hidden cannot take the focus
                app_id = row.app_id
                button.clicked.connect(lambda _=False, app_id=app_id: self.tool_chosen.emit(app_id))
                button.pointed.connect(self.pointed)
                self.buttons[app_id] = button
        if focused in self.buttons:
            self.buttons[focused].setFocus(Qt.FocusReason.OtherFocusReason)
