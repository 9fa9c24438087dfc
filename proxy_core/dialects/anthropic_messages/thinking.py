"""Fits ``thinking`` and ``output_config.effort`` to what a model lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from proxy_core.canonical.model import Supports
from proxy_core.canonical.request import DialectName, Reasoning, ReasoningMode
from proxy_core.copilot_facts.efforts import clamp_effort
from proxy_core.copilot_facts.limits import LEAST_THINKING_BUDGET
from proxy_core.dialects.anthropic_messages.schema import THINKING_DISPLAYS
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.reasoning_effort import (
    budget_of_effort,
    clamp_budget,
    effort_of_budget,
)

SMALLEST_BUDGET = LEAST_THINKING_BUDGET.value


@dataclass(slots=True)
class FittedThinking:
    """The two wire members (None: omitted) and the changes made."""

    thinking: dict[str, Any] | None = None
    effort: str | None = None
    dropped: list[str] = field(default_factory=list)


def fit_thinking(
    reasoning: Reasoning, supports: Supports, max_tokens: int, client: DialectName
) -> FittedThinking:
    """Express ``reasoning`` in this dialect as far as the model supports it.

    Some models take only a budget, the newest only ``adaptive`` (earendil-works/pi#3292). Which of
    them a model takes is read from the catalogue: budget bounds, ``adaptive_thinking``, efforts. If
    the catalogue says nothing about thinking, the client's own members are kept.
    """
    fitted = FittedThinking()
    own_words = client is DialectName.ANTHROPIC_MESSAGES
    _fit_effort(fitted, reasoning, supports, client)
    if reasoning.mode is ReasoningMode.DISABLED:
        fitted.thinking = {"type": "disabled"} if own_words or supports.thinking else None
        return fitted
    if reasoning.mode is ReasoningMode.EFFORT and own_words:
        return fitted
    takes_budget = supports.max_thinking_budget is not None or supports.thinking
    if not takes_budget and not supports.adaptive_thinking and own_words:
        fitted.thinking = _as_asked(reasoning)
    elif reasoning.mode is ReasoningMode.BUDGET and supports.max_thinking_budget is not None:
        _use_budget(fitted, reasoning.budget_tokens or 0, supports, max_tokens, client)
    elif supports.adaptive_thinking:
        _use_adaptive(fitted, reasoning, supports)
    elif takes_budget:
        budget = reasoning.budget_tokens or budget_of_effort(reasoning.effort or "medium", supports)
        if reasoning.mode is ReasoningMode.ADAPTIVE:
            fitted.dropped.append(
                f"{client_field_name(client, 'reasoning')} (a budget instead of adaptive)"
            )
        _use_budget(fitted, budget, supports, max_tokens, client)
    elif fitted.effort is None:
        fitted.dropped.append(client_field_name(client, "reasoning"))
    _set_display(fitted, reasoning, own_words=own_words)
    return fitted


def _fit_effort(
    fitted: FittedThinking, reasoning: Reasoning, supports: Supports, client: DialectName
) -> None:
    wanted = reasoning.effort
    if wanted is None:
        return
    if not supports.reasoning_efforts and client is DialectName.ANTHROPIC_MESSAGES:
        fitted.effort = wanted
        return
    fitted.effort = clamp_effort(wanted, supports.reasoning_efforts)
    word = client_field_name(client, "effort")
    if fitted.effort is None and client is DialectName.ANTHROPIC_MESSAGES:
        fitted.dropped.append(word)
    elif fitted.effort is not None and fitted.effort != wanted:
        fitted.dropped.append(f"{word} ({fitted.effort} instead of {wanted})")


def _as_asked(reasoning: Reasoning) -> dict[str, Any]:
    if reasoning.mode is ReasoningMode.BUDGET:
        return {"type": "enabled", "budget_tokens": reasoning.budget_tokens}
    return {"type": "adaptive"}


def _use_adaptive(fitted: FittedThinking, reasoning: Reasoning, supports: Supports) -> None:
    fitted.thinking = {"type": "adaptive"}
    if reasoning.mode is ReasoningMode.BUDGET:
        fitted.dropped.append("thinking.budget_tokens (adaptive instead)")
        if fitted.effort is None:
            effort = effort_of_budget(reasoning.budget_tokens or 0)
            fitted.effort = clamp_effort(effort, supports.reasoning_efforts)


def _use_budget(
    fitted: FittedThinking, wanted: int, supports: Supports, max_tokens: int, client: DialectName
) -> None:
    """The budget is part of ``max_tokens`` and must leave room for an answer."""
    budget = clamp_budget(max(wanted, SMALLEST_BUDGET), supports)
    if budget >= max_tokens:
        budget = max_tokens * 3 // 4
    if budget < max(SMALLEST_BUDGET, supports.min_thinking_budget or 0):
        word = client_field_name(client, "reasoning")
        fitted.dropped.append(f"{word} (no room within max_tokens {max_tokens})")
        return
    fitted.thinking = {"type": "enabled", "budget_tokens": budget}
    if budget != wanted and client is DialectName.ANTHROPIC_MESSAGES:
        fitted.dropped.append(f"thinking.budget_tokens ({budget} instead of {wanted})")


def _set_display(fitted: FittedThinking, reasoning: Reasoning, *, own_words: bool) -> None:
    """Newer models show no thinking by default (AAswordman/Operit#568); OpenAI's clients cannot ask
    for it.
    """
    if fitted.thinking is None:
        return
    if not own_words:
        fitted.thinking["display"] = "summarized"
    elif reasoning.display in THINKING_DISPLAYS:
        fitted.thinking["display"] = reasoning.display
    elif reasoning.display is not None:
        fitted.thinking["display"] = "summarized"
        fitted.dropped.append(f"thinking.display (summarized instead of {reasoning.display})")
