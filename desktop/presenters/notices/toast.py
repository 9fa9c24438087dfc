"""A short word about what the user just did, at the window's foot. Never the only place of a failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Toast:
    """``undo`` is offered where what was done can be undone. ``icon`` is a line icon's name."""

    text: str
    icon: str = "check"
    undo: Callable[[], None] | None = None
