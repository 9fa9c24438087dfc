"""The Models page offscreen, joined with its presenter over a scripted service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import qasync
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication

import desktop.pages.connect
from desktop.desktop_app import DesktopApp
from desktop.item_models.model_rows import ModelColumn
from desktop.pages.models import Models
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.views.dialogs.terms_dialog import TermsDialog
from desktop.views.theme.theme import Theme
from proxy_core.app.trial import Trial
from proxy_core.errors import UpstreamBroke
from tests.desktop.fake_service import FakeService
from tests.desktop.presenters.test_models import ALL
from tests.desktop.screen.seen import accessible_name, accessible_role, focusable

Scene = Callable[[DesktopApp, Models], Coroutine[Any, Any, None]]


@pytest.fixture
def play(qapp, theme: Theme, service: FakeService) -> Callable[[Scene], None]:
    """Open the app at the page and run a scene on Qt's loop."""

    def play(scene: Scene) -> None:
        async def main() -> None:
            app = DesktopApp(
                service,
                theme,
                Words(),
                open_page=lambda _: True,
                taskbar_is_light=lambda: False,
                memory=None,
            )
            app.tray._is_available = lambda: True
            running = asyncio.ensure_future(app.run())
            try:
                await asyncio.sleep(0)
                app.window.resize(1040, 720)
                app.show_page(PageKey.MODELS)
                page = app.window.current_page
                assert isinstance(page, Models)
                await scene(app, page)
            finally:
                app.ask_to_quit()
            await running

        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
            runner.run(asyncio.wait_for(main(), 60))

    service.change(model_count=5)
    return play


async def until(look: Callable[[], object]) -> None:
    while not look():  # noqa: ASYNC110  # many objects are looked at, none has an event
        await asyncio.sleep(0.01)


def test_the_list_is_read_when_the_page_opens(play, service: FakeService) -> None:
    async def scene(app: DesktopApp, page: Models) -> None:
        await until(lambda: page.view.table.rows.rowCount() == len(ALL))
        assert page.view.counts.text() == "4 on, 2 off"
        names = [accessible_name(each) for each in focusable(page.view)]
        assert all(names), names
        silent = {QAccessible.Role.NoRole, QAccessible.Role.Client}
        assert not [each for each in focusable(app.window) if accessible_role(each) in silent]
        assert {"Search name or ability", "All", "Ask GitHub again", "Models"} <= set(names)

    service.answer("models", result=ALL)
    play(scene)


def test_typing_searches_and_arrows_choose_and_enter_leads_to_the_prompt(
    play, service: FakeService, qtbot
) -> None:
    async def scene(app: DesktopApp, page: Models) -> None:
        view = page.view
        await until(lambda: view.table.rows.rowCount() == len(ALL))
        qtbot.keyClicks(view.search, "chat")
        assert view.table.rows.keys == [
            "claude-opus-4.7",
            "claude-sonnet-4.6",
            "gemini-3-flash-preview",
            "gpt-4.1",
        ]
        view.table.setFocus()
        qtbot.keyClick(view.table, Qt.Key.Key_Down)
        assert view.card.name.text() == "claude-sonnet-4.6"
        app.window.activateWindow()
        await until(app.window.isActiveWindow)
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
        assert QApplication.focusWidget() is view.card.prompt
        qtbot.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == "claude-sonnet-4.6"
        assert app.window.toast.text.text() == "Model id copied"
        qtbot.keyClick(view.search, Qt.Key.Key_Escape)
        assert view.table.rows.rowCount() == len(ALL)
        assert view.card.name.text() == "claude-sonnet-4.6", "what was chosen stays chosen"

    service.answer("models", result=ALL)
    play(scene)


def test_use_in_a_tool_leads_to_the_steps_with_that_model(
    play, service: FakeService, monkeypatch
) -> None:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", tuple)

    async def scene(app: DesktopApp, page: Models) -> None:
        await until(lambda: page.view.table.rows.rowCount() == len(ALL))
        page.view.table.choose("gpt-4.1")
        service.answer("models", result=ALL)
        page.view.card.use.click()
        assert app.window.current_key is PageKey.CONNECT
        connect = app.window.current_page
        assert isinstance(connect, desktop.pages.connect.Connect)
        await until(lambda: connect.presenter.view().tool)
        tool = connect.presenter.view().tool
        assert tool is not None
        assert tool.model == "gpt-4.1"

    service.answer("models", result=ALL)
    play(scene)


def test_a_prompt_is_tried_by_enter_and_answered_in_place(
    play, service: FakeService, qtbot
) -> None:
    async def scene(app: DesktopApp, page: Models) -> None:
        view = page.view
        await until(lambda: view.table.rows.rowCount() == len(ALL))
        view.table.choose("claude-sonnet-4.6")
        view.card.prompt.setText("Say hello")
        qtbot.keyClick(view.card.prompt, Qt.Key.Key_Return)
        await until(lambda: service.called("try_model"))
        assert view.card.stop.isVisible()
        assert not view.card.try_button.isVisible()
        trial = Trial("claude-sonnet-4.6", "Hello there.", 0.9, 14, 11, 20_000_000)
        service.futures["try_model"].set_result(trial)
        await until(lambda: view.card.answer.text() == "Hello there.")
        assert view.card.figures.text() == "0.9 s, 14 → 11 tokens, 0.02 credits"
        assert view.card.try_button.isVisible()

    service.answer("models", result=ALL)
    play(scene)


def test_enabling_shows_the_terms_first_and_the_safe_way_has_the_focus(
    play, service: FakeService, qtbot
) -> None:
    async def scene(app: DesktopApp, page: Models) -> None:
        view = page.view
        await until(lambda: view.table.rows.rowCount() == len(ALL))
        cell = view.table.rows.index(
            view.table.rows.keys.index("gemini-3-flash-preview"), ModelColumn.STATE
        )
        place = view.table.visualRect(cell).center()
        qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        dialog = app.window.findChild(TermsDialog)
        assert dialog is not None
        assert dialog.terms.text() == "Terms of Flash."
        assert dialog.focusWidget() is dialog.cancel
        dialog.reject()
        await asyncio.sleep(0)
        assert service.called("enable_model") == []
        qtbot.mouseClick(view.card.enable, Qt.MouseButton.LeftButton)
        dialogs = app.window.findChildren(TermsDialog)
        second = next(each for each in dialogs if each.isVisible())
        second.agree.click()
        await until(lambda: service.called("enable_model"))
        assert service.called("enable_model") == [("gemini-3-flash-preview",)]
        service.futures["enable_model"].set_exception(UpstreamBroke("No."))

    service.answer("models", result=ALL)
    play(scene)


def test_columns_hide_in_their_order_and_the_model_stays(play, service: FakeService) -> None:
    async def scene(app: DesktopApp, page: Models) -> None:
        await until(lambda: page.view.table.rows.rowCount() == len(ALL))
        hidden: list[set[int]] = []
        for width in (1040, 860, 760, 720):
            app.window.resize(width, 720)
            QApplication.processEvents()
            hidden.append({c for c in ModelColumn if page.view.table.isColumnHidden(c)})
        assert hidden[0] == set()
        assert all(ModelColumn.MODEL not in each for each in hidden)
        order = [ModelColumn.ABILITIES, ModelColumn.CACHED, ModelColumn.ENDPOINTS]
        assert all(each == set(order[: len(each)]) for each in hidden)
        assert hidden[-1]

    service.answer("models", result=ALL)
    play(scene)


def test_a_failure_offers_another_try(play, service: FakeService, qtbot) -> None:
    async def scene(_app: DesktopApp, page: Models) -> None:
        view = page.view
        await until(lambda: view.failed.isVisible())
        assert view.failed.heading.text() == "No list"
        service.answer("models", result=ALL)
        qtbot.mouseClick(view.again, Qt.MouseButton.LeftButton)
        await until(lambda: view.table.rows.rowCount() == len(ALL))
        assert service.called("models")[-1] == (True,)

    service.answer("models", UpstreamBroke("GitHub does not answer.", title="No list"))
    play(scene)
