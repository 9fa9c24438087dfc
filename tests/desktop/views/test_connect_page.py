"""The Connect page in its window: lists, blocks to copy, keys of the keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop.presenters.connect.connect import ConnectPresenter
from desktop.presenters.words import Words
from desktop.views.pages.connect_page import ConnectPage
from desktop.views.theme.theme import Theme
from proxy_core.app.trial import Trial
from proxy_core.clients.discovery import FoundTool
from proxy_core.clients.shells import Shell
from tests.desktop.fake_service import Clock, FakeService
from tests.desktop.presenters.test_connect import HERE, PLAN
from tests.desktop.screen.seen import accessible_name


@pytest.fixture
def presenter(service: FakeService, clock: Clock) -> ConnectPresenter:
    presenter = ConnectPresenter(
        service, Words(), clock, find_tools=lambda: HERE, shell=Shell.POSIX
    )
    service.answer("models", result=PLAN)
    asyncio.run(presenter.look())
    return presenter


@pytest.fixture
def page(theme: Theme, presenter: ConnectPresenter, qtbot) -> Iterator[ConnectPage]:
    page = ConnectPage(theme)
    qtbot.addWidget(page)
    page.resize(840, 690)
    page.show_view(presenter.view())
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    yield page
    page.hide()


def test_arrow_keys_move_between_tools_and_tab_leaves_them(
    page: ConnectPage, presenter: ConnectPresenter, qtbot
) -> None:
    page.tools.tool_chosen.connect(presenter.choose)
    page.tools.tool_chosen.connect(lambda: page.show_view(presenter.view()))
    page.first_focus().setFocus()
    assert accessible_name(QApplication.focusWidget()).startswith("Claude Code 2.1.329")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert page.details.title.text() == "Codex"
    assert QApplication.focusWidget() is page.tools.buttons["codex"]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.tools.fold.line
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.details.model


def test_copy_takes_the_whole_key_that_the_screen_masks(
    page: ConnectPage, service: FakeService, qtbot
) -> None:
    QGuiApplication.clipboard().clear()
    block = page.details.steps[0].block
    assert service.local_key not in block.lines.toPlainText()
    qtbot.mouseClick(block.copy_button, Qt.MouseButton.LeftButton)
    assert f"ANTHROPIC_AUTH_TOKEN={service.local_key}" in QGuiApplication.clipboard().text()
    assert accessible_name(block.copy_button) == "Copy step 1"


@pytest.mark.parametrize("app_id", ["codex", "opencode", "other", "zed"])
def test_a_block_is_as_high_as_its_lines(
    page: ConnectPage, presenter: ConnectPresenter, app_id: str, qtbot
) -> None:
    for width in (840, 620):
        page.resize(width, 690)
        presenter.choose(app_id)
        page.show_view(presenter.view())
        QApplication.processEvents()
        for part in page.details.steps:
            if part.block.isVisible():
                bar = part.block.lines.verticalScrollBar()
                assert bar.maximum() == 0, f"{app_id} at {width}: nothing is left to scroll"


def test_tab_leaves_a_block_and_the_wheel_does_not_choose_a_model(page: ConnectPage, qtbot) -> None:
    lines = page.details.steps[0].block.lines
    lines.setFocus(Qt.FocusReason.TabFocusReason)
    assert lines.textCursor().hasSelection(), "all of it, to copy"
    qtbot.keyClick(lines, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.details.steps[0].block.copy_button
    assert not lines.textCursor().hasSelection()
    chosen: list[str] = []
    page.details.model_chosen.connect(chosen.append)
    field = page.details.model
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert chosen == ["gpt-4.1"]


def test_the_answer_of_a_test_comes_into_sight(
    page: ConnectPage, presenter: ConnectPresenter, service: FakeService, qtbot
) -> None:
    page.resize(840, 420)
    service.answer("try_model", result=Trial("m", "ready", 1.0, 2, 1))
    asyncio.run(presenter.test())
    page.show_view(presenter.view())
    result = page.details.result
    assert result.isVisible()
    assert result.line.text() == "claude-sonnet-4.6 answered in 1.0 s"
    qtbot.waitUntil(lambda: not result.visibleRegion().isEmpty())


def test_a_click_shows_what_it_chose_where_the_list_stands_above(
    page: ConnectPage, presenter: ConnectPresenter, qtbot
) -> None:
    page.resize(480, 420)
    page.tools.tool_chosen.connect(presenter.choose)
    page.tools.tool_chosen.connect(lambda: page.show_view(presenter.view()))
    QApplication.processEvents()
    assert page.details.title.visibleRegion().isEmpty()
    qtbot.mouseClick(page.tools.buttons["codex"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.details.title.visibleRegion().isEmpty())
    assert page.details.title.text() == "Codex"


def test_the_list_keeps_the_keyboard_when_a_look_finds_more(
    page: ConnectPage, presenter: ConnectPresenter, qtbot
) -> None:
    page.tools.buttons["claude-code"].setFocus()
    presenter._find_tools = lambda: (*HERE, FoundTool("aider", "0.86.2", "/usr/bin/aider"))
    presenter._commands.answer("models", result=PLAN)  # type: ignore[attr-defined]  # the fake
    asyncio.run(presenter.look())
    page.show_view(presenter.view())
    assert QApplication.focusWidget() is page.tools.buttons["claude-code"]
    assert page.tools.buttons["aider"].isVisible()


def test_a_tool_that_cannot_use_the_proxy_shows_only_why(
    page: ConnectPage, presenter: ConnectPresenter
) -> None:
    presenter.choose("cursor")
    page.show_view(presenter.view())
    details = page.details
    assert "cannot reach" in details.line.text()
    for widget in (details.test, details.model, details.shell, details.copy_all, details.key):
        assert not widget.isVisible()
