"""Short announcements for screen readers: copied, started, stopped, signed in, failures."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str) -> None:
    """Announce ``text`` politely: after the current speech, not interrupting it.

    Not for changing figures.
    """
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
