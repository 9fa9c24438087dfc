"""Activity: connects its presenter and view."""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from desktop.pages.context import PageContext
from desktop.presenters.actions import Action
from desktop.presenters.activity.activity import ActivityPresenter, ResultFilter
from desktop.presenters.notices.toast import Toast
from desktop.presenters.pages import PageKey
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.pages.activity_page import ActivityPage
from desktop.views.pages.page import Page

_SPLITTER = "activity/splitter"


class Activity(Page):
    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.view = ActivityPage(context.theme, can_connect=context.has_page(PageKey.CONNECT))
        super().__init__(self.view)
        self._presenter = ActivityPresenter(
            context.service, context.words, now=context.now, changed=self.news
        )
        self._connect()
        stored = context.memory.value(_SPLITTER) if context.memory is not None else None
        if isinstance(stored, QByteArray):
            self.view.splitter.restoreState(stored)

    def refresh(self) -> None:
        self.view.show_view(self._presenter.view())
        if self._presenter.wants_older:
            self._context.spawn(self._presenter.read_older())
        if self._presenter.wants_trace:
            self._context.spawn(self._presenter.read_trace())

    def opened(self) -> None:
        self._context.spawn(self._presenter.read_tools())

    def left(self) -> None:
        if self._context.memory is not None:
            self._context.memory.setValue(_SPLITTER, self.view.splitter.saveState())

    def go_back(self) -> bool:
        return self.view.close_details()

    def first_focus(self) -> QWidget:
        return self.view.table if self.view.table.rows.rowCount() else self.view.search

    def search_field(self) -> QWidget:
        return self.view.search

    def details(self) -> QWidget:
        return self.view.card

    def _connect(self) -> None:
        view, presenter, card = self.view, self._presenter, self.view.card
        view.searched.connect(presenter.search)
        view.tool_chosen.connect(presenter.show_tool)
        view.result_chosen.connect(lambda value: presenter.show_result(ResultFilter(value)))
        view.older.clicked.connect(lambda: self._context.spawn(presenter.read_older()))
        view.cleared.connect(presenter.clear)
        view.connect_asked.connect(lambda: self._context.act(Action.OPEN_CONNECT))
        view.tool_pause_toggled.connect(self._toggle_pause)
        view.table.chosen.connect(presenter.choose)
        view.table.cancel_asked.connect(self._on_cancel_key)
        view.tracing.stop.clicked.connect(
            lambda: self._context.spawn(self._presenter.stop_tracing())
        )
        card.trace.trace_asked.connect(lambda: self._context.spawn(self._presenter.start_tracing()))
        card.cancel_asked.connect(self._cancel)
        card.report_asked.connect(self._copy_report)
        card.pause_asked.connect(self._pause)
        card.resume_asked.connect(self._resume)
        card.forget_asked.connect(
            lambda refusal: self._context.spawn(self._presenter.forget(refusal))
        )

    def _toggle_pause(self, tool: str) -> None:
        paused = {each.tool for each in self._presenter.view().pauses if each.is_paused}
        if tool in paused:
            self._resume(tool)
        else:
            self._pause(tool)

    def _pause(self, tool: str) -> None:
        self._context.spawn(self._presenter.pause(tool))
        text = self._context.words.tr("{tool} is paused").format(tool=tool)
        self._context.toast(Toast(text, "pause", undo=lambda: self._resume(tool)))

    def _resume(self, tool: str) -> None:
        self._context.spawn(self._presenter.resume(tool))

    def _cancel(self, request_id: str) -> None:
        self._context.spawn(self._presenter.cancel(request_id))

    def _on_cancel_key(self, request_id: str) -> None:
        details = self._presenter.view().details
        if details is None or details.request_id != request_id or not details.can_cancel:
            return
        if not self._presenter.asks_before_cancelling:
            self._cancel(request_id)
            return
        tr = self._context.words.tr
        dialog = ConfirmDialog(
            self._context.theme,
            tr("Cancel a request"),
            tr("Cancel the request of {tool}?").format(tool=details.tool),
            tr("The tool is told that it ended. What GitHub did so far may be billed."),
            keep=tr("Let it run"),
            do=tr("Cancel the request"),
            parent=self.view.window(),
        )
        dialog.accepted.connect(lambda: self._cancel(request_id))
        dialog.open()

    def _copy_report(self) -> None:
        self._context.copy(self._presenter.report())
        self._context.toast(Toast(self._context.words.tr("Report copied, without content"), "copy"))
