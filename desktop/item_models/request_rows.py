"""Requests as a table model, for Home and Activity."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QObject

from desktop.item_models.data_rows import ColumnSpec, DataRows
from desktop.presenters.activity.request_rows import RequestRow
from desktop.presenters.shapes import Shape


class Column(IntEnum):
    STATE = 0
    TIME = 1
    TOOL = 2
    MODEL = 3
    TOKENS = 4
    CACHED = 5
    CREDITS = 6
    TOOK = 7
    TRACED = 8


NUMBERS = (Column.TOKENS, Column.CACHED, Column.CREDITS, Column.TOOK)
HIDDEN_WHEN_NARROW = (Column.CACHED, Column.TOKENS, Column.TOOK)
"""Columns hidden as the table gets narrower, in this order."""


class RequestRows(DataRows[RequestRow]):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(
            (
                ColumnSpec(
                    "",
                    lambda _: "",
                    spoken=self.tr("State"),
                    shape=lambda row: row.shape,
                ),
                ColumnSpec(self.tr("Time"), lambda row: row.time, "00:00:00", quiet=True),
                ColumnSpec(self.tr("Tool"), lambda row: row.tool, "Claude Code"),
                ColumnSpec(self.tr("Model"), lambda row: row.model, mono=True),
                ColumnSpec(
                    self.tr("Tokens in → out"),
                    lambda row: row.tokens,
                    "999.9k → 99.9k",
                    number=True,
                ),
                ColumnSpec(self.tr("Cached"), lambda row: row.cached, "100 %", number=True),
                ColumnSpec(self.tr("Credits"), lambda row: row.credits, "100.0", number=True),
                ColumnSpec(
                    self.tr("Took"), lambda row: row.took, "59.9 s", number=True, quiet=True
                ),
                ColumnSpec(
                    "",
                    lambda row: row.traced,
                    self.tr("Traced"),
                    spoken=self.tr("Content"),
                    quiet=True,
                    shape=lambda row: Shape.TRACED if row.traced else None,
                ),
            ),
            key=lambda row: row.request_id,
            sentence=lambda row: row.sentence,
            parent=parent,
        )
