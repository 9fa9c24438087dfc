"""The probe tells every profile and every world of the simulator apart, and its file plays each again.

All pairs of both: ``PROBE_PAIRS=long``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import pytest

from proxy_core.doctor.probe.entries import ENTRIES
from proxy_core.doctor.probe.runner import MOST_CREDITS, MOST_REQUESTS
from proxy_core.simulator.measured import read_measured
from proxy_core.simulator.options import PROFILE_NAMES, WORLD_NAMES, SimulatorOptions
from proxy_core.simulator.worlds.table import DEFAULT_WORLD
from tests.integration.probe.measuring import Measured, measure

pytestmark = pytest.mark.prompt_cache_break(
    "a probe asks whether a thought comes back under another system prompt", always=False
)

Pair = tuple[str, str]
SLOWEST = "slow"
TOKEN = "copilot-session-token"
CALLS = ("/chat/completions", "/responses", "/v1/messages", "/embeddings")
IS_LONG = os.environ.get("PROBE_PAIRS") == "long"
PAIRS: list[Pair] = (
    list(itertools.product(PROFILE_NAMES, WORLD_NAMES))
    if IS_LONG
    else [
        *((profile, DEFAULT_WORLD) for profile in PROFILE_NAMES),
        *(("strict", world) for world in WORLD_NAMES if world != DEFAULT_WORLD),
    ]
)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@dataclass(frozen=True)
class Twice:
    """What was measured, and what was measured of a fresh simulator that plays it."""

    first: Measured
    again: Measured


async def _twice(pair: Pair) -> Twice:
    profile, world = pair
    first = await measure(SimulatorOptions(profile=profile, world=world))
    again = await measure(SimulatorOptions(measured=read_measured(first.file)))
    return Twice(first, again)


async def _all() -> dict[Pair, Twice]:
    """The slow ones mostly wait: the others are measured meanwhile, one after the other."""
    waiting = {pair: asyncio.ensure_future(_twice(pair)) for pair in PAIRS if pair[0] == SLOWEST}
    found = {pair: await _twice(pair) for pair in PAIRS if pair[0] != SLOWEST}
    return found | {pair: await each for pair, each in waiting.items()}


@pytest.fixture(scope="module")
def measured() -> Mapping[Pair, Twice]:
    return asyncio.run(_all())


def test_no_two_profiles_or_worlds_have_the_same_verdicts(measured: Mapping[Pair, Twice]) -> None:
    for (one, a), (other, b) in itertools.combinations(measured.items(), 2):
        assert a.first.verdicts != b.first.verdicts, f"{one} and {other} are not told apart"


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_a_simulator_that_plays_the_file_gives_the_same_verdicts(
    measured: Mapping[Pair, Twice], pair: Pair
) -> None:
    assert measured[pair].again.verdicts == measured[pair].first.verdicts


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_it_stays_within_its_bounds(measured: Mapping[Pair, Twice], pair: Pair) -> None:
    for each in (measured[pair].first, measured[pair].again):
        assert len(each.requests) <= MOST_REQUESTS
        assert each.report.nano_credits <= MOST_CREDITS * 1_000_000_000
        assert each.credits <= MOST_CREDITS


def test_every_question_has_a_verdict_on_a_plan_with_every_model(
    measured: Mapping[Pair, Twice],
) -> None:
    verdicts = measured["strict", DEFAULT_WORLD].first.verdicts
    assert {each.id for each in ENTRIES} <= verdicts.keys()
    assert not {"not asked", "unclear", "no model for it"} & set(verdicts.values())


def test_the_file_names_nobody(measured: Mapping[Pair, Twice]) -> None:
    for twice in measured.values():
        text = twice.first.file.decode()
        sent = [_lower(each.headers) for each in twice.first.requests]
        secrets = {each["authorization"].partition(" ")[2] for each in sent}
        secrets |= {each[TOKEN] for each in sent if TOKEN in each}
        assert secrets
        for secret in (*secrets, "octocat", "octo-org", "0" * 32, "req_", "127.0.0.1"):
            assert secret not in text
        for prompt in ("17 times 23", "Reply with"):
            assert prompt not in text


def test_only_the_first_model_call_counts_as_the_persons(measured: Mapping[Pair, Twice]) -> None:
    """One act of a person, one premium request at most; what follows is the program's work."""
    requests = measured["premium_requests", DEFAULT_WORLD].first.requests
    headers = [_lower(each.headers) for each in requests]
    initiators = [each["x-initiator"] for each in headers if "x-initiator" in each]
    assert initiators[0] == "user"
    assert set(initiators[1:]) == {"agent"}


def test_every_call_is_recorded_as_the_apps_own(measured: Mapping[Pair, Twice]) -> None:
    found = measured["strict", DEFAULT_WORLD].first
    calls = [each for each in found.requests if each.path in CALLS]
    records = found.status.recent
    assert len(records) >= min(len(calls), 20)
    assert {(each.client, each.path) for each in records} == {("g-copilot-proxy", "doctor --probe")}
    assert all(each.notes for each in records)
    assert sum(each.nano_credits or 0 for each in records) > 0


def test_the_file_is_json_that_says_what_it_left_open(measured: Mapping[Pair, Twice]) -> None:
    content = msgspec.json.decode(measured["strict", DEFAULT_WORLD].first.file)
    assert content["complete"] is True
    assert all(each["reason"] for each in content["left_open"])
