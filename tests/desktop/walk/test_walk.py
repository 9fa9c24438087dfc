"""The window in any order: short here, long by ``python -m tests.desktop.walk``."""

from __future__ import annotations

from hypothesis.stateful import run_state_machine_as_test
from PySide6.QtWidgets import QApplication

from desktop.views.theme.theme import Theme
from tests.desktop.walk.prepared import prepared_walks
from tests.desktop.walk.settings_of_the_walk import walk_settings
from tests.desktop.walk.walked_app import dialogs_left
from tests.desktop.walk.walking import QUESTION_SEEN, Walk


def test_the_server_never_stops_unless_asked_whatever_a_person_does(
    qapp: QApplication, theme: Theme
) -> None:
    with prepared_walks(qapp, theme):
        run_state_machine_as_test(
            Walk, settings=walk_settings(examples=8, steps=25, always_the_same=True)
        )
        assert Walk.seen[QUESTION_SEEN] > 0
    assert dialogs_left() == []
