"""Which settings protect money and access, and their value while their line cannot be read.

An invalid line must not grant access or allow spending: such a setting keeps the last value it was
given; if it was never given one, it takes the closed value from here. Pure.
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
"""Least similarity (0 to 1) of a misspelt name that counts as that setting's."""


def value_while_unreadable(key: str, in_force: Any, *, was_given: bool, stated: Any = None) -> Any:
    """Return the value of ``key`` while its line is invalid; ``stated`` is the line's value, if known.

    ``was_given``: ``in_force`` was set explicitly, not by default.
    """
    if key not in CLOSED or was_given:
        return in_force
    is_number = isinstance(stated, int | float) and not isinstance(stated, bool)
    if CLOSED[key] == LEAST_CREDITS and is_number and stated > MOST_CREDITS:
        return MOST_CREDITS
    return CLOSED[key]


def meant_by(section: str, name: str) -> str | None:
    """Return the protective setting of ``section`` that a misspelt ``name`` was meant for, or None."""
    names = {key.partition(".")[2]: key for key in CLOSED if key.startswith(f"{section}.")}
    found = difflib.get_close_matches(name, names, n=1, cutoff=_ALIKE)
    return names[found[0]] if found else None
