"""A dialog as high as its words need at its width, and never larger than the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.views.application import bind_quit_key
from desktop.views.calm_focus import CalmFocus
from desktop.views.components.page_body import ScrolledBody
from desktop.views.theme.theme import Theme

_FRAME = 48
"""Room for the window's frame and a panel, in pixels."""


class FittedDialog(CalmFocus, QDialog):
    """``body`` has the words and scrolls where the screen is too small; ``foot`` stays in sight.

    Subclasses put a layout into both, and call :meth:`fit_soon` when their content changes.
    """

    def __init__(
        self,
        theme: Theme,
        width: int,
        margins: tuple[int, int, int, int],
        spacing: int,
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wanted_width = width
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme.dress(self)
        bind_quit_key(self)
        left, top, right, bottom = margins
        self._area = area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        self.body = ScrolledBody()
        self.body.setAutoFillBackground(False)
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(left, top, right, spacing)
        self.column.setSpacing(spacing)
        area.setWidget(self.body)
        self.foot = QWidget(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addWidget(self.foot)
        self._foot_margins = (left, 0, right, bottom)

    def sizeHint(self) -> QSize:
        width = max(self._wanted_width, self._least_width())
        height = _height(self.body, width) + _height(self.foot, width)
        return QSize(width, height).boundedTo(self._room())

    def fit_soon(self) -> None:
        """Fit after the changes of this turn of the loop."""
        QTimer.singleShot(0, self, self.fit)

    def fit(self) -> None:
        hint = self.sizeHint()
        self.setMinimumSize(hint)
        self.resize(hint)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()

    def set_foot(self, buttons: QLayout | QWidget) -> None:
        """Take the buttons, in a layout or a row."""
        layout = buttons if isinstance(buttons, QLayout) else QVBoxLayout()
        layout.setContentsMargins(*self._foot_margins)
        if isinstance(buttons, QWidget):
            layout.addWidget(buttons)
        self.foot.setLayout(layout)

    def _least_width(self) -> int:
        return max(self.column.minimumSize().width(), self.foot.minimumSizeHint().width())

    def _room(self) -> QSize:
        room = self.screen().availableGeometry().size()
        return QSize(room.width(), room.height() - _FRAME)


def _height(part: QWidget, width: int) -> int:
    layout = part.layout()
    if layout is None:
        return 0
    layout.activate()
    height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else -1
    return height if height > 0 else layout.totalSizeHint().height()
