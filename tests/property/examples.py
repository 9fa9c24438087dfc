"""Which examples Hypothesis tries, for every test: the one place that decides it.

``SAME_EXAMPLES=1``, as ``.ci/run`` sets it, tries the same ones in each run, so that a submission is
not refused by a find of chance. Without it examples are drawn at random, also on a CI service, where
Hypothesis alone would not. ``PROPERTY_PROFILE=long`` searches longer; ``sampler`` is for the mutation
sampler, which wants the first failure and not the smallest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers


def is_the_same_each_run(environ: Mapping[str, str]) -> bool:
    """Whether this run tries what every other run tries."""
    return environ.get("SAME_EXAMPLES", "") not in ("", "0")


SAME_EXAMPLES = is_the_same_each_run(os.environ)


def choose_profile(environ: Mapping[str, str] = os.environ) -> None:
    """Load the profile this run asks for. Before any test module is imported: it is read there."""
    same = is_the_same_each_run(environ)
    # Hypothesis would fail an example that takes 0.2 s, or a slow search for examples: on a busy
    # machine any may.
    patient = settings(
        deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=same
    )
    settings.register_profile("bounded", patient, max_examples=60)
    settings.register_profile("long", patient, max_examples=3000)
    settings.register_profile(
        "sampler",
        patient,
        max_examples=40,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
    )
    settings.load_profile(environ.get("PROPERTY_PROFILE", "bounded"))
    if same:
        _forget_the_product()


def _forget_the_product() -> None:
    """Let no constants of our own modules be mixed into the examples.

    Hypothesis reads them out of the modules that are loaded by then: with tests spread over processes
    that is another set in each run, and a changed line anywhere would change every test's examples.
    There is no setting for it.
    """
    providers._get_local_constants = lambda: providers._local_constants
