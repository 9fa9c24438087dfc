"""What ends a probe early: limits of GitHub's, of the user's and its own."""

from __future__ import annotations

import pytest

from proxy_core.doctor.probe.question import (
    PlannedRequest,
    ProbeAnswer,
    ProbeEntry,
    ProbeRequest,
    Way,
)
from proxy_core.doctor.probe.runner import MOST_REQUESTS, SIGN_IN_REQUESTS, ProbeRun
from proxy_core.routing.upstream_api import Initiator
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.scripted_step import ScriptedStep
from proxy_core.simulator.server import SimulatorServer
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.integration.probe.measuring import measure

pytestmark = pytest.mark.prompt_cache_break(
    "a probe asks whether a thought comes back under another system prompt", always=False
)

CALLS = ("/chat/completions", "/responses", "/v1/messages", "/embeddings")


def _meet(fault: str, at: str) -> object:
    def on_asked(each: PlannedRequest, simulator: SimulatorServer) -> None:
        if each.name == at:
            simulator.simulation.script.append(ScriptedStep(fault=fault))

    return on_asked


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("429", "rate limit (429)"),
        ("429-long", "rate limit (429)"),
        ("400-rate_limited", "rate limit (rate_limited)"),
        ("402", "nothing is left"),
        ("403-terms", "refuses this way"),
    ],
)
async def test_github_has_the_last_word(fault: str, words: str) -> None:
    measured = await measure(SimulatorOptions(), on_asked=_meet(fault, "responses"))  # type: ignore[arg-type]
    assert words in measured.report.ended
    assert measured.requests[-1].path == "/responses"
    assert measured.verdicts["chat_temperature"] == "refused"
    assert measured.verdicts["unknown_beta"] == "not asked"
    assert measured.verdicts["reasoning_id"] == "not asked"


async def test_a_passing_failure_is_asked_again_and_settles_the_question() -> None:
    measured = await measure(SimulatorOptions(), on_asked=_meet("500", "responses_custom_tool"))  # type: ignore[arg-type]
    assert measured.report.is_complete
    assert measured.verdicts["custom_tools"] == "taken"
    assert measured.verdicts["reliability"] == "some calls fail"


async def test_a_bare_403_that_passes_is_no_refusal() -> None:
    measured = await measure(
        SimulatorOptions(switches={"refuses_chat_sampling": False}),
        on_asked=lambda each, simulator: (
            simulator.simulation.script.append(ScriptedStep(fault="403-limit"))
            if each.name == "chat_temperature"
            else None
        ),
    )
    assert measured.verdicts["chat_temperature"] == "taken"


async def test_a_budget_of_the_users_own_is_not_passed() -> None:
    settings = '[budget]\ndaily_credits = 0.01\naction = "stop"\n'
    measured = await measure(SimulatorOptions(), settings=settings)
    assert "your own budget of 0.01 credits" in measured.report.ended
    assert measured.credits <= 0.01
    assert measured.verdicts["unknown_beta"] == "not asked"


async def test_a_pause_of_the_users_ends_it_before_any_model_is_asked() -> None:
    measured = await measure(SimulatorOptions(), paused=True)
    assert "paused" in measured.report.ended
    assert not [each for each in measured.requests if each.path in CALLS]


async def test_an_account_without_credits_is_not_asked_twice() -> None:
    def spend(each: PlannedRequest, simulator: SimulatorServer) -> None:
        if each.name == "chat":
            account = simulator.simulation.account
            account.used = account.profile.allowance.entitlement

    measured = await measure(SimulatorOptions(), on_asked=spend)
    assert "(402)" in measured.report.ended
    assert sum(each.path in CALLS for each in measured.requests) == 1


def _entry(name: str, request: ProbeRequest) -> ProbeEntry:
    return ProbeEntry(name, "?", (), (PlannedRequest(name, lambda _: request),), lambda *_: "asked")


async def _never_sleep(seconds: float) -> None:
    del seconds


async def test_it_ends_at_its_bound_of_requests() -> None:
    sent = []

    async def send(request: ProbeRequest, initiator: Initiator, token: str | None) -> ProbeAnswer:
        del initiator, token
        sent.append(request)
        return ProbeAnswer(200)

    entries = [_entry(f"question {n}", ProbeRequest(Way.COPILOT, "/models")) for n in range(100)]
    report = await ProbeRun(send, False, _never_sleep, entries=entries).run()
    assert len(sent) == MOST_REQUESTS - SIGN_IN_REQUESTS
    assert "60 requests" in report.ended


@pytest.mark.parametrize("told", [1_500_000_000, None])
async def test_it_ends_before_a_request_that_could_pass_its_bound_of_credits(
    told: int | None,
) -> None:
    """Whether the price is told by the answer, or has to be supposed from the list's."""
    sent = []

    async def send(request: ProbeRequest, initiator: Initiator, token: str | None) -> ProbeAnswer:
        del initiator, token
        sent.append(request)
        return ProbeAnswer(200, nano_credits=told)

    request = ProbeRequest(Way.MODEL, "/chat/completions", "POST", {})
    entries = [_entry(f"question {n}", request) for n in range(55)]
    report = await ProbeRun(send, False, _never_sleep, entries=entries).run()
    if told is None:
        assert report.nano_credits <= 5_000_000_000
        return
    assert len(sent) == 4, "three are 4.5 credits; the bound is looked at before each"
    assert "5 credits" in report.ended


async def test_a_network_that_is_gone_ends_it_after_three_requests() -> None:
    sent = []

    async def send(request: ProbeRequest, initiator: Initiator, token: str | None) -> ProbeAnswer:
        del initiator, token
        sent.append(request)
        raise ConnectionFailed("No way to GitHub.", retryable=True)

    entries = [_entry(f"question {n}", ProbeRequest(Way.COPILOT, "/models")) for n in range(9)]
    report = await ProbeRun(send, False, _never_sleep, entries=entries).run()
    assert len(sent) == 3
    assert report.ended == "there was no answer: No way to GitHub."


async def test_a_session_that_ended_ends_it() -> None:
    def end(each: PlannedRequest, simulator: SimulatorServer) -> None:
        if each.name == "chat_temperature":
            simulator.simulation.tokens.kill_all_sessions()
            simulator.simulation.tokens.revoke(simulator.github_token)

    measured = await measure(SimulatorOptions(), on_asked=end)
    assert "(401)" in measured.report.ended
    assert measured.verdicts["bill"] == "with a price"
