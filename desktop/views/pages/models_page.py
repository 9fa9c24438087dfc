"""Models: the catalogue to search, and below it the chosen model."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop.item_models.model_rows import HIDDEN_WHEN_NARROW, ModelColumn, ModelRows
from desktop.presenters.models.model_list import ModelFilter, ModelRow
from desktop.presenters.models.models import ListState, ModelsView
from desktop.views.components.card import Card
from desktop.views.components.empty_state import EmptyState
from desktop.views.components.inputs.buttons import ButtonKind
from desktop.views.components.inputs.icon_button import IconButton
from desktop.views.components.inputs.search_field import SearchField
from desktop.views.components.inputs.segments import Segments
from desktop.views.components.loading_rows import LoadingRows
from desktop.views.components.page_body import PageBody
from desktop.views.components.page_head import PageHead
from desktop.views.components.text import Text
from desktop.views.parts.data_table import DataTable
from desktop.views.parts.model_card import ModelCard
from desktop.views.theme.theme import Theme


class ModelsPage(PageBody):
    """Emits the user's actions; ``show_view`` shows a view."""

    searched = Signal(str)
    filtered = Signal(str)
    cleared = Signal()
    refresh_asked = Signal()
    sign_in_asked = Signal()
    doctor_asked = Signal()

    def __init__(
        self, theme: Theme, *, can_use: bool, has_doctor: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        body = self.body
        self.head = PageHead(theme, self.tr("Models"), body)
        self.title, self.counts = self.head.title, self.head.line
        self.search = SearchField(theme, self.tr("Search name or ability"), body)
        self.filter = Segments(
            theme,
            self.tr("Which models"),
            (
                (ModelFilter.ALL, self.tr("All")),
                (ModelFilter.ON, self.tr("On")),
                (ModelFilter.OFF, self.tr("Off")),
            ),
            body,
        )
        self.refresh = IconButton(theme, "refresh", self.tr("Ask GitHub again"), parent=body)
        self.table: DataTable[ModelRow] = DataTable(
            theme,
            ModelRows(),
            self.tr("Models"),
            stretched=ModelColumn.MODEL,
            hidden_when_narrow=HIDDEN_WHEN_NARROW,
        )
        self.loading = LoadingRows(theme, body)
        self.empty = EmptyState(theme, "layers", parent=body)
        self.clear = self.empty.add_button(self.tr("Clear search"))
        self.sign_in = self.empty.add_button(self.tr("Sign in to GitHub"), ButtonKind.PRIMARY)
        self.failed = EmptyState(theme, "", parent=body)
        self.again = self.failed.add_button(self.tr("Try again"), ButtonKind.PRIMARY, "refresh")
        self.doctor = self.failed.add_button(self.tr("Open Doctor"))
        self.doctor.setVisible(has_doctor)
        self.problem = Text(theme, role="small", tone="attention", wrap=True, parent=body)
        self.card = ModelCard(theme, can_use=can_use, parent=body)
        self.source = Text(theme, role="small", tone="text3", wrap=True, parent=body)
        self.off = Text(theme, role="small", tone="text3", parent=body)
        self._lay_out()
        self._connect()

    def show_view(self, view: ModelsView) -> None:
        self.head.set_line(view.counts)
        self.search.show_text(view.search)
        self.filter.set_value(view.show)
        self.refresh.setEnabled(not view.is_reading and view.state is not ListState.SIGNED_OUT)
        self.table.show_sorted(view.order, descending=view.descending)
        self.table.show_rows(view.rows)
        self._show_list(view)
        self.problem.set_text(view.problem)
        self.problem.setVisible(bool(view.problem))
        self.card.setVisible(view.details is not None)
        if view.details is not None:
            self.card.show_details(view.details)
            if self.table.chosen_key != view.details.model_id:
                self.table.choose(view.details.model_id, reveal=False)
        self.source.set_text(view.source_line)
        self.off.set_text(view.off_line)

    def _show_list(self, view: ModelsView) -> None:
        match view.state:
            case ListState.READY:
                self._places.setCurrentWidget(self.table)
            case ListState.QUIET:
                self._places.setCurrentWidget(self._nothing)
            case ListState.LOADING:
                self.loading.text.set_text(view.heading)
                self._places.setCurrentWidget(self.loading)
            case ListState.FAILED:
                self.failed.show_texts(view.heading, view.sentence)
                self._places.setCurrentWidget(self.failed)
            case _:
                self.empty.show_texts(view.heading, view.sentence)
                self.clear.setVisible(view.state is ListState.NOTHING_MATCHES)
                self.sign_in.setVisible(view.state is ListState.SIGNED_OUT)
                self._places.setCurrentWidget(self.empty)

    def _lay_out(self) -> None:
        for control in (self.search, self.filter, self.refresh):
            self.head.add(control)
        ground = Card(self._theme, parent=self.body)
        inside = QVBoxLayout(ground)
        inside.setContentsMargins(6, 4, 6, 6)
        self._nothing = QWidget(ground)
        self._places = QStackedLayout()
        for place in (self.table, self.loading, self.empty, self.failed, self._nothing):
            self._places.addWidget(place)
        inside.addWidget(self.problem)
        inside.addLayout(self._places, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.source, 1)
        foot.addWidget(self.off)
        self.column.addLayout(self.head)
        self.column.addWidget(ground, 1)
        self.column.addWidget(self.card)
        self.column.addLayout(foot)
        # The layout gave the table another parent, and with it the last place in the chain of Tab.
        QWidget.setTabOrder(self.refresh, self.table)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.head.fit(self.viewport().width() - 2 * self._theme.tokens.page_margin[0])

    def _connect(self) -> None:
        self.search.textChanged.connect(self.searched)
        self.filter.chosen.connect(self.filtered)
        self.clear.clicked.connect(self.cleared)
        self.refresh.clicked.connect(self.refresh_asked)
        self.again.clicked.connect(self.refresh_asked)
        self.doctor.clicked.connect(self.doctor_asked)
        self.sign_in.clicked.connect(self.sign_in_asked)
        self.table.opened.connect(self._on_opened)
        self.table.button_clicked.connect(self.card.enable_asked)

    def _on_opened(self, _model_id: str) -> None:
        """Enter on a model leads to its prompt."""
        if self.card.prompt.isVisible():
            self.card.prompt.setFocus()
        elif self.card.enable.isVisible():
            self.card.enable.setFocus()
