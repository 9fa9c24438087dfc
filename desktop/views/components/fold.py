"""A line that opens to show more: chevron, words, and a body below."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QSize, Qt, QVariantAnimation
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.views.components.focus_ring import KeyboardFocus
from desktop.views.components.press_on_enter import PressOnEnter
from desktop.views.theme.theme import Theme


class _FoldLine(KeyboardFocus, PressOnEnter, QToolButton):
    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "fold")
        self.setText(text)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._restyle)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font("body"))
        self.setIcon(self._theme.icon("chevron-down" if self.isChecked() else "chevron-right"))


class Fold(QWidget):
    """Closed at first. What is inside a closed fold is out of the Tab order."""

    def __init__(
        self, theme: Theme, text: str, body: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.line = _FoldLine(theme, text, self)
        self.body = body
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(body)
        body.hide()
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_step)
        self._animation.finished.connect(self._on_finished)
        self.line.toggled.connect(self._on_toggled)

    @property
    def is_open(self) -> bool:
        return self.line.isChecked()

    def set_open(self, is_open: bool) -> None:
        self.line.setChecked(is_open)

    def _on_toggled(self, is_open: bool) -> None:
        duration = self._theme.duration("fold_ms")
        self._animation.stop()
        if duration == 0 or not self.isVisible():
            self.body.setVisible(is_open)
            return
        height = self.body.sizeHint().height()
        self.body.setVisible(True)
        self._animation.setDuration(duration)
        self._animation.setStartValue(0 if is_open else height)
        self._animation.setEndValue(height if is_open else 0)
        self._animation.start()

    def _on_step(self, height: int) -> None:
        self.body.setMaximumHeight(height)

    def _on_finished(self) -> None:
        self.body.setMaximumHeight(16777215)
        self.body.setVisible(self.is_open)
