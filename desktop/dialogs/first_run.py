"""The first run: its presenters and its dialog, and the setting that it is done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSettings, Signal

from desktop.pages.connect import tools_of_this_computer
from desktop.pages.context import PageContext
from desktop.presenters.connect.in_thread import in_thread
from desktop.presenters.sign_in.first_run import (
    FirstRunAction,
    FirstRunEnd,
    FirstRunPresenter,
    FirstRunStep,
)
from desktop.presenters.sign_in.sign_in import SignInPresenter
from desktop.presenters.sign_in.sign_in_view import SignInAction, SignInView, Stage
from desktop.views.dialogs.first_run_dialog import FirstRunDialog

_DONE = "first_run/done"


def is_wanted(memory: QSettings | None, *, demo: bool) -> bool:
    """Whether to show it: never in a demo, nor if settings cannot be stored."""
    return memory is not None and not demo and not memory.value(_DONE, False, bool)


class FirstRun(QObject):
    """``make_sign_in`` builds a sign-in that passes its views to the given function."""

    ended = Signal(str, str)
    """A :class:`~desktop.presenters.sign_in.first_run.FirstRunEnd` and the tool chosen, if any."""

    def __init__(
        self,
        context: PageContext,
        make_sign_in: Callable[[Callable[[SignInView], None]], SignInPresenter],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = FirstRunPresenter(context.service, context.words, context.login)
        self.dialog = FirstRunDialog(context.theme)
        body = self.dialog.sign_in
        self._sign_in = make_sign_in(self._on_sign_in_view)
        body.show_view(self._sign_in.view)
        body.acted.connect(self._on_sign_in_acted)
        body.company_address_entered.connect(self._sign_in.use_company_address)
        body.ticked.connect(self._sign_in.tick)
        self.dialog.acted.connect(self._on_acted)
        self.dialog.tool_chosen.connect(self._on_tool_chosen)
        self.dialog.at_login_chosen.connect(self._on_at_login_chosen)
        self.dialog.finished.connect(self._on_finished)

    def open(self) -> None:
        self._refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self._context.spawn(self._find_tools())

    def abandon(self) -> None:
        """Close it because the app quits; it is shown again at the next start."""
        self.dialog.finished.disconnect(self._on_finished)
        self._sign_in.cancel()
        self.dialog.close()

    async def _find_tools(self) -> None:
        self._presenter.tools_found(await in_thread(tools_of_this_computer))
        if self._presenter.end is None:
            self._refresh()

    def _refresh(self) -> None:
        self.dialog.show_view(self._presenter.view())

    def _on_acted(self, action: str) -> None:
        before = self._presenter.step
        self._presenter.act(FirstRunAction(action))
        if self._presenter.end is not None:
            self.dialog.accept()
            return
        step = self._presenter.step
        if before is FirstRunStep.SIGN_IN and step is not before:
            self._sign_in.cancel()
        if step is FirstRunStep.SIGN_IN and not self._presenter.is_signed_in:
            self._sign_in.begin()
        self._refresh()

    def _on_tool_chosen(self, app_id: str) -> None:
        self._presenter.choose(app_id)
        self._refresh()

    def _on_at_login_chosen(self, on: bool) -> None:
        self._presenter.start_at_login(on)
        self._refresh()

    def _on_sign_in_acted(self, action: str) -> None:
        self._sign_in.act(SignInAction(action))

    def _on_sign_in_view(self, view: SignInView) -> None:
        self.dialog.sign_in.show_view(view)
        if view.stage is Stage.APPROVED:
            self._presenter.signed_in()
            self._refresh()

    def _on_finished(self) -> None:
        if self._presenter.end is None:  # closed by the window's frame or Esc
            self._presenter.act(FirstRunAction.SKIP)
        self._sign_in.cancel()
        memory = self._context.memory
        if memory is not None:
            memory.setValue(_DONE, True)
        end = self._presenter.end or FirstRunEnd.HOME
        chosen = self._presenter.chosen if end is FirstRunEnd.CONNECT else ""
        self.ended.emit(end.value, chosen)
