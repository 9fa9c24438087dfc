"""The app put together over a scripted service: what follows from what."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from desktop.desktop_app import CLOCK_MILLISECONDS, SLOW_CLOCK_MILLISECONDS, DesktopApp
from desktop.presenters.actions import Action
from desktop.presenters.sign_in.sign_in_view import SignInAction
from desktop.presenters.tray import IconState
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
from tests.desktop.app.scenes import until
from tests.desktop.fake_service import RUNNING, SIGNED_IN, FakeService, record

ROOT = Path(__file__).resolve().parents[3]
OFF = ServerStatus(ServerState.OFF)
UNKNOWN = AccountStatus()
SIGNED_OUT = AccountStatus(AccountState.SIGNED_OUT)


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


def test_without_a_screen_the_address_is_the_servers(monkeypatch, capsys) -> None:
    from desktop import app
    from desktop.system.screen_check import Obstacle, ScreenProblem
    from proxy_core.cli import main

    problem = ScreenProblem(Obstacle.NO_SCREEN, "There is no screen here.", ())
    monkeypatch.setattr(app, "find_screen_problem", lambda _: problem)
    monkeypatch.setattr(main, "run", lambda parsed: (parsed.command, parsed.host, parsed.port))
    assert app.run(demo=True, host="::1", port=5001) == ("serve", "::1", 5001)
