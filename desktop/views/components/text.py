"""Text by role and tone: the only label the pages use."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.views.components.inputs.edit_menu import NamedEditMenu
from desktop.views.theme.theme import Theme


class Text(NamedEditMenu, QLabel):
    """A label whose font and colour come from the theme and follow it.

    ``role`` is a type style of the tokens, ``tone`` a colour token. Plain text always: what arrives
    from a server must not become markup.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        role: str = "body",
        tone: str = "text",
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._role = role
        self._tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        if wrap:
            self.setWordWrap(True)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_text(self, text: str) -> None:
        """Set the text only if it is new: an unchanged label costs no layout."""
        if text != self.text():
            self.setText(text)

    def set_tone(self, tone: str) -> None:
        if tone != self._tone:
            self._tone = tone
            self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._role))
        self.setPalette(self._theme.words_palette(self._tone))
