"""A short message about the user's last action. Never the only report of a failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Toast:
    """``undo`` is offered if the action can be undone. ``icon`` is a line icon's name."""

    text: str
    icon: str = "check"
    undo: Callable[[], None] | None = None
