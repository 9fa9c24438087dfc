"""Another window in the place of the one there is: widgets get their words when they are built."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtWidgets import QDialog

from desktop.presenters.pages import PageKey
from desktop.views.main_window import MainWindow


async def built_in_turns(build: Callable[[], MainWindow], key: PageKey) -> MainWindow:
    """Return a window that has the page ``key``, not yet shown.

    Its parts are built in separate turns of the loop: together they would block the thread's events.
    """
    window = build()
    try:
        await asyncio.sleep(0)
        window.begin_preparing(key)
        await asyncio.sleep(0)
        window.prepare(key)
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        window.deleteLater()
        raise
    return window


def take_place(window: MainWindow, before: MainWindow) -> None:
    """Put ``window`` where ``before`` is, at its page, and close what ``before`` had opened."""
    # Those who opened them are told while the dialogs still exist: the old window deletes them.
    for dialog in before.findChildren(QDialog):
        dialog.reject()
    window.setGeometry(before.geometry())
    window.show_page(before.current_key)
