"""Doctor: a summary, then findings, each with its shape and at most one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.presenters.actions import Action
from desktop.presenters.doctor.doctor import DoctorLine, DoctorView
from desktop.presenters.shapes import Shape
from desktop.views.components.banner import Banner
from desktop.views.components.card import Card, Hairline
from desktop.views.components.inputs.buttons import Button, ButtonKind
from desktop.views.components.line_icon import LineIcon
from desktop.views.components.page_body import PageBody
from desktop.views.components.page_head import PageHead
from desktop.views.components.status_shape import StatusShape
from desktop.views.components.text import Text
from desktop.views.replaced import take_away
from desktop.views.theme.theme import Theme

_NAME_WIDTH = 122
STACKED_BELOW = 480
_UNBOUNDED = 16_777_215
"""Qt's largest width of a widget."""
_LEAVES_THE_APP = (Action.SHOW_TRAY_HELP, Action.OPEN_PLANS_PAGE)


class _Line(QWidget):
    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: DoctorLine | None = None
        self.shape = StatusShape(theme, Shape.OFF, parent=self)
        self.name = Text(theme, role="button_primary", wrap=True, parent=self)
        self.finding = Text(theme, tone="text2", wrap=True, parent=self)
        self.step = Text(theme, role="small", tone="text3", wrap=True, parent=self)
        self.button: Button | None = None
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.finding)
        words.addWidget(self.step)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(14)
        row.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(6)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.addWidget(self.name)
        self._row.addLayout(words, 1)
        row.addLayout(self._row, 1)
        # Not a minimum of the widget: that would count for more than what wrapped words need.
        row.addStrut(theme.tokens.heights["table_row"] - 13)  # margins and a hairline
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Name, finding and button side by side, or below one another in a narrow page."""
        direction = QBoxLayout.Direction
        narrow = self.width() < self._theme.scaled(STACKED_BELOW)
        self._row.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        self._row.setSpacing(3 if narrow else 14)
        self.name.setMinimumWidth(0 if narrow else self._theme.scaled(_NAME_WIDTH))
        self.name.setMaximumWidth(_UNBOUNDED if narrow else self._theme.scaled(_NAME_WIDTH))

    def show_line(self, line: DoctorLine) -> None:
        if line == self._shown:
            return
        before, self._shown = self._shown, line
        self.shape.set_shape(line.shape)
        self.name.set_text(line.name)
        self.finding.set_text(line.finding)
        self.step.set_text(line.next_step)
        self.step.setVisible(bool(line.next_step))
        self.setAccessibleName(line.sentence)
        if before is None or before.choice != line.choice:
            self._show_choice(line)

    def _show_choice(self, line: DoctorLine) -> None:
        if self.button is not None:
            take_away(self._row, (self.button,))
            self.button = None
        choice = line.choice
        if choice is None:
            return
        icon = "external" if choice.action in _LEAVES_THE_APP else ""
        self.button = Button(self._theme, choice.text, icon=icon, compact=True, parent=self)
        self.button.setAccessibleName(f"{choice.text}: {line.name}")
        self.button.clicked.connect(lambda: self.chosen.emit(choice.action))
        aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        self._row.addWidget(self.button, 0, aligned)


class LinesCard(Card):
    """Lines by their check: a line that stays keeps its widgets, and with them the focus."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.setAccessibleName(name)
        self.lines: dict[str, _Line] = {}
        self._rules: list[Hairline] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 2, 10, 2)
        self._column.setSpacing(0)

    def show_lines(self, lines: tuple[DoctorLine, ...]) -> None:
        wanted = [line.check for line in lines]
        if wanted != list(self.lines):
            self._arrange(wanted)
        for line in lines:
            self.lines[line.check].show_line(line)
        self.setVisible(bool(lines))

    def _arrange(self, wanted: list[str]) -> None:
        # Not takeAt: its items live on here, and a widget remembers only its first one. What wraps
        # would then keep the height of the words before.
        for line in self.lines.values():
            self._column.removeWidget(line)
        take_away(self._column, self._rules)
        self._rules = []
        gone = [check for check in self.lines if check not in wanted]
        take_away(self._column, [self.lines.pop(check) for check in gone])
        previous, self.lines = self.lines, {}
        for check in wanted:
            if self.lines:
                rule = Hairline(self._theme, self)
                self._rules.append(rule)
                self._column.addWidget(rule)
                rule.show()
            self.lines[check] = previous.get(check) or self._new_line()
            self._column.addWidget(self.lines[check])

    def _new_line(self) -> _Line:
        line = _Line(self._theme, self)
        line.chosen.connect(self.chosen)
        line.show()
        return line


class DoctorPage(PageBody):
    chosen = Signal(str)
    """An :class:`~desktop.presenters.actions.Action`."""
    check_asked = Signal()
    copy_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        body = self.body
        self.head = PageHead(theme, self.tr("Doctor"), body)
        self.copy = Button(theme, self.tr("Copy report"), icon="copy", parent=body)
        self.again = Button(
            theme, self.tr("Check again"), ButtonKind.PRIMARY, icon="refresh", parent=body
        )
        self.head.add(self.copy)
        self.head.add(self.again)
        self.banner = Banner(theme, body)
        self.needs_you = LinesCard(theme, self.tr("What needs you"), body)
        self.others = LinesCard(theme, self.tr("Everything else"), body)
        column = self.column
        column.addLayout(self.head)
        column.addWidget(self.banner)
        column.addWidget(self.needs_you)
        column.addWidget(self.others)
        column.addLayout(self._foot(theme, body))
        column.addStretch(1)
        self.again.clicked.connect(self.check_asked)
        self.copy.clicked.connect(self.copy_asked)
        self.banner.chosen.connect(self.chosen)
        self.needs_you.chosen.connect(self.chosen)
        self.others.chosen.connect(self.chosen)

    def show_view(self, view: DoctorView) -> None:
        self.head.set_line(view.when)
        self.again.setEnabled(not view.is_checking)
        self.copy.setEnabled(view.can_copy)
        self.banner.show_notice(view.notice)
        self.needs_you.show_lines(view.needs_you)
        self.others.show_lines(view.others)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.head.fit(self.viewport().width() - 2 * self._theme.tokens.page_margin[0])

    def _foot(self, theme: Theme, body: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(LineIcon(theme, "shield", "text3", parent=body))
        hint = self.tr(
            "The report holds no token, key, prompt or answer. Also as a command: {command}"
        ).format(command="g-copilot-proxy doctor")
        row.addWidget(Text(theme, hint, role="small", tone="text3", wrap=True, parent=body), 1)
        return row
