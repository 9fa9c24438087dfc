"""The Activity page offscreen: what moves, what stays, and what keys do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from desktop.item_models.data_rows import SHAPE_ROLE
from desktop.item_models.request_rows import Column
from desktop.pages.activity import Activity
from desktop.pages.context import PageContext
from desktop.presenters.activity.traces import TracePartView, TraceView
from desktop.presenters.notices.toast import Toast
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.parts.trace_section import TraceSection
from desktop.views.theme.theme import Theme
from proxy_core.status.request_trace import RequestTrace, TracePart, TracePlace
from proxy_core.status.status import ParameterRefusal, RequestState
from tests.desktop.fake_service import NOW, Clock, FakeService, record
from tests.desktop.screen.seen import accessible_name, accessible_role, focusable


class Stage:
    """The page in a window, with what it asked for."""

    def __init__(self, theme: Theme, service: FakeService, clock: Clock) -> None:
        self.copied: list[str] = []
        self.toasts: list[Toast] = []
        self.window = QWidget()
        context = PageContext(
            service=service,
            theme=theme,
            words=Words(),
            now=clock,
            monotonic=clock,
            act=lambda _: None,
            spawn=self._run,
            post=lambda call: call(),
            refresh=lambda: self.page.refresh(),
            copy=self.copied.append,
            toast=self.toasts.append,
            memory=None,
        )
        self.page = Activity(context)
        self.view = self.page.view
        self.view.setParent(self.window)

    def show(self, width: int) -> None:
        self.window.resize(width, 640)
        self.view.resize(width, 640)
        self.page.refresh()
        self.window.show()
        QApplication.processEvents()

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Begin the command; what it waits for is the service's."""
        with asyncio.Runner() as runner:
            runner.run(_begun(coroutine))


async def _begun(coroutine: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(coroutine)
    for _ in range(5):  # what was answered already arrives within these steps
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.fixture
def stage(theme: Theme, service: FakeService, clock: Clock, qtbot) -> Iterator[Stage]:
    service.change(recent=tuple(record(n) for n in range(1, 60)))
    stage = Stage(theme, service, clock)
    qtbot.addWidget(stage.window)
    stage.show(1040)
    yield stage
    stage.window.hide()


def test_new_rows_come_in_above_without_moving_the_view(stage: Stage, service: FakeService) -> None:
    table = stage.view.table
    table.choose("r30")
    bar = table.verticalScrollBar()
    assert bar.value() > 0
    top = table.rows.key_at(table.rowAt(1))
    new = tuple(record(n, started=NOW + n) for n in (103, 102, 101))
    service.change(recent=(*new, *service.status.recent))
    stage.page.refresh()
    assert table.rows.key_at(table.rowAt(1)) == top
    assert table.chosen_key == "r30"
    assert stage.view.new_rows.isVisible()
    assert stage.view.new_rows.text() == "3 new"
    stage.view.new_rows.click()
    assert bar.value() == 0
    assert not stage.view.new_rows.isVisible()


def test_at_the_top_new_rows_simply_show(stage: Stage, service: FakeService) -> None:
    service.change(recent=(record(101, started=NOW + 1), *service.status.recent))
    stage.page.refresh()
    assert stage.view.table.rows.key_at(stage.view.table.rowAt(1)) == "r101"
    assert not stage.view.new_rows.isVisible()


def test_a_chosen_row_shows_its_details_and_escape_closes_them(stage: Stage, qtbot) -> None:
    assert not stage.view.card.isVisible()
    stage.view.table.choose("r3")
    assert stage.view.card.isVisible()
    assert stage.view.list.isVisible()
    assert stage.page.go_back()
    assert not stage.view.card.isVisible()
    assert not stage.page.go_back()
    stage.view.table.setFocus()
    qtbot.keyClick(stage.view.table, Qt.Key.Key_Return)
    assert stage.view.card.isVisible()


def test_in_a_narrow_window_the_details_are_a_page_with_a_way_back(stage: Stage, qtbot) -> None:
    stage.show(820)
    stage.view.table.choose("r3")
    assert stage.view.list.isVisible(), "arrows and Tab alone do not leave the list"
    stage.view.table.setFocus()
    qtbot.keyClick(stage.view.table, Qt.Key.Key_Return)
    assert stage.view.card.isVisible()
    assert not stage.view.list.isVisible()
    assert stage.view.card.back.isVisible()
    qtbot.mouseClick(stage.view.card.back, Qt.MouseButton.LeftButton)
    assert stage.view.list.isVisible()
    assert not stage.view.card.isVisible()


def test_del_asks_the_first_time_and_only_for_what_runs(
    stage: Stage, service: FakeService, qtbot
) -> None:
    table = stage.view.table
    table.choose("r3")
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert stage.window.findChild(ConfirmDialog) is None, "it ended long ago"
    running = record(99, started=NOW + 9, state=RequestState.STREAMING, duration=None)
    service.change(active=(running,))
    stage.page.refresh()
    table.choose("r99")
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    dialog = stage.window.findChild(ConfirmDialog)
    assert dialog is not None
    assert dialog.focusWidget() is dialog.keep
    assert service.called("cancel_request") == []
    dialog.accept()
    assert service.called("cancel_request") == [("r99",)]
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert len(service.called("cancel_request")) == 2


def test_cancel_is_the_first_button_of_a_running_request(
    stage: Stage, service: FakeService
) -> None:
    running = record(99, started=NOW + 9, state=RequestState.STREAMING, duration=None)
    service.change(active=(running,))
    stage.page.refresh()
    stage.view.table.choose("r99")
    card = stage.view.card
    assert card.cancel.isVisible()
    places = [(each.y(), each.x()) for each in (card.cancel, card.report, card.pause)]
    assert places == sorted(places)
    stage.view.table.choose("r3")
    assert not card.cancel.isVisible()


def test_pausing_a_tool_can_be_undone_from_the_toast(stage: Stage, service: FakeService) -> None:
    stage.view.table.choose("r3")
    stage.view.card.pause.click()
    assert service.called("pause_client") == [("Claude Code", None)]
    toast = stage.toasts[-1]
    assert toast.text == "Claude Code is paused"
    assert toast.undo is not None
    toast.undo()
    assert service.called("resume_client") == [("Claude Code",)]


def test_the_report_is_copied_and_what_was_learned_can_be_forgotten(
    stage: Stage, service: FakeService
) -> None:
    refusal = ParameterRefusal("claude-sonnet-4.6", "", "top_k", NOW, NOW + 1, "refused")
    service.change(parameter_refusals=(refusal,))
    stage.view.table.choose("r3")
    stage.view.card.report.click()
    assert "Request: r3" in stage.copied[0]
    forget = next(each for each in focusable(stage.view.card) if "Forget" in accessible_name(each))
    forget.click()
    assert service.called("forget_refusal") == [("claude-sonnet-4.6", "", "top_k")]


def test_the_same_widgets_show_another_request(stage: Stage) -> None:
    stage.view.table.choose("r3")
    before = stage.view.card.bar
    figures = list(stage.view.card.bar._figures)
    stage.view.table.choose("r4")
    assert stage.view.card.bar is before
    assert stage.view.card.bar._figures == figures


def test_every_control_has_a_name_and_a_role(stage: Stage) -> None:
    stage.view.table.choose("r3")
    controls = focusable(stage.window)
    assert all(accessible_name(each) for each in controls)
    silent = {QAccessible.Role.NoRole, QAccessible.Role.Client}
    assert not [each for each in controls if accessible_role(each) in silent]
    names = {accessible_name(each) for each in controls}
    assert {"Search", "Tool: All tools", "Result: Any result", "Pause a tool", "Requests"} <= names


def test_took_and_credits_stay_beside_the_details(stage: Stage) -> None:
    stage.show(844)  # the page in a window of 1040
    stage.view.table.choose("r3")
    hidden = {c for c in Column if stage.view.table.isColumnHidden(c)} - {Column.TRACED}
    assert hidden <= {Column.CACHED, Column.TOKENS, Column.TOOK}


def test_traced_rows_bear_a_mark_and_no_others(stage: Stage, service: FakeService) -> None:
    table = stage.view.table
    assert table.isColumnHidden(Column.TRACED)
    service.change(traced=frozenset({"r2"}), traces_until=NOW + 600)
    stage.page.refresh()
    assert not table.isColumnHidden(Column.TRACED)
    words = [table.rows.index(row, Column.TRACED).data() for row in range(3)]
    shapes = [table.rows.index(row, Column.TRACED).data(SHAPE_ROLE) for row in range(3)]
    assert words == ["", "Traced", ""]
    assert shapes == [None, Shape.TRACED, None]
    spoken = table.rows.index(1, Column.STATE).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith("Traced")
    service.change(traced=frozenset(), traces_until=None)
    stage.page.refresh()
    assert table.isColumnHidden(Column.TRACED)


def test_content_is_folded_read_only_and_gone_with_the_trace(
    stage: Stage, service: FakeService, qtbot
) -> None:
    asked = '{"messages":[{"role":"user","content":"a word nobody else may see"}]}'
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 600)
    parts = (TracePart(TracePlace.CLIENT_REQUEST, asked, len(asked)),)
    service.answer("trace_of", result=RequestTrace("r1", NOW, parts))
    stage.view.table.choose("r1")
    section = stage.view.card.trace
    qtbot.waitUntil(lambda: TracePlace.CLIENT_REQUEST in section.parts)
    part = section.parts[TracePlace.CLIENT_REQUEST]
    assert part.isVisible()
    assert "in memory only" in section.sentence.text()
    assert section.content_icon.isVisible()
    assert not part.is_open
    assert part.content.toPlainText() == "", "nothing is laid out before it is asked for"
    part.line.click()
    assert "a word nobody else may see" in part.content.toPlainText()
    assert part.content.isReadOnly()
    part.copy.click()
    assert "a word nobody else may see" in QApplication.clipboard().text()
    stage.view.card.report.click()
    assert "a word nobody" not in stage.copied[-1]
    service.change(traced=frozenset(), traces_until=None)
    stage.page.refresh()
    assert not part.isVisible()
    assert part.content.toPlainText() == ""
    assert section.sentence.text() == "Prompts and answers are not stored."


def test_an_answer_that_grows_keeps_what_is_selected(theme: Theme, qtbot) -> None:
    section = TraceSection(theme)
    qtbot.addWidget(section)
    place = TracePlace.UPSTREAM_ANSWER

    def shown(text: str) -> TraceView:
        part = TracePartView(place, "Answer", "Answer", "Copy", text, text, "")
        return TraceView("Traced", is_content=True, parts=(part,))

    section.show_trace(shown("data: one"))
    section.parts[place].set_open(True)
    content = section.parts[place].content
    content.selectAll()
    section.show_trace(shown("data: one\ndata: two"))
    assert content.toPlainText() == "data: one\ndata: two"
    assert content.textCursor().selectedText() == "data: one"


def test_tracing_is_turned_on_from_the_details(stage: Stage, service: FakeService) -> None:
    stage.view.table.choose("r1")
    section = stage.view.card.trace
    assert section.offer.text() == "Trace for 15 minutes"
    section.offer.click()
    assert service.called("start_tracing") == [(900.0,)]
    service.change(tracing_until=NOW + 900)
    stage.page.refresh()
    assert stage.view.tracing.isVisible()
    assert not section.offer.isVisible()
    assert "not traced" in section.sentence.text()


def test_nothing_in_the_details_is_wider_than_they_are(stage: Stage, service: FakeService) -> None:
    again = record(1, attempts=2, first_byte=3.1, approval_seconds=1.0)
    service.change(recent=(again,), traced=frozenset({"r1"}), traces_until=NOW + 600)
    asked = '{"content":"' + "words " * 40 + '"}'
    parts = (TracePart(TracePlace.CLIENT_REQUEST, asked, len(asked)),)
    service.answer("trace_of", result=RequestTrace("r1", NOW, parts))
    stage.page.refresh()
    stage.view.table.choose("r1")
    stage.view.card.trace.parts[TracePlace.CLIENT_REQUEST].set_open(True)
    QApplication.processEvents()
    card = stage.view.card
    least = card.body.minimumSizeHint().width()
    assert least <= card.minimumWidth() - 2 * 18, "the card's own margins"
