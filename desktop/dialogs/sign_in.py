"""The dialog that signs in to GitHub: at most one, opened again or brought to the front."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.presenters.sign_in.sign_in import SignInPresenter
from desktop.presenters.sign_in.sign_in_view import SignInView
from desktop.presenters.words import Words
from desktop.running_service import RunningService
from desktop.views.dialogs.sign_in_dialog import SignInDialog
from desktop.views.main_window import MainWindow
from desktop.views.theme.theme import Theme


class SignInWindow(QObject):
    """``window`` is the dialog's parent while it is visible; ``on_closed`` is called at each end."""

    def __init__(
        self,
        service: RunningService,
        theme: Theme,
        words: Words,
        *,
        window: Callable[[], MainWindow],
        open_page: Callable[[str], bool],
        copy: Callable[[str], None],
        on_closed: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._theme = theme
        self._words = words
        self._window = window
        self._open_page = open_page
        self._copy = copy
        self._on_closed = on_closed
        self.dialog: SignInDialog | None = None

    def open(self) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        window = self._window()
        dialog = SignInDialog(self._theme, window if window.isVisible() else None)
        presenter = self.make_presenter(dialog.show_view)
        dialog.show_view(presenter.view)
        dialog.acted.connect(presenter.act)
        dialog.company_address_entered.connect(presenter.use_company_address)
        dialog.ticked.connect(presenter.tick)

        def on_finished() -> None:
            self.dialog = None
            presenter.cancel()
            self._on_closed()

        dialog.finished.connect(on_finished)
        self.dialog = dialog
        presenter.begin()
        dialog.open()

    def close(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def make_presenter(self, changed: Callable[[SignInView], None]) -> SignInPresenter:
        """Return a sign-in that passes its views to ``changed``, for this dialog or the first run."""
        return SignInPresenter(
            self._service,
            self._words,
            open_page=self._open_page,
            copy=self._copy,
            post=asyncio.get_running_loop().call_soon_threadsafe,
            monotonic=time.monotonic,
            now=time.time,
            changed=changed,
        )
