"""The probe sees single habits of the service, and its file plays each again.

Every switch of the simulator's: ``PROBE_PAIRS=long``.
"""

from __future__ import annotations

import os
from dataclasses import fields

import pytest

from proxy_core.simulator.measured import read_measured
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.profiles import STRICT, Profile
from tests.integration.probe.measuring import measure

pytestmark = pytest.mark.prompt_cache_break(
    "a probe asks whether a thought comes back under another system prompt", always=False
)

UNSEEN = {
    "sends_null_choices": "a chance of one in four for each answer: no question of any source's",
    "splits_claude_choices": "only whole answers show it, and strict refuses those",
}
SEEN = {
    "opens_websockets": ("websocket", "refused"),
    "counts_tokens": ("count_tokens", "refused"),
    "sends_reasoning_header": ("reasoning_header", "sent"),
    "requires_long_cache_beta": ("cache_one_hour", "taken"),
}
SWITCHES = [each.name for each in fields(Profile) if isinstance(getattr(STRICT, each.name), bool)]
EVERY = [each for each in SWITCHES if each not in UNSEEN]


@pytest.mark.parametrize("switch", list(SEEN))
async def test_a_single_habit_is_seen_and_played_again(switch: str) -> None:
    question, verdict = SEEN[switch]
    turned = {switch: not getattr(STRICT, switch)}
    first = await measure(SimulatorOptions(switches=turned))
    assert first.verdicts[question] == verdict
    measured = read_measured(first.file)
    assert getattr(measured.profile, switch) is turned[switch]


@pytest.mark.skipif(
    os.environ.get("PROBE_PAIRS") != "long", reason="the long form: PROBE_PAIRS=long"
)
@pytest.mark.parametrize("switch", EVERY)
async def test_every_switch_is_seen_and_played_again(switch: str) -> None:
    plain = await measure(SimulatorOptions())
    first = await measure(SimulatorOptions(switches={switch: not getattr(STRICT, switch)}))
    assert first.verdicts != plain.verdicts
    again = await measure(SimulatorOptions(measured=read_measured(first.file)))
    assert again.verdicts == first.verdicts


@pytest.mark.parametrize("world", ["undated", "2026-11"])
async def test_a_token_that_is_used_as_it_is_can_be_probed_too(world: str) -> None:
    token = "gho_simulatedTokenOfAnotherApp"
    measured = await measure(SimulatorOptions(world=world, github_token=token))
    assert measured.report.is_complete
    assert measured.verdicts["token_use"] == "direct only"
    assert token not in measured.file.decode()
