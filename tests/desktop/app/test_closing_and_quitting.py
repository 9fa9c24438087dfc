"""The way out: what closing the window and quitting ask, cut off and leave behind."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from desktop.desktop_app import DesktopApp
from desktop.presenters.actions import Action
from proxy_core.config.settings import DesktopSettings, Settings, WithoutTray
from proxy_core.status.status import (
    RequestState,
)
from tests.desktop.app.scenes import until
from tests.desktop.fake_service import FakeService, record


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


def test_the_system_asking_to_quit_is_an_orderly_quit(play, qapp) -> None:
    async def scene(app: DesktopApp) -> None:
        from PySide6.QtCore import QEvent

        qapp.quit_asked.connect(app.ask_to_quit)
        qapp.sendEvent(qapp, QEvent(QEvent.Type.Quit))
        assert app._quit.is_set()
        qapp.quit_asked.disconnect(app.ask_to_quit)

    assert play(scene) == 0


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
