"""The ground of a page: margins from the tokens, scrolling where text or window need it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.views.theme.theme import Theme


class PageBody(QScrollArea):
    """Pages put their parts into ``column``; nothing is cut."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.body = QWidget()
        across, down = theme.tokens.page_margin
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(across, down, across, down)
        self.column.setSpacing(theme.tokens.card_gap)
        self.setWidget(self.body)
        self.body.setAutoFillBackground(False)  # setWidget switches it on
