"""The ground of a page: margins from the tokens, scrolling where text or window need it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.views.theme.theme import Theme


class ScrolledBody(QWidget):
    """What a scroll area shows. As high as its words need at its width, and no higher.

    A layout's own least height is that at its least width, where every line is broken often; a scroll
    area would keep that much and show a bar for nothing.
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
