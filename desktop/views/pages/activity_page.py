"""Activity: the requests of this run at the start, the chosen one in full at the end."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.presenters.activity.activity import ALL_TOOLS, ActivityView, ResultFilter
from desktop.presenters.shapes import Shape
from desktop.views.components.banner import Banner
from desktop.views.components.card import Card
from desktop.views.components.empty_state import EmptyState
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.inputs.menu_button import MenuButton
from desktop.views.components.inputs.search_field import SearchField
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.page_body import PageBody
from desktop.views.components.page_head import PageHead
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.parts.request_card import RequestCard
from desktop.views.parts.request_table import RequestTable
from desktop.views.theme.theme import Theme

DETAILS_ALONE_BELOW = 900
"""Width of the window under which the details become a page of their own."""
_SEARCH_WIDTH = 150
_AS_WIDE_AS_CAN_BE = 10_000


class _Requests(RequestTable):
    """Del asks to cancel the chosen request."""

    cancel_asked = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.chosen_key is not None:
            self.cancel_asked.emit(self.chosen_key)
            return
        super().keyPressEvent(event)


class _TracingStrip(Card):
    """Visible while requests are traced."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(
            theme, ground="attentionSoft", line="attentionLine", radius="banner", parent=parent
        )
        self.text = Text(theme, wrap=True, parent=self)
        self.stop = Button(theme, self.tr("Stop tracing"), compact=True, parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 12, 7)
        row.setSpacing(10)
        row.addWidget(LineIcon(theme, "warning", "attention", parent=self))
        row.addWidget(self.text, 1)
        row.addWidget(self.stop)


class ActivityPage(PageBody):
    """Emits the user's actions; ``show_view`` shows a view."""

    searched = Signal(str)
    tool_chosen = Signal(str)
    result_chosen = Signal(str)
    cleared = Signal()
    connect_asked = Signal()
    tool_pause_toggled = Signal(str)

    def __init__(self, theme: Theme, *, can_connect: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        body = self.body
        self._open = True
        self._open_alone = False
        self._view: ActivityView | None = None
        self._unseen = 0
        self.banner = Banner(theme, body)
        self.head = PageHead(theme, self.tr("Activity"), body)
        self.title = self.head.title
        self.shape = StatusShape(theme, Shape.OFF, ground="window", parent=body)
        self.running = Text(theme, role="small", tone="text2", parent=body)
        self.search = SearchField(theme, self.tr("Search"), body, _SEARCH_WIDTH)
        self.tool = MenuButton(theme, self.tr("Tool"), shows_choice=True, parent=body)
        self.result = MenuButton(theme, self.tr("Result"), shows_choice=True, parent=body)
        self.pause = MenuButton(theme, self.tr("Pause a tool"), parent=body)
        self.tracing = _TracingStrip(theme, body)
        self.paused = Text(theme, tone="attention", wrap=True, parent=body)
        self.list = Card(theme, parent=body)
        self.table = _Requests(theme, self.tr("Requests"), fits_rows=False, parent=self.list)
        self.new_rows = Button(theme, compact=True, parent=self.list)
        self.empty = EmptyState(theme, "pulse", parent=self.list)
        self.clear = self.empty.add_button(self.tr("Clear filters"))
        self.connect_tool = self.empty.add_button(self.tr("Connect a tool"), ButtonKind.PRIMARY)
        self._can_connect = can_connect
        self.card = RequestCard(theme, body)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, body)
        self.today = Text(theme, role="small", tone="text3", wrap=True, parent=body)
        self.older = Button(theme, kind=ButtonKind.LINK, parent=body)
        self.keys = Text(
            theme,
            self.tr("↑ ↓ choose   Enter details   Del cancel"),
            role="small",
            tone="text3",
            parent=body,
        )
        self._lay_out()
        self._connect()

    @property
    def shows_details(self) -> bool:
        """Whether details are shown: beside the list for the selected row, alone only for an opened
        one.
        """
        is_open = self._open_alone if self.is_narrow else self._open
        return is_open and self._view is not None and self._view.details is not None

    @property
    def is_narrow(self) -> bool:
        return self.window().width() < self._theme.scaled(DETAILS_ALONE_BELOW)

    def show_view(self, view: ActivityView) -> None:
        self._view = view
        self.banner.show_notice(view.failure)
        self.shape.set_shape(view.running_shape)
        self.running.set_text(view.running)
        self.search.show_text(view.search)
        tools = [(ALL_TOOLS, self.tr("All tools")), *((each, each) for each in view.tools)]
        self.tool.set_entries(tools, view.tool)
        self.result.set_entries(self._results(), view.result)
        self.pause.set_entries([(each.tool, each.text) for each in view.pauses])
        self.pause.setEnabled(bool(view.pauses))
        self.tracing.text.set_text(view.tracing_line)
        self.tracing.setVisible(bool(view.tracing_line))
        self.card.trace.show_trace(view.trace)
        self.paused.set_text(view.paused_line)
        self.paused.setVisible(bool(view.paused_line))
        self.table.show_rows(view.rows)
        self._places.setCurrentWidget(self.table if view.rows else self.empty)
        self.empty.show_texts(view.heading, view.sentence)
        self.clear.setVisible(view.can_clear)
        self.connect_tool.setVisible(self._can_connect and not view.can_clear)
        self.today.set_text(view.today_line)
        self.older.setText(view.older_text)
        self.older.updateGeometry()
        self.older.setVisible(bool(view.older_text))
        if view.details is not None:
            self.card.show_details(view.details)
        self._arrange()

    def open_details(self) -> None:
        self._open = self._open_alone = True
        self._arrange()

    def close_details(self) -> bool:
        """Return whether they were open."""
        if not self.shows_details:
            return False
        self._open_alone = False
        if not self.is_narrow:
            self._open = False
        self._arrange()
        self.table.setFocus()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_head()
        self._arrange()

    def _fit_head(self) -> None:
        self.head.fit(self.viewport().width() - 2 * self._theme.tokens.page_margin[0])

    def _arrange(self) -> None:
        """Details beside the list, or alone in its place where the window is narrow."""
        details, narrow = self.shows_details, self.is_narrow
        self.card.setVisible(details)
        self.card.set_alone(narrow)
        self.list.setVisible(not (details and narrow))
        self.keys.setVisible(not narrow)
        direction = QBoxLayout.Direction
        self._foot.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _results(self) -> list[tuple[str, str]]:
        return [
            (ResultFilter.ANY, self.tr("Any result")),
            (ResultFilter.RUNNING, self.tr("Running")),
            (ResultFilter.DONE, self.tr("Done")),
            (ResultFilter.SENT_AGAIN, self.tr("Sent again")),
            (ResultFilter.FAILED, self.tr("Failed")),
            (ResultFilter.CANCELLED, self.tr("Cancelled")),
            (ResultFilter.NOT_SENT, self.tr("Not sent")),
        ]

    def _lay_out(self) -> None:
        self.head.set_line("")
        self.head.add_beside(self.shape)
        self.head.add_beside(self.running)
        for part in (self.search, self.tool, self.result, self.pause):
            self.head.add(part)
        inside = QVBoxLayout(self.list)
        inside.setContentsMargins(6, 4, 6, 6)
        self._places = QStackedLayout()
        self._places.addWidget(self.table)
        self._places.addWidget(self.empty)
        inside.addLayout(self._places, 1)
        self.new_rows.hide()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(self._theme.tokens.card_gap)
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self.card)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.card.setMinimumWidth(self._theme.tokens.details_pane)
        self.splitter.setSizes([_AS_WIDE_AS_CAN_BE, self._theme.tokens.details_pane])
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._foot.addWidget(self.today, 1)
        self._foot.addWidget(self.older, 0, Qt.AlignmentFlag.AlignLeading)
        self._foot.addWidget(self.keys)
        self.column.addWidget(self.banner)
        self.column.addLayout(self.head)
        self.column.addWidget(self.tracing)
        self.column.addWidget(self.paused)
        self.column.addWidget(self.splitter, 1)
        self.column.addLayout(self._foot)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.searched)
        self.tool.chosen.connect(self.tool_chosen)
        self.result.chosen.connect(self.result_chosen)
        self.pause.chosen.connect(self.tool_pause_toggled)
        self.clear.clicked.connect(self.cleared)
        self.connect_tool.clicked.connect(self.connect_asked)
        self.card.closed.connect(self.close_details)
        self.table.clicked.connect(self.open_details)
        self.table.opened.connect(self._on_opened)
        self.table.rows.rowsInserted.connect(self._on_rows_inserted)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.new_rows.clicked.connect(self.table.scrollToTop)

    def _on_opened(self, _request_id: str) -> None:
        """Enter on a row leads into its details."""
        self.open_details()
        target = self.card.back if self.is_narrow else self.card.report
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        if self.table.verticalScrollBar().value() > 0:
            self._unseen += last - first + 1
            self._show_unseen()

    def _on_scrolled(self, value: int) -> None:
        if value == 0 and self._unseen:
            self._unseen = 0
            self._show_unseen()

    def _show_unseen(self) -> None:
        """Show a chip above the table's header if rows were added above the visible ones."""
        chip = self.new_rows
        chip.setVisible(self._unseen > 0)
        if self._unseen:
            chip.setText(self.tr("{count} new").format(count=self._unseen))
            chip.setAccessibleName(
                self.tr("{count} new requests, go to the top").format(count=self._unseen)
            )
            chip.adjustSize()
            chip.move((self.list.width() - chip.width()) // 2, 40)
            chip.raise_()
