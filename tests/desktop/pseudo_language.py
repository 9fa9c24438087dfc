"""A language that nobody speaks: every text longer by 40 %, with marks at both ends.

What appears on a surface without the marks was not translated; what is cut has too little room.
"""

from __future__ import annotations

from PySide6.QtCore import QTranslator

from desktop.presenters.words import Words

BEGIN, END = "⟦", "⟧"
_ACCENTS = str.maketrans("aeiouAEIOUcnsyz", "áéíóúÁÉÍÓÚçñšýž")


def in_pseudo(text: str, number: int = -1) -> str:
    """``Copy {name}`` becomes ``⟦Çópý {name} ···⟧``: values in braces stay."""
    pieces: list[str] = []
    rest = text
    while rest:
        before, brace, after = rest.partition("{")
        pieces.append(before.translate(_ACCENTS))
        if not brace:
            break
        value, _, rest = after.partition("}")
        pieces.append("{" + value + "}")
    said = "".join(pieces)
    if number >= 0:
        said = said.replace("%n", str(number))
    words = max(1, round(0.4 * len(text)))
    return f"{BEGIN}{said} {'·' * words}{END}"


class PseudoTranslator(QTranslator):
    """For the texts of our own views; Qt's stay."""

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        if context.startswith("Q") or not text:
            return ""
        return in_pseudo(text, n)

    def isEmpty(self) -> bool:  # noqa: N802  # Qt's name
        return False


def pseudo_words() -> Words:
    return Words(in_pseudo, numbered=in_pseudo)
