"""Asks before answers that are streaming are cut off by stopping or quitting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.presenters.actions import Action
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.theme.theme import Theme


class Interruption(QObject):
    """One question at a time: asked for the same again, it comes to the front as it stands.

    Another question takes its place. ``kept`` is called when it is asked, and when the user lets the
    answers run: nothing has changed.
    """

    def __init__(
        self,
        service: ServiceCommands,
        theme: Theme,
        words: Words,
        window: Callable[[], QWidget],
        kept: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._theme = theme
        self._words = words
        self._window = window
        self._kept = kept
        self.dialog: ConfirmDialog | None = None
        self._asked: tuple[Action, int] | None = None
        """What the open question is about, and how many requests it names."""

    def before_stopping(self, stop: Callable[[], None]) -> None:
        tr = self._words.tr
        title = tr("Stop the server")
        self._ask(Action.STOP, title, tr("Stop the server?"), title, stop)

    def before_quitting(self, quit_app: Callable[[], None]) -> None:
        self._ask_to_quit(Action.QUIT, quit_app)

    def before_leaving_demo(self, leave: Callable[[], None]) -> None:
        self._ask_to_quit(Action.LEAVE_DEMO, leave)

    def close(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _ask_to_quit(self, action: Action, carry_out: Callable[[], None]) -> None:
        tr = self._words.tr
        self._ask(action, tr("Quit"), tr("Quit g-copilot-proxy?"), tr("Quit"), carry_out)

    def _ask(
        self, action: Action, title: str, heading: str, do: str, carry_out: Callable[[], None]
    ) -> None:
        running = len(self._service.status.active)
        asked = (action, running)
        if running and self.dialog is not None and self._asked == asked:
            self._bring_to_front(self.dialog)
            return
        self.close()
        if not running:
            carry_out()
            return
        tr, window = self._words.tr, self._window()
        dialog = ConfirmDialog(
            self._theme,
            title,
            heading,
            self._words.numbered(
                "%n running request(s) will be cut off. The tools are told so.", running
            ),
            keep=tr("Keep running"),
            do=do,
            parent=window if window.isVisible() else None,
        )
        dialog.accepted.connect(carry_out)
        dialog.rejected.connect(self._kept)
        dialog.finished.connect(self._on_finished)
        self.dialog, self._asked = dialog, asked
        dialog.open()
        self._kept()  # until it is answered, switches show what is so
        self._bring_to_front(dialog)

    def _bring_to_front(self, dialog: ConfirmDialog) -> None:
        window = self._window()
        if window.isMinimized():  # it would hide the question too
            window.showNormal()
        dialog.raise_()
        dialog.activateWindow()

    def _on_finished(self) -> None:
        self.dialog = self._asked = None
