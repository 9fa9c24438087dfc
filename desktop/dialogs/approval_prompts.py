"""The approval question: its presenter and its dialog, while a request waits."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, QTimer

from desktop.presenters.notices.approvals import ApprovalPresenter
from desktop.views.dialogs.approval_dialog import ApprovalDialog
from desktop.views.theme.theme import Theme

_TICK_MILLISECONDS = 250


class ApprovalPrompts(QObject):
    """``refresh`` is called with every new status; the countdown runs by itself."""

    def __init__(
        self,
        theme: Theme,
        presenter: ApprovalPresenter,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._presenter = presenter
        self._spawn = spawn
        self._dialog: ApprovalDialog | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)

    @property
    def dialog(self) -> ApprovalDialog | None:
        return self._dialog

    def refresh(self) -> None:
        view = self._presenter.view()
        if view is None:
            self.close()
            return
        if self._dialog is None:
            self._dialog = ApprovalDialog(self._theme)
            self._dialog.answered.connect(self._on_answered)
            self._dialog.all_sent.connect(self._on_all_sent)
            self._dialog.show_view(view)
            self._dialog.show()  # without activating it: the user may be typing elsewhere
            self._timer.start()
        else:
            self._dialog.show_view(view)

    def bring_to_front(self) -> None:
        """Show the dialog in front, on the user's request from the tray."""
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()

    def close(self) -> None:
        self._timer.stop()
        if self._dialog is not None:
            self._dialog.hide()
            self._dialog.deleteLater()
            self._dialog = None

    def _on_answered(self, request_id: str, send: bool, stop_asking: bool) -> None:
        self._spawn(self._presenter.answer(request_id, send=send, stop_asking=stop_asking))
        QTimer.singleShot(0, self, self.refresh)

    def _on_all_sent(self, client: str) -> None:
        self._spawn(self._presenter.send_all(client))
        QTimer.singleShot(0, self, self.refresh)
