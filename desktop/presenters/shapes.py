"""The shapes of states: a state is shown by shape and text, not by colour alone."""

from __future__ import annotations

from enum import StrEnum


class Shape(StrEnum):
    RUNNING = "running"
    OFF = "off"
    STREAMING = "streaming"
    DONE = "done"
    ATTENTION = "attention"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TRACED = "traced"
    """Not a state: the mark of a traced request."""
