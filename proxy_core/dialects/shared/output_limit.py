"""How a change of an answer's longest length is told."""

from __future__ import annotations


def lowered(word: str, fitted: int, wanted: int) -> str:
    """Return the note that names the change; ``word`` is the client's name of the member."""
    return f"{word} ({fitted} instead of {wanted})"
