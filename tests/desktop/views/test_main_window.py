"""The window offscreen: what it shows, what a keyboard and a screen reader find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.item_models.request_rows import NUMBERS, Column, RequestRows
from desktop.presenters.actions import Action
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme
from proxy_core.errors import Problem
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    RequestState,
    ServerState,
    ServerStatus,
)
from tests.desktop.fake_service import RUNNING, Clock, FakeService, record
from tests.desktop.home_window import HomeWindow, Shown, shown
from tests.desktop.screen.seen import (
    accessible_name,
    accessible_role,
    colours_in,
    focusable,
    picture,
)

OFF = ServerStatus(ServerState.OFF)
SIGNED_OUT = AccountStatus(AccountState.SIGNED_OUT)


@pytest.fixture
def view(service: FakeService, clock: Clock) -> Shown:
    service.change(recent=tuple(record(number) for number in range(1, 5)))
    return shown(service, clock)


@pytest.fixture
def window(theme: Theme, view: Shown, qtbot) -> Iterator[HomeWindow]:
    window = HomeWindow(theme)
    window.show_view(view)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.hide()


@pytest.mark.parametrize("scheme", list(Scheme))
def test_the_window_shows_state_addresses_account_and_requests(
    window: HomeWindow, theme: Theme, scheme: Scheme
) -> None:
    theme.choose(scheme)
    QApplication.processEvents()
    image = picture(window)
    seen = colours_in(image)
    for token in ("window", "sidebar", "surface", "sunken", "accent", "accentSoft", "line"):
        assert theme.colour(token).name() in seen, token
    assert len(seen) > 20, "text is drawn with smooth edges"


def test_every_control_has_a_name_and_a_role(window: HomeWindow) -> None:
    controls = focusable(window)
    names = [accessible_name(control) for control in controls]
    assert all(names), dict(zip(names, controls, strict=True))
    assert len(set(names)) >= len(names) - 1, "the switch stands at two places"
    silent = {QAccessible.Role.NoRole, QAccessible.Role.Client}
    assert not [control for control in controls if accessible_role(control) in silent]
    assert {
        "Home",
        "Serve tools",
        "OpenAI base URL",
        "Copy OpenAI base URL",
        "Copy Anthropic base URL",
        "Show Local key",
        "Account",
        "Pause for",
        "All activity",
        "Requests of the last 15 minutes",
        "Latest requests",
    } <= set(names)


def test_tab_reaches_everything_and_comes_back(window: HomeWindow, qtbot) -> None:
    start = QApplication.focusWidget()
    assert start is window.home.state.openai.value, "no key stops a server by accident"
    reached = [start]
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() is start:
            break
        reached.append(QApplication.focusWidget())
    assert QApplication.focusWidget() is start, "no focus trap"
    assert {id(each) for each in reached} == {id(each) for each in focusable(window)}


def test_every_hit_area_is_24_or_more(window: HomeWindow) -> None:
    for control in focusable(window):
        assert min(control.width(), control.height()) >= 24, accessible_name(control)


def test_the_switch_asks_to_stop_and_to_start(
    window: HomeWindow, qtbot, service: FakeService, clock: Clock
) -> None:
    with qtbot.waitSignal(window.chosen) as chosen:
        qtbot.mouseClick(window.home.state.switch, Qt.MouseButton.LeftButton)
    assert chosen.args == [Action.STOP]
    window.show_view(shown(service, clock, server=OFF))
    with qtbot.waitSignal(window.chosen) as chosen:
        qtbot.keyClick(window.sidebar.foot.switch, Qt.Key.Key_Space)
    assert chosen.args == [Action.START]


def test_a_start_that_fails_puts_the_switch_back(
    window: HomeWindow, qtbot, service: FakeService, clock: Clock
) -> None:
    window.show_view(shown(service, clock, server=OFF))
    qtbot.mouseClick(window.home.state.switch, Qt.MouseButton.LeftButton)
    assert window.home.state.switch.isChecked(), "the knob stands at its goal"
    window.show_view(shown(service, clock, server=ServerStatus(ServerState.STARTING)))
    assert not window.home.state.switch.isEnabled()
    problem = Problem("Port 4141 is in use", "By “node”.", code="port_in_use")
    failed = ServerStatus(ServerState.FAILED, port=4141, problem=problem)
    window.show_view(shown(service, clock, server=failed))
    for switch in (window.home.state.switch, window.sidebar.foot.switch):
        assert (switch.isChecked(), switch.isEnabled()) == (False, True)
    assert [button.text() for button in window.banner.buttons] == ["Use 4142", "Try again"]


def test_the_key_that_quits_works_from_everywhere(window: HomeWindow, qtbot) -> None:
    window.home.account.more.setFocus()
    with qtbot.waitSignal(window.chosen) as chosen:
        qtbot.keyClick(
            QApplication.focusWidget(), Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier
        )
    assert chosen.args == [Action.QUIT]


def test_ctrl_r_reads_the_page_again_and_starts_or_stops_nothing(
    window: HomeWindow, qtbot, monkeypatch
) -> None:
    read: list[bool] = []
    monkeypatch.setattr(window.current_page, "read_again", lambda: read.append(True))
    with qtbot.assertNotEmitted(window.chosen, wait=20):
        qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert read == [True]


def test_off_puts_the_first_focus_on_the_switch(
    theme: Theme, qtbot, service: FakeService, clock: Clock
) -> None:
    window = HomeWindow(theme)
    qtbot.addWidget(window)
    window.show_view(shown(service, clock, server=OFF))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert QApplication.focusWidget() is window.home.state.switch


def failure(service: FakeService, clock: Clock) -> Shown:
    problem = Problem("Port 4141 is in use", "By “node”.", code="port_in_use")
    server = ServerStatus(ServerState.FAILED, port=4141, problem=problem)
    return shown(service, clock, server=server)


@pytest.fixture
def point() -> Iterator[Callable[[HomeWindow, QPoint], None]]:
    """Move the pointer, for those who follow its events and those who ask where it is."""
    before = QCursor.pos()

    def point(window: HomeWindow, place: QPoint) -> None:
        QCursor.setPos(window.mapToGlobal(place))
        QTest.mouseMove(window.windowHandle(), place)

    yield point
    QCursor.setPos(before)


def test_a_banner_moves_nothing_under_the_pointer(
    window: HomeWindow, service: FakeService, clock: Clock, qtbot, point
) -> None:
    aimed = window.home.account.more
    before = aimed.mapTo(window, aimed.rect().center())
    point(window, before)
    qtbot.waitUntil(window.pages.underMouse)
    window.show_view(failure(service, clock))
    QApplication.processEvents()
    assert window.banner.isVisible(), "it is told at once"
    assert aimed.mapTo(window, aimed.rect().center()) == before
    sidebar = window.sidebar.pages["home"]
    place = sidebar.mapTo(window, sidebar.rect().center())
    point(window, place)
    qtbot.waitUntil(lambda: not window.pages.underMouse())
    assert window.pages.y() >= window.above.height(), "it has its own room once that is safe"
    window.show_view(shown(service, clock, server=RUNNING))
    assert window.pages.y() == 0


def test_a_press_under_a_banner_that_just_came_is_the_pages(
    window: HomeWindow, service: FakeService, clock: Clock, qtbot, point
) -> None:
    switch = window.home.state.switch
    aim = switch.mapTo(window, switch.rect().center())
    point(window, aim)
    qtbot.waitUntil(window.pages.underMouse)
    window.show_view(failure(service, clock))
    QApplication.processEvents()
    assert window.above.geometry().contains(aim)
    with qtbot.waitSignal(window.chosen) as chosen:
        qtbot.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=aim)
    assert chosen.args == [Action.START], "the switch that was aimed at, not the banner"


def test_a_key_copies_the_openai_address(window: HomeWindow, qtbot) -> None:
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(window.chosen) as chosen:
        qtbot.keyClick(window, Qt.Key.Key_C, modifiers)
    assert chosen.args == [Action.COPY_OPENAI_URL]
    assert window.toast.isVisible()
    assert window.toast.text.text() == "Base URL copied"


def test_f6_goes_round_sidebar_page_and_state(window: HomeWindow, qtbot) -> None:
    visited = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
        visited.append(accessible_name(QApplication.focusWidget()))
        visited.append(window.pages.isAncestorOf(QApplication.focusWidget()))
    assert visited == ["Serve tools", False, "Home", False, "OpenAI base URL", True]


def test_signed_out_puts_the_first_focus_on_sign_in(
    theme: Theme, qtbot, service: FakeService, clock: Clock
) -> None:
    window = HomeWindow(theme)
    qtbot.addWidget(window)
    window.show_view(shown(service, clock, server=OFF, account=SIGNED_OUT))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert accessible_name(QApplication.focusWidget()) == "Sign in to GitHub"
    with qtbot.waitSignal(window.chosen) as chosen:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert chosen.args == [Action.SIGN_IN]


def test_a_signed_out_page_has_one_primary_button(
    window: HomeWindow, service: FakeService, clock: Clock
) -> None:
    from desktop.views.components.inputs.buttons import Button, ButtonKind

    window.show_view(shown(service, clock, server=OFF, account=SIGNED_OUT))
    primary = [
        each
        for each in window.findChildren(Button)
        if each.isVisible() and each.kind is ButtonKind.PRIMARY
    ]
    assert [each.text() for each in primary] == ["Sign in to GitHub"]


def test_closing_hides_and_says_so(window: HomeWindow, qtbot) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
    assert not window.isVisible()
    window.bring_to_front()
    assert window.isVisible()


def test_a_narrow_window_shows_icons_with_their_names_as_tooltips(
    window: HomeWindow, qtbot
) -> None:
    window.resize(1040, 720)
    QApplication.processEvents()
    wide = window.sidebar.width()
    window.resize(*window.minimumSize().toTuple())
    page = window.sidebar.pages["home"]
    qtbot.waitUntil(lambda: window.sidebar.width() < wide / 2)
    assert page.toolTip() == "Home"
    assert accessible_name(page) == "Home"
    assert not window.home.state.openai.geometry().intersects(window.home.state.key.geometry())


def test_a_narrow_window_puts_the_account_below_and_hides_columns_in_order(
    window: HomeWindow,
) -> None:
    table = window.home.requests.table
    hidden_at = {}
    for width in (1040, 860, 760, 720):
        window.resize(width, 720)
        QApplication.processEvents()
        hidden_at[width] = [c for c in Column if table.isColumnHidden(c) and c is not Column.TRACED]
    assert hidden_at[1040] == []
    assert Column.MODEL not in hidden_at[720]
    assert set(hidden_at[720]) <= {Column.CACHED, Column.TOKENS, Column.TOOK}
    assert window.home.account.y() > window.home.state.y()


def test_text_at_200_percent_scrolls_and_is_not_cut(
    window: HomeWindow, theme: Theme, qapp: QApplication, qtbot
) -> None:
    before = qapp.font()
    larger = qapp.font()
    larger.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(larger)
    theme.apply()
    try:
        QApplication.processEvents()
        state = window.home.state
        assert state.word.width() >= state.word.sizeHint().width() - 1
        for field in (state.openai, state.anthropic, state.key):
            text = field.value.fontMetrics().horizontalAdvance(field.value.text())
            qtbot.waitUntil(lambda: field.value.width() >= text)  # noqa: B023  # waited for here
        row = window.home.requests.table.verticalHeader().defaultSectionSize()
        assert row >= 2 * 17 + 8
        body = window.home.widget()
        assert body.height() >= body.minimumSizeHint().height()
    finally:
        qapp.setFont(before)
        theme.apply()


def test_right_to_left_mirrors_the_frame_and_not_the_addresses(
    window: HomeWindow, qapp: QApplication
) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        QApplication.processEvents()
        assert window.sidebar.x() > window.pages.x()
        value = window.home.state.openai.value
        assert value.layoutDirection() == Qt.LayoutDirection.LeftToRight
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_without_requests_the_page_says_so(
    window: HomeWindow, service: FakeService, clock: Clock
) -> None:
    window.show_view(shown(service, clock, recent=()))
    requests = window.home.requests
    assert requests.empty.isVisible()
    assert not requests.table.isVisible()
    assert requests.empty.heading.text() == "No requests yet"


def test_the_chosen_key_stays_chosen_when_rows_move(
    window: HomeWindow, service: FakeService, clock: Clock, qtbot
) -> None:
    table = window.home.requests.table
    table.setFocus()
    table.selectRow(1)
    chosen = table.chosen_key
    newer = record(50, state=RequestState.STREAMING)
    window.show_view(shown(service, clock, active=(newer,)))
    assert table.chosen_key == chosen
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.chosen_key != chosen


def test_newer_figures_change_cells_and_nothing_else(qapp: QApplication, qtbot) -> None:
    service, clock = FakeService(), Clock()
    running = record(1, state=RequestState.STREAMING, started=clock() - 4, duration=None)
    rows = RequestRows()
    rows.set_rows(shown(service, clock, active=(running,)).home.rows)
    clock.advance(1)
    with qtbot.waitSignal(rows.dataChanged), qtbot.assertNotEmitted(rows.modelReset):
        rows.set_rows(shown(service, clock).home.rows)


def test_the_table_reads_as_sentences_and_aligns_figures_at_the_end(window: HomeWindow) -> None:
    model = window.home.requests.table.rows
    index = model.index(0, Column.STATE)
    sentence = "Done, Claude Code, claude-sonnet-4.6, 12.8 s"
    assert model.data(index, Qt.ItemDataRole.AccessibleTextRole) == sentence
    assert model.data(index, Qt.ItemDataRole.ToolTipRole) == sentence
    for column in Column:
        alignment = model.data(model.index(0, column), Qt.ItemDataRole.TextAlignmentRole)
        assert bool(alignment & Qt.AlignmentFlag.AlignTrailing) is (column in NUMBERS)
        head = model.headerData(
            column, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole
        )
        assert head


def test_started_and_stopped_are_announced(
    window: HomeWindow, service: FakeService, clock: Clock, monkeypatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        QAccessible,
        "updateAccessibility",
        staticmethod(lambda event: said.append(event.message())),
    )
    window.show_view(shown(service, clock, server=OFF))
    clock.advance(60)
    window.show_view(shown(service, clock))
    assert said == ["Off. Tools cannot connect while it is off"]


def test_size_is_remembered(theme: Theme, qtbot, view: Shown, tmp_path: Path) -> None:
    first = HomeWindow(theme, tmp_path / "window.ini")
    qtbot.addWidget(first)
    first.show()
    first.resize(760, 560)
    first.close()
    second = HomeWindow(theme, tmp_path / "window.ini")
    qtbot.addWidget(second)
    assert (second.width(), second.height()) == (760, 560)
