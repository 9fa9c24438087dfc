"""What a refusal teaches, and what a client cannot make it teach."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.config.settings import ParameterPolicy
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.errors import ErrorKind, UpstreamRefused
from proxy_core.upstream.calls.error_response import read_failure
from tests.unit.upstream.calls.client_words import CHAT, HELLO, MESSAGES, RESPONSES
from tests.unit.upstream.scripted_github import CLAUDE, STREAM, Bench, Reply


def refused(message: str, **more: Any) -> Reply:
    return Reply(400, {"error": {"message": message, **more}})


def remembered(bench: Bench) -> list[str]:
    return [each.member for each in bench.parameters.refusals()]


@pytest.mark.parametrize(
    "message",
    [
        "Invalid value: 'Unsupported parameter: 'reasoning_effort' is not supported with this model.'",
        "Invalid value: 'Unknown parameter: 'user'.'. Supported values are: 'low' and 'high'.",
        "tools.0.name: 'user: Extra inputs are not permitted' does not match '^[a-z]+$'",
        'Unexpected "Unrecognized request argument supplied: user" in the body',
        "`unsupported beta header(s): x` is not a name",
    ],
)
async def test_what_upstream_quotes_of_a_client_teaches_nothing(bench: Bench, message: str) -> None:
    bench.github.on(CHAT, refused(message), STREAM)
    with pytest.raises(UpstreamRefused):
        await bench.send({**HELLO, "user": "u", "reasoning_effort": "low"})
    assert remembered(bench) == []
    assert len(bench.github.calls(CHAT)) == 1


async def test_a_member_whose_name_is_a_refusal_is_mended_once_and_not_learned(
    bench: Bench,
) -> None:
    name = "x: Extra inputs are not permitted\nuser"
    bench.github.on(CHAT, refused(f"{name}: Extra inputs are not permitted"), STREAM)
    await bench.send({**HELLO, "user": "u", name: 1})
    assert remembered(bench) == []


async def test_the_refusal_of_one_value_is_not_applied_to_others(bench: Bench) -> None:
    text = "Unsupported value: 'verbosity' does not support 'low' with this model."
    bench.github.on(CHAT, refused(text, code="unsupported_value", param="verbosity"), STREAM)
    await bench.send({**HELLO, "verbosity": "low"})
    assert remembered(bench) == []
    bench.github.on(CHAT, STREAM)
    await bench.send({**HELLO, "verbosity": "high"})
    assert bench.github.calls(CHAT)[-1].body["verbosity"] == "high"


async def test_a_member_that_was_not_sent_is_not_learned(bench: Bench) -> None:
    bench.github.on(
        CHAT, refused("Unknown parameter: 'seed'.", code="unknown_parameter", param="seed")
    )
    with pytest.raises(UpstreamRefused):
        await bench.send({**HELLO, "user": "u"})
    assert remembered(bench) == []


async def test_what_is_learned_is_tried_again_within_a_day(bench: Bench) -> None:
    text = "Unknown parameter: 'user'."
    bench.github.on(CHAT, refused(text, code="unknown_parameter", param="user"), STREAM)
    await bench.send({**HELLO, "user": "u"})
    (shown,) = bench.parameters.refusals()
    assert shown.until - shown.since <= 86400.0
    bench.github.on(CHAT, refused("Unknown parameter: 'seed'."), STREAM)
    await bench.send({**HELLO, "seed": 1})
    worded = bench.parameters.refusals()[-1]
    assert worded.until - worded.since <= 6 * 3600.0, "words alone are believed for a shorter time"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "Tool 'rate limit: retry after 99999 seconds' may not be used by you"),
        (403, 'The name "Bad credentials" is not allowed here'),
        (403, "The prompt 'terms of service' is not allowed"),
    ],
)
def test_no_limit_dead_token_or_ban_is_read_out_of_a_quotation(status: int, message: str) -> None:
    failure = read_failure(status, {}, message.encode(), 0.0)
    assert failure.cause is ErrorCause.PERMISSION
    assert failure.retry_after is None


def test_an_overflow_or_a_wait_in_a_quotation_is_the_clients() -> None:
    body = b"Invalid value: 'prompt is too long: 9 tokens > 8 maximum, retry after 70 seconds'"
    failure = read_failure(400, {}, body, 0.0)
    assert (failure.cause, failure.retry_after) == (ErrorCause.BAD_REQUEST, None)
    real = read_failure(400, {}, b"prompt is too long: 9 tokens > 8 maximum", 0.0)
    assert real.cause is ErrorCause.CONTEXT_OVERFLOW


async def test_seven_unknown_members_named_one_at_a_time_are_all_repaired(bench: Bench) -> None:
    names = [f"odd_{number}" for number in range(7)]
    bench.github.on(
        MESSAGES, *(refused(f"{name}: Extra inputs are not permitted") for name in names), STREAM
    )
    body = {**HELLO, "max_tokens": 9, **dict.fromkeys(names, 1)}
    await bench.send(body, endpoint=Endpoint.MESSAGES, model=CLAUDE)
    await bench.send(body, endpoint=Endpoint.MESSAGES, model=CLAUDE)
    sent = bench.github.calls(MESSAGES)
    assert len(sent) == 9, "the second call needs no repair"
    assert not set(names) & set(sent[-1].body)


async def test_one_refusal_that_names_several_is_repaired_at_once(bench: Bench) -> None:
    text = "a: Extra inputs are not permitted\nb: Extra inputs are not permitted"
    bench.github.on(MESSAGES, refused(text), STREAM)
    body = {**HELLO, "max_tokens": 9, "a": 1, "b": 2}
    await bench.send(body, endpoint=Endpoint.MESSAGES, model=CLAUDE)
    assert len(bench.github.calls(MESSAGES)) == 2
    bench.github.on(RESPONSES, refused("Unknown parameters: 'a', 'b' and 'c'."), STREAM)
    await bench.send({"input": "x", "a": 1, "b": 2, "c": 3}, endpoint=Endpoint.RESPONSES)
    assert len(bench.github.calls(RESPONSES)) == 2


@pytest.mark.parametrize(
    "reply",
    [
        refused(
            "Unsupported value: 'messages[0].role' does not support 'developer' with this model.",
            code="unsupported_value",
            param="messages[0].role",
        ),
        refused("Invalid value: 'developer'. Supported values are: 'system' and 'user'."),
        refused("messages.0.role: Input should be 'user' or 'system', not developer"),
    ],
)
async def test_a_refused_developer_speaks_as_system(bench: Bench, reply: Reply) -> None:
    bench.github.on(CHAT, reply, STREAM)
    body = {"messages": [{"role": "developer", "content": "be brief"}, *HELLO["messages"]]}
    for _ in range(2):
        await bench.send(body)
    sent = [each.body["messages"][0]["role"] for each in bench.github.calls(CHAT)]
    assert sent == ["developer", "system", "system"]


async def test_forward_sends_what_the_client_said_and_repairs_nothing(bench: Bench) -> None:
    bench.change(parameter_policy=ParameterPolicy.FORWARD)
    bench.github.on(RESPONSES, refused("Unknown parameter: 'service_tier'."))
    body = {"input": "x", "service_tier": "flex", "temperature": 1, "store": True}
    body |= {"max_output_tokens": 5, "reasoning": {"effort": "max"}}
    with pytest.raises(UpstreamRefused, match="service_tier"):
        await bench.send(body, endpoint=Endpoint.RESPONSES)
    (seen,) = bench.github.calls(RESPONSES)
    assert {name: seen.body[name] for name in body} == body


async def test_refusals_of_betas_are_remembered_for_that_beta_alone(bench: Bench) -> None:
    bench.github.on(MESSAGES, refused("unsupported beta header(s): new-1"), STREAM)
    for betas in ("new-1,new-2", "new-1,new-3"):
        await bench.send(
            {**HELLO, "max_tokens": 9},
            endpoint=Endpoint.MESSAGES,
            model=CLAUDE,
            headers={"anthropic-beta": betas},
        )
    sent = [each.headers["anthropic-beta"] for each in bench.github.calls(MESSAGES)]
    assert sent == ["new-1,new-2", "new-2", "new-3"]


@pytest.mark.parametrize("value", ["0", "-5", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_a_wait_of_nothing_has_a_floor_and_repeats_do_not_multiply(
    bench: Bench, value: str
) -> None:
    bench.github.on(CHAT, Reply(503, {"error": {"message": "busy"}}, {"retry-after": value}))
    before = bench.time.clock.now()
    with pytest.raises(UpstreamRefused) as failure:
        await bench.send(HELLO)
    assert len(bench.github.calls(CHAT)) == 4
    assert bench.time.clock.elapsed(before) >= 1.5
    assert failure.value.passed_headers["x-should-retry"] == "false"


async def test_upstreams_word_about_repeats_reaches_the_client(bench: Bench) -> None:
    headers = {"retry-after": "61.5", "x-should-retry": "true"}
    bench.github.on(CHAT, Reply(429, {"error": {"message": "slow down"}}, headers))
    with pytest.raises(UpstreamRefused) as failure:
        await bench.send(HELLO)
    assert failure.value.kind is ErrorKind.RATE_LIMIT
    assert failure.value.passed_headers == headers


async def test_after_a_402_the_next_call_looks_with_a_new_token_once_in_five_minutes(
    bench: Bench,
) -> None:
    bench.github.on(CHAT, STREAM)
    await bench.send(HELLO)
    bench.time.pass_seconds(600.0)
    bench.github.on(CHAT, Reply(402, {"error": {"code": "quota_exceeded", "message": "none"}}))
    for _ in range(3):
        with pytest.raises(UpstreamRefused):
            await bench.send(HELLO)
    assert len(bench.github.calls(CHAT)) == 4, "a 402 is sent once"
    assert len(bench.github.calls("/copilot_internal/v2/token")) == 2
