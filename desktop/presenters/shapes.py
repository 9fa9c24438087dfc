"""The shapes of states: each state is a shape and a word before it is a colour."""

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
    """No state: a mark beside one, that what a request said is kept."""
