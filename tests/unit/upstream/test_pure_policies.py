"""Retry decisions, refusals, paths into bodies, and what is remembered of them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.model import Endpoint
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse
from proxy_core.upstream.calls.retry_policy import (
    GIVE_UP,
    RetryDecision,
    RetryState,
    Step,
    after_connection_failure,
    after_refusal,
    backoff,
)
from proxy_core.upstream.parameters.json_paths import any_index, parse_path, remove_path
from proxy_core.upstream.parameters.memory import (
    MOST_REFUSED,
    STATED_LIFETIME,
    ParameterMemory,
    RefusedParameter,
    RemedyKind,
    read_memory,
)
from proxy_core.upstream.parameters.refusals import (
    RefusedBeta,
    RefusedItemId,
    RefusedMember,
    RenamedMember,
    read_refusals,
)
from proxy_core.upstream.transport.connection_errors import ConnectionFailed


def failed(cause: ErrorCause, status: int = 500, **more: Any) -> UpstreamErrorResponse:
    return UpstreamErrorResponse(status=status, cause=cause, message="m", **more)


def decide(
    failure: UpstreamErrorResponse, state: RetryState | None = None, **more: Any
) -> RetryDecision:
    options: dict[str, Any] = {"longest_wait": 8.0, "can_refresh": True, "random": 0.0, **more}
    return after_refusal(failure, state or RetryState(), **options)


# -- retries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cause",
    [
        ErrorCause.BAD_REQUEST,
        ErrorCause.MODEL,
        ErrorCause.WRONG_ENDPOINT,
        ErrorCause.CONTEXT_OVERFLOW,
        ErrorCause.CONTENT_FILTER,
        ErrorCause.IDENTITY,
        ErrorCause.PERMISSION,
        ErrorCause.ABUSE,
        ErrorCause.QUOTA,
        ErrorCause.NOT_FOUND,
        ErrorCause.TOO_LARGE,
        ErrorCause.CLIENT_TOO_OLD,
        ErrorCause.DEPENDENCY,
    ],
)
def test_what_waiting_cannot_mend_is_given_up_at_once(cause: ErrorCause) -> None:
    assert decide(failed(cause)) == GIVE_UP
    assert decide(failed(cause, retry_after=1.0)) == GIVE_UP


def test_waits_double_and_end() -> None:
    state, waits = RetryState(), []
    while (decision := decide(failed(ErrorCause.TRANSIENT), state)).step is Step.WAIT:
        waits.append(decision.wait)
        state = state.after(decision)
    assert waits == [0.5, 1.0, 2.0]
    assert decide(failed(ErrorCause.RATE_LIMIT)).wait == 1.5


def test_a_dead_token_is_refreshed_once() -> None:
    decision = decide(failed(ErrorCause.STALE_TOKEN, 401))
    assert decision.step is Step.REFRESH_TOKEN
    assert decide(failed(ErrorCause.STALE_TOKEN, 401), RetryState().after(decision)) == GIVE_UP
    assert decide(failed(ErrorCause.STALE_TOKEN, 401), can_refresh=False) == GIVE_UP


def test_a_403_without_reason_refreshes_only_if_github_itself_answered() -> None:
    assert (
        decide(failed(ErrorCause.OPAQUE_FORBIDDEN, 403, from_github=True)).step
        is Step.REFRESH_TOKEN
    )
    assert decide(failed(ErrorCause.OPAQUE_FORBIDDEN, 403)).step is Step.WAIT


def test_retry_after_is_honoured_up_to_the_setting() -> None:
    assert decide(failed(ErrorCause.RATE_LIMIT, retry_after=8.0)) == RetryDecision(Step.WAIT, 8.0)
    assert decide(failed(ErrorCause.RATE_LIMIT, retry_after=8.1)) == GIVE_UP
    assert decide(failed(ErrorCause.RATE_LIMIT), longest_wait=0.0) == GIVE_UP


@pytest.mark.parametrize(
    "code", ["user_weekly_rate_limited", "user_global_rate_limited:pro", "extension_blocked"]
)
def test_a_limit_of_hours_is_not_hammered(code: str) -> None:
    assert decide(failed(ErrorCause.RATE_LIMIT, code=code)) == GIVE_UP


def test_a_slow_upload_is_replayed_once() -> None:
    failure = failed(ErrorCause.REQUEST_TIMEOUT, 408)
    decision = decide(failure)
    assert decision.step is Step.WAIT
    assert decide(failure, RetryState().after(decision, failure)) == GIVE_UP


def test_connection_failures_are_repeated_only_if_they_may_pass() -> None:
    passing = ConnectionFailed("m", retryable=True)
    lasting = ConnectionFailed("m", retryable=False)
    options = {"longest_wait": 8.0, "random": 0.0}
    assert after_connection_failure(passing, RetryState(), **options).wait == 0.5
    assert after_connection_failure(passing, RetryState(waits=3), **options) == GIVE_UP
    assert after_connection_failure(lasting, RetryState(), **options) == GIVE_UP


@given(st.integers(0, 50), st.floats(0.1, 5), st.floats(0, 1, exclude_max=True))
def test_backoff_stays_between_half_and_whole_of_its_bound(
    tries: int, first: float, random: float
) -> None:
    whole = min(first * 2**tries, 8.0)
    assert whole / 2 <= backoff(tries, first, random) <= whole


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead."
            ),
            (RenamedMember("max_tokens", "max_completion_tokens"),),
        ),
        (
            "Unsupported parameter: 'temperature' is not supported with this model.",
            (RefusedMember(("temperature",)),),
        ),
        (
            "Unsupported value: 'temperature' does not support 0.7 with this model.",
            (RefusedMember(("temperature",)),),
        ),
        ("Unknown parameter: 'text.verbosity'.", (RefusedMember(("text", "verbosity")),)),
        (
            "Unrecognized request arguments supplied: a, b",
            (RefusedMember(("a",)), RefusedMember(("b",))),
        ),
        (
            "context_management: Extra inputs are not permitted",
            (RefusedMember(("context_management",)),),
        ),
        (
            "system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
            (RefusedMember(("system", "0", "cache_control", "ephemeral", "scope")),),
        ),
        ("unsupported beta header(s): a-1, b-2\n", (RefusedBeta("a-1"), RefusedBeta("b-2"))),
        ("Invalid 'input[3].id': string too long.", (RefusedItemId(3),)),
        ("Invalid 'tools': array too long.", ()),
        ("max_tokens: 64001 > 64000, which is the maximum", ()),
        ("messages.0.content.0.text: Extra inputs are not permitted", ()),
        ("max_tokens: Extra inputs are not permitted", ()),
        ("tool_choice: Extra inputs are not permitted", ()),
        ("output_config.format: Extra inputs are not permitted", ()),
        (
            "Unsupported parameter: 'messages' is not supported with this model. Use 'input' instead.",
            (),
        ),
        ("nothing to see", ()),
    ],
)
def test_only_texts_that_name_an_optional_part_lead_to_a_repeat(
    message: str, found: tuple[Any, ...]
) -> None:
    failure = UpstreamErrorResponse(status=400, cause=ErrorCause.BAD_REQUEST, message=message)
    assert read_refusals(failure, Endpoint.MESSAGES).named == found


def test_a_param_beside_a_code_names_it_too() -> None:
    failure = UpstreamErrorResponse(
        400, ErrorCause.BAD_REQUEST, "background: no", code="unsupported_value", param="background"
    )
    assert read_refusals(failure, Endpoint.RESPONSES).named == (RefusedMember(("background",)),)
    about_tools = UpstreamErrorResponse(
        400, ErrorCause.BAD_REQUEST, "no", code="unsupported_value", param="tools"
    )
    assert read_refusals(about_tools, Endpoint.RESPONSES).named == ()


def test_only_a_400_is_read_for_refusals() -> None:
    text = "Unsupported parameter: 'temperature' is not supported"
    assert (
        read_refusals(
            UpstreamErrorResponse(403, ErrorCause.PERMISSION, text), Endpoint.RESPONSES
        ).named
        == ()
    )
    assert (
        read_refusals(
            UpstreamErrorResponse(400, ErrorCause.CONTEXT_OVERFLOW, text), Endpoint.RESPONSES
        ).named
        == ()
    )


# -- paths -----------------------------------------------------------------------------------------

BODY = {
    "model": "m",
    "tools": [{"name": "a", "eager": 1, "custom": {"eager": 2}}, {"name": "b"}, "odd"],
    "system": [{"type": "text", "cache_control": {"type": "ephemeral", "scope": "x", "ttl": "1h"}}],
}


def in_forms(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The same body decoded, half raw, and raw below the top."""
    raw = {name: msgspec.Raw(json.dumps(value).encode()) for name, value in body.items()}
    return [body, {**body, "tools": raw["tools"]}, raw]


@pytest.mark.parametrize("body", in_forms(BODY))
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "system.0.cache_control.ephemeral.scope",
            ("system", [{"type": "text", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]),
        ),
        ("tools.*.eager", ("tools", [{"name": "a", "custom": {"eager": 2}}, {"name": "b"}, "odd"])),
        (
            "tools.0.custom.eager",
            ("tools", [{"name": "a", "eager": 1, "custom": {}}, {"name": "b"}, "odd"]),
        ),
    ],
)
def test_a_nested_member_is_taken_out_of_decoded_and_raw_bodies_alike(
    body: dict[str, Any], path: str, expected: tuple[str, Any]
) -> None:
    before = msgspec.json.encode(body)
    changed, removed = remove_path(body, parse_path(path))
    assert removed
    assert msgspec.json.encode(body) == before, "the caller's body is never changed"
    decoded = msgspec.json.decode(msgspec.json.encode(changed))
    assert decoded == {**BODY, expected[0]: expected[1]}


@pytest.mark.parametrize("body", in_forms(BODY))
@pytest.mark.parametrize(
    "path", ["nope", "tools.9.eager", "tools.0.nope", "model.x", "tools", "tools.*"]
)
def test_a_path_that_leads_nowhere_changes_nothing(body: dict[str, Any], path: str) -> None:
    changed, removed = remove_path(body, parse_path(path))
    assert removed == (path == "tools")
    if not removed:
        assert changed is body


def test_paths_are_read_in_both_spellings() -> None:
    assert parse_path("input[3].id") == ("input", "3", "id")
    assert any_index(parse_path("tools.0.custom.x")) == ("tools", "*", "custom", "x")


# -- memory ----------------------------------------------------------------------------------------


def a_refused_parameter(name: str = "temperature", **more: Any) -> RefusedParameter:
    values: dict[str, Any] = {
        "model": "m",
        "endpoint": Endpoint.CHAT_COMPLETIONS,
        "kind": RemedyKind.LEAVE_OUT,
        "name": name,
        "expires_at": 100.0,
        **more,
    }
    return RefusedParameter(**values)


def test_a_remembered_refusal_counts_for_its_model_and_endpoint_until_it_expires() -> None:
    memory = ParameterMemory()
    memory.learn(a_refused_parameter())
    assert memory.refused_parameters("m", Endpoint.CHAT_COMPLETIONS, 99.0) == (
        a_refused_parameter(),
    )
    assert memory.refused_parameters("m", Endpoint.CHAT_COMPLETIONS, 100.0) == ()
    assert memory.refused_parameters("m", Endpoint.RESPONSES, 0.0) == ()
    assert memory.refused_parameters("n", Endpoint.CHAT_COMPLETIONS, 0.0) == ()


def test_learning_again_renews_and_forgetting_forgets_one_model() -> None:
    memory = ParameterMemory()
    memory.learn(a_refused_parameter())
    memory.learn(a_refused_parameter(expires_at=200.0))
    memory.learn(a_refused_parameter(model="n"))
    assert len(memory.all_in_force(0.0)) == 2
    memory.forget("m")
    assert [each.model for each in memory.all_in_force(0.0)] == ["n"]
    memory.forget()
    assert memory.all_in_force(0.0) == ()


def test_the_memory_is_bounded() -> None:
    memory = ParameterMemory()
    for index in range(MOST_REFUSED + 5):
        memory.learn(a_refused_parameter(str(index)))
    assert len(memory.all_in_force(0.0)) == MOST_REFUSED
    assert memory.all_in_force(0.0)[0].name == "5"


def test_what_is_written_is_read_back_and_the_unreadable_left_behind() -> None:
    memory = ParameterMemory()
    memory.learn(a_refused_parameter(betas=("b",)))
    memory.learn(a_refused_parameter("old", kind=RemedyKind.RENAME, new_name="new"))
    kept = json.loads(json.dumps(memory.to_dict(0.0)))
    kept["lessons"] += [{"model": "m"}, 7, {**kept["lessons"][0], "endpoint": "/nope"}]
    kept["lessons"].append({**kept["lessons"][0], "name": "x", "expires_at": STATED_LIFETIME * 9})
    again = read_memory(kept, 0.0)
    assert again.all_in_force(0.0) == memory.all_in_force(0.0)
    assert read_memory(None, 0.0).all_in_force(0.0) == ()
    assert read_memory({"lessons": 1}, 0.0).all_in_force(0.0) == ()
