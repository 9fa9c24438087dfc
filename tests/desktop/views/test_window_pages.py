"""The window takes its pages by name: built when opened, remembered, reached by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

import desktop.pages
from desktop.pages.declared import PAGES, is_built
from desktop.presenters.doctor.doctor import DoctorMark
from desktop.presenters.frame import FramePresenter
from desktop.presenters.notices.notices import Notice, Severity
from desktop.presenters.notices.toast import Toast
from desktop.presenters.pages import OPENS, PageKey
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from desktop.views.main_window import MainWindow
from desktop.views.pages.page import Page, PagePlace
from desktop.views.theme.theme import Theme
from desktop.views.tray.tray_artwork import app_icon
from proxy_core.errors import Problem
from proxy_core.status.status import ServerState, ServerStatus
from tests.desktop.fake_service import Clock, FakeService
from tests.desktop.screen.seen import accessible_name


class Plain(Page):
    """A page that writes down what is asked of it."""

    def __init__(self, key: PageKey, log: list[str]) -> None:
        super().__init__(QWidget())
        self.key, self.log = key, log
        self.button, self.side = QPushButton("first"), QWidget()
        self.inside = QPushButton("inside", self.side)
        column = QVBoxLayout(self.widget)
        column.addWidget(self.button)
        column.addWidget(self.side)
        log.append(f"build {key}")

    def opened(self) -> None:
        self.log.append(f"open {self.key}")

    def left(self) -> None:
        self.log.append(f"leave {self.key}")

    def read_again(self) -> None:
        self.log.append(f"again {self.key}")

    def go_back(self) -> bool:
        self.log.append(f"back {self.key}")
        return True

    def first_focus(self) -> QWidget:
        return self.button

    def search_field(self) -> QWidget:
        return self.inside

    def details(self) -> QWidget:
        return self.side


@pytest.fixture
def log() -> list[str]:
    return []


def places(log: list[str]) -> tuple[PagePlace, ...]:
    return (
        PagePlace(PageKey.HOME, "Home", "home", "Ctrl+1", lambda: Plain(PageKey.HOME, log)),
        PagePlace(PageKey.MODELS, "Models", "layers", "Ctrl+2", lambda: Plain(PageKey.MODELS, log)),
        PagePlace(
            PageKey.SETTINGS,
            "Settings",
            "gear",
            "Ctrl+,",
            lambda: Plain(PageKey.SETTINGS, log),
            at_foot=True,
        ),
    )


@pytest.fixture
def window(
    theme: Theme, log: list[str], service: FakeService, clock: Clock, qtbot
) -> Iterator[MainWindow]:
    window = MainWindow(theme, app_icon(), places(log))
    window.show_frame(FramePresenter(service, Words(), clock).view())
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.hide()


def test_every_page_has_one_declared_place_and_an_action_that_opens_it() -> None:
    assert [each.key for each in PAGES] == list(PageKey)
    assert list(OPENS.values()) == list(PageKey)
    assert is_built(PageKey.HOME)
    assert len({each.keys for each in PAGES if each.keys}) == sum(bool(each.keys) for each in PAGES)


def test_a_page_is_built_when_it_is_first_opened_and_only_once(
    window: MainWindow, log: list[str]
) -> None:
    assert log == ["build home", "open home"]
    assert window.show_page(PageKey.MODELS)
    assert window.show_page(PageKey.HOME)
    assert window.show_page(PageKey.MODELS)
    assert log.count("build models") == 1
    assert log[-2:] == ["leave home", "open models"]
    assert window.sidebar.pages["models"].isChecked()


def test_a_page_the_window_does_not_have_is_not_shown(window: MainWindow) -> None:
    assert not window.show_page(PageKey.DOCTOR)
    assert "doctor" not in window.sidebar.pages
    assert window.current_key is PageKey.HOME


@pytest.mark.parametrize(
    ("key", "page"), [(Qt.Key.Key_2, PageKey.MODELS), (Qt.Key.Key_Comma, PageKey.SETTINGS)]
)
def test_keys_open_pages(window: MainWindow, qtbot, key: Qt.Key, page: PageKey) -> None:
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert window.current_key is page


def test_pages_at_the_foot_stand_below_the_others(window: MainWindow) -> None:
    tops = {key: window.sidebar.pages[key].y() for key in ("home", "models", "settings")}
    assert tops["home"] < tops["models"] < tops["settings"]
    assert tops["settings"] > window.height() / 2


def test_search_read_again_and_back_go_to_the_page_in_sight(
    window: MainWindow, qtbot, log: list[str]
) -> None:
    window.show_page(PageKey.MODELS)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert log[-2:] == ["again models", "back models"]
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is window.current_page.search_field()


def test_f6_visits_sidebar_page_details_and_state_and_back_with_shift(
    window: MainWindow, qtbot
) -> None:
    page = window.current_page
    assert isinstance(page, Plain)
    rounds = [window.sidebar.chosen, page.button, page.inside, window.sidebar.foot.switch]
    page.button.setFocus()
    visited = []
    for _ in range(4):
        qtbot.keyClick(window, Qt.Key.Key_F6)
        visited.append(QApplication.focusWidget())
    assert visited == [rounds[2], rounds[3], rounds[0], rounds[1]]
    qtbot.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is rounds[0]


def test_hidden_details_are_left_out(window: MainWindow, qtbot) -> None:
    page = window.current_page
    assert isinstance(page, Plain)
    page.side.hide()
    page.button.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F6)
    assert QApplication.focusWidget() is window.sidebar.foot.switch


def test_closing_leaves_the_page_and_opening_comes_back_to_it(
    window: MainWindow, log: list[str]
) -> None:
    window.close()
    assert log[-1] == "leave home"
    window.bring_to_front()
    assert log[-1] == "open home"


def test_the_page_is_remembered(theme: Theme, log: list[str], qtbot, tmp_path: Path) -> None:
    file = str(tmp_path / "window.ini")
    first = MainWindow(theme, app_icon(), places(log), QSettings(file, QSettings.Format.IniFormat))
    qtbot.addWidget(first)
    first.show()
    first.show_page(PageKey.SETTINGS)
    first.close()
    second = MainWindow(theme, app_icon(), places(log), QSettings(file, QSettings.Format.IniFormat))
    qtbot.addWidget(second)
    assert second.current_key is PageKey.SETTINGS
    second.show()
    assert isinstance(second.current_page, Plain)
    assert second.current_page.key is PageKey.SETTINGS
    second.close()


def test_a_page_that_is_gone_since_is_not_missed(
    theme: Theme, log: list[str], qtbot, tmp_path: Path
) -> None:
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    memory.setValue("window/page", "doctor")
    window = MainWindow(theme, app_icon(), places(log), memory)
    qtbot.addWidget(window)
    assert window.current_key is PageKey.HOME


def test_the_banner_stands_above_every_page(
    window: MainWindow, service: FakeService, clock: Clock
) -> None:
    notice = Notice(Severity.FAILURE, "It failed", "And this is why.")
    frame = FramePresenter(service, Words(), clock, lambda: notice)
    # A pointer that an earlier test left over the pages would let the banner float.
    window.pages.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    window.show_frame(frame.view())
    for key in (PageKey.HOME, PageKey.MODELS):
        window.show_page(key)
        assert window.banner.isVisible()
        assert window.banner.mapTo(window, window.banner.rect().bottomLeft()).y() <= (
            window.pages.mapTo(window, window.pages.rect().topLeft()).y()
        )
    window.show_frame(FramePresenter(service, Words(), clock).view())
    assert not window.banner.isVisible()


def test_a_toast_can_be_undone_and_goes_by_itself(window: MainWindow, qtbot) -> None:
    undone: list[bool] = []
    window.show_toast(Toast("Codex is paused", "pause", undo=lambda: undone.append(True)))
    assert window.toast.isVisible()
    middle = window.toast.geometry().center().x()
    assert abs(middle - window.width() // 2) < 3
    qtbot.mouseClick(window.toast.undo, Qt.MouseButton.LeftButton)
    assert undone == [True]
    assert not window.toast.isVisible()
    window.show_toast(Toast("Base URL copied"))
    assert not window.toast.undo.isVisible()
    window.toast._timer.setInterval(1)
    window.toast._timer.start()
    qtbot.waitUntil(lambda: not window.toast.isVisible())


def test_trouble_marks_the_doctor_s_place_with_a_shape_and_words(
    theme: Theme, service: FakeService, clock: Clock, qtbot
) -> None:
    build = lambda: Plain(PageKey.DOCTOR, [])  # noqa: E731
    doctor = PagePlace(PageKey.DOCTOR, "Doctor", "stethoscope", "", build, at_foot=True)
    window = MainWindow(theme, app_icon(), (doctor,))
    qtbot.addWidget(window)
    found: list[DoctorMark] = []
    frame = FramePresenter(service, Words(), clock, doctor_mark=lambda: found[0] if found else None)
    button = window.sidebar.pages[PageKey.DOCTOR]
    window.show_frame(frame.view())
    assert (button.mark, accessible_name(button)) == (None, "Doctor")
    failed = ServerStatus(ServerState.FAILED, problem=Problem("Port taken", "by node"))
    service.change(server=failed)
    window.show_frame(frame.view())
    assert (button.mark, accessible_name(button)) == (
        Shape.FAILED,
        "Doctor, The server could not start",
    )
    found.append(DoctorMark(Shape.ATTENTION, "2 findings to look at"))
    window.show_frame(frame.view())
    assert button.mark is Shape.ATTENTION
    assert button.toolTip() == "2 findings to look at"
    button.set_icons_only(True)
    assert button.toolTip() == "Doctor, 2 findings to look at"
    assert not button.grab().isNull()


def test_a_page_of_a_replaced_window_takes_no_more_news(qapp: QApplication) -> None:
    """A setting that was written while the language changed reported to widgets that were gone."""
    page = Plain(PageKey.HOME, [])
    page.refresh = lambda: page.log.append("shown")  # type: ignore[method-assign]
    page.news()
    shiboken6.delete(page.widget)
    page.news()
    assert page.log == ["build home", "shown"]


@pytest.mark.parametrize("name", [each.key.value for each in PAGES if each.build is not None])
def test_presenters_report_through_what_checks_that(name: str) -> None:
    source = (Path(desktop.pages.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    assert not re.search(r"changed=self\.refresh|post\(self\.refresh\)", source)
