"""A whole day with the real app, by mouse and keys: from the first run to quitting, in both trays.

Each step's picture is kept in the test's folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.desktop.screen import session_bus
from tests.desktop.screen.day_on_the_screen import day_over_a_bus, day_over_a_panel
from tests.desktop.screen.virtual_screen import PROGRAMS, missing_programs

needed = {**PROGRAMS, **session_bus.PROGRAMS}
missing = [*missing_programs(), *session_bus.missing_programs()]
WHOLE_DAYS = "WHOLE_DAYS" in os.environ
"""Otherwise what has nothing to do with the tray is done in the first day alone."""
pytestmark = pytest.mark.skipif(
    bool(missing),
    reason="needs " + ", ".join(f"{name} (package {needed[name]})" for name in missing),
)


def test_a_day_with_an_icon_in_a_panel(qapp: object, tmp_path: Path) -> None:
    with day_over_a_panel(tmp_path) as day:
        day.first_run_signs_in()
        day.starts_by_the_switch()
        day.a_request_is_seen()
        day.is_asked_and_sends()
        day.is_asked_and_declines()
        day.sets_a_budget_that_stops()
        day.moves_to_another_port_by_keys()
        day.turns_dark_by_keys()
        day.quits_while_an_answer_streams(by="Quit")


def test_a_day_with_an_icon_on_the_bus(qapp: object, tmp_path: Path) -> None:
    with day_over_a_bus(tmp_path) as day:
        day.first_run_opens_the_demo()
        day.signs_out_and_in_again()
        day.starts_by_the_switch()
        day.a_request_is_seen()
        day.connects_a_tool_and_back()
        day.is_asked_and_sends()
        day.is_asked_and_declines()
        if WHOLE_DAYS:
            day.sets_a_budget_that_stops()
            day.moves_to_another_port_by_keys()
            day.turns_dark_by_keys()
        else:
            day.comes_to_the_front()
        day.quits_while_an_answer_streams(by="ctrl+q")
