"""How long a walk is. A failure prints the steps that lead to it."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings


def walk_settings(*, examples: int, steps: int, always_the_same: bool = False) -> settings:
    """Nothing is shortened: what happens depends on the machine's pace too."""
    return settings(
        phases=(Phase.generate,),
        derandomize=always_the_same,
        report_multiple_bugs=False,
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
