"""JSON that reaches upstream byte for byte: the library carries a mark in its place. Pure."""

from __future__ import annotations


class Raws:
    """The JSON texts of one request, each behind a mark that nobody can guess.

    ``mark`` is a random word of letters and digits, so that it survives every encoding as it is.
    """

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.texts: list[str] = []
        self.has_grafts = False

    def number(self, text: str) -> int:
        """Add a text; return its place."""
        self.texts.append(text)
        return len(self.texts) - 1

    def value(self, text: str) -> str:
        """Return the mark of a value, such as a call's arguments."""
        return f"{self.mark}v:{self.number(text)}"

    def graft(self, text: str) -> str:
        """Return the mark of a whole turn that stands where the library's own would."""
        self.has_grafts = True
        return f"{self.mark}g:{self.number(text)}"

    @property
    def nothing(self) -> str:
        """The mark of a turn that only the library needs to see: it is left out."""
        self.has_grafts = True
        return f"{self.mark}d"
