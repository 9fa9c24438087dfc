"""What a person may ask is defined once; nothing around it repeats a command only to pass it on."""

from __future__ import annotations

import inspect

import pytest

from proxy_core.app.engine import Engine
from proxy_core.app.service import ProxyService
from proxy_core.usage.assembly import UsageServices
from proxy_core.usage.commands import UserCommands
from proxy_core.usage.limits.budget_guard import BudgetGuard

COMMANDS = {
    name
    for name, _ in inspect.getmembers(UserCommands, inspect.iscoroutinefunction)
    if not name.startswith("_")
}
COUNTED = {"allow_more"}
"""Of a command and of the budget it changes: the one checks a person's words, the other counts."""


def test_the_commands_are_those_of_the_window_and_the_command_line() -> None:
    assert {"pause_client", "answer_approval", "allow_more", "start_tracing"} <= COMMANDS


@pytest.mark.parametrize("around", [ProxyService, Engine, UsageServices, BudgetGuard])
def test_no_class_around_it_forwards_a_command(around: type) -> None:
    assert COMMANDS & vars(around).keys() <= COUNTED
