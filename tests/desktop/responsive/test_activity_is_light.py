"""Activity with 220 rows and 45 requests a second: what a look at the news touches, by counts.

Times are held in two places: no event over 50 ms here, and ``python -m tests.benchmarks --window``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QApplication

from desktop.item_models.data_rows import DataRows
from desktop.presenters.activity.request_rows import request_row
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.system.status_feed import StatusFeed
from desktop.views.main_window import MainWindow
from desktop.views.parts.request_table import RequestTable
from desktop.views.theme.fonts import font_for
from desktop.views.theme.theme import Theme
from tests.desktop import surfaces
from tests.desktop.responsive import event_watch
from tests.desktop.responsive.event_watch import LIMIT_SECONDS, EventWatch
from tests.desktop.responsive.live_traffic import (
    A_QUARTER_SECOND,
    RUNNING_AT_ONCE,
    BusyService,
)
from tests.desktop.surfaces import opened_page

ROWS = 220
LOOKS = 12


@pytest.fixture
def busy() -> BusyService:
    return BusyService()


@pytest.fixture
def window(
    qapp: QApplication, theme: Theme, busy: BusyService, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(surfaces, "SETTLED_SECONDS", 0.0)  # other pages' questions stay open
    with opened_page(PageKey.ACTIVITY, qapp, theme, Words(), busy, (1040, 720)) as opened:
        yield opened


def table_of(window: MainWindow) -> RequestTable:
    found = window.current_page.widget.findChild(RequestTable)
    assert isinstance(found, RequestTable)
    assert found.rows.rowCount() == ROWS
    return found


def calls_of(function: Callable[..., object], work: Callable[[], object]) -> int:
    """Count how often ``work`` calls ``function``, through Qt too."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        del argument
        count += event == "call" and frame.f_code is function.__code__

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_a_look_makes_rows_of_what_runs_or_just_ended_and_no_other(
    window: MainWindow, busy: BusyService
) -> None:
    table_of(window)

    def look() -> None:
        busy.go_on()
        window.current_page.refresh()

    made = sum(calls_of(request_row, look) for _ in range(LOOKS))
    assert 0 < made <= LOOKS * (RUNNING_AT_ONCE + A_QUARTER_SECOND)


def test_a_look_tells_the_table_of_changed_rows_alone(
    window: MainWindow, busy: BusyService
) -> None:
    table = table_of(window)
    touched: list[int] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        touched.append(last.row() - first.row() + 1)

    table.rows.dataChanged.connect(note)
    for _ in range(LOOKS):
        busy.go_on()
        window.current_page.refresh()
    assert 0 < sum(touched) <= LOOKS * (RUNNING_AT_ONCE + A_QUARTER_SECOND)
    touched.clear()
    busy.go_on(0)
    window.current_page.refresh()
    assert sum(touched) <= RUNNING_AT_ONCE, "only the clocks of those that run"


def test_neither_a_look_nor_painting_it_makes_a_font_anew(
    window: MainWindow, busy: BusyService
) -> None:
    table = table_of(window)

    def look() -> None:
        busy.go_on()
        window.current_page.refresh()
        table.viewport().repaint()

    look()
    assert sum(calls_of(font_for, look) for _ in range(LOOKS)) == 0


def test_painting_asks_the_model_through_qt_for_nothing(window: MainWindow) -> None:
    table = table_of(window)
    QApplication.processEvents()
    assert calls_of(DataRows.data, table.viewport().repaint) == 0


def test_no_event_takes_50_ms_while_the_news_come_in(
    window: MainWindow, busy: BusyService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table_of(window)
    watch = EventWatch()
    watch.test = "live traffic"
    monkeypatch.setattr(event_watch, "WATCH", watch)
    looks: list[None] = []
    feed = StatusFeed(busy.subscribe)
    feed.changed.connect(window.current_page.refresh)
    feed.changed.connect(lambda: looks.append(None))
    feed._timer.setInterval(0)  # the next batch at once, as after a quarter of a second
    for _ in range(LOOKS):
        busy.go_on_and_tell()
        before = len(looks)
        while len(looks) == before:
            QApplication.processEvents()
        QApplication.processEvents()
    feed.close()
    assert watch.events > LOOKS
    assert watch.longest is not None
    assert watch.longest.weighed <= LIMIT_SECONDS, str(watch.longest)
