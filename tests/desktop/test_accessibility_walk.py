"""A walk through every page and dialog: for the keyboard, for a screen reader, for weak eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt, QVariantAnimation
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

import desktop.pages.connect
from desktop.presenters.pages import PageKey
from desktop.presenters.tray import TrayPresenter
from desktop.presenters.words import Words
from desktop.views.application import Application
from desktop.views.components.page_body import PageBody
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme
from desktop.views.tray.tray_icon import TrayIcon
from tests.desktop import perceivable
from tests.desktop.fake_service import Clock, FakeService, record
from tests.desktop.screen.seen import accessible_name
from tests.desktop.surfaces import (
    BUILT,
    DIALOGS,
    FOUND,
    DemoService,
    dialog_classes,
    opened_dialog,
    opened_page,
)

SMALLEST, USUAL = (720, 520), (1040, 720)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    service = DemoService(tmp_path_factory.mktemp("walk"))
    yield service
    service.shutdown()


@pytest.fixture
def walk(
    qapp: QApplication, theme: Theme, demo: DemoService, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Open a page in a window of a size and return what the checks say."""
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)

    def walk(
        key: PageKey,
        *checks: Callable[[QWidget], list[str]],
        size: tuple[int, int] = USUAL,
        words: Words | None = None,
    ) -> list[str]:
        with opened_page(key, qapp, theme, words or Words(), demo, size) as window:
            return [sentence for check in checks for sentence in check(window)]

    return walk


@pytest.fixture
def text_at_200_percent(qapp: QApplication, theme: Theme) -> Iterator[None]:
    before = qapp.font()
    larger = qapp.font()
    larger.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(larger)
    theme.apply()
    yield
    qapp.setFont(before)
    qapp.sendPostedEvents(None, QEvent.Type.ApplicationFontChange)
    theme.apply()


@pytest.fixture
def right_to_left(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_every_dialog_is_walked() -> None:
    listed = {dialog for dialog, _ in DIALOGS.values()}
    missing = {each.__name__ for each in dialog_classes() - listed}
    assert not missing, f"name them in tests/desktop/surfaces.py: {missing}"


CONTROLS = (
    perceivable.without_name_or_role,
    perceivable.menus_without_name,
    perceivable.too_small,
    perceivable.focus_traps,
)


def test_the_tray_s_menu_and_each_menu_in_it_has_a_name(
    qapp: QApplication, service: FakeService, clock: Clock
) -> None:
    presenter = TrayPresenter(service, Words(), clock, clock)
    tray = TrayIcon(presenter.view, platform="linux")
    tray.start()
    service.change(recent=(record(1), record(2, client="Codex")))
    tray.show_view(presenter.view())
    menus = [tray.menu, *tray.menu.findChildren(QMenu)]
    assert len(menus) > 1, "there are menus in it"
    assert [each.title() for each in menus if not accessible_name(each).strip()] == []
    tray.stop()
    tray.menu.deleteLater()


@pytest.mark.parametrize("name", list(DIALOGS))
def test_ctrl_q_is_heard_in_every_dialog(qapp: Application, theme: Theme, name: str) -> None:
    """A dialog keeps the keys from the window it is above."""
    heard: list[str] = []
    with opened_dialog(name, theme, Words()) as dialog:
        connection = qapp.quit_key.connect(lambda: heard.append(name))
        QTest.keyClick(dialog, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
        qapp.quit_key.disconnect(connection)
    assert heard == [name]


@pytest.mark.parametrize("key", BUILT)
@pytest.mark.parametrize("size", [USUAL, SMALLEST], ids=["usual", "smallest"])
def test_every_control_of_a_page_can_be_named_reached_and_hit(
    walk: Callable[..., list[str]], key: PageKey, size: tuple[int, int]
) -> None:
    assert walk(key, *CONTROLS, size=size) == []


@pytest.mark.parametrize("key", BUILT)
def test_tab_goes_through_a_page_as_it_is_read(
    walk: Callable[..., list[str]], key: PageKey
) -> None:
    assert walk(key, perceivable.out_of_order) == []


@pytest.mark.parametrize("key", [PageKey.HOME, PageKey.DOCTOR])
def test_a_page_that_fits_shows_no_scroll_bar(walk: Callable[..., list[str]], key: PageKey) -> None:
    """Words wrap at the page's own width, and their height at another one does not count."""

    def bars(window: QWidget) -> list[str]:
        areas = window.findChildren(PageBody)
        return [
            f"{key} scrolls by {each.verticalScrollBar().maximum()}"
            for each in areas
            if each.isVisible() and each.verticalScrollBar().maximum() > 0
        ]

    assert walk(key, bars) == []


@pytest.mark.parametrize("key", BUILT)
@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_text_of_a_page_has_contrast(
    walk: Callable[..., list[str]], theme: Theme, key: PageKey, scheme: Scheme
) -> None:
    theme.choose(scheme)
    assert walk(key, perceivable.faint) == []


@pytest.mark.parametrize("key", BUILT)
@pytest.mark.parametrize("size", [USUAL, SMALLEST], ids=["usual", "smallest"])
def test_no_text_of_a_page_is_cut(
    walk: Callable[..., list[str]], key: PageKey, size: tuple[int, int]
) -> None:
    assert walk(key, perceivable.cut, size=size) == []


@pytest.mark.parametrize("key", BUILT)
def test_at_200_percent_no_text_of_a_page_is_cut(
    walk: Callable[..., list[str]], text_at_200_percent: None, key: PageKey
) -> None:
    checks = (perceivable.cut, perceivable.too_small, perceivable.focus_traps)
    assert walk(key, *checks) == []


@pytest.mark.parametrize("key", BUILT)
def test_right_to_left_a_page_stays_whole(
    walk: Callable[..., list[str]], right_to_left: None, key: PageKey
) -> None:
    assert walk(key, perceivable.cut, perceivable.focus_traps) == []


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("name", list(DIALOGS))
def test_a_dialog_is_for_everyone(
    qapp: QApplication, theme: Theme, name: str, scheme: Scheme
) -> None:
    theme.choose(scheme)
    with opened_dialog(name, theme, Words()) as dialog:
        wrong = [
            sentence
            for check in (*CONTROLS, perceivable.faint, perceivable.cut)
            for sentence in check(dialog)
        ]
    assert wrong == []


@pytest.mark.parametrize("name", list(DIALOGS))
def test_a_dialog_at_200_percent_is_not_cut(
    qapp: QApplication, theme: Theme, text_at_200_percent: None, name: str
) -> None:
    with opened_dialog(name, theme, Words()) as dialog:
        assert perceivable.cut(dialog) == []


@pytest.mark.parametrize("name", list(DIALOGS))
def test_a_dialog_right_to_left_is_not_cut(
    qapp: QApplication, theme: Theme, right_to_left: None, name: str
) -> None:
    with opened_dialog(name, theme, Words()) as dialog:
        assert perceivable.cut(dialog) == []


@pytest.mark.parametrize("key", BUILT)
def test_with_reduced_motion_nothing_moves(walk: Callable[..., list[str]], key: PageKey) -> None:
    def moving(window: QWidget) -> list[str]:
        for button in perceivable.controls(window):
            if button.property("checked") is not None and hasattr(button, "toggle"):
                button.toggle()
        running = [
            each
            for each in window.findChildren(QVariantAnimation)
            if each.state() is not QVariantAnimation.State.Stopped
        ]
        return [f"{each.parent()} moves for {each.duration()} ms" for each in running]

    assert walk(key, moving) == []


def test_the_checks_notice_what_is_wrong(theme: Theme, qtbot, tmp_path: Path) -> None:
    """A judge that never says no would be no judge."""
    from PySide6.QtWidgets import QLabel, QPushButton

    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 200)
    nameless = QPushButton(window)
    nameless.setGeometry(0, 0, 12, 12)
    faint = QLabel("hardly to be read", window)
    faint.setGeometry(0, 40, 200, 20)
    faint.setStyleSheet("color: #dddddd; background: #ffffff")
    long = QLabel("a text that has no room at all", window)
    long.setGeometry(0, 80, 20, 20)
    window.show()
    assert any("has no name" in each for each in perceivable.without_name_or_role(window))
    assert any("is 12 x" in each for each in perceivable.too_small(window))
    assert any("hardly" in each for each in perceivable.faint(window))
    assert any("no room" in each for each in perceivable.cut(window))
