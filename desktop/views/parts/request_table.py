"""The table of requests."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.item_models.request_rows import HIDDEN_WHEN_NARROW, Column, RequestRows
from desktop.presenters.activity.request_rows import RequestRow
from desktop.views.parts.data_table import DataTable
from desktop.views.theme.theme import Theme

_MODEL_AT_LEAST = 160
"""Pixels for ``claude-sonnet-4.6`` in the mono font."""


class RequestTable(DataTable[RequestRow]):
    def __init__(
        self, theme: Theme, name: str, *, fits_rows: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            theme,
            RequestRows(),
            name,
            stretched=Column.MODEL,
            hidden_when_narrow=HIDDEN_WHEN_NARROW,
            fits_rows=fits_rows,
            stretched_least=_MODEL_AT_LEAST,
            parent=parent,
        )
        self.show_column(Column.TRACED, is_shown=False)

    def show_rows(self, rows: tuple[RequestRow, ...]) -> None:
        self.show_column(Column.TRACED, is_shown=any(row.traced for row in rows))
        super().show_rows(rows)
