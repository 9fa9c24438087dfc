"""Models: connects its presenter and view."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from desktop.pages.context import PageContext
from desktop.presenters.actions import Action
from desktop.presenters.models.model_list import ModelFilter, ModelOrder
from desktop.presenters.models.models import LOADING_AFTER, ListState, ModelsPresenter
from desktop.presenters.notices.toast import Toast
from desktop.presenters.pages import PageKey
from desktop.views.dialogs.terms_dialog import TermsDialog
from desktop.views.pages.models_page import ModelsPage
from desktop.views.pages.page import Page

_FILTER = "models/filter"
_COUNTING_MILLISECONDS = 100
"""Interval at which a running trial's seconds are updated."""


class Models(Page):
    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.view = ModelsPage(
            context.theme,
            can_use=context.has_page(PageKey.CONNECT),
            has_doctor=context.has_page(PageKey.DOCTOR),
        )
        super().__init__(self.view)
        self._presenter = ModelsPresenter(
            context.service,
            context.words,
            now=context.now,
            monotonic=context.monotonic,
            changed=self._show,
        )
        self._soon = QTimer(self.view)
        self._soon.timeout.connect(self._show)
        self._in_sight = False
        self._restore()
        self._connect()

    def refresh(self) -> None:
        self._show()
        if self._in_sight and self._presenter.needs_reading:
            self._context.spawn(self._presenter.read())

    def opened(self) -> None:
        self._in_sight = True
        self.refresh()

    def left(self) -> None:
        self._in_sight = False
        self._soon.stop()

    def read_again(self) -> None:
        self._context.spawn(self._presenter.read(refresh=True))

    def first_focus(self) -> QWidget:
        return self.view.search

    def search_field(self) -> QWidget:
        return self.view.search

    def details(self) -> QWidget:
        return self.view.card

    def _connect(self) -> None:
        view, presenter, card = self.view, self._presenter, self.view.card
        view.searched.connect(presenter.search)
        view.filtered.connect(self._on_filtered)
        view.cleared.connect(presenter.clear)
        view.refresh_asked.connect(self.read_again)
        view.sign_in_asked.connect(lambda: self._context.act(Action.SIGN_IN))
        view.doctor_asked.connect(lambda: self._context.act(Action.OPEN_DOCTOR))
        view.table.chosen.connect(presenter.choose)
        view.table.sort_asked.connect(lambda name: presenter.sort(ModelOrder(name)))
        view.table.copied.connect(self._copy)
        card.copied.connect(self._copy)
        card.use_asked.connect(self._context.use_model)
        card.tried.connect(lambda prompt: self._context.spawn(presenter.try_it(prompt)))
        card.stopped.connect(presenter.stop_trying)
        card.enable_asked.connect(self._ask_to_enable)

    def _show(self) -> None:
        view = self._presenter.view()
        self.view.show_view(view)
        counting = view.details is not None and view.details.is_trying
        if view.state is ListState.QUIET and view.is_reading:
            self._soon.start(round(LOADING_AFTER * 1000) + 10)
        elif counting and self._in_sight:
            self._soon.start(_COUNTING_MILLISECONDS)
        else:
            self._soon.stop()

    def _copy(self, model_id: str) -> None:
        self._context.copy(model_id)
        self._context.toast(Toast(self._context.words.tr("Model id copied"), "copy"))

    def _ask_to_enable(self, model_id: str) -> None:
        self._presenter.choose(model_id)
        details = self._presenter.view().details
        if details is None or details.model_id != model_id or not details.can_enable:
            return
        dialog = TermsDialog(self._context.theme, model_id, details.terms, self.view.window())
        dialog.accepted.connect(lambda: self._context.spawn(self._presenter.enable(model_id)))
        dialog.open()

    def _on_filtered(self, value: str) -> None:
        self._presenter.show(ModelFilter(value))
        if self._context.memory is not None:
            self._context.memory.setValue(_FILTER, value)

    def _restore(self) -> None:
        memory = self._context.memory
        stored = str(memory.value(_FILTER)) if memory is not None else ""
        if stored in {str(each) for each in ModelFilter}:
            self._presenter.show(ModelFilter(stored))
