"""The profiles of every property: bounded, and patient on busy machines.

``PROPERTY_PROFILE=long`` searches longer; ``sampler`` is for the mutation sampler, which wants the
first failure and not the smallest.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("bounded", _PATIENT, max_examples=60)
settings.register_profile("long", _PATIENT, max_examples=3000)
settings.register_profile(
    "sampler", _PATIENT, max_examples=40, database=None, derandomize=True, phases=[Phase.generate]
)
settings.load_profile(os.environ.get("PROPERTY_PROFILE", "bounded"))
