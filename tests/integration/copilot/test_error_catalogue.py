"""Copilot's error catalogue, row by row: what the client is told, and how often upstream was asked.

Row numbers as in ``declared_cases``. Upstream is the strict simulator behind a real socket; waiting
costs no time.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from proxy_core.status.status import AccountState
from tests.integration.copilot.conftest import (
    CHAT,
    DIALECTS,
    MESSAGES,
    REPEAT,
    RESPONSES,
    Rig,
    error_of,
    question,
)

MODELS = {CHAT: "gpt-4.1", RESPONSES: "gpt-5.3-codex", MESSAGES: "claude-sonnet-4.6"}
SUCCESSORS = {CHAT: "gpt-5.5", RESPONSES: "gpt-5.2-codex", MESSAGES: "claude-sonnet-5.5"}
"""What the strict list offers in place of these, once they are gone."""
NO_QUOTA = {CHAT: 429, RESPONSES: 429, MESSAGES: 402}
"""OpenAI says 429 with insufficient_quota, Anthropic 402 with billing_error."""
in_every_dialect = pytest.mark.parametrize("path", DIALECTS)


async def refused(rig: Rig, path: str, word: str, **members: Any) -> tuple[int, dict[str, Any]]:
    """Ask for trouble by its word; return the status and the error object the client gets."""
    response = await rig.ask(path, MODELS[path], f"please [sim:{word}]", **members)
    return response.status, error_of(await response.json())


async def answered(rig: Rig, path: str, text: str, *, model: str | None = None) -> str:
    response = await rig.ask(path, model or MODELS[path], text)
    assert response.status == 200, await response.text()
    return str(await response.text())


# --- row 1: the wrong model, identity or endpoint -------------------------------------------------


@in_every_dialect
async def test_row_1_a_model_that_went_away_is_refused_once_and_then_known_to_be_gone(
    rig: Rig, path: str
) -> None:
    """model_not_supported"""
    model = MODELS[path]
    await answered(rig, path, "hello", model=model)
    rig.time.pass_by(120)
    await rig.control("catalogue", {model: None})
    calls, listings = len(rig.calls()), rig.listings
    response = await rig.ask(path, model, "hello again")
    assert response.status == 404
    error = error_of(await response.json())
    assert "not supported" in error["message"]
    await rig.settle()
    assert rig.listings == listings + 1, "the list was read anew"
    again = await rig.ask(path, model, "and again")
    assert again.status == 404
    error = error_of(await again.json())
    assert model in error["message"]
    assert f"Use {SUCCESSORS[path]} instead." in error["message"]
    assert len(rig.calls()) == calls + 1, "neither repeated, nor asked for a model that is gone"


class TestUnderAnotherIdentity:
    @pytest.fixture
    def settings_text(self) -> str:
        return '[identity]\nintegration_id = "made-up"\n'

    async def test_row_1_an_integration_without_the_model_is_told_upstream_s_list(
        self, rig: Rig
    ) -> None:
        """model_not_available_for_integrator"""
        response = await rig.ask(MESSAGES, MODELS[MESSAGES], "hello")
        error = error_of(await response.json())
        assert response.status == 404
        assert "Available models: [gpt-4.1" in error["message"]
        assert len(rig.calls()) == 1


@pytest.mark.parametrize("streamed", [False, True])
async def test_row_1_a_model_that_moved_to_another_endpoint_is_found_there(
    rig: Rig, streamed: bool
) -> None:
    """unsupported_api_for_model"""
    await answered(rig, CHAT, "hello", model="gpt-4.1")
    rig.time.pass_by(120)
    await rig.control("catalogue", {"gpt-4.1": {"supported_endpoints": ["/responses"]}})
    first = await rig.ask(CHAT, "gpt-4.1", REPEAT + "moved", stream=streamed)
    if first.status != 200:
        assert first.status == 400
        assert error_of(await first.json())["code"] == "unsupported_api_for_model"
    await rig.settle()
    second = await rig.ask(CHAT, "gpt-4.1", REPEAT + "moved", stream=streamed)
    assert second.status == 200, await second.text()
    assert "moved" in await second.text()
    assert rig.calls()[-1].path == "/responses"
    assert len(rig.calls()) <= 4


# --- row 2: parameters ----------------------------------------------------------------------------


@in_every_dialect
async def test_row_2_a_body_upstream_cannot_use_is_the_client_s_to_mend(
    rig: Rig, path: str
) -> None:
    """invalid_request_body"""
    status, error = await refused(rig, path, "invalid_request_body")
    assert status == 400
    assert error["message"] == "The request body is not valid (simulated)."
    assert len(rig.calls()) == 1


async def test_row_2_an_effort_the_model_does_not_have_never_costs_a_second_call(rig: Rig) -> None:
    """invalid_reasoning_effort"""
    response = await rig.ask(
        MESSAGES, "claude-sonnet-4.6", REPEAT + "fine", output_config={"effort": "xhigh"}
    )
    text = await response.text()
    assert len(rig.calls()) <= 2
    if response.status == 400:
        assert "supported values" in text
    else:
        assert "fine" in text
        assert rig.calls()[-1].body.get("output_config", {}).get("effort") != "xhigh"


async def test_row_2_a_value_upstream_names_is_left_out_once_and_remembered(rig: Rig) -> None:
    """unsupported_value"""
    for calls in (2, 1):
        before = len(rig.calls())
        response = await rig.ask(CHAT, "gpt-4.1", REPEAT + "fine", store=True)
        assert response.status == 200, await response.text()
        assert len(rig.calls()) - before == calls
        assert "store" in response.headers["x-g-copilot-proxy-dropped"]


# --- row 3: too long ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DIALECTS)
@pytest.mark.parametrize("model", MODELS.values())
async def test_row_3_too_long_is_said_in_the_client_s_own_dialect_whatever_the_endpoint_said(
    rig: Rig, path: str, model: str
) -> None:
    """model_max_prompt_tokens_exceeded, context_length_exceeded, and the form that has neither"""
    response = await rig.ask(path, model, "please [sim:context]")
    error = error_of(await response.json())
    assert response.status == 400
    if path == MESSAGES:
        assert error["type"] == "invalid_request_error"
        assert "prompt is too long" in error["message"]
    else:
        assert error["code"] == "context_length_exceeded"
    assert len(rig.calls()) == 1


@in_every_dialect
async def test_row_3_a_prompt_that_really_is_too_long_is_known_too(rig: Rig, path: str) -> None:
    long = question(path, MODELS[path], "word " * 1_300_000)
    headers = rig.headers(Content_Type="application/json")
    response = await rig.send("POST", path, headers, data=BytesIO(json.dumps(long).encode()))
    error = error_of(await response.json())
    assert response.status == 400
    assert error.get("code") == "context_length_exceeded" or "too long" in error["message"]
    assert len(rig.calls()) <= 1


# --- row 4: state ---------------------------------------------------------------------------------


async def test_row_4_an_earlier_response_nobody_knows_is_named_at_once(rig: Rig) -> None:
    """previous_response_not_found"""
    response = await rig.ask(
        RESPONSES, MODELS[RESPONSES], "go on", previous_response_id="resp_nobody_knows"
    )
    error = error_of(await response.json())
    assert response.status in (400, 404)
    assert error["code"] == "previous_response_not_found"
    assert len(rig.calls()) <= 1


async def test_row_4_when_upstream_forgot_it_its_words_reach_the_client(rig: Rig) -> None:
    """previous_response_not_found"""
    status, error = await refused(rig, RESPONSES, "previous_response_not_found")
    assert status == 400
    assert error["code"] == "previous_response_not_found"
    assert len(rig.calls()) == 1


def tampered(content: str) -> str:
    """Another letter within upstream's own content: our envelope still opens, what it holds is false."""
    place = len(content) // 4
    other = "A" if content[place] != "A" else "B"
    return content[:place] + other + content[place + 1 :]


@pytest.mark.prompt_cache_break(
    "what upstream refused is taken out of the middle of the conversation"
)
async def test_row_4_reasoning_upstream_cannot_read_is_left_out_once(rig: Rig) -> None:
    """invalid_encrypted_content"""
    body = question(RESPONSES, MODELS[RESPONSES], "think step by step")
    first = await rig.post(RESPONSES, body | {"include": ["reasoning.encrypted_content"]})
    output = (await first.json())["output"]
    altered = [
        item | {"encrypted_content": tampered(item["encrypted_content"])}
        if item["type"] == "reasoning"
        else item
        for item in output
    ]
    assert altered != output
    calls = len(rig.calls())
    body["input"] = [*body["input"], *altered, {"role": "user", "content": REPEAT + "healed"}]
    second = await rig.post(RESPONSES, body)
    text = await second.text()
    assert second.status == 200, text
    assert "healed" in text
    assert len(rig.calls()) == calls + 2


@in_every_dialect
async def test_row_4_off_topic_is_not_asked_twice(rig: Rig, path: str) -> None:
    """off_topic"""
    status, error = await refused(rig, path, "off_topic")
    assert status == 400
    assert "left the subject" in error["message"]
    assert len(rig.calls()) == 1


# --- rows 5, 7, 8: tokens and permission ----------------------------------------------------------


@in_every_dialect
async def test_row_5_a_dead_session_token_is_exchanged_once_and_the_client_never_knows(
    rig: Rig, path: str
) -> None:
    """unauthorized"""
    await answered(rig, path, "hello")
    exchanges, calls = rig.exchanges, len(rig.calls())
    await rig.control("expire", {})
    assert "alive" in await answered(rig, path, REPEAT + "alive")
    assert rig.exchanges == exchanges + 1
    assert len(rig.calls()) == calls + 2


async def test_row_5_a_session_that_stays_dead_is_refreshed_once_and_then_told(rig: Rig) -> None:
    await answered(rig, CHAT, "hello")
    exchanges, calls = rig.exchanges, len(rig.calls())
    dead = {"answer": {"status": 401, "body": "unauthorized: token expired\n"}}
    await rig.script(*[dead | {"path": "/chat/completions"}] * 5)
    response = await rig.ask(CHAT, MODELS[CHAT], "hello")
    assert response.status == 401
    assert rig.exchanges == exchanges + 1
    assert len(rig.calls()) == calls + 2


async def test_row_5_github_ended_the_sign_in_and_everyone_is_told_what_to_do(rig: Rig) -> None:
    await answered(rig, CHAT, "hello")
    await rig.control("expire", {"github": rig.simulator.github_token})
    for _ in range(3):
        response = await rig.ask(CHAT, MODELS[CHAT], "hello")
        assert response.status == 401
    assert rig.exchanges == 2, "a rejected sign-in is not tried again and again"
    assert rig.board.current.account.state is AccountState.EXPIRED


@in_every_dialect
@pytest.mark.parametrize("code", ["expired_token", "invalid_token", "token_expired"])
async def test_row_7_a_403_that_names_the_token_is_one_exchange(
    rig: Rig, path: str, code: str
) -> None:
    text = await answered(rig, path, f"{REPEAT}fine [sim:{code}*1]")
    assert "fine" in text
    assert rig.exchanges == 2
    assert len(rig.calls()) == 2
    status, _ = await refused(rig, path, code)
    assert status in (401, 403)
    assert len(rig.calls()) == 4, "one exchange, one repeat, then the client knows"


async def test_row_7_forbidden_from_github_itself_is_worth_one_fresh_token(rig: Rig) -> None:
    """forbidden, with x-github-request-id and without retry-after"""
    text = await answered(rig, CHAT, REPEAT + "fine [sim:403-limit*1]")
    assert "fine" in text
    assert rig.exchanges == 2
    assert len(rig.calls()) == 2


async def test_row_7_forbidden_from_a_gateway_costs_no_token(rig: Rig) -> None:
    """forbidden, but no sign of the service: a limit in disguise"""
    text = await answered(rig, CHAT, REPEAT + "fine [sim:403-gateway*1]")
    assert "fine" in text
    assert rig.exchanges == 1
    first, second = rig.calls()
    assert second.at - first.at >= 0.7, "there was a pause between"


@in_every_dialect
async def test_row_8_a_blocked_identity_is_never_asked_again(rig: Rig, path: str) -> None:
    """terms"""
    status, error = await refused(rig, path, "403-terms")
    assert status == 403
    assert "Terms of Service" in error["message"]
    assert len(rig.calls()) == 1
    assert rig.exchanges == 1


# --- row 6: quota ---------------------------------------------------------------------------------


@in_every_dialect
@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("402", True),
        ("free_quota_exceeded", True),
        ("overage_limit_reached", True),
        ("billing_not_configured", False),
    ],
)
async def test_row_6_no_quota_is_told_at_once_with_its_end_in_seconds(
    rig: Rig, path: str, word: str, seconds: bool
) -> None:
    """quota_exceeded names its end as a date, overage_limit_reached as seconds"""
    response = await rig.ask(path, MODELS[path], f"please [sim:{word}]")
    assert response.status == NO_QUOTA[path]
    error = error_of(await response.json())
    assert error["message"]
    if path != MESSAGES:
        assert error["type"] == "insufficient_quota"
    assert len(rig.calls()) == 1
    if seconds:
        assert 0 < float(response.headers["retry-after"]) <= 32 * 86400
    if word == "overage_limit_reached":
        assert response.headers["retry-after"] == "3600"


class TestWhenTheCreditsReallyRunOut:
    @pytest.fixture
    def profile(self) -> str:
        return "token_billing"

    async def test_row_6_it_is_the_same(self, rig: Rig) -> None:
        """quota_exceeded"""
        await answered(rig, CHAT, "hello")
        await rig.control("account", {"remaining": 0})
        response = await rig.ask(CHAT, MODELS[CHAT], "hello")
        assert response.status == 429
        error = error_of(await response.json())
        assert error["type"] == "insufficient_quota"
        assert error["message"] == "You have no quota"


# --- rows 9 to 13 ---------------------------------------------------------------------------------


async def test_row_9_a_path_copilot_does_not_have_is_not_repeated(rig: Rig) -> None:
    """404"""
    status, error = await refused(rig, CHAT, "404")
    assert status == 404
    assert "404 page not found" in error["message"]
    assert len(rig.calls()) == 1


@in_every_dialect
async def test_row_10_a_slow_upload_is_sent_once_more(rig: Rig, path: str) -> None:
    """user_request_timeout"""
    assert "fine" in await answered(rig, path, REPEAT + "fine [sim:408*1]")
    assert len(rig.calls()) == 2
    status, error = await refused(rig, path, "408")
    assert status == 408
    assert "Timed out reading request body" in error["message"]
    assert len(rig.calls()) == 4


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)


async def test_row_11_a_body_too_large_for_upstream_is_told_in_its_words(rig: Rig) -> None:
    """413"""
    status, error = await refused(rig, CHAT, "413")
    assert status == 413
    assert "failed to parse request" in error["message"]
    assert len(rig.calls()) == 1


async def test_row_11_images_make_it_worth_one_more_try_without_them(rig: Rig) -> None:
    """413: its usual reason is an image, and a conversation carries its images for ever"""
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    words = {"type": "text", "text": REPEAT + "fine [sim:413*1]"}
    messages = [
        {"role": "user", "content": [picture, {"type": "text", "text": "look"}]},
        {"role": "assistant", "content": "I see."},
        {"role": "user", "content": [words]},
    ]
    response = await rig.post(CHAT, {"model": "gpt-4.1", "messages": messages})
    text = await response.text()
    assert len(rig.calls()) == 2, text
    assert response.status == 200, text
    assert "image_url" not in json.dumps(rig.calls()[-1].body)


@in_every_dialect
@pytest.mark.parametrize("word", ["422", "cyber_policy"])
async def test_row_12_a_policy_s_refusal_is_final(rig: Rig, path: str, word: str) -> None:
    """content_filter, cyber_policy"""
    status, error = await refused(rig, path, word)
    assert status in (400, 422)
    assert error["message"]
    assert len(rig.calls()) == 1


@in_every_dialect
@pytest.mark.parametrize("word", ["424", "499"])
async def test_row_13_what_broke_behind_upstream_is_no_reason_to_repeat(
    rig: Rig, path: str, word: str
) -> None:
    status, error = await refused(rig, path, word)
    assert status == 502
    assert "(simulated)" in error["message"]
    assert len(rig.calls()) == 1


# --- row 14: limits -------------------------------------------------------------------------------


@in_every_dialect
async def test_row_14_a_short_limit_is_waited_out_for_as_long_as_it_says(
    rig: Rig, path: str
) -> None:
    """rate_limited"""
    assert "fine" in await answered(rig, path, REPEAT + "fine [sim:rate_limited*1]")
    first, second = rig.calls()
    assert second.at - first.at >= 1.0


async def test_row_14_the_wait_may_stand_in_the_text_alone(rig: Rig) -> None:
    assert "fine" in await answered(rig, CHAT, REPEAT + "fine [sim:rate-words*1]")
    first, second = rig.calls()
    assert second.at - first.at >= 2.0


@in_every_dialect
@pytest.mark.parametrize(
    ("code", "names_its_end"),
    [
        ("user_model_rate_limited", "45"),
        ("user_global_rate_limited", "2733"),
        ("user_weekly_rate_limited", "180000"),
        ("integration_rate_limited", None),
        ("agent_mode_limit_exceeded", None),
        ("extension_blocked", None),
    ],
)
async def test_row_14_a_long_limit_is_the_client_s_to_know_at_once(
    rig: Rig, path: str, code: str, names_its_end: str | None
) -> None:
    response = await rig.ask(path, MODELS[path], f"please [sim:{code}]")
    assert response.status == 429
    assert len(rig.calls()) == 1, "nobody was kept waiting for a second try"
    assert float(response.headers["retry-after"]) > 0, "every limit says when to come back"
    if names_its_end is not None:
        assert response.headers["retry-after"] == names_its_end
    assert error_of(await response.json())["message"]


@in_every_dialect
async def test_row_14_an_overloaded_model_is_tried_a_few_times_and_no_more(
    rig: Rig, path: str
) -> None:
    """model_overloaded"""
    assert "fine" in await answered(rig, path, REPEAT + "fine [sim:model_overloaded*2]")
    assert len(rig.calls()) == 3
    status, error = await refused(rig, path, "model_overloaded")
    assert status in (429, 503, 529)
    assert "overloaded" in error["message"]
    assert 1 < len(rig.calls()) - 3 <= 4


# --- rows 15 to 17 --------------------------------------------------------------------------------


class TestWithAnOldApiVersion:
    @pytest.fixture
    def settings_text(self) -> str:
        return '[identity]\nmodel_api_version = "2024-01-01"\n'

    async def test_row_15_a_retired_version_says_update(self, rig: Rig) -> None:
        response = await rig.ask(CHAT, MODELS[CHAT], "hello")
        error = error_of(await response.json())
        assert response.status == 502
        assert "no longer supported" in error["message"]
        assert "Update g-copilot-proxy" in error["message"]


@in_every_dialect
async def test_row_15_a_version_retired_while_we_run_is_not_retried(rig: Rig, path: str) -> None:
    """466"""
    status, error = await refused(rig, path, "466")
    assert status == 502
    assert "no longer supported" in error["message"]
    assert len(rig.calls()) == 1


@in_every_dialect
@pytest.mark.parametrize("word", ["500", "502-html"])
async def test_row_16_a_passing_trouble_is_waited_out_and_a_lasting_one_told(
    rig: Rig, path: str, word: str
) -> None:
    """500, 502"""
    assert "fine" in await answered(rig, path, f"{REPEAT}fine [sim:{word}*1]")
    assert len(rig.calls()) == 2
    status, error = await refused(rig, path, word)
    assert status == 502
    assert "<html" not in error["message"]
    assert 1 < len(rig.calls()) - 2 <= 4


@in_every_dialect
async def test_row_17_a_busy_provider_gets_a_short_pause(rig: Rig, path: str) -> None:
    """upstream_provider_rate_limit"""
    assert "fine" in await answered(rig, path, REPEAT + "fine [sim:503*2]")
    assert len(rig.calls()) == 3
    status, _ = await refused(rig, path, "503")
    assert status in (503, 529)
    assert 1 < len(rig.calls()) - 3 <= 4


# --- what else the notes say of limits ------------------------------------------------------------


@in_every_dialect
async def test_row_18_a_limit_that_calls_itself_400_is_a_limit(rig: Rig, path: str) -> None:
    assert "fine" in await answered(rig, path, REPEAT + "fine [sim:400-rate_limited*1]")
    status, _ = await refused(rig, path, "400-rate_limited")
    assert status == 429


@in_every_dialect
async def test_row_19_the_five_hour_limit_is_read_from_its_words(rig: Rig, path: str) -> None:
    response = await rig.ask(path, MODELS[path], "please [sim:user_global_rate_limited]")
    assert response.status == 429
    assert response.headers["retry-after"] == "2733"
    error = error_of(await response.json())
    assert "exceeded your 5 hour session limits" in error["message"]


async def test_row_20_a_weekly_limit_without_a_time_is_not_asked_again_in_a_loop(rig: Rig) -> None:
    """Another client took it for a short one and asked for ever (pi#4551)."""
    response = await rig.ask(CHAT, MODELS[CHAT], "please [sim:weekly-unnamed]")
    assert response.status == 429
    assert float(response.headers["retry-after"]) >= 300
    assert len(rig.calls()) == 1
