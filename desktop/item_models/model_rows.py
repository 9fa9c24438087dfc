"""Models as a table model."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QObject

from desktop.item_models.data_rows import ColumnSpec, DataRows
from desktop.presenters.models.model_list import Availability, ModelOrder, ModelRow


class ModelColumn(IntEnum):
    MODEL = 0
    ENDPOINTS = 1
    LIMITS = 2
    INPUT = 3
    CACHED = 4
    OUTPUT = 5
    ABILITIES = 6
    STATE = 7


HIDDEN_WHEN_NARROW = (
    ModelColumn.ABILITIES,
    ModelColumn.CACHED,
    ModelColumn.ENDPOINTS,
    ModelColumn.LIMITS,
)
"""Columns hidden as the table gets narrower, in this order."""


class ModelRows(DataRows[ModelRow]):
    def __init__(self, parent: QObject | None = None) -> None:
        enable = self.tr("Enable")
        super().__init__(
            (
                ColumnSpec(
                    self.tr("Model"), lambda row: row.model_id, mono=True, sort_name=ModelOrder.NAME
                ),
                ColumnSpec(
                    self.tr("Endpoints"), lambda row: row.endpoints, "chat, responses", quiet=True
                ),
                ColumnSpec(
                    self.tr("In, out limit"),
                    lambda row: row.limits,
                    "272k, 128k",
                    number=True,
                    sort_name=ModelOrder.LIMIT,
                ),
                ColumnSpec(
                    self.tr("Input"),
                    lambda row: row.input,
                    "1,000",
                    number=True,
                    sort_name=ModelOrder.INPUT,
                ),
                ColumnSpec(
                    self.tr("Cached"),
                    lambda row: row.cached,
                    "100.0",
                    number=True,
                    sort_name=ModelOrder.CACHED,
                ),
                ColumnSpec(
                    self.tr("Output"),
                    lambda row: row.output,
                    "5,000",
                    number=True,
                    spills=True,
                    sort_name=ModelOrder.OUTPUT,
                ),
                ColumnSpec(
                    self.tr("Abilities"), lambda row: row.abilities, "images, thinking", quiet=True
                ),
                ColumnSpec(
                    self.tr("State"),
                    lambda row: row.state,
                    "Needs Pro+",
                    shape=lambda row: row.shape,
                    button=lambda row: enable if row.availability is Availability.WAITS else "",
                    sort_name=ModelOrder.STATE,
                ),
            ),
            key=lambda row: row.model_id,
            sentence=lambda row: row.sentence,
            muted=lambda row: row.availability is Availability.OFF,
            parent=parent,
        )
