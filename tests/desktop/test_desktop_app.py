"""The app put together over a scripted service: what follows from what, and the way out."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from desktop.desktop_app import CLOCK_MILLISECONDS, SLOW_CLOCK_MILLISECONDS, DesktopApp
from desktop.presenters.actions import Action
from desktop.presenters.sign_in.sign_in_view import SignInAction
from desktop.presenters.tray import IconState
from desktop.presenters.words import Words
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme
from proxy_core.config.settings import DesktopSettings, Settings, WithoutTray
from proxy_core.config.settings import Theme as ThemeSetting
from proxy_core.errors import BadRequest
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    RequestState,
    ServerState,
    ServerStatus,
)
from tests.desktop.fake_service import RUNNING, SIGNED_IN, FakeService, record

ROOT = Path(__file__).resolve().parents[2]
OFF = ServerStatus(ServerState.OFF)
UNKNOWN = AccountStatus()
SIGNED_OUT = AccountStatus(AccountState.SIGNED_OUT)

Scene = Callable[[DesktopApp], Coroutine[Any, Any, None]]


@pytest.fixture
def play(qapp, theme: Theme, service: FakeService) -> Iterator[Callable[..., int]]:
    """Run a scene beside the app on Qt's loop; return the app's exit code."""
    opened: list[str] = []

    def play(scene: Scene, *, tray_is_there: bool = True) -> int:
        async def main() -> int:
            before = asyncio.all_tasks()
            app = DesktopApp(
                service,
                theme,
                Words(),
                open_page=lambda url: not opened.append(url),
                taskbar_is_light=lambda: False,
                memory=None,
            )
            app.tray._is_available = lambda: tray_is_there
            running = asyncio.ensure_future(app.run())
            try:
                await scene(app)
            finally:
                app.ask_to_quit()
            code = await running
            assert asyncio.all_tasks() == before, "no task is left when the app has ended"
            return code

        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
            return runner.run(asyncio.wait_for(main(), 60))

    play.opened = opened  # type: ignore[attr-defined]  # for the scenes to read
    yield play


async def until(look: Callable[[], object]) -> None:
    """Wait until ``look`` is true; the test's own limit ends a wait in vain."""
    while not look():  # noqa: ASYNC110  # many objects are looked at, none has an event
        await asyncio.sleep(0.01)


def test_the_icon_follows_the_status(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        await until(lambda: app.tray._state is not None)
        assert app.tray._state[0] is IconState.OK
        service.publish(server=OFF)
        await until(lambda: app.tray._state[0] is IconState.OFF)

    service.settings = Settings(desktop=DesktopSettings(start_server=False))
    assert play(scene) == 0


def test_busy_shows_by_itself_after_a_while_and_goes_again(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        await until(lambda: app.tray._state is not None)
        service.publish(active=(record(state=RequestState.STREAMING),))
        await until(lambda: app.tray._state[0] is IconState.BUSY)
        service.publish(active=())
        await until(lambda: app.tray._state[0] is IconState.OK)

    assert play(scene) == 0


def test_the_windows_clock_counts_seconds_only_while_a_request_runs(
    play, service: FakeService
) -> None:
    async def scene(app: DesktopApp) -> None:
        await until(lambda: app.tray._state is not None)
        app.show_window()
        await until(lambda: app._clock_timer.isActive())
        assert app._clock_timer.interval() == SLOW_CLOCK_MILLISECONDS
        service.publish(active=(record(state=RequestState.STREAMING),))
        await until(lambda: app._clock_timer.interval() == CLOCK_MILLISECONDS)
        service.publish(active=())
        await until(lambda: app._clock_timer.interval() == SLOW_CLOCK_MILLISECONDS)
        app.window.hide()
        service.publish(model_count=7)
        await until(lambda: not app._clock_timer.isActive())

    assert play(scene) == 0


def test_it_starts_the_server_once_the_sign_in_is_known(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        await asyncio.sleep(0.05)
        assert service.called("start") == []
        service.publish(account=SIGNED_IN)
        await until(lambda: service.called("start"))
        service.publish(model_count=5)
        await asyncio.sleep(0.05)
        assert len(service.called("start")) == 1, "and not twice while it starts"
        service.change(server=RUNNING)
        service.futures["start"].set_result(None)

    service.change(server=OFF, account=UNKNOWN)
    assert play(scene) == 0


def test_signed_out_opens_the_window_and_signed_in_stays_in_the_tray(
    play, service: FakeService
) -> None:
    async def scene(app: DesktopApp) -> None:
        assert not app.window.isVisible()
        service.publish(account=SIGNED_OUT)
        await until(app.window.isVisible)
        app.window.close()
        service.publish(account=SIGNED_OUT, model_count=1)
        await asyncio.sleep(0.3)
        assert not app.window.isVisible(), "it greets once"

    service.change(server=OFF, account=UNKNOWN)
    assert play(scene) == 0

    async def quiet(app: DesktopApp) -> None:
        await asyncio.sleep(0.05)
        assert not app.window.isVisible()

    service.change(server=RUNNING, account=SIGNED_IN)
    assert play(quiet) == 0


def test_without_a_tray_closing_the_window_asks_once_and_leaves_it_open_meanwhile(
    play, service: FakeService
) -> None:
    async def scene(app: DesktopApp) -> None:
        await until(app.window.isVisible)
        app.window.close()
        assert app.window.isVisible()
        assert app.closing_dialog is not None
        app.closing_dialog.reject()
        assert not app._quit.is_set()
        assert service.called("change_settings") == []

    assert play(scene, tray_is_there=False) == 0


def test_keep_serving_hides_the_window_and_is_remembered(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        await until(app.window.isVisible)
        app.window.close()
        assert app.closing_dialog is not None
        app.closing_dialog.serve.click()
        assert not app.window.isVisible()
        assert not app._quit.is_set()
        await until(lambda: service.called("change_settings"))
        assert service.called("change_settings") == [("desktop.without_tray", WithoutTray.SERVE)]
        app.show_window()  # as a second start does
        assert app.window.isVisible()

    assert play(scene, tray_is_there=False) == 0


def test_news_of_requests_are_taken_only_while_something_shows_them(
    play, service: FakeService
) -> None:
    views: list[object] = []

    async def scene(app: DesktopApp) -> None:
        view = app._tray_presenter.view
        app._tray_presenter.view = lambda: views.append(0) or view()  # type: ignore[method-assign]
        await until(app.window.isVisible)
        assert service.is_asked_for_requests
        app.window.close()
        assert not app.window.isVisible()
        assert not service.is_asked_for_requests, "no snapshot is made for nobody"
        taken = len(views)
        service.publish(server=OFF)
        await asyncio.sleep(0.05)
        assert len(views) == taken, "and no menu for a tray that is not there"
        app.show_window()
        assert service.is_asked_for_requests
        assert app.window.sidebar.foot.word.text() == "Off"
        app.window.close()
        app.tray._is_available = lambda: True  # the desktop's tray came up
        app.tray._look()
        assert service.is_asked_for_requests
        assert app.tray._state is not None
        assert app.tray._state[0] is IconState.OFF

    service.settings = Settings(
        desktop=DesktopSettings(without_tray=WithoutTray.SERVE, start_server=False)
    )
    assert play(scene, tray_is_there=False) == 0


@pytest.mark.parametrize("is_asked", [True, False])
def test_quitting_with_the_window_can_be_chosen_too(
    play, service: FakeService, is_asked: bool
) -> None:
    async def scene(app: DesktopApp) -> None:
        await until(app.window.isVisible)
        app.window.close()
        if is_asked:
            assert app.closing_dialog is not None
            app.closing_dialog.quit.click()
        await asyncio.wait_for(app._quit.wait(), 1)

    if not is_asked:
        service.settings = Settings(desktop=DesktopSettings(without_tray=WithoutTray.QUIT))
    assert play(scene, tray_is_there=False) == 0


def test_with_a_tray_closing_the_window_leaves_the_app_and_says_once_where_it_is(play) -> None:
    async def scene(app: DesktopApp) -> None:
        await asyncio.sleep(0)
        told: list[str] = []
        app.tray.notify = lambda notification: told.append(notification.title)  # type: ignore[method-assign]
        for _ in range(2):
            app.show_window()
            app.window.close()
        assert not app._quit.is_set()
        assert not app.window.isVisible()
        assert told == ["g-copilot-proxy goes on in the tray"], "the first time only"

    assert play(scene) == 0


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (Action.COPY_OPENAI_URL, "http://127.0.0.1:4141/v1"),
        (Action.COPY_ANTHROPIC_URL, "http://127.0.0.1:4141"),
        (Action.COPY_LOCAL_KEY, "sk-local-abcdefghijklmnop3f9a"),
    ],
)
def test_the_menu_copies(play, action: Action, text: str) -> None:
    async def scene(app: DesktopApp) -> None:
        QGuiApplication.clipboard().clear()
        app.act(action)
        assert QGuiApplication.clipboard().text() == text

    assert play(scene) == 0


def test_every_action_is_carried_out(play, service: FakeService) -> None:
    """None of them falls through."""

    async def scene(app: DesktopApp) -> None:
        for name in ("start", "stop", "sign_out", "change_settings"):
            service.answer(name)
        for action in Action:
            if action not in (Action.QUIT, Action.LEAVE_DEMO):
                app.act(action)
        await until(lambda: service.called("change_settings"))
        assert app.window.isVisible()
        assert app.sign_in_dialog is not None
        app.act(Action.QUIT)
        assert app._quit.is_set()

    assert play(scene) == 0
    assert {name for name, _ in service.calls} >= {
        "start",
        "stop",
        "sign_out",
        "sign_in",
        "change_settings",
    }
    assert any("plans" in url for url in play.opened)


def test_a_failed_sign_out_is_shown_in_the_window(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        app.show_window()
        service.answer("sign_out", BadRequest("The keychain is locked.", title="Not signed out"))
        app.act(Action.SIGN_OUT)
        await until(lambda: app.window.banner.isVisible())
        assert app.window.banner.title.text() == "Not signed out"

    assert play(scene) == 0


def test_signing_in_from_a_report_in_the_engines_thread_to_the_end(
    play, service: FakeService
) -> None:
    async def scene(app: DesktopApp) -> None:
        app.act(Action.SIGN_IN)
        dialog = app.sign_in_dialog
        assert dialog is not None
        app.act(Action.SIGN_IN)
        assert app.sign_in_dialog is dialog, "one dialog at a time"
        assert len(service.called("sign_in")) == 1
        waiting = SignInProgress(
            SignInState.WAITING, "WDJB-MJHT", "https://github.com/login/device", 0.0
        )
        await asyncio.to_thread(service.on_progress, waiting)
        await until(lambda: dialog.code.code.text() == "WDJB-MJHT")
        assert QGuiApplication.clipboard().text() == "WDJB-MJHT"
        assert play.opened == ["https://github.com/login/device"]
        dialog.acted.emit(SignInAction.OPEN_PAGE)
        assert len(play.opened) == 2
        approved = SignInProgress(SignInState.APPROVED, login="octocat", plan="individual")
        await asyncio.to_thread(service.on_progress, approved)
        await until(lambda: app.sign_in_dialog is None)
        assert not service.futures["sign_in"].cancelled()

    assert play(scene) == 0


def test_quitting_cancels_an_open_sign_in(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        app.act(Action.SIGN_IN)

    assert play(scene) == 0
    assert service.futures["sign_in"].cancelled()


def test_quitting_gives_up_commands_that_still_run(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        app.act(Action.STOP)
        await until(lambda: service.called("stop"))

    assert play(scene) == 0
    assert service.futures["stop"].cancelled()
    assert service.is_down
    assert service.listeners == []


def test_a_service_that_does_not_end_in_time_is_an_exit_code(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        await asyncio.sleep(0)

    service.ends_in_time = False
    assert play(scene) == 1


def test_the_theme_setting_is_followed_while_running(
    play, service: FakeService, theme: Theme
) -> None:
    async def scene(app: DesktopApp) -> None:
        service.settings = Settings(desktop=DesktopSettings(theme=ThemeSetting.DARK))
        service.publish(model_count=1)
        await until(lambda: theme.scheme is Scheme.DARK)
        service.settings = Settings(desktop=DesktopSettings(theme=ThemeSetting.LIGHT))
        service.publish(model_count=2)
        await until(lambda: theme.scheme is Scheme.LIGHT)

    assert play(scene) == 0


def test_the_system_asking_to_quit_is_an_orderly_quit(play, qapp) -> None:
    async def scene(app: DesktopApp) -> None:
        from PySide6.QtCore import QEvent

        qapp.quit_asked.connect(app.ask_to_quit)
        qapp.sendEvent(qapp, QEvent(QEvent.Type.Quit))
        assert app._quit.is_set()
        qapp.quit_asked.disconnect(app.ask_to_quit)

    assert play(scene) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be without a screen")
def test_without_a_screen_it_serves_without_a_window_and_says_so(tmp_path: Path) -> None:
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    (tmp_path / "settings.toml").write_text("[server]\nport = 0\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop", "--demo"],
        env={**environ, "G_COPILOT_PROXY_HOME": str(tmp_path)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Listening on http://127.0.0.1:"), line
        process.terminate()
        _, errors = process.communicate(timeout=90)
    assert "There is no screen here" in errors
    assert "Starting without a window instead" in errors
    assert process.returncode == 0


def test_missing_libraries_end_the_start_with_their_packages(monkeypatch, capsys) -> None:
    from desktop import app
    from desktop.system.screen_check import Obstacle, ScreenProblem

    problem = ScreenProblem(Obstacle.MISSING_LIBRARIES, "sudo apt-get install libgl1", ("libgl1",))
    monkeypatch.setattr(app, "find_screen_problem", lambda _: problem)
    assert app.run(demo=True) == 1
    said = capsys.readouterr().err
    assert "sudo apt-get install libgl1" in said
    assert "g-copilot-proxy serve --demo" in said


@pytest.mark.parametrize(
    ("arguments", "started"),
    [
        (["--demo", "--port", "5000"], {"demo": True, "host": None, "port": 5000}),
        (["--host", "::1", "--port=0"], {"demo": False, "host": "::1", "port": 0}),
        (["--demo"], {"demo": True, "host": None, "port": None}),
    ],
)
def test_the_app_takes_an_address_for_this_run_alone(
    arguments: list[str], started: dict[str, object], monkeypatch
) -> None:
    from desktop import __main__ as program
    from desktop import app, composition

    seen: dict[str, object] = {}
    monkeypatch.setattr(app, "find_screen_problem", lambda _: None)
    monkeypatch.setattr(composition, "run_app", lambda **chosen: seen.update(chosen) or 0)
    assert program.main(arguments) == 0
    assert seen == {**started, "shows_window": False}


@pytest.mark.parametrize("action", [Action.STOP, Action.QUIT])
def test_running_requests_are_not_cut_off_before_the_user_says_so(
    play, service: FakeService, action: Action
) -> None:
    service.change(active=(record(1, state=RequestState.STREAMING, duration=None),))

    async def scene(app: DesktopApp) -> None:
        app.show_window()
        app.window.sidebar.foot.switch.setChecked(action is not Action.STOP)
        app.act(action)
        question = app.question
        assert question is not None
        assert app.window.sidebar.foot.switch.isChecked(), "until it is answered nothing changed"
        said = " ".join(each.text() for each in question.findChildren(QLabel))
        assert "1 running request will" in said
        question.keep.click()
        assert app.question is None
        assert service.called("stop") == []
        assert app.window.sidebar.foot.switch.isChecked(), "the switch shows that it runs"
        app.act(action)
        assert app.question is not None
        app.question.do.click()
        if action is Action.STOP:
            await until(lambda: service.called("stop"))

    assert play(scene) == 0


async def press_quit(dialog: QWidget) -> None:
    """Ctrl+Q, as the system hands it to the window in front."""
    dialog.activateWindow()
    await until(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)


def test_ctrl_q_in_the_question_leaves_it_in_front_and_cuts_nothing_off(
    play, service: FakeService
) -> None:
    """A key pressed twice by accident is no answer to what would be cut off."""
    service.change(active=(record(1, state=RequestState.STREAMING, duration=None),))

    async def scene(app: DesktopApp) -> None:
        app.show_window()
        app.act(Action.QUIT)
        question = app.question
        assert question is not None
        await press_quit(question)
        assert app.question is question, "it stands as it was"
        assert question.isVisible()
        assert question.keep.hasFocus(), "Enter still changes nothing"
        app.window.showMinimized()
        app.act(Action.QUIT)  # by the tray
        assert not app.window.isMinimized(), "what is minimized hides its questions too"
        assert app.question is question
        app.act(Action.STOP)
        assert app.question is not question
        assert app.question is not None
        await press_quit(app.question)
        assert app.question.windowTitle() == "Quit", "another question takes its place"
        app.question.keep.click()
        assert not app._quit.is_set()

    assert play(scene) == 0


@pytest.mark.parametrize("running", [False, True])
def test_ctrl_q_in_the_question_about_closing_quits_this_once(
    play, service: FakeService, running: bool
) -> None:
    if running:
        service.change(active=(record(1, state=RequestState.STREAMING, duration=None),))

    async def scene(app: DesktopApp) -> None:
        app.show_window()
        app.window.close()
        assert app.closing_dialog is not None
        await press_quit(app.closing_dialog)
        assert app.closing_dialog is None, "it is answered"
        assert (app.question is not None) is running
        assert app._quit.is_set() is not running
        assert service.called("change_setting") == [], "what closing does is not remembered by that"

    assert play(scene, tray_is_there=False) == 0


def test_with_nothing_running_nobody_asks(play, service: FakeService) -> None:
    async def scene(app: DesktopApp) -> None:
        app.act(Action.STOP)
        assert app.question is None
        await until(lambda: service.called("stop"))

    assert play(scene) == 0


def test_without_a_screen_the_address_is_the_servers(monkeypatch, capsys) -> None:
    from desktop import app
    from desktop.system.screen_check import Obstacle, ScreenProblem
    from proxy_core.cli import main

    problem = ScreenProblem(Obstacle.NO_SCREEN, "There is no screen here.", ())
    monkeypatch.setattr(app, "find_screen_problem", lambda _: problem)
    monkeypatch.setattr(main, "run", lambda parsed: (parsed.command, parsed.host, parsed.port))
    assert app.run(demo=True, host="::1", port=5001) == ("serve", "::1", 5001)
