"""Usage: four figures, bars by day, and the same numbers by model and by tool."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.item_models.data_rows import ColumnSpec, DataRows
from desktop.presenters.usage.usage import UsageView
from desktop.presenters.usage.usage_chart import ChartView
from desktop.presenters.usage.usage_figures import Figure
from desktop.presenters.usage.usage_shares import MissRow, ShareRow
from desktop.views.components.banner import Banner
from desktop.views.components.card import Card
from desktop.views.components.charts.bar_chart import BarChart
from desktop.views.components.flow import FlowRow
from desktop.views.components.inputs.buttons import Button
from desktop.views.components.inputs.menu_button import MenuButton
from desktop.views.components.inputs.segments import Segments
from desktop.views.components.loading_rows import LoadingRows
from desktop.views.components.page_body import PageBody
from desktop.views.components.page_head import PageHead
from desktop.views.components.text import Text
from desktop.views.literal_text import literal
from desktop.views.parts.data_table import DataTable
from desktop.views.replaced import empty
from desktop.views.theme.theme import Theme

SIDE_BY_SIDE_FROM = 700
FOUR_ACROSS_FROM = 600
_BAR_COLUMN = 78
FORECAST_TOKEN = "track"  # noqa: S105  # a colour


class FiguresCard(Card):
    """Figures side by side; below one another where they have no room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.figures: list[_Figure] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._across = 0

    def fit(self, width: int) -> None:
        """Put the figures side by side, or two and two."""
        across = len(self.figures) if width >= self._theme.scaled(FOUR_ACROSS_FROM) else 2
        if across == self._across:
            return
        self._across = across
        for number, figure in enumerate(self.figures):
            row, column = divmod(number, across)
            self._grid.addWidget(figure, row, column)
            figure.set_has_line(column > 0)
        for column in range(max(1, len(self.figures))):
            self._grid.setColumnStretch(column, 1 if column < across else 0)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        while len(self.figures) < len(figures):
            self.figures.append(_Figure(self._theme, self))
            self._across = 0
        for widget, shown in zip(self.figures, figures, strict=True):
            widget.show_figure(shown)
        if not self._across:
            self.fit(self.width())


class _Figure(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._has_line = False
        self.label = Text(theme, role="small", tone="text2", parent=self)
        self.value = Text(theme, role="title", parent=self)
        self.line = Text(theme, role="small", tone="text3", wrap=True, parent=self)
        column = QVBoxLayout(self)
        across, _ = theme.tokens.card_padding
        column.setContentsMargins(across, 13, 12, 14)
        column.setSpacing(2)
        for each in (self.label, self.value, self.line):
            column.addWidget(each)
        column.addStretch(1)

    def set_has_line(self, has_line: bool) -> None:
        """Part it from the figure before it."""
        self._has_line = has_line
        self.update()

    def show_figure(self, figure: Figure) -> None:
        self.label.set_text(figure.label)
        self.value.set_text(figure.value)
        self.line.set_text(figure.line)
        self.setToolTip(literal(figure.detail))
        self.setAccessibleName(f"{figure.label}: {figure.value}, {figure.line}")
        self.setAccessibleDescription(figure.detail)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._has_line:
            painter = QPainter(self)
            right = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            x = self.width() - 1 if right else 0
            painter.fillRect(x, 1, 1, self.height() - 2, self._theme.colour("line"))
            painter.end()


class Swatch(QWidget):
    """A series' colour in the legend; the name stands beside it."""

    def __init__(self, theme: Theme, token: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.token = token
        self._outlined = token == FORECAST_TOKEN
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(10, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("line") if self._outlined else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(self.token))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        painter.end()


class ChartCard(Card):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.heading = Text(theme, role="heading", parent=self)
        self.chart = BarChart(theme, self)
        self.budget = Text(theme, role="small", tone="text3", wrap=True, parent=self)
        self._legend = FlowRow(self, gap=16, line_gap=4)
        self._entries: tuple[tuple[str, str], ...] = ()
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(8)
        self._head.addWidget(self.heading, 1)
        self._head.addWidget(self._legend)
        column = QVBoxLayout(self)
        across, _ = theme.tokens.card_padding
        column.setContentsMargins(across, 14, across, 6)
        column.setSpacing(10)
        column.addLayout(self._head)
        column.addWidget(self.chart)
        column.addWidget(self.budget)

    def fit(self, width: int) -> None:
        """Put the legend below the heading where it has no room beside it."""
        needed = self.heading.sizeHint().width() + self._legend.sizeHint().width() + 60
        direction = QBoxLayout.Direction
        beside = needed <= width
        self._head.setDirection(direction.LeftToRight if beside else direction.TopToBottom)

    def show_view(self, view: ChartView, heading: str, budget_line: str) -> None:
        self.heading.set_text(heading)
        self.chart.show_view(view)
        self.budget.set_text(budget_line)
        self.budget.setVisible(bool(budget_line))
        entries = tuple((each.token, each.name) for each in view.series)
        if view.forecast_words:
            entries += ((FORECAST_TOKEN, view.forecast_words),)
        if entries != self._entries:
            self._entries = entries
            self._show_legend()
            self.fit(self.width())

    def _show_legend(self) -> None:
        self._legend.clear()
        for token, name in self._entries:
            swatch = Swatch(self._theme, token, self)
            words = Text(self._theme, name, role="small", tone="text2", parent=self)
            entry = QWidget(self)
            pair = QHBoxLayout(entry)
            pair.setContentsMargins(0, 0, 0, 0)
            pair.setSpacing(8)
            pair.addWidget(swatch, 0, Qt.AlignmentFlag.AlignVCenter)
            pair.addWidget(words)
            self._legend.add(entry)


class SharesCard(Card):
    """One table of shares under its heading."""

    def __init__(
        self,
        theme: Theme,
        heading: str,
        columns: tuple[ColumnSpec[ShareRow], ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent=parent)
        self.counted = Text(theme, role="small", tone="text3", parent=self)
        rows = DataRows(columns, key=lambda row: row.key, sentence=lambda row: row.sentence)
        self.table = DataTable(
            theme,
            rows,
            heading,
            stretched=0,
            hidden_when_narrow=(1, 2),
            fits_rows=True,
            parent=self,
        )
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        head.addWidget(Text(theme, heading, role="heading", parent=self), 1)
        head.addWidget(self.counted)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 4)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addStretch(1)

    def show_rows(self, rows: tuple[ShareRow, ...], counted: str) -> None:
        self.counted.set_text(counted)
        self.table.show_rows(rows)


class MissesCard(Card):
    """Why prompts were not read from the cache, most frequent first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.rows: tuple[MissRow, ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        across, _ = theme.tokens.card_padding
        column.setContentsMargins(across, 14, across, 14)
        column.setSpacing(10)
        heading = self.tr("When the cache did not help")
        column.addWidget(Text(theme, heading, role="heading", parent=self))
        column.addLayout(self._grid)

    def show_rows(self, rows: tuple[MissRow, ...]) -> None:
        self.setVisible(bool(rows))
        if rows == self.rows:
            return
        self.rows = rows
        empty(self._grid)
        for number, row in enumerate(rows):
            reason = Text(self._theme, row.reason, tone="text2", wrap=True, parent=self)
            count = Text(self._theme, row.count, parent=self)
            count.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(reason, number, 0)
            self._grid.addWidget(count, number, 1)


class UsagePage(PageBody):
    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""
    range_chosen = Signal(str)
    tool_chosen = Signal(str)
    export_asked = Signal()

    def __init__(
        self, theme: Theme, ranges: tuple[tuple[str, str], ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        body = self.body
        self.head = PageHead(theme, self.tr("Usage"), body)
        self.ranges = Segments(theme, self.tr("Range"), ranges, body)
        self.tools = MenuButton(theme, self.tr("Tool"), shows_choice=True, parent=body)
        self.export = Button(theme, self.tr("Export CSV"), icon="download", parent=body)
        for control in (self.ranges, self.tools, self.export):
            self.head.add(control)
        self.banner = Banner(theme, body)
        self.loading = LoadingRows(theme, body)
        self.loading.text.set_text(self.tr("Reading the figures"))
        self.figures = FiguresCard(theme, body)
        self.chart = ChartCard(theme, body)
        self.models = SharesCard(
            theme,
            self.tr("By model"),
            _columns(self.tr("Model"), self.tr("Cached"), self.tr("Credits"), mono=True),
            body,
        )
        self.clients = SharesCard(
            theme,
            self.tr("By tool"),
            _columns(self.tr("Tool"), self.tr("Requests"), self.tr("Credits"), mono=False),
            body,
        )
        self.misses = MissesCard(theme, body)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(theme.tokens.card_gap)
        self._pair.addWidget(self.models, 1)
        self._pair.addWidget(self.clients, 1)
        self.column.addLayout(self.head)
        for part in (self.banner, self.loading, self.figures, self.chart):
            self.column.addWidget(part)
        self.column.addLayout(self._pair)
        self.column.addWidget(self.misses)
        self.column.addStretch(1)
        self.ranges.chosen.connect(self.range_chosen)
        self.tools.chosen.connect(self.tool_chosen)
        self.export.clicked.connect(self.export_asked)
        self.banner.chosen.connect(self.chosen)

    def show_view(self, view: UsageView) -> None:
        self.head.set_line(view.source)
        self.ranges.set_value(view.chosen_range)
        self.tools.set_entries(view.tools, view.chosen_tool)
        self.export.setEnabled(view.can_export)
        self.banner.show_notice(view.notice)
        self.loading.setVisible(view.is_loading)
        chart = view.chart
        for part in (self.figures, self.chart, self.models, self.clients):
            part.setVisible(chart is not None)
        self.misses.show_rows(view.misses)
        if chart is None:
            return
        self.figures.show_figures(view.figures)
        self.chart.show_view(chart, self.tr("Credits by day"), view.budget_line)
        for card, rows in ((self.models, view.models), (self.clients, view.clients)):
            card.show_rows(rows, view.counted)
            card.setVisible(bool(rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        across, _ = self._theme.tokens.page_margin
        inside = self.viewport().width() - 2 * across
        self.head.fit(inside)
        self.figures.fit(inside)
        self.chart.fit(inside)
        wide = self.viewport().width() >= self._theme.scaled(SIDE_BY_SIDE_FROM)
        self._pair.setDirection(direction.LeftToRight if wide else direction.TopToBottom)


def _columns(
    name: str, middle: str, credits_head: str, *, mono: bool
) -> tuple[ColumnSpec[ShareRow], ...]:
    return (
        ColumnSpec(name, lambda row: row.name, mono=mono),
        ColumnSpec(
            "",
            lambda _: "",
            spoken=credits_head,
            bar=lambda row: None if row.share is None else (row.share, row.token),
            width=_BAR_COLUMN,
        ),
        ColumnSpec(middle, lambda row: row.middle, "100 %", number=True),
        ColumnSpec(credits_head, lambda row: row.credits, "1,000.0", number=True),
    )
