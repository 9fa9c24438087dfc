"""What a person may ask is defined once; nothing around it repeats a command only to pass it on."""

from __future__ import annotations

import inspect

import pytest

from proxy_core.app.commands import Commands
from proxy_core.app.engine import Engine
from proxy_core.app.service import ProxyService
from proxy_core.usage.assembly import UsageServices
from proxy_core.usage.limits.budget_guard import BudgetGuard

COMMANDS = {
    name
    for name, _ in inspect.getmembers(Commands, inspect.iscoroutinefunction)
    if not name.startswith("_")
}
COUNTED = {"allow_more", "start"}
"""Of a command and of what it acts on: the budget that counts, the ledger's own thread that starts."""


def test_the_commands_are_those_of_the_window_and_the_command_line() -> None:
    assert {"pause_client", "answer_approval", "allow_more", "start_tracing"} <= COMMANDS
    assert {"start", "stop", "sign_in", "sign_out", "change_settings", "run_doctor"} <= COMMANDS
    assert {"make_client_key", "revoke_client_key", "models", "enable_model"} <= COMMANDS


@pytest.mark.parametrize("around", [ProxyService, Engine, UsageServices, BudgetGuard])
def test_no_class_around_it_forwards_a_command(around: type) -> None:
    assert COMMANDS & vars(around).keys() <= COUNTED
