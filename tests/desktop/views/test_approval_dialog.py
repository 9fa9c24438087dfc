"""The question before sending, offscreen and in the app: safe by default, never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import qasync
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from desktop.desktop_app import DesktopApp
from desktop.presenters.actions import Action
from desktop.presenters.notices.approvals import ApprovalPresenter, ApprovalView
from desktop.presenters.words import Words
from desktop.views.dialogs.approval_dialog import ApprovalDialog
from desktop.views.theme.theme import Theme
from tests.desktop.fake_service import Clock, FakeService
from tests.desktop.presenters.test_approvals import waiting
from tests.desktop.screen.seen import accessible_name, accessible_role, focusable


@pytest.fixture
def prompts(service: FakeService, clock: Clock) -> ApprovalPresenter:
    service.change(approvals=(waiting("r1"), waiting("r2")))
    return ApprovalPresenter(service, Words(), now=clock, monotonic=clock)


def seen(prompts: ApprovalPresenter) -> ApprovalView:
    view = prompts.view()
    assert view is not None
    return view


@pytest.fixture
def dialog(
    theme: Theme, prompts: ApprovalPresenter, clock: Clock, qtbot
) -> Iterator[ApprovalDialog]:
    dialog = ApprovalDialog(theme)
    qtbot.addWidget(dialog)
    seen(prompts)
    clock.advance(1)
    dialog.show_view(seen(prompts))
    dialog.show()
    yield dialog
    dialog.hide()


def test_it_does_not_take_the_keyboard_and_begins_at_dont_send(dialog: ApprovalDialog) -> None:
    assert dialog.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert not dialog.isModal()
    assert dialog.focusWidget() is dialog.decline


def test_it_is_as_high_as_its_words_without_gaps(dialog: ApprovalDialog) -> None:
    assert dialog.stop_asking.height() == dialog.stop_asking.box.height()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_escape_enter_and_space_send_nothing(dialog: ApprovalDialog, qtbot, key: Qt.Key) -> None:
    with qtbot.waitSignal(dialog.answered) as answered:
        qtbot.keyClick(dialog.focusWidget(), key)
    assert answered.args == ["r1", False, False]


def test_closing_the_window_sends_nothing(dialog: ApprovalDialog, qtbot) -> None:
    with qtbot.waitSignal(dialog.answered) as answered:
        dialog.close()
    assert answered.args == ["r1", False, False]


def test_sending_takes_the_tick_along_and_declining_does_not(dialog: ApprovalDialog, qtbot) -> None:
    dialog.stop_asking.setChecked(True)
    with qtbot.waitSignal(dialog.answered) as answered:
        qtbot.mouseClick(dialog.send, Qt.MouseButton.LeftButton)
    assert answered.args == ["r1", True, True]
    with qtbot.waitSignal(dialog.answered) as answered:
        qtbot.mouseClick(dialog.decline, Qt.MouseButton.LeftButton)
    assert answered.args == ["r1", False, False]


def test_the_next_question_begins_anew(
    dialog: ApprovalDialog, prompts: ApprovalPresenter, service: FakeService
) -> None:
    dialog.stop_asking.setChecked(True)
    dialog.send.setFocus()
    service.change(approvals=(waiting("r2"),))
    dialog.show_view(seen(prompts))
    assert not dialog.stop_asking.isChecked()
    assert dialog.focusWidget() is dialog.decline
    assert not dialog.send.isEnabled()


def test_every_control_has_a_name_and_a_role(dialog: ApprovalDialog) -> None:
    controls = focusable(dialog)
    assert {accessible_name(each) for each in controls} == {
        "Don't ask for all named Claude Code until I quit",
        "Don't send",
        "Send",
        "Send all 2 of Claude Code",
    }
    silent = {QAccessible.Role.NoRole, QAccessible.Role.Client}
    assert not [each for each in controls if accessible_role(each) in silent]


def test_the_app_asks_answers_and_closes(qapp, theme: Theme, service: FakeService) -> None:
    async def until(look) -> None:
        while not look():  # noqa: ASYNC110  # many objects are looked at, none has an event
            await asyncio.sleep(0.01)

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
        told: list[str] = []
        app.tray.notify = lambda each: told.append(each.title)  # type: ignore[method-assign]
        running = asyncio.ensure_future(app.run())
        await asyncio.sleep(0)
        import time

        from msgspec.structs import replace

        now = time.time()
        question = replace(waiting("r1"), asked_at=now, expires_at=now + 60)
        service.publish(approvals=(question,))
        await until(lambda: app.approvals.dialog is not None)
        assert told == ["Claude Code wants to send a request"]
        app.act(Action.SHOW_APPROVAL)
        dialog = app.approvals.dialog
        assert dialog is not None
        await until(dialog.send.isEnabled)
        service.answer("answer_approval", result=True)
        dialog.send.click()
        await until(lambda: app.approvals.dialog is None)
        assert service.called("answer_approval") == [("r1", True, False)]
        app.ask_to_quit()
        assert await running == 0

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
        runner.run(asyncio.wait_for(main(), 60))
