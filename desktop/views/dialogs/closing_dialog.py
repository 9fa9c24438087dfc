"""Asks, on a desktop without a tray, what closing the window should do. Esc leaves it open."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.views.components.flow import FlowRow
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.text import Text
from desktop.views.dialogs.fitted_dialog import FittedDialog
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import WithoutTray

_WIDTH = 460


class ClosingDialog(FittedDialog):
    """``serves``: whether tools are connected now."""

    chosen = Signal(str)
    """A :class:`~proxy_core.config.settings.WithoutTray`, after the dialog closed."""

    def __init__(self, theme: Theme, parent: QWidget | None, *, serves: bool) -> None:
        super().__init__(theme, _WIDTH, (26, 22, 26, 20), 12, parent)
        self.setWindowTitle(self.tr("Close the window"))
        heading, go_on = self.tr("Keep running without a window?"), self.tr("Keep running")
        sentence = self.tr(
            "This desktop shows no tray icon. The app can go on without a window; start it again, "
            "or run “g-copilot-proxy open”, to have the window back."
        )
        if serves:
            heading, go_on = self.tr("Keep serving without a window?"), self.tr("Keep serving")
            sentence = self.tr(
                "This desktop shows no tray icon. The app can go on without a window, and tools stay "
                "connected; start it again, or run “g-copilot-proxy open”, to have the window back."
            )
        note = self.tr("The choice is remembered; Settings, General, changes it.")
        self.stay = Button(theme, self.tr("Leave it open"), parent=self)
        self.quit = Button(theme, self.tr("Quit"), parent=self)
        self.serve = Button(theme, go_on, ButtonKind.PRIMARY, parent=self)
        buttons = FlowRow(self, align_end=True)
        for button in (self.stay, self.quit, self.serve):
            buttons.add(button)
        column = self.column
        column.addWidget(Text(theme, heading, role="section", wrap=True, parent=self))
        column.addWidget(Text(theme, sentence, tone="text2", wrap=True, parent=self))
        column.addWidget(Text(theme, note, role="small", tone="text3", wrap=True, parent=self))
        self.set_foot(buttons)
        self.stay.clicked.connect(self.reject)
        self.quit.clicked.connect(lambda: self._choose(WithoutTray.QUIT))
        self.serve.clicked.connect(lambda: self._choose(WithoutTray.SERVE))
        self.stay.setFocus()

    def _choose(self, choice: WithoutTray) -> None:
        self.accept()
        self.chosen.emit(choice.value)
