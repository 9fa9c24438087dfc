"""Limits that hold the whole account, refusals inside a 200, terms, and what was learned."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.errors import ErrorKind, ModelNotFound, ProxyError, UpstreamRefused
from proxy_core.simulator.scripted_step import ScriptedAnswer, ScriptedStep
from proxy_core.status.status import UpstreamState
from proxy_core.upstream.catalog.model_terms import NotEnabled
from tests.integration.upstream.workbench import Workbench

CHAT = Endpoint.CHAT_COMPLETIONS
MESSAGES = Endpoint.MESSAGES
PATH = "/chat/completions"
HELLO = {"messages": [{"role": "user", "content": "hi"}]}


def says(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def sse(*events: dict[str, Any] | str) -> ScriptedStep:
    chunks = [f"data: {each if isinstance(each, str) else json.dumps(each)}\n\n" for each in events]
    return ScriptedStep(answer=ScriptedAnswer(chunks=chunks))


# -- limits ----------------------------------------------------------------------------------------


async def test_a_burst_into_a_short_limit_is_one_call_then_the_rest(bench: Workbench) -> None:
    await bench.sign_in()
    await bench.model("gpt-4o-mini")
    bench.script(ScriptedStep(fault="429"))
    await bench.ask("gpt-4o-mini", CHAT, HELLO)
    assert len(bench.calls(PATH)) == 2
    assert bench.time.slept == [1.0]
    bench.time.slept.clear()
    bench.time.goes_on.clear()
    bench.script(ScriptedStep(fault="429"), ScriptedStep(fault="429"))
    first = asyncio.ensure_future(bench.ask("gpt-4o-mini", CHAT, HELLO))
    await bench.until(lambda: bench.side.gate.status.state is UpstreamState.LIMITED)
    others = [asyncio.ensure_future(bench.ask("gpt-4.1", CHAT, HELLO)) for _ in range(5)]
    await bench.until(lambda: bench.side.gate.status.waiting == 6)
    assert len(bench.calls(PATH)) == 3, "while the limit lasts nothing is sent"
    bench.time.goes_on.set()
    await asyncio.gather(first, *others)
    assert len(bench.calls(PATH)) == 2 + 2 + 6, "two refusals, and one call for each client"
    assert bench.side.gate.status.state is UpstreamState.OK


async def test_a_long_limit_is_passed_on_with_its_time_and_then_probed(bench: Workbench) -> None:
    await bench.sign_in()
    for gap in (0, 2, 4, 8):
        before = bench.time.now
        with pytest.raises(UpstreamRefused) as caught:
            await bench.ask("gpt-4o-mini", CHAT, says("[sim:429-long]"))
        assert caught.value.retry_after == 86400
        assert bench.time.now - before == pytest.approx(gap, abs=0.1)
    with pytest.raises(UpstreamRefused) as caught:
        await bench.ask("gpt-4.1", CHAT, HELLO)
    assert caught.value.message.startswith("Sorry, you've exceeded your weekly limit.")
    assert caught.value.http_status == 429
    assert len(bench.calls(PATH)) == 4, "nothing was sent"
    status = bench.side.gate.status
    assert status.state is UpstreamState.LIMITED
    assert status.problem is not None
    assert status.problem.title == "You reached GitHub's weekly limit"
    bench.side.gate.lift()
    await bench.ask("gpt-4.1", CHAT, HELLO)


async def test_a_user_is_told_once_of_a_limit_and_of_a_spent_quota(bench: Workbench) -> None:
    await bench.sign_in()
    for _ in range(3):
        with pytest.raises(ProxyError):
            await bench.ask("gpt-4o-mini", CHAT, says("[sim:402]"))
    for _ in range(2):
        with pytest.raises(ProxyError):
            await bench.ask("gpt-4o-mini", CHAT, says("[sim:429-long]"))
    assert [each.code for each in bench.limits] == ["quota_exceeded", "user_weekly_rate_limited"]


async def test_a_call_that_waits_for_a_limit_can_be_cancelled(bench: Workbench) -> None:
    await bench.sign_in()
    await bench.model("gpt-4o-mini")
    bench.time.never_ends = True
    call = asyncio.ensure_future(bench.ask("gpt-4o-mini", CHAT, says("hi [sim:429]")))
    await bench.time.waiting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    bench.time.never_ends = False
    bench.time.now += 10
    await bench.ask("gpt-4o-mini", CHAT, HELLO)


# -- refusals in the first event of a 200 ----------------------------------------------------------


async def test_a_limit_in_the_first_event_is_waited_out_like_a_429(bench: Workbench) -> None:
    await bench.sign_in()
    bench.script(sse({"error": {"code": "user_model_rate_limited", "message": "slow"}}))
    answer = await bench.ask("gpt-4o-mini", CHAT, HELLO)
    assert answer.attempts == 2
    assert len(bench.time.slept) == 1


async def test_an_unknown_member_in_the_first_event_is_left_out_and_remembered(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    text = "frob: Extra inputs are not permitted"
    started = {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 1}}}
    refused = {"type": "error", "error": {"type": "invalid_request_error", "message": text}}
    body = {**HELLO, "max_tokens": 9, "frob": 1}
    bench.script(sse(started, refused))
    answer = await bench.ask("claude-haiku-4.5", MESSAGES, body)
    assert (answer.attempts, answer.dropped) == (2, ("frob",))
    assert (await bench.ask("claude-haiku-4.5", MESSAGES, body)).attempts == 1


async def test_a_failed_response_at_once_is_told_with_its_own_status(bench: Workbench) -> None:
    await bench.sign_in()
    error = {"code": "context_length_exceeded", "message": "Your input exceeds the context window"}
    response = {"id": "r", "status": "failed", "error": error}
    bench.script(
        sse(
            {"type": "response.created", "response": {"id": "r"}},
            {"type": "response.failed", "response": response},
        )
    )
    with pytest.raises(ProxyError, match="exceeds the context window") as caught:
        await bench.ask("gpt-5.4", Endpoint.RESPONSES, {"input": "hi"})
    assert (caught.value.kind, caught.value.http_status) == (ErrorKind.CONTEXT_OVERFLOW, 400)
    assert len(bench.calls("/responses")) == 1


async def test_an_error_after_the_first_word_stays_inside_the_stream(bench: Workbench) -> None:
    await bench.sign_in()
    word = {"choices": [{"index": 0, "delta": {"content": "Hel"}}]}
    bench.script(sse({"choices": []}, word, {"error": {"code": "rate_limited"}}))
    answer = await bench.open("gpt-4o-mini", CHAT, HELLO)
    content = b"".join([chunk async for chunk in answer.chunks()])
    await answer.close()
    assert content.count(b"data:") == 3
    assert b"rate_limited" in content
    assert answer.attempts == 1


async def test_an_answer_that_breaks_before_its_first_event_is_asked_for_again(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    bench.script(ScriptedStep(answer=ScriptedAnswer(chunks=[": hello\n\n"], cut=True)))
    answer = await bench.ask("gpt-4o-mini", CHAT, HELLO)
    assert answer.attempts == 2


# -- terms -----------------------------------------------------------------------------------------


async def test_terms_are_accepted_only_by_asking_for_it(bench: Workbench) -> None:
    await bench.sign_in()
    model = await bench.model("claude-fable-5")
    assert model.awaits_consent
    assert model.terms == "Simulated terms for Claude Fable 5."
    with pytest.raises(ProxyError, match="models --enable claude-fable-5") as caught:
        await bench.ask("claude-fable-5", MESSAGES, {**HELLO, "max_tokens": 9})
    assert caught.value.message.startswith("The requested model is not supported")
    assert not [each for each in bench.simulator.requests if "policy" in each.path]

    enabled = await bench.side.terms.enable("claude-fable-5")
    assert enabled.policy == "enabled"
    (sent,) = bench.calls("/models/claude-fable-5/policy")
    assert sent.body == {"state": "enabled"}
    assert sent.headers["openai-intent"] == sent.headers["x-interaction-type"] == "chat-policy"
    await bench.ask("claude-fable-5", MESSAGES, {**HELLO, "max_tokens": 9})


async def test_a_disabled_model_can_be_enabled_and_is_then_listed_as_usable(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    assert (await bench.model("claude-opus-4.7")).disabled_reason
    assert (await bench.side.terms.enable("claude-opus-4.7")).disabled_reason is None
    assert (await bench.model("claude-opus-4.7")).disabled_reason is None


async def test_a_model_that_stays_disabled_is_told_as_such(bench: Workbench) -> None:
    await bench.sign_in()
    path = "/models/claude-opus-4.7/policy"
    bench.script(ScriptedStep(path=path, answer=ScriptedAnswer(status=204)))
    with pytest.raises(NotEnabled, match="still not offered"):
        await bench.side.terms.enable("claude-opus-4.7")


async def test_nothing_is_sent_for_a_model_that_needs_no_consent_or_is_not_there(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    assert (await bench.side.terms.enable("gpt-4.1")).id == "gpt-4.1"
    with pytest.raises(ModelNotFound):
        await bench.side.terms.enable("../secrets")
    assert not [each for each in bench.simulator.requests if "policy" in each.path]


async def test_a_model_that_stays_listed_and_stays_refused_costs_no_list_per_call(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    for _ in range(3):
        with pytest.raises(ProxyError):
            await bench.ask("claude-fable-5", MESSAGES, {**HELLO, "max_tokens": 9})
    await bench.until(lambda: bench.side.catalog._running.done())  # type: ignore[union-attr]  # one runs
    assert len(bench.calls("/models")) == 2
    bench.time.now += 31
    with pytest.raises(ProxyError):
        await bench.ask("claude-fable-5", MESSAGES, {**HELLO, "max_tokens": 9})
    await bench.until(lambda: len(bench.calls("/models")) == 3)


# -- what was learned ------------------------------------------------------------------------------


async def test_a_remembered_refusal_is_shown_with_its_reason_and_can_be_forgotten(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    await bench.ask("gpt-4o-mini", CHAT, {**HELLO, "temperature": 1})
    (refusal,) = bench.refusals[-1]
    assert (refusal.model, refusal.endpoint, refusal.member) == ("gpt-4o-mini", PATH, "temperature")
    assert refusal.until - refusal.since == 6 * 3600
    assert refusal.why == "GitHub refused without a reason, and accepted the request without it."
    assert not await bench.side.parameters.forget("gpt-4o-mini", PATH, "top_p")
    assert await bench.side.parameters.forget("gpt-4o-mini", PATH, "temperature")
    assert bench.refusals[-1] == ()
    assert (await bench.ask("gpt-4o-mini", CHAT, {**HELLO, "temperature": 1})).attempts == 2


async def test_what_a_command_forgot_the_server_forgets_too(bench: Workbench) -> None:
    from proxy_core.upstream.parameters.memory_file import ParameterStore

    await bench.sign_in()
    for member in ("temperature", "max_tokens"):
        await bench.ask("gpt-4o-mini", CHAT, {**HELLO, member: 1})
    await bench.side.parameters.saved()
    command = ParameterStore(bench.paths.refusals_file, bench.time.clock)
    assert await command.forget("gpt-4o-mini", PATH, "temperature")
    await command.close()
    await bench.side.upkeep.tick()
    assert [each.member for each in bench.refusals[-1]] == ["max_tokens"]


async def test_a_command_that_forgets_wins_over_what_is_saved_at_the_same_time(
    bench: Workbench,
) -> None:
    from proxy_core.upstream.parameters.memory_file import ParameterStore

    await bench.sign_in()
    await bench.ask("gpt-4o-mini", CHAT, {**HELLO, "temperature": 1})
    await bench.side.parameters.saved()
    command = ParameterStore(bench.paths.refusals_file, bench.time.clock)
    assert await command.forget("gpt-4o-mini", PATH, "temperature")
    await bench.ask("gpt-4.1", CHAT, {**HELLO, "max_tokens": 1})
    await bench.side.parameters.saved()
    assert [each.model for each in bench.side.parameters.refusals()] == ["gpt-4.1"]


async def test_terms_accepted_by_a_command_are_noticed_by_the_server(bench: Workbench) -> None:
    from proxy_core.upstream.catalog.catalog import ModelCatalog

    await bench.sign_in()
    before = await bench.model("claude-fable-5")
    assert before.awaits_consent
    await bench.side.catalog.close()  # our own copy is written
    bench.simulator.simulation.catalogue.set_policy("claude-fable-5", "enabled")

    async def fetch() -> list[Any]:
        listed: list[Any] = bench.simulator.simulation.catalogue.listing()["data"]
        return listed

    command = ModelCatalog(
        fetch, bench.paths.catalog_file, bench.time.clock, bench.side.account.holder
    )
    await command.refresh()
    await command.close()
    await bench.side.upkeep.tick()
    assert not (await bench.model("claude-fable-5")).awaits_consent


# -- sleep -----------------------------------------------------------------------------------------


async def test_waking_up_drops_connections_and_renews_the_token_before_anyone_asks(
    bench: Workbench,
) -> None:
    await bench.sign_in()
    await bench.ask("gpt-4o-mini", CHAT, HELLO)
    pool = bench.side.transport._pool
    assert pool is not None
    exchanges = len(bench.calls("/copilot_internal/v2/token"))
    ticks = 0

    async def overslept(seconds: float) -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 2:
            raise asyncio.CancelledError
        bench.time.now += seconds + 8 * 3600

    with pytest.raises(asyncio.CancelledError):
        await bench.side.upkeep.run(overslept)
    assert pool.session.closed
    assert len(bench.calls("/copilot_internal/v2/token")) == exchanges + 1
    await bench.ask("gpt-4o-mini", CHAT, HELLO)
