"""The tray icon: shows the state, has the menu, a left click opens the window."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.presenters.notices.notices import Severity
from desktop.presenters.notices.notifications import Notification
from desktop.presenters.tray import IconState, TrayView
from desktop.views.literal_text import literal
from desktop.views.tray.tray_artwork import tray_icon
from desktop.views.tray.tray_menu import TrayMenu

EAGER_MILLISECONDS = 1000
EAGER_TRIES = 60
PATIENT_MILLISECONDS = 15_000
_MESSAGE_ICONS = {
    Severity.INFO: QSystemTrayIcon.MessageIcon.Information,
    Severity.ATTENTION: QSystemTrayIcon.MessageIcon.Warning,
    Severity.FAILURE: QSystemTrayIcon.MessageIcon.Critical,
}


class TrayIcon(QObject):
    """Waits for a late tray, and registers again after the tray restarted.

    At login the panel may start after us, and panels crash. ``view`` is asked when the menu opens;
    a StatusNotifier host reads the menu long before that, so ``show_view`` builds it too.
    """

    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""
    activated = Signal()
    availability_changed = Signal(bool)

    def __init__(
        self,
        view: Callable[[], TrayView],
        *,
        taskbar_is_light: Callable[[], bool] = lambda: False,
        is_available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        platform: str = sys.platform,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._taskbar_is_light = taskbar_is_light
        self._is_available = is_available
        self._platform = platform
        self._state: tuple[IconState, bool] | None = None
        self._available = False
        self._tries = 0
        self.icon = QSystemTrayIcon(self)
        self.menu = TrayMenu()
        self.menu.chosen.connect(self.chosen)
        self.menu.aboutToShow.connect(self._on_about_to_show)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.activated)
        self._timer = QTimer(self)
        self._timer.setInterval(EAGER_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    @property
    def is_available(self) -> bool:
        return self._available

    @property
    def has_given_up(self) -> bool:
        """Whether no tray appeared within a minute; the search continues less often."""
        return not self._available and self._tries >= EAGER_TRIES

    def start(self) -> None:
        self.show_view(self._view())
        self._look()
        self._timer.start()

    def refresh(self) -> None:
        """Show the present state, where there is a tray to show it."""
        if self._available:
            self.show_view(self._view())

    def stop(self) -> None:
        self._timer.stop()
        self.icon.hide()
        self.menu.close()

    def show_view(self, view: TrayView) -> None:
        drawn = (view.icon, self._taskbar_is_light())
        if drawn != self._state:
            self._state = drawn
            icon = tray_icon(view.icon, platform=self._platform, taskbar_is_light=drawn[1])
            self.icon.setIcon(icon)
        tip = literal(view.tooltip)
        if tip != self.icon.toolTip():
            self.icon.setToolTip(tip)
        self.menu.show_menu(view.menu)

    def notify(self, notification: Notification) -> None:
        """Let the system show it, where there is a tray; a click on it opens the window."""
        if self._available:
            icon = _MESSAGE_ICONS[notification.severity]
            self.icon.showMessage(literal(notification.title), literal(notification.line), icon)

    def _look(self) -> None:
        available = self._is_available()
        if available and not self._available:
            self.show_view(self._view())  # nothing was shown while there was none
            self.icon.hide()  # a restarted tray has lost the icon
            self.icon.show()
        self._tries = 0 if available else self._tries + 1
        patient = available or self._tries >= EAGER_TRIES
        self._timer.setInterval(PATIENT_MILLISECONDS if patient else EAGER_MILLISECONDS)
        if available != self._available or self._tries == EAGER_TRIES:
            self._available = available
            self.availability_changed.emit(available)

    def _on_about_to_show(self) -> None:
        self.show_view(self._view())

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        # On macOS a click opens the menu, as its users expect.
        if reason == QSystemTrayIcon.ActivationReason.Trigger and self._platform != "darwin":
            self.activated.emit()
