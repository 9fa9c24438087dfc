"""The fake the presenters are tested with has the product's commands, and no others."""

from __future__ import annotations

import inspect

import pytest

from proxy_core.usage.commands import UserCommands
from tests.desktop.fake_service import FakeService

NOT_FOR_THE_WINDOW = {"waiting_approvals"}
"""The window reads those in the status."""
COMMANDS = sorted(
    name
    for name, member in inspect.getmembers(UserCommands, inspect.iscoroutinefunction)
    if not name.startswith("_") and name not in NOT_FOR_THE_WINDOW
)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_the_fake_takes_what_the_real_one_takes(name: str) -> None:
    real = inspect.signature(getattr(UserCommands, name)).parameters
    fake = inspect.signature(getattr(FakeService, name)).parameters
    shape = [(each.name, each.kind, each.default) for each in real.values()]
    assert [(each.name, each.kind, each.default) for each in fake.values()] == shape
