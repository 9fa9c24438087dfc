"""Home: connects its presenter and view."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.pages.context import PageContext
from desktop.presenters.actions import Action
from desktop.presenters.home.home import HomePresenter
from desktop.views.pages.home_page import HomePage
from desktop.views.pages.page import Page


class Home(Page):
    def __init__(self, context: PageContext) -> None:
        self.view = HomePage(context.theme)
        super().__init__(self.view)
        self._presenter = HomePresenter(context.service, context.words, context.now)
        self._act = context.act
        self._spawn = context.spawn
        self.view.chosen.connect(self._on_chosen)

    def refresh(self) -> None:
        if self._presenter.needs_reading():
            self._spawn(self._presenter.read())
        self.view.show_view(self._presenter.view())

    def first_focus(self) -> QWidget:
        return self.view.first_focus()

    def _on_chosen(self, action: str) -> None:
        self._act(Action(action))
