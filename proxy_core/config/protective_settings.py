"""Which settings protect money and access, and what each is while its line cannot be read.

A wrong line must not open or spend anything: such a setting keeps the last value it is known to have
been given; where it was never given one, it takes the closed value from here. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from proxy_core.config.settings import BudgetAction

LEAST_CREDITS, MOST_CREDITS = 0.01, 10_000_000.0
"""The bounds of a budget, as declared in ``BudgetSettings``."""

CLOSED: Mapping[str, Any] = MappingProxyType(
    {
        "server.host": "127.0.0.1",
        "server.require_key": True,
        "server.allowed_hosts": (),
        "server.allowed_origins": (),
        "account.accept_client_tokens": False,
        "budget.daily_credits": LEAST_CREDITS,
        "budget.monthly_credits": LEAST_CREDITS,
        "budget.action": BudgetAction.STOP,
        "budget.ask_before_sending": True,
    }
)

_ALIKE = 0.75
"""How alike a misspelt name must be to count as a line of that setting."""


def value_while_unreadable(key: str, in_force: Any, *, was_given: bool, said: Any = None) -> Any:
    """Return what ``key`` is while its line is wrong; ``said`` is what the line says, if known.

    ``was_given``: ``in_force`` was asked for, and is not just the default.
    """
    if key not in CLOSED or was_given:
        return in_force
    is_number = isinstance(said, int | float) and not isinstance(said, bool)
    if CLOSED[key] == LEAST_CREDITS and is_number and said > MOST_CREDITS:
        return MOST_CREDITS
    return CLOSED[key]


def meant_by(section: str, name: str) -> str | None:
    """Return the protective setting of ``section`` that a misspelt ``name`` was meant for, or None."""
    names = {key.partition(".")[2]: key for key in CLOSED if key.startswith(f"{section}.")}
    found = difflib.get_close_matches(name, names, n=1, cutoff=_ALIKE)
    return names[found[0]] if found else None
