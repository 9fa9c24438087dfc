"""What a walk needs before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtWidgets import QApplication

import desktop.pages.connect
from desktop.pages.declared import PAGES
from desktop.views.theme.theme import Theme
from tests.desktop.responsive.event_watch import WATCH
from tests.desktop.surfaces import FOUND, dialog_classes
from tests.desktop.walk.virtual_time import VirtualTime, use_virtual_time
from tests.desktop.walk.walking import Walk


@contextmanager
def prepared_walks(qapp: QApplication, theme: Theme) -> Iterator[None]:
    """Every page and dialog is imported, time is the walk's, letters typed twice are two searches."""
    for page in PAGES:
        if page.build is not None:
            page.build()
    dialog_classes()
    clock = VirtualTime()
    pause, blink = qapp.keyboardInputInterval(), qapp.cursorFlashTime()
    with pytest.MonkeyPatch.context() as monkeypatch:
        # One event of a walk opens pages and builds windows anew; how long each of these takes is
        # measured by tests/desktop/responsive/.
        monkeypatch.setattr(WATCH, "is_on", False)
        use_virtual_time(clock, monkeypatch)
        monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
        for name, value in {"qapp": qapp, "theme": theme, "clock": clock}.items():
            monkeypatch.setattr(Walk, name, value, raising=False)
        qapp.setKeyboardInputInterval(0)
        qapp.setCursorFlashTime(0)
        Walk.seen.clear()
        yield
        qapp.setKeyboardInputInterval(pause)
        qapp.setCursorFlashTime(blink)
