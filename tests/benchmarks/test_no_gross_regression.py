"""The proxy beside a bare one: fails only where the ratio is twice what it was. Never on times."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.load import KINDS
from tests.benchmarks.measuring import Size, both, figures_of

RECORDED = {"chat: CPU a request": 3.5, "chat: CPU a chunk": 1.8}
"""Ratios of 29 November 2026, two cores, other work beside; finer: ``test_call_counts``."""
GROSS = 2.0


@pytest.mark.alone
@pytest.mark.skipif(
    sys.platform != "linux", reason="CPU time of another process is read from /proc"
)
def test_no_ratio_to_the_bare_proxy_doubled(tmp_path: Path) -> None:
    size = Size(rounds=3, requests=250, streams=40, bodies=1)
    with both(tmp_path) as (floor, ours):
        found = {each.name: each.ratio for each in figures_of(KINDS[0], floor, ours, size)}
    worse = {name: found[name] for name in RECORDED if found[name] > GROSS * RECORDED[name]}
    assert not worse, f"the recorded ratios are {RECORDED}"
