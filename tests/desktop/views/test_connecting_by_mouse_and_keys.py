"""The Connect page by mouse and keys: the change is read, applied, tested and undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.views.components.inputs.buttons import ButtonKind
from desktop.views.pages.connect_page import ConnectPage
from desktop.views.theme.theme import Theme
from proxy_core.clients.connecting.verification import Verified
from proxy_core.clients.tool import Tool
from tests.desktop.fake_service import FakeService
from tests.desktop.presenters.connect_scene import SETTINGS, ConnectScene
from tests.desktop.screen.seen import accessible_name


@pytest.fixture
def scene(tmp_path: Path, service: FakeService) -> ConnectScene:
    scene = ConnectScene(tmp_path, service)
    scene.look_now()
    return scene


@pytest.fixture
def page(theme: Theme, scene: ConnectScene, qtbot) -> Iterator[ConnectPage]:
    """The page, wired as the app wires it."""
    page = ConnectPage(theme)
    qtbot.addWidget(page)
    page.resize(840, 690)

    def carry_out(work: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        def run() -> None:
            asyncio.run(work())
            page.show_view(scene.presenter.view())

        return run

    def choose_role(role: str, model: str) -> None:
        scene.presenter.choose_model(model, role)
        carry_out(scene.presenter.plan)()

    page.details.connect_wanted.connect(carry_out(scene.presenter.connect))
    page.details.disconnect_wanted.connect(carry_out(scene.presenter.disconnect))
    page.details.test_wanted.connect(carry_out(scene.presenter.test))
    page.details.change.role_chosen.connect(choose_role)
    page.show_view(scene.presenter.view())
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    yield page
    page.hide()


def test_apply_test_and_undo_with_the_mouse(
    page: ConnectPage, scene: ConnectScene, monkeypatch: pytest.MonkeyPatch, qtbot
) -> None:
    details = page.details
    assert '+   "model": "claude-sonnet-4.6"' in details.change.files[0].block.lines.toPlainText()
    assert details.connect_button.text() == "Connect Claude Code"
    assert details.test.kind is ButtonKind.SECONDARY
    qtbot.mouseClick(details.connect_button, Qt.MouseButton.LeftButton)
    assert "ANTHROPIC_BASE_URL" in scene.settings.read_text()
    assert details.change.note.line.text() == "Claude Code is connected"
    assert not details.connect_button.isVisible()
    assert details.test.kind is ButtonKind.PRIMARY

    async def answers(tool: Tool, base_url: str, model: str) -> Verified:
        return Verified(f"{model} is ready", 1.0)

    monkeypatch.setattr(ToolChanges, "ask", lambda _self, *asked: answers(*asked))
    qtbot.mouseClick(details.test, Qt.MouseButton.LeftButton)
    assert details.result.detail.text() == "claude-sonnet-4.6 is ready"

    qtbot.mouseClick(details.disconnect_button, Qt.MouseButton.LeftButton)
    assert scene.settings.read_text() == SETTINGS
    assert details.change.note.line.text() == "Claude Code is disconnected"


def test_the_keyboard_reaches_every_part_in_the_order_of_the_eye(
    page: ConnectPage, scene: ConnectScene, qtbot
) -> None:
    change = page.details.change
    change.roles[0].field.setFocus(Qt.FocusReason.TabFocusReason)
    for expected in (
        change.roles[1].field,
        change.roles[2].field,
        change.files[0].block.lines,
        change.undo_on_quit,
        page.details.connect_button,
    ):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is expected
    qtbot.keyClick(page.details.connect_button, Qt.Key.Key_Return)
    assert "ANTHROPIC_BASE_URL" in scene.settings.read_text()


def test_a_role_chosen_with_the_keyboard_changes_what_is_shown(page: ConnectPage, qtbot) -> None:
    change = page.details.change
    small = change.roles[1].field
    assert small.accessibleName().startswith("Small tasks, 100, 10, 500")
    qtbot.keyClick(small, Qt.Key.Key_Up)
    assert small.chosen == "claude-sonnet-4.6"
    shown = change.files[0].block.lines.toPlainText()
    assert '"ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-sonnet-4.6"' in shown
    assert change.roles[1].prices.text() == "300, 30, 1,500"


def test_a_screen_reader_hears_how_many_lines_change(page: ConnectPage) -> None:
    lines = page.details.change.files[0].block.lines
    said = "~/.claude/settings.json: 6 lines are added, 2 removed"
    assert accessible_name(lines) == said
