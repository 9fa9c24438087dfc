"""Converts between efforts and thinking budgets, within what a model lists."""

from __future__ import annotations

from proxy_core.canonical.model import Supports
from proxy_core.canonical.request import Reasoning, ReasoningMode

_BUDGET_OF_EFFORT = {
    "none": 0,
    "minimal": 1_024,
    "low": 2_048,
    "medium": 8_192,
    "high": 16_384,
    "xhigh": 24_576,
    "max": 32_000,
}


def effort_of_budget(budget_tokens: int) -> str:
    """Return ``low``, ``medium`` or ``high``, the largest whose budget fits into ``budget_tokens``.

    Never higher: Claude Code sends 31,999 tokens by default, without meaning a special effort.
    """
    fitting = [e for e in ("medium", "high") if _BUDGET_OF_EFFORT[e] <= budget_tokens]
    return fitting[-1] if fitting else "low"


def budget_of_effort(effort: str, supports: Supports) -> int:
    """Return a thinking budget for ``effort`` within the model's bounds."""
    return clamp_budget(_BUDGET_OF_EFFORT.get(effort, _BUDGET_OF_EFFORT["medium"]), supports)


def clamp_budget(budget_tokens: int, supports: Supports) -> int:
    if supports.max_thinking_budget is not None:
        budget_tokens = min(budget_tokens, supports.max_thinking_budget)
    return max(budget_tokens, supports.min_thinking_budget or 0)


def wanted_effort(reasoning: Reasoning) -> str | None:
    """Return the effort that ``reasoning`` asks for; None leaves it to the model."""
    if reasoning.mode is ReasoningMode.DISABLED:
        return "none"
    if reasoning.effort is not None:
        return reasoning.effort
    if reasoning.mode is ReasoningMode.BUDGET and reasoning.budget_tokens is not None:
        return effort_of_budget(reasoning.budget_tokens)
    return None
