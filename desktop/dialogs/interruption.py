"""Asks before answers that are streaming are cut off by stopping or quitting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.theme.theme import Theme


class Interruption(QObject):
    """One question at a time.

    ``kept`` is called when it is asked, and when the user lets the answers run: nothing has changed.
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

    def before_stopping(self, stop: Callable[[], None]) -> None:
        tr = self._words.tr
        self._ask(tr("Stop the server"), tr("Stop the server?"), tr("Stop the server"), stop)

    def before_quitting(self, quit_app: Callable[[], None]) -> None:
        tr = self._words.tr
        self._ask(tr("Quit"), tr("Quit g-copilot-proxy?"), tr("Quit"), quit_app)

    def close(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _ask(self, title: str, heading: str, do: str, carry_out: Callable[[], None]) -> None:
        running = len(self._service.status.active)
        if not running:
            carry_out()
            return
        self.close()
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
        self.dialog = dialog
        dialog.open()
        self._kept()  # until it is answered, switches show what is so
        dialog.raise_()
        dialog.activateWindow()

    def _on_finished(self) -> None:
        self.dialog = None
