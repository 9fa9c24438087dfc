"""One profile for every property: bounded, and patient on busy machines."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "bounded", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("bounded")
