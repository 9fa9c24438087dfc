"""The vendors' SDKs in every profile of the simulator: scenario x model x profile.

The short form takes one model for each scenario and profile, another one each time;
``SDK_MATRIX=long`` takes all.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import anthropic
import openai
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from proxy_core.simulator.simulation import Simulation
from tests.integration.copilot.conftest import Rig
from tests.integration.copilot.sdk_scenarios import CHAT_TOOL, MODELS, OPENAI, SCENARIOS
from tests.integration.server.conftest import KEY

SOUND_PROFILES = (
    "strict",
    "lenient",
    "free_plan",
    "token_billing",
    "premium_requests",
    "organisation",
)
IS_LONG = os.environ.get("SDK_MATRIX") == "long"
FLAKY_ROUNDS = 8 if IS_LONG else 1

CELLS = [
    (profile, name, model)
    for row, profile in enumerate(SOUND_PROFILES)
    for column, name in enumerate(SCENARIOS)
    for place, model in enumerate(MODELS)
    if IS_LONG or place == (row + column) % len(MODELS)
]


@dataclass
class Sdks:
    openai: AsyncOpenAI
    anthropic: AsyncAnthropic

    async def run(self, name: str, model: str, marker: str) -> None:
        client = self.openai if name in OPENAI else self.anthropic
        await SCENARIOS[name](client, model, marker)


@pytest.fixture
async def sdks(rig: Rig) -> AsyncIterator[Sdks]:
    """Without repeats of their own: what fails is seen."""
    # Reading the system's certificates for each client would take longer than the tests.
    first_http = openai.DefaultAsyncHttpxClient(verify=False, trust_env=False)
    second_http = anthropic.DefaultAsyncHttpxClient(verify=False, trust_env=False)
    async with (
        AsyncOpenAI(
            base_url=f"{rig.url}/v1", api_key=KEY, max_retries=0, http_client=first_http
        ) as first,
        AsyncAnthropic(
            base_url=rig.url, api_key=KEY, max_retries=0, http_client=second_http
        ) as second,
    ):
        yield Sdks(first, second)


@pytest.mark.parametrize(("profile", "name", "model"), CELLS)
async def test_the_sdk_works_and_learning_costs_nothing_the_second_time(
    rig: Rig, sdks: Sdks, name: str, model: str
) -> None:
    await sdks.run(name, model, "first-plum")
    await rig.idle()
    calls, records = len(rig.calls()), len(rig.board.current.recent)
    await sdks.run(name, model, "second-plum")
    await rig.idle()
    made = len(rig.board.current.recent) - records
    assert len(rig.calls()) - calls == made, "one call of the client's, one call upstream"


@pytest.mark.parametrize("profile", ["free_plan"])
async def test_a_name_github_refuses_on_the_free_plan_gets_its_choice_and_a_note(
    rig: Rig, sdks: Sdks
) -> None:
    """Free leaves the model to GitHub (field notes F3); the refusal is the only sign of it here."""
    await sdks.run("chat, whole", "claude-sonnet-4.6", "plum")
    await rig.idle()
    record = rig.board.current.recent[0]
    assert record.model_asked == "claude-sonnet-4.6"
    note = f"on this plan GitHub chooses the model: {record.model} in place of claude-sonnet-4.6"
    assert record.notes == (note,)
    assert [json.loads(call.raw)["model"] for call in rig.calls()] == [
        "claude-sonnet-4.6",
        record.model,
    ]


async def test_a_streamed_turn_has_one_role_however_often_upstream_says_it(
    rig: Rig, sdks: Sdks
) -> None:
    """Gemini and Claude name it in every chunk, and the SDK joins what it is told: two make
    ``assistantassistant``, which the next turn is refused for."""
    for model in ("gemini-3.1-pro-preview", "claude-haiku-4.5"):
        for text in ("Repeat exactly the following text and nothing else: one", "weather in Paris"):
            async with sdks.openai.chat.completions.stream(
                model=model,
                messages=[{"role": "user", "content": text}],
                tools=[CHAT_TOOL],  # type: ignore[list-item]  # the SDK's own type is a TypedDict
            ) as events:
                answer = await events.get_final_completion()
            assert answer.choices[0].message.role == "assistant"


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        ("gemini-3.1-pro-preview", "high", None),
        ("gpt-4.1", "medium", None),
        ("gpt-5-mini", "xhigh", "high"),
        ("gpt-5-mini", "low", "low"),
        ("gpt-5.4", "none", "none"),
    ],
)
async def test_an_effort_the_model_does_not_list_is_fitted_before_it_is_sent(
    rig: Rig, sdks: Sdks, model: str, effort: str, sent: str | None
) -> None:
    answer = await sdks.openai.chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": "hello"}], reasoning_effort=effort
    )
    assert [call.body.get("reasoning_effort") for call in rig.calls()] == [sent]
    named = "reasoning_effort" in answer.headers.get("x-g-copilot-proxy-dropped", "")
    assert named == (sent != effort)


UNSEEN = (None, "slow")
"""Chances that leave an answer as it is."""
BREAKS = ("midstream-error", "cut")
"""What comes after the first byte: nobody may repeat that but the client."""
TOLD = (openai.APIError, anthropic.APIError, RuntimeError)
"""How the SDKs tell of it; the last one is ``responses.stream`` after ``response.failed``."""
MOST_REFUSALS = 4
"""One call and its three repeats; after that the client has to know."""


@dataclass
class Chances:
    """Writes down what ``flaky`` did to each upstream call."""

    simulation: Simulation
    met: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        draw = self.simulation.faults.by_chance

        def by_chance() -> str | None:
            found = draw()
            self.met.append(found)
            return found

        self.simulation.faults.by_chance = by_chance  # type: ignore[method-assign]

    def explains_failure(self, since: int) -> bool:
        """Whether the last upstream call broke midway, or every repeat was refused."""
        met = self.met[since:]
        if met[-1] in BREAKS:
            return True
        refused = 0
        for each in reversed(met):
            if each in UNSEEN or each in BREAKS:
                break
            refused += 1
        return refused >= MOST_REFUSALS


@pytest.mark.parametrize("profile", ["flaky"])
@pytest.mark.parametrize("seed", range(FLAKY_ROUNDS))
async def test_in_flaky_the_sdk_sees_only_what_nobody_could_hide_from_it(
    rig: Rig, sdks: Sdks, seed: int
) -> None:
    """Three calls in ten meet trouble; refusals are waited out, breaks are told, nothing is doubled."""
    chances = Chances(rig.simulator.simulation)
    failed = 0
    turns = [(name, model) for name in SCENARIOS for model in MODELS]
    if not IS_LONG:
        turns = turns[:: len(MODELS) + 1] + turns[1 :: len(MODELS) + 1]
    for number, (name, model) in enumerate(turns):
        since = len(chances.met)
        try:
            await sdks.run(name, model, f"plum-{seed}-{number}")
        except TOLD as error:
            failed += 1
            assert chances.explains_failure(since), (name, model, chances.met[since:], error)
        else:
            broke = [each for each in chances.met[since:] if each in BREAKS]
            assert not broke, (name, model, broke, "was answered as if nothing had happened")
    print(
        f"flaky, seed {seed}: {failed} of {len(turns)} runs failed, {len(chances.met)} calls upstream"
    )
    assert failed < len(turns) / 2
