"""One notice at the top of a page: icon, bold sentence, one line why, at most two buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.views.components.announcement import announce
from desktop.views.components.card import Card
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.text import Text
from desktop.views.replaced import take_away
from desktop.views.theme.theme import Theme

_LOOK = {
    Severity.INFO: ("surface", "line", "info", "accent"),
    Severity.ATTENTION: ("attentionSoft", "attentionLine", "warning", "attention"),
    Severity.FAILURE: ("errorSoft", "errorLine", "", "error"),
}


class Banner(Card):
    """Hidden while there is no notice; announces each new one."""

    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, radius="banner", parent=parent)
        self._notice: Notice | None = None
        self._icon = LineIcon(theme, "info", "accent", parent=self)
        self.title = Text(theme, role="button_primary", wrap=True, parent=self)
        self.line = Text(theme, tone="text2", wrap=True, parent=self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 10, 12, 10)
        self._row.setSpacing(10)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.line)
        self._row.addLayout(column, 1)
        self.buttons: list[Button] = []
        self.hide()

    @property
    def notice(self) -> Notice | None:
        return self._notice

    def show_notice(self, notice: Notice | None) -> None:
        if notice == self._notice:
            return
        before, self._notice = self._notice, notice
        if notice is None:
            self.hide()
            return
        ground, line, icon, token = _LOOK[notice.severity]
        self.set_ground(ground, line)
        self._icon.set_icon(icon, token, ground)
        self.title.set_text(notice.title)
        self.line.set_text(notice.line)
        self.line.setVisible(bool(notice.line))
        if before is None or before.choices != notice.choices:
            self._set_choices(notice.choices)
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(notice.line)
        self.show()
        if before is None or before.title != notice.title:
            announce(self, f"{notice.title}. {notice.line}" if notice.line else notice.title)

    def _set_choices(self, choices: tuple[Choice, ...]) -> None:
        take_away(self._row, self.buttons)
        self.buttons = []
        for choice in choices:
            kind = ButtonKind.PRIMARY if choice.primary else ButtonKind.SECONDARY
            button = Button(self._theme, choice.text, kind, compact=not choice.primary, parent=self)
            action = choice.action
            button.clicked.connect(lambda _=False, action=action: self.chosen.emit(action))
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            self.buttons.append(button)
