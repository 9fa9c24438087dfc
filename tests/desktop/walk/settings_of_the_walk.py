"""How long a walk is. A failure prints the steps that lead to it."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings


def walk_settings(
    *, examples: int, steps: int, always_the_same: bool = False, is_shortened: bool = False
) -> settings:
    """Shortening takes minutes, so a failure is shortened only by request."""
    return settings(
        phases=(Phase.generate, Phase.shrink) if is_shortened else (Phase.generate,),
        derandomize=always_the_same,
        report_multiple_bugs=False,
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
