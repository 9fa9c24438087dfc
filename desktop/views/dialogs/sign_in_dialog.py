"""The sign-in dialog: the body in its own window, with a cancel button."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop.presenters.sign_in.sign_in_view import SignInView
from desktop.views.application import bind_quit_key
from desktop.views.calm_focus import CalmFocus
from desktop.views.components.inputs.buttons import Button
from desktop.views.dialogs.sign_in_body import SignInBody
from desktop.views.theme.theme import Theme


class SignInDialog(CalmFocus, QDialog):
    """Shows views; emits what the user does. ``open()`` it, never ``exec()``."""

    acted = Signal(str)
    """A :class:`~desktop.presenters.sign_in.sign_in_view.SignInAction`."""
    company_address_entered = Signal(str)
    ticked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.dress(self)
        bind_quit_key(self)
        self.setWindowTitle(self.tr("Sign in to GitHub"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.body = SignInBody(theme, self)
        self.heading, self.line = self.body.heading, self.body.line
        self.code, self.address, self.waiting = self.body.code, self.body.address, self.body.waiting
        self.company, self.fold = self.body.company, self.body.fold
        self.storage_line = self.body.storage_line
        self.dismiss = Button(theme, parent=self)
        box = QDialogButtonBox(self)
        box.addButton(self.dismiss, QDialogButtonBox.ButtonRole.RejectRole)
        self._column = column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(28, 24, 28, 20)
        column.setSpacing(16)
        column.addWidget(self.body, 1)
        column.addWidget(box)
        self.body.acted.connect(self.acted)
        self.body.company_address_entered.connect(self.company_address_entered)
        self.body.ticked.connect(self.ticked)
        self.body.height_changed.connect(self._fit_soon)
        self.body.stage_changed.connect(self._on_stage)
        self.dismiss.clicked.connect(self.reject)

    @property
    def choices(self) -> list[Button]:
        return self.body.choices

    def show_view(self, view: SignInView) -> None:
        self.dismiss.setText(view.dismiss)
        self.dismiss.setVisible(bool(view.dismiss))
        self.body.show_view(view)

    def sizeHint(self) -> QSize:
        """The design's width, and the height the text needs."""
        width = max(self._theme.tokens.sign_in_width, super().sizeHint().width())
        height = self._column.totalHeightForWidth(width)
        return QSize(width, height if height > 0 else super().sizeHint().height())

    def _on_stage(self) -> None:
        view = self.body.view
        assert view is not None
        self.setAccessibleDescription(self.body.accessibleDescription())
        # Nothing to choose: on Cancel a second press of the key that led here would end the sign-in.
        # A stage ends by itself: who was at a control that it took away is about to press a key.
        if not self.is_resting:
            first: QWidget = self.choices[0] if self.choices else self
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        if view.closes_after is not None:
            QTimer.singleShot(round(view.closes_after * 1000), self, self.accept)

    def _fit_soon(self) -> None:
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """Adjust the height to the stage; the width stays."""
        self._column.activate()
        hint = self.sizeHint()
        self.setMinimumSize(hint)
        self.resize(hint)
