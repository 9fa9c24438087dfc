"""What closing the window does: with a tray the app stays there, without one the user chooses once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication

from desktop.presenters.home.server_state import is_serving
from desktop.presenters.notices.notices import Severity
from desktop.presenters.notices.notifications import Notification
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from desktop.views.application import Application
from desktop.views.dialogs.closing_dialog import ClosingDialog
from desktop.views.main_window import MainWindow
from desktop.views.theme.theme import Theme
from desktop.views.tray.tray_icon import TrayIcon
from proxy_core.config.settings import WithoutTray

_TOLD = "window/told_where_it_goes"
SETTING = "desktop.without_tray"


class WindowClosing(QObject):
    """``remember`` stores the choice in the settings; ``quit_app`` may still ask about requests."""

    def __init__(
        self,
        service: ServiceCommands,
        theme: Theme,
        words: Words,
        memory: QSettings | None,
        tray: Callable[[], TrayIcon],
        window: Callable[[], MainWindow],
        remember: Callable[[WithoutTray], None],
        quit_app: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._theme = theme
        self._words = words
        self._memory = memory
        self._tray = tray
        self._window = window
        self._remember = remember
        self._quit_app = quit_app
        self._has_told = memory is not None and bool(memory.value(_TOLD, False, bool))
        self.dialog: ClosingDialog | None = None
        application = QApplication.instance()
        self._application = application if isinstance(application, Application) else None
        if self._application is not None:
            self._application.quit_key.connect(self._on_quit_key)

    def may_close(self) -> bool:
        """Whether the window goes now; else a question is open, or the app quits."""
        if self._tray().is_available:
            return True
        match self._service.settings.desktop.without_tray:
            case WithoutTray.SERVE:
                return True
            case WithoutTray.QUIT:
                self._quit_app()
            case WithoutTray.ASK:
                self._ask()
        return False

    def on_closed(self) -> None:
        """Say once where the app is, so that nobody looks for it or thinks it ended."""
        tray = self._tray()
        if self._has_told or not tray.is_available or not self._service.settings.desktop.notices:
            return
        self._has_told = True
        if self._memory is not None:
            self._memory.setValue(_TOLD, True)
        tr = self._words.tr
        tray.notify(
            Notification(
                tr("g-copilot-proxy goes on in the tray"),
                self._where(),
                Severity.INFO,
            )
        )

    def _where(self) -> str:
        tr = self._words.tr
        if is_serving(self._service.status):
            return tr("Tools stay connected. Its icon opens the window again; Quit is in its menu.")
        return tr("Its icon opens the window again; Quit is in its menu.")

    def close(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def end(self) -> None:
        """The app ends."""
        self.close()
        if self._application is not None:
            self._application.quit_key.disconnect(self._on_quit_key)
            self._application = None

    def _on_quit_key(self) -> None:
        """Ctrl+Q in a dialog: in that about closing it is an answer, for this once."""
        self._quit_app()

    def _ask(self) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            return
        dialog = ClosingDialog(self._theme, self._window(), serves=is_serving(self._service.status))
        dialog.chosen.connect(self._on_chosen)
        dialog.finished.connect(self._on_finished)
        self.dialog = dialog
        dialog.open()

    def _on_chosen(self, choice: str) -> None:
        chosen = WithoutTray(choice)
        self._remember(chosen)
        if chosen is WithoutTray.SERVE:
            self._window().leave()
        else:
            self._quit_app()

    def _on_finished(self) -> None:
        self.dialog = None
