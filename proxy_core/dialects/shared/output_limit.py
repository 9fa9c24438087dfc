"""The note about a lowered output limit."""

from __future__ import annotations


def lowered(word: str, fitted: int, wanted: int) -> str:
    """Return the note that names the change; ``word`` is the client's name of the member."""
    return f"{word} ({fitted} instead of {wanted})"
