"""Connect: the tools at the start, the selected one's configuration at the end."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.presenters.connect.connect_view import ConnectView, TestView
from desktop.presenters.shapes import Shape
from desktop.views.components.card import Card
from desktop.views.components.inputs.buttons import Button
from desktop.views.components.page_body import ScrolledBody
from desktop.views.components.page_head import PageHead
from desktop.views.components.status_shape import StatusShape
from desktop.views.parts.tool_details import ToolDetails
from desktop.views.parts.tool_list import ToolList
from desktop.views.theme.theme import Theme

LIST_WIDTH = 244
SIDE_BY_SIDE_FROM = 600
_LIST_LEFT_IN_SIGHT = 72
"""Pixels of the list above the details that a click brought into sight."""


class ConnectPage(QScrollArea):
    """Scrolls as a whole; the list stands above the steps where both have no room side by side."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._test = TestView()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        body = ScrolledBody()
        self.head = PageHead(theme, self.tr("Connect"), body)
        self.title, self.line = self.head.title, self.head.line
        self.looking = StatusShape(theme, Shape.STREAMING, ground="window", parent=body)
        self.look_again = Button(theme, self.tr("Look again"), icon="refresh", parent=body)
        self.list_card = Card(theme, parent=body)
        self.tools = ToolList(theme, self.look_again, self.list_card)
        self.details = ToolDetails(theme, body)
        self.tools.pointed.connect(self._on_pointed)
        self._lay_out(body)
        self.setWidget(body)
        body.setAutoFillBackground(False)  # setWidget switches it on

    def show_view(self, view: ConnectView) -> None:
        self.head.set_line(view.line)
        self.looking.setVisible(view.looking)
        self.look_again.setEnabled(not view.looking)
        self.tools.show_rows(view.rows, view.others, view.others_text)
        self.details.setVisible(view.tool is not None)
        if view.tool is not None:
            self.details.show_view(view.tool)
            before, self._test = self._test, view.tool.test
            if self.details.result.isVisible() and self._test != before:
                # The result may be below the visible area, and the user asked for it. An answer is
                # longer than the line that waits for it.
                QTimer.singleShot(0, self, self._show_result)
        self._arrange()

    def first_focus(self) -> QWidget:
        return self.tools.chosen_button() or self.look_again

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The scroll area watches its content, whose parts may need more room than a moment ago."""
        done = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            # Not the head: fitting it asks for a layout again, without end.
            self._arrange_cards()
        return done

    def _on_pointed(self) -> None:
        # Once the details are those of the tool, and laid out.
        QTimer.singleShot(0, self, self._show_details)

    def _show_details(self) -> None:
        """Where the details stand below the list, bring them into sight."""
        if self._pair.direction() is QBoxLayout.Direction.TopToBottom:
            top = self.details.y()
            self.verticalScrollBar().setValue(top - _LIST_LEFT_IN_SIGHT)

    def _show_result(self) -> None:
        self.ensureWidgetVisible(self.details.test, 0, 24)

    def _lay_out(self, body: QWidget) -> None:
        self.head.add_beside(self.looking)
        self.head.add(self.look_again)
        inside = QVBoxLayout(self.list_card)
        inside.setContentsMargins(6, 6, 6, 12)
        inside.addWidget(self.tools)
        inside.addStretch(1)
        self.list_card.setMinimumWidth(LIST_WIDTH)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(self._theme.tokens.card_gap)
        self._pair.addWidget(self.list_card)
        self._pair.addWidget(self.details, 1)
        column = QVBoxLayout(body)
        across, down = self._theme.tokens.page_margin
        column.setContentsMargins(across, down, across, down)
        column.setSpacing(self._theme.tokens.card_gap)
        column.addLayout(self.head)
        column.addLayout(self._pair, 1)

    def _arrange(self) -> None:
        self.head.fit(self.viewport().width() - 2 * self._theme.tokens.page_margin[0])
        self._arrange_cards()

    def _arrange_cards(self) -> None:
        direction = QBoxLayout.Direction
        margins, gap = 2 * self._theme.tokens.page_margin[0], self._theme.tokens.card_gap
        least = max(LIST_WIDTH, self.list_card.minimumSizeHint().width())
        cards = least + self.details.minimumSizeHint().width()
        wide = self.viewport().width() >= max(SIDE_BY_SIDE_FROM, cards + margins + gap)
        self._pair.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
