"""Connect: connects its presenter and view."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.pages.context import PageContext
from desktop.presenters.connect.connect import ConnectPresenter, MakeKey
from desktop.presenters.notices.toast import Toast
from desktop.views.pages.connect_page import ConnectPage
from desktop.views.pages.page import Page
from proxy_core.auth.client_keys import NewClientKey
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.discovery import FoundTool, find_tools
from proxy_core.clients.shells import shell_of


def tools_of_this_computer() -> tuple[FoundTool, ...]:
    return find_tools(TOOLS.values())


class Connect(Page):
    def __init__(self, context: PageContext) -> None:
        self.view = ConnectPage(context.theme)
        super().__init__(self.view)
        self._context = context
        self._looked = False
        self._is_offered = False
        self.presenter = ConnectPresenter(
            context.service,
            context.words,
            context.now,
            find_tools=tools_of_this_computer,
            shell=shell_of(os.environ, sys.platform),
            make_key=_key_maker(context),
            changes=context.connect_tools,
        )
        details = self.view.details
        self.view.tools.tool_chosen.connect(self._on_tool_chosen)
        self.view.look_again.clicked.connect(self.read_again)
        details.model_chosen.connect(self._on_model_chosen)
        details.shell_chosen.connect(self._on_shell_chosen)
        details.key_wanted.connect(self._on_key_wanted)
        details.test_wanted.connect(self._on_test_wanted)
        details.copy_wanted.connect(self._on_copy_wanted)
        details.connect_wanted.connect(self._on_connect_wanted)
        details.disconnect_wanted.connect(self._on_disconnect_wanted)
        details.change.role_chosen.connect(self._on_role_chosen)
        details.change.undo_on_quit_wanted.connect(self._on_undo_on_quit_wanted)

    def refresh(self) -> None:
        if self.presenter.is_outdated():
            self._context.spawn(self.presenter.catch_up())
        self.view.show_view(self.presenter.view())
        button = self.view.details.connect_button
        if self._is_offered and button.isVisible():
            self._is_offered = False
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    def opened(self) -> None:
        if not self._looked:
            self._looked = True
            self.read_again()
        else:
            self._context.spawn(self.presenter.look_at_files())

    def read_again(self) -> None:
        self._context.spawn(self.presenter.look())
        self.refresh()

    def choose(self, app_id: str) -> None:
        """Show the steps of one tool, for the first run and the menu."""
        self.presenter.choose(app_id)
        self._plan()

    def offer(self, app_id: str) -> None:
        """Show the change to one tool's settings; one press of a key then connects it."""
        self._is_offered = True
        self.choose(app_id)

    def use_model(self, model_id: str) -> None:
        """Show the steps of tools with this model until another is chosen."""
        self.presenter.use_model(model_id)
        self._plan()

    def first_focus(self) -> QWidget:
        return self.view.first_focus()

    def details(self) -> QWidget | None:
        return self.view.details

    def _on_tool_chosen(self, app_id: str) -> None:
        self.choose(app_id)

    def _on_model_chosen(self, model: str) -> None:
        self.presenter.choose_model(model)
        self.refresh()

    def _plan(self) -> None:
        """Show what connecting the chosen tool would change, once that is worked out."""
        self.refresh()
        self._context.spawn(self.presenter.plan())

    def _on_role_chosen(self, role: str, model: str) -> None:
        self.presenter.choose_model(model, role)
        self._plan()

    def _on_connect_wanted(self) -> None:
        self._context.spawn(self.presenter.connect())
        self._context.post(self.news)

    def _on_disconnect_wanted(self) -> None:
        self._context.spawn(self.presenter.disconnect())
        self._context.post(self.news)

    def _on_undo_on_quit_wanted(self, wanted: bool) -> None:
        self._context.service.submit(
            lambda commands: commands.change_settings("connect.undo_on_quit", wanted)
        )

    def _on_shell_chosen(self, shell: str) -> None:
        self.presenter.choose_shell(shell)
        self.refresh()

    def _on_key_wanted(self) -> None:
        self._context.spawn(self.presenter.make_own_key())

    def _on_test_wanted(self) -> None:
        self._context.spawn(self.presenter.test())
        self._context.post(self.news)

    def _on_copy_wanted(self, text: str) -> None:
        self._context.copy(text)
        copied = self._context.words.tr("Steps copied, with the key")
        self._context.toast(Toast(copied))


def _key_maker(context: PageContext) -> MakeKey:
    """Return a function that makes a key named after a tool and returns the key."""

    def make_key(name: str) -> Future[str]:
        made: Future[str] = Future()
        made.set_running_or_notify_cancel()  # a key that was ordered is made, whoever waits

        def on_made(future: Future[NewClientKey]) -> None:
            if future.cancelled():
                made.cancel()
            elif (error := future.exception()) is not None:
                made.set_exception(error)
            else:
                made.set_result(future.result().key)

        context.service.submit(lambda commands: commands.make_client_key(name)).add_done_callback(
            on_made
        )
        return made

    return make_key
