"""The first run: its rules, its dialog, and that it comes only once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

import desktop.dialogs.first_run
import desktop.pages.connect
from desktop.desktop_app import DesktopApp
from desktop.presenters.actions import Action
from desktop.presenters.pages import PageKey
from desktop.presenters.sign_in.first_run import (
    FirstRunAction,
    FirstRunEnd,
    FirstRunPresenter,
    FirstRunStep,
)
from desktop.presenters.words import Words
from desktop.system.start_at_login import CannotStartAtLogin, DesktopFileEntry, LoginState
from desktop.views.dialogs.first_run_dialog import FirstRunDialog
from desktop.views.theme.theme import Theme
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountState, AccountStatus
from tests.desktop.fake_service import SIGNED_IN, FakeService
from tests.desktop.presenters.test_connect import HERE, PLAN

SIGNED_OUT = AccountStatus(AccountState.SIGNED_OUT)
Scene = Callable[[DesktopApp], Coroutine[Any, Any, None]]


@pytest.fixture
def presenter(service: FakeService) -> FirstRunPresenter:
    service.change(account=SIGNED_OUT)
    return FirstRunPresenter(service, Words())


def test_it_begins_with_what_this_is_and_what_may_happen(presenter: FirstRunPresenter) -> None:
    view = presenter.view()
    assert view.spoken_step == "Step 1 of 3: What this is"
    assert "may change it, or limit an account" in view.risk
    assert "not affiliated with GitHub" in view.risk
    assert [each.text for each in (view.skip, view.second, view.primary) if each] == [
        "Skip",
        "Try the demo",
        "Continue",
    ]


def test_start_at_login_is_offered_in_the_last_step_and_switched_at_once(
    service: FakeService, theme: Theme, qtbot, tmp_path: Path
) -> None:
    login = DesktopFileEntry(tmp_path, ("/usr/bin/g-copilot-proxy",))
    presenter = FirstRunPresenter(service, Words(), login)
    dialog = FirstRunDialog(theme)
    qtbot.addWidget(dialog)
    dialog.at_login_chosen.connect(presenter.start_at_login)
    dialog.show()
    assert presenter.view().at_login is None, "first what this is"
    presenter.act(FirstRunAction.NEXT)
    presenter.act(FirstRunAction.NEXT)
    dialog.show_view(presenter.view())
    assert dialog.at_login.isVisible()
    assert dialog.at_login.words.text() == "Start when I sign in to this computer"
    assert login.state() is LoginState.OFF, "it is opt-in"
    dialog.at_login.box.click()
    assert login.state() is LoginState.ON
    dialog.at_login.box.click()
    assert login.state() is LoginState.OFF


def test_a_copy_that_cannot_start_at_login_says_why(service: FakeService, tmp_path: Path) -> None:
    class Temporary(DesktopFileEntry):
        def switch_on(self) -> None:
            raise CannotStartAtLogin("This copy lies in a temporary place.")

    presenter = FirstRunPresenter(service, Words(), Temporary(tmp_path, ("/somewhere/x",)))
    presenter.act(FirstRunAction.NEXT)
    presenter.act(FirstRunAction.NEXT)
    presenter.start_at_login(True)
    view = presenter.view()
    assert (view.at_login, view.at_login_problem) == (False, "This copy lies in a temporary place.")


def test_its_steps_go_on_and_back(presenter: FirstRunPresenter) -> None:
    presenter.act(FirstRunAction.NEXT)
    view = presenter.view()
    assert (view.sign_in, view.primary) == (True, None), "the body has the primary button"
    presenter.act(FirstRunAction.BACK)
    assert presenter.step is FirstRunStep.ABOUT
    presenter.act(FirstRunAction.BACK)
    assert presenter.step is FirstRunStep.ABOUT
    presenter.act(FirstRunAction.NEXT)
    presenter.signed_in()
    assert presenter.step is FirstRunStep.CONNECT
    assert [mark.done for mark in presenter.view().marks] == [True, True, False]
    presenter.act(FirstRunAction.NEXT)
    assert presenter.end is FirstRunEnd.HOME


def test_who_is_signed_in_already_is_told_so(
    service: FakeService, presenter: FirstRunPresenter
) -> None:
    service.change(account=SIGNED_IN)
    presenter.act(FirstRunAction.NEXT)
    view = presenter.view()
    assert (view.sign_in, view.heading) == (False, "You are signed in")
    assert view.text.startswith("octocat, Pro.")


def test_found_tools_are_offered_without_those_that_cannot(presenter: FirstRunPresenter) -> None:
    presenter.act(FirstRunAction.NEXT)
    presenter.act(FirstRunAction.NEXT)
    assert presenter.view().text == "Looking for tools on this computer"
    presenter.tools_found(())
    assert presenter.view().text.startswith("No tool that we know")
    presenter.tools_found(HERE)
    assert [row.name for row in presenter.view().tools] == ["Claude Code", "Codex"]
    presenter.choose("codex")
    presenter.act(FirstRunAction.SHOW_STEPS)
    assert (presenter.end, presenter.chosen) == (FirstRunEnd.CONNECT, "codex")


@pytest.fixture
def play(
    qapp, theme: Theme, service: FakeService, tmp_path: Path, monkeypatch
) -> Iterator[Callable[[Scene], DesktopApp]]:
    """Run the app with a memory of its own beside a scene; give the app that was."""
    for module in (desktop.dialogs.first_run, desktop.pages.connect):
        monkeypatch.setattr(module, "tools_of_this_computer", lambda: HERE)

    def play(scene: Scene) -> DesktopApp:
        memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)

        async def main() -> DesktopApp:
            app = DesktopApp(
                service,
                theme,
                Words(),
                open_page=lambda url: True,
                taskbar_is_light=lambda: False,
                memory=memory,
            )
            app.tray._is_available = lambda: True
            running = asyncio.ensure_future(app.run())
            try:
                await scene(app)
            finally:
                app.ask_to_quit()
            assert await running == 0
            return app

        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
            app = runner.run(asyncio.wait_for(main(), 60))
        memory.sync()
        return app

    yield play


async def until(look: Callable[[], object]) -> None:
    while not look():  # noqa: ASYNC110  # widgets have no event to await
        await asyncio.sleep(0.01)


async def opened(app: DesktopApp) -> Any:
    await until(lambda: app.first_run_dialog is not None and app.first_run_dialog.isVisible())
    assert not app.window.isVisible()
    return app.first_run_dialog


def test_the_whole_way_ends_with_the_steps_of_the_tool_and_comes_only_once(
    play, service: FakeService, qtbot
) -> None:
    async def scene(app: DesktopApp) -> None:
        dialog = await opened(app)
        assert QApplication.focusWidget() in (None, dialog.primary)
        dialog.primary.click()
        assert dialog.sign_in.isVisible()
        waiting = SignInProgress(
            SignInState.WAITING, "WDJB-MJHT", "https://github.com/login/device", 0.0
        )
        await asyncio.to_thread(service.on_progress, waiting)
        await until(lambda: dialog.sign_in.code.code.text() == "WDJB-MJHT")
        service.change(account=SIGNED_IN)
        approved = SignInProgress(SignInState.APPROVED, login="octocat", plan="individual")
        await asyncio.to_thread(service.on_progress, approved)
        await until(lambda: dialog.tools_card.isVisible())
        assert dialog.marks.accessibleName() == "Step 3 of 3: Connect a tool"
        dialog.tools.buttons["codex"].click()
        service.answer("models", result=PLAN)
        dialog.primary.click()
        await until(app.window.isVisible)
        assert app.window.current_key is PageKey.CONNECT
        assert app.first_run_dialog is None
        await until(lambda: app.window.current_page.details().title.text() == "Codex")
        assert not service.futures["sign_in"].cancelled()

    async def second(app: DesktopApp) -> None:
        await asyncio.sleep(0.2)
        assert app.first_run_dialog is None

    service.change(account=SIGNED_OUT)
    play(scene)
    play(second)


@pytest.mark.parametrize("way", ["skip", "esc", "close"])
def test_it_can_be_left_at_once_and_home_opens(play, service: FakeService, way: str, qtbot) -> None:
    async def scene(app: DesktopApp) -> None:
        dialog = await opened(app)
        if way == "skip":
            dialog.skip.click()
        elif way == "esc":
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            dialog.close()
        await until(app.window.isVisible)
        assert app.window.current_key is PageKey.HOME

    async def second(app: DesktopApp) -> None:
        await asyncio.sleep(0.1)
        assert app.first_run_dialog is None

    service.change(account=SIGNED_OUT)
    play(scene)
    play(second)


def test_leaving_in_the_middle_of_the_sign_in_gives_it_up(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        dialog = await opened(app)
        dialog.primary.click()
        assert len(service.called("sign_in")) == 1
        dialog.second.click()  # Back
        assert service.futures["sign_in"].cancelled()
        assert dialog.picture.isVisible()

    service.change(account=SIGNED_OUT)
    play(scene)


def test_quitting_in_the_middle_of_it_lets_it_come_again(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        await opened(app)
        app.act(Action.QUIT)

    service.change(account=SIGNED_OUT)
    assert play(scene).next_start is None
    play(scene)


def test_the_demo_starts_the_app_again_and_has_a_way_back(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        dialog = await opened(app)
        dialog.second.click()
        await asyncio.wait_for(app._quit.wait(), 2)

    async def leave(app: DesktopApp) -> None:
        await until(app.window.isVisible)
        assert app.first_run_dialog is None, "a demo has no first run"
        app.act(Action.LEAVE_DEMO)

    service.change(account=SIGNED_OUT)
    assert play(scene).next_start is True
    service.change(account=SIGNED_IN, demo=True)
    assert play(leave).next_start is False


def test_without_a_memory_there_is_no_first_run() -> None:
    assert not desktop.dialogs.first_run.is_wanted(None, demo=False)
