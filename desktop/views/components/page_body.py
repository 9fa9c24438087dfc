"""The ground of a page: margins from the tokens, scrolling where text or window need it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.views.theme.theme import Theme


class ScrolledBody(QWidget):
    """The content of a scroll area, as high as its text needs at its current width.

    A layout's minimum height is that at its minimum width, with many line breaks; a scroll area
    would reserve it and show an unneeded scroll bar.
    """

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            return QSize(least.width(), 0)
        return least


class PageBody(QScrollArea):
    """Pages put their parts into ``column``; nothing is cut."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.body = ScrolledBody()
        across, down = theme.tokens.page_margin
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(across, down, across, down)
        self.column.setSpacing(theme.tokens.card_gap)
        self.setWidget(self.body)
        self.body.setAutoFillBackground(False)  # setWidget switches it on
