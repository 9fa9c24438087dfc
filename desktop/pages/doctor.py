"""Doctor: connects its presenter and view."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.pages.context import PageContext
from desktop.presenters.actions import Action
from desktop.presenters.doctor.doctor import DoctorMark, DoctorPresenter
from desktop.presenters.doctor.own_findings import login_finding, tray_finding
from desktop.presenters.notices.toast import Toast
from desktop.views.pages.doctor_page import DoctorPage
from desktop.views.pages.page import Page
from proxy_core.doctor.finding import Finding


class Doctor(Page):
    def __init__(self, context: PageContext) -> None:
        self.view = DoctorPage(context.theme)
        super().__init__(self.view)
        self._context = context
        self._is_open = False
        self._presenter = DoctorPresenter(
            context.service,
            context.words,
            now=context.now,
            monotonic=context.monotonic,
            post=context.post,
            changed=self.news,
            own_checks=self._own_checks,
        )
        self.view.chosen.connect(self._on_chosen)
        self.view.check_asked.connect(self.read_again)
        self.view.copy_asked.connect(self._on_copy_asked)

    @property
    def mark(self) -> DoctorMark | None:
        return self._presenter.mark

    def refresh(self) -> None:
        if self._is_open and self._presenter.is_outdated:
            self.read_again()
        self.view.show_view(self._presenter.view())

    def opened(self) -> None:
        """Look again: what was found before may be over, or new."""
        self._is_open = True
        self.read_again()

    def left(self) -> None:
        self._is_open = False

    def read_again(self) -> None:
        self._context.spawn(self._presenter.check())

    def first_focus(self) -> QWidget:
        return self.view.again if self.view.again.isEnabled() else self.view.copy

    def _own_checks(self) -> tuple[Finding, ...]:
        words = self._context.words
        found = [tray_finding(words, is_available=self._context.tray_is_available())]
        login = self._context.login
        if login is not None:
            found.append(login_finding(words, login.state(), login.place))
        return tuple(found)

    def _on_chosen(self, action: str) -> None:
        self._context.act(Action(action))

    def _on_copy_asked(self) -> None:
        self._context.copy(self._presenter.report())
        self._context.toast(Toast(self._context.words.tr("Report copied")))
