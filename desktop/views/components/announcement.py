"""Short spoken news for screen readers: copied, started, stopped, signed in, a new failure."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str) -> None:
    """Say ``text`` politely: after what is being read, not over it. Never for streams of figures."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
