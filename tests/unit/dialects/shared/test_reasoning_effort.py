"""Effort words and budgets, fitted to what a model lists."""

from __future__ import annotations

import pytest

from proxy_core.canonical.model import Supports
from proxy_core.canonical.request import Reasoning, ReasoningMode
from proxy_core.copilot_facts.efforts import clamp_effort
from proxy_core.dialects.shared.reasoning_effort import (
    budget_of_effort,
    effort_of_budget,
    wanted_effort,
)


@pytest.mark.parametrize(
    ("wanted", "listed", "fitted"),
    [
        ("high", ("low", "high"), "high"),
        ("medium", ("low", "high"), "low"),
        ("max", ("low", "high"), "high"),
        ("minimal", ("none", "low", "high"), "low"),
        ("none", ("none", "low"), "none"),
        ("none", ("low", "high"), "low"),
        ("low", ("none",), None),
        ("high", (), None),
        ("ultra", ("low", "ultra"), "ultra"),
        ("ultra", ("low", "high"), None),
        ("low", ("odd", "high"), "high"),
    ],
)
def test_the_nearest_listed_word(wanted: str, listed: tuple[str, ...], fitted: str | None) -> None:
    assert clamp_effort(wanted, listed) == fitted


@pytest.mark.parametrize(
    ("budget", "effort"), [(0, "low"), (4_000, "low"), (8_192, "medium"), (31_999, "high")]
)
def test_a_budget_as_an_effort(budget: int, effort: str) -> None:
    assert effort_of_budget(budget) == effort


@pytest.mark.parametrize(
    ("effort", "budget"), [("low", 2_048), ("max", 20_000), ("minimal", 1_500), ("odd", 8_192)]
)
def test_an_effort_as_a_budget_within_the_models_bounds(effort: str, budget: int) -> None:
    bounds = Supports(min_thinking_budget=1_500, max_thinking_budget=20_000)
    assert budget_of_effort(effort, bounds) == budget


@pytest.mark.parametrize(
    ("reasoning", "effort"),
    [
        (Reasoning(ReasoningMode.DISABLED, "high"), "none"),
        (Reasoning(ReasoningMode.ADAPTIVE), None),
        (Reasoning(ReasoningMode.ADAPTIVE, "max"), "max"),
        (Reasoning(ReasoningMode.BUDGET, budget_tokens=9_000), "medium"),
        (Reasoning(ReasoningMode.BUDGET), None),
    ],
)
def test_what_a_wish_to_think_means_as_an_effort(reasoning: Reasoning, effort: str | None) -> None:
    assert wanted_effort(reasoning) == effort
