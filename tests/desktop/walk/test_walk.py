"""The window in any order: short here, long by ``python -m tests.desktop.walk``."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test
from PySide6.QtWidgets import QApplication

import desktop.pages.connect
from desktop.views.theme.theme import Theme
from tests.desktop.surfaces import FOUND
from tests.desktop.walk.settings_of_the_walk import walk_settings
from tests.desktop.walk.walking import Walk, dialogs_left


def test_the_server_never_stops_unless_asked_whatever_a_person_does(
    qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
    monkeypatch.setattr(Walk, "qapp", qapp, raising=False)
    monkeypatch.setattr(Walk, "theme", theme, raising=False)
    run_state_machine_as_test(
        Walk, settings=walk_settings(examples=8, steps=25, always_the_same=True)
    )
    assert dialogs_left() == []
