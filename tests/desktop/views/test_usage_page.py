"""The Usage page offscreen: bars under pointer and keys, tables, names, narrow windows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.item_models.data_rows import BAR_ROLE
from desktop.presenters.usage.usage import UsagePresenter, UsageView
from desktop.presenters.words import Words
from desktop.views.pages.usage_page import UsagePage
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme
from proxy_core.config.settings import BudgetSettings, Settings
from tests.desktop.fake_service import Clock, FakeService
from tests.desktop.presenters.usage_reports import BUDGET, QUOTA, TODAY, empty_report, make_report
from tests.desktop.screen.seen import accessible_name, colours_in, contains, focusable, picture


async def view_of(service: FakeService, clock: Clock, report: object) -> UsageView:
    service.change(quotas=(QUOTA,), budget=BUDGET)
    service.settings = Settings(budget=BudgetSettings(daily_credits=60))
    presenter = UsagePresenter(service, Words(), now=clock, changed=lambda: None)
    running = asyncio.ensure_future(presenter.read())
    await asyncio.sleep(0)
    service.futures["usage_report"].set_result(report)
    await running
    return presenter.view()


@pytest.fixture
async def view(service: FakeService, clock: Clock) -> UsageView:
    return await view_of(service, clock, make_report())


@pytest.fixture
def page(theme: Theme, view: UsageView, qtbot) -> Iterator[UsagePage]:
    page = UsagePage(theme, view.ranges)
    qtbot.addWidget(page)
    page.resize(844, 1100)
    page.show_view(view)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    yield page
    page.hide()


@pytest.mark.parametrize("scheme", list(Scheme))
def test_bars_are_drawn_in_the_colours_of_their_series(
    page: UsagePage, theme: Theme, scheme: Scheme
) -> None:
    theme.choose(scheme)
    chart = page.chart.chart
    image = picture(chart)
    for token in ("chart1", "chart2", "chart3", "track", "attention"):
        assert contains(image, theme.colour(token)), token
    assert theme.colour("chartBand").name() not in colours_in(image), "nobody looks yet"


def test_the_tallest_bar_is_the_dearest_day(page: UsagePage, theme: Theme) -> None:
    chart = page.chart.chart
    image = picture(chart)
    ratio = image.devicePixelRatio()
    accent = theme.colour("chart1").name()

    def height(day: int) -> int:
        x = round(chart.column(day).center().x() * ratio)
        return sum(image.pixelColor(x, y).name() == accent for y in range(image.height()))

    assert height(TODAY.day - 1) > height(9) > height(0) > 0


def test_the_pointer_shows_the_values_of_a_day(page: UsagePage) -> None:
    chart = page.chart.chart
    spot = chart.column(15).center()
    QTest.mouseMove(chart, spot.toPoint())
    if chart.current is None:  # offscreen the pointer may not arrive: hand the event in
        chart._choose(chart._at(spot.x()))
    assert chart.current == 15
    assert chart.tip.isVisible()
    assert not chart.tip.geometry().contains(QPointF(spot).toPoint()), "the bar stays in sight"
    assert chart.rect().contains(chart.tip.geometry().topLeft())


def test_arrow_keys_walk_over_the_days(page: UsagePage, qtbot) -> None:
    chart = page.chart.chart
    chart.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.current == TODAY.day - 1, "the first key goes to today"
    assert chart.accessibleDescription().startswith("Wed 18 Nov, 31.0 credits")
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.current == TODAY.day - 2
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.current == 0
    qtbot.keyClick(chart, Qt.Key.Key_End)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.current == 29
    assert "forecast" in chart.accessibleDescription()
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.current is None
    assert not chart.tip.isVisible()


def test_the_chart_s_name_is_its_summary(page: UsagePage) -> None:
    name = accessible_name(page.chart.chart)
    assert name.startswith("Credits by day, November: ")
    assert "highest 31.0 on Wed 18 Nov" in name


def test_the_tables_say_the_same_in_words(page: UsagePage) -> None:
    rows = page.clients.table.rows
    role = Qt.ItemDataRole.AccessibleTextRole
    first = rows.data(rows.index(0, 0), role)
    assert first.startswith("Claude Code, ")
    assert first.endswith("61 requests")
    share, token = rows.data(rows.index(0, 1), BAR_ROLE)
    assert (share, token) == (1.0, "chart1")
    for shares in (page.models, page.clients):
        assert not shares.table.isColumnHidden(1), "there is room for the small bars"


def test_ranges_tools_and_export_ask(page: UsagePage, qtbot) -> None:
    with qtbot.waitSignal(page.range_chosen) as chosen:
        qtbot.mouseClick(page.ranges.buttons["week"], Qt.MouseButton.LeftButton)
    assert chosen.args == ["week"]
    with qtbot.waitSignal(page.export_asked):
        qtbot.keyClick(page.export, Qt.Key.Key_Space)
    with qtbot.waitSignal(page.tool_chosen) as tool:
        page.tools.menu.actions()[1].trigger()
    assert tool.args == ["=aider"]


def test_every_control_has_a_name(page: UsagePage) -> None:
    controls = focusable(page)
    names = [accessible_name(each) for each in controls]
    assert all(names), dict(zip(names, controls, strict=True))
    assert {"Export CSV", "By model", "By tool"} <= set(names)


def test_a_narrow_window_cuts_nothing(page: UsagePage, qtbot) -> None:
    page.resize(660, 700)
    # No scrolling sideways.
    qtbot.waitUntil(lambda: page.widget().width() <= page.viewport().width())
    inside = [page.export, page.figures, page.chart, page.clients]
    for part in inside:
        corner = part.mapTo(page.widget(), part.rect().bottomRight())
        assert corner.x() <= page.widget().width(), part


async def test_an_empty_month_has_an_axis_and_a_sentence(
    service: FakeService, clock: Clock, theme: Theme, page: UsagePage
) -> None:
    service.change(quotas=())
    empty = await view_of(service, clock, empty_report())
    page.show_view(empty)
    image = picture(page.chart.chart)
    assert not contains(image, theme.colour("chart1"))
    assert contains(image, theme.colour("chartAxis"))
    assert not page.models.isVisible()
    assert not page.misses.isVisible()


def test_before_the_first_answer_nothing_stands_there(
    theme: Theme, service: FakeService, clock: Clock, qtbot
) -> None:
    presenter = UsagePresenter(service, Words(), now=clock, changed=lambda: None)
    page = UsagePage(theme, presenter.view().ranges)
    qtbot.addWidget(page)
    page.show_view(presenter.view())
    page.show()
    parts: tuple[QWidget, ...] = (page.chart, page.figures, page.models, page.loading)
    assert not any(part.isVisible() for part in parts)
