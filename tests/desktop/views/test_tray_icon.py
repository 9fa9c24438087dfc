"""The tray icon and its native menu, offscreen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.presenters.actions import Action
from desktop.presenters.tray import TrayPresenter
from desktop.presenters.words import Words
from desktop.views.tray.tray_icon import EAGER_TRIES, PATIENT_MILLISECONDS, TrayIcon
from desktop.views.tray.tray_menu import TrayMenu
from proxy_core.status.status import AccountState, AccountStatus, ServerState, ServerStatus
from tests.desktop.fake_service import Clock, FakeService, record

OFF = ServerStatus(ServerState.OFF)


class Panel:
    """A tray that is there or not."""

    def __init__(self) -> None:
        self.is_there = True

    def __call__(self) -> bool:
        return self.is_there


@pytest.fixture
def panel() -> Panel:
    return Panel()


@pytest.fixture
def presenter(service: FakeService, clock: Clock) -> TrayPresenter:
    return TrayPresenter(service, Words(), clock, clock)


@pytest.fixture
def tray(qapp, presenter: TrayPresenter, panel: Panel) -> Iterator[TrayIcon]:
    tray = TrayIcon(presenter.view, is_available=panel, platform="linux")
    yield tray
    tray.stop()
    tray.menu.deleteLater()


def texts(menu: TrayMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_the_menu_is_there_before_it_is_opened(tray: TrayIcon) -> None:
    """A StatusNotifier host reads it over D-Bus when the icon registers."""
    tray.start()
    assert texts(tray.menu)[0] == "Running on 127.0.0.1:4141"
    assert tray.icon.toolTip() == "g-copilot-proxy: Running on 127.0.0.1:4141"
    assert not tray.icon.icon().isNull()


def test_the_menu_is_built_from_the_state_at_the_moment_it_opens(
    tray: TrayIcon, service: FakeService, qtbot
) -> None:
    tray.start()
    service.change(server=OFF)
    tray.menu.popup(QPoint(10, 10))
    assert texts(tray.menu)[0] == "Off"
    assert tray.menu.action("serve").text() == "Start serving"
    tray.menu.close()


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("state", Action.OPEN_HOME),
        ("serve", Action.STOP),
        ("copy_openai", Action.COPY_OPENAI_URL),
        ("copy_anthropic", Action.COPY_ANTHROPIC_URL),
        ("copy_key", Action.COPY_LOCAL_KEY),
        ("sign_out", Action.SIGN_OUT),
        ("window", Action.OPEN_WINDOW),
        ("quit", Action.QUIT),
    ],
)
def test_each_entry_asks_for_its_action(tray: TrayIcon, qtbot, key: str, action: Action) -> None:
    tray.start()
    with qtbot.waitSignal(tray.chosen) as chosen:
        tray.menu.action(key).trigger()
    assert chosen.args == [action]


def test_an_entry_does_what_it_says_now_not_what_it_said_before(
    tray: TrayIcon, service: FakeService, presenter: TrayPresenter, qtbot
) -> None:
    tray.start()
    service.change(server=OFF)
    tray.show_view(presenter.view())
    with qtbot.waitSignal(tray.chosen) as chosen:
        tray.menu.action("serve").trigger()
    assert chosen.args == [Action.START]


def test_entries_that_stay_keep_their_action_so_an_open_menu_does_not_jump(
    tray: TrayIcon, service: FakeService, presenter: TrayPresenter
) -> None:
    tray.start()
    before = tray.menu.actions()
    service.change(server=OFF)
    tray.show_view(presenter.view())
    assert tray.menu.actions() == before
    service.change(recent=(record(),))
    tray.show_view(presenter.view())
    assert len(tray.menu.actions()) == len(before) + 2


def test_the_menu_works_by_keyboard(tray: TrayIcon, qtbot) -> None:
    tray.start()
    tray.menu.popup(QPoint(10, 10))
    qtbot.waitUntil(tray.menu.isVisible)
    with qtbot.waitSignal(tray.chosen) as chosen:
        for _ in range(4):  # state, account, what runs, then Stop serving
            qtbot.keyClick(tray.menu, Qt.Key.Key_Down)
        qtbot.keyClick(tray.menu, Qt.Key.Key_Return)
    assert chosen.args == [Action.STOP]


def test_an_ampersand_in_a_name_is_shown(
    tray: TrayIcon, service: FakeService, presenter: TrayPresenter
) -> None:
    service.change(recent=(record(client="R&D bot"),))
    tray.start()
    assert tray.menu.action("last").text().endswith("R&&D bot")


@pytest.mark.parametrize(
    ("platform", "reason", "opens"),
    [
        ("linux", QSystemTrayIcon.ActivationReason.Trigger, True),
        ("win32", QSystemTrayIcon.ActivationReason.Trigger, True),
        ("linux", QSystemTrayIcon.ActivationReason.Context, False),
        ("darwin", QSystemTrayIcon.ActivationReason.Trigger, False),
    ],
)
def test_a_left_click_opens_the_window_but_on_macos_the_menu(
    qapp,
    presenter: TrayPresenter,
    platform: str,
    reason: QSystemTrayIcon.ActivationReason,
    opens: bool,
) -> None:
    tray = TrayIcon(presenter.view, is_available=lambda: True, platform=platform)
    opened: list[bool] = []
    tray.activated.connect(lambda: opened.append(True))
    tray.start()
    tray.icon.activated.emit(reason)
    assert bool(opened) is opens
    tray.stop()
    tray.menu.deleteLater()


def test_a_tray_that_comes_late_gets_the_icon(tray: TrayIcon, panel: Panel, qtbot) -> None:
    panel.is_there = False
    tray.start()
    assert not tray.is_available
    assert not tray.icon.isVisible()
    panel.is_there = True
    with qtbot.waitSignal(tray.availability_changed) as changed:
        tray._timer.timeout.emit()
    assert changed.args == [True]
    assert tray.icon.isVisible()


def test_a_tray_that_comes_back_gets_the_icon_again(
    tray: TrayIcon, panel: Panel, monkeypatch
) -> None:
    tray.start()
    shown: list[str] = []
    monkeypatch.setattr(tray.icon, "hide", lambda: shown.append("hide"))
    monkeypatch.setattr(tray.icon, "show", lambda: shown.append("show"))
    tray._look()
    assert shown == [], "nothing to do while it stays"
    panel.is_there = False
    tray._look()
    panel.is_there = True
    tray._look()
    assert shown == ["hide", "show"]


def test_after_a_minute_without_a_tray_it_looks_rarely_but_still(
    tray: TrayIcon, panel: Panel
) -> None:
    panel.is_there = False
    tray.start()
    for _ in range(EAGER_TRIES):
        tray._look()
    assert tray.has_given_up
    assert tray._timer.interval() == PATIENT_MILLISECONDS
    panel.is_there = True
    tray._look()
    assert tray.is_available


def test_the_icon_is_drawn_anew_only_when_it_changes(
    tray: TrayIcon, service: FakeService, presenter: TrayPresenter
) -> None:
    tray.start()
    before = tray.icon.icon().cacheKey()
    tray.show_view(presenter.view())
    assert tray.icon.icon().cacheKey() == before
    service.change(account=AccountStatus(AccountState.SIGNED_OUT))
    tray.show_view(presenter.view())
    assert tray.icon.icon().cacheKey() != before


def test_on_windows_the_icon_follows_the_taskbar(qapp, presenter: TrayPresenter) -> None:
    light = [False]
    tray = TrayIcon(
        presenter.view,
        taskbar_is_light=lambda: light[0],
        is_available=lambda: True,
        platform="win32",
    )
    tray.start()

    def centre() -> str:
        return tray.icon.icon().pixmap(32, 32).toImage().pixelColor(14, 16).name()

    assert centre() == "#ffffff"
    light[0] = True
    tray.show_view(presenter.view())
    assert centre() == "#000000"
    tray.stop()
    tray.menu.deleteLater()
