"""Copilot\'s error catalogue, rows 1 to 4 (the request).

What the client is told, and how often upstream was asked. Row numbers as in
``declared_cases``. Upstream is the strict simulator behind a real socket; waiting costs no time.
"""

from __future__ import annotations

import json
from io import BytesIO

import pytest

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
from tests.integration.copilot.error_catalogue import (
    MODELS,
    SUCCESSORS,
    answered,
    in_every_dialect,
    refused,
)

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
    calls, listings, known = len(rig.calls()), rig.listings, rig.board.current.model_count
    response = await rig.ask(path, model, "hello again")
    assert response.status == 404
    error = error_of(await response.json())
    assert "not supported" in error["message"]
    await rig.until(lambda: rig.board.current.model_count == known - 1)
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
    listings = rig.listings
    first = await rig.ask(CHAT, "gpt-4.1", REPEAT + "moved", stream=streamed)
    if first.status != 200:
        assert first.status == 400
        assert error_of(await first.json())["code"] == "unsupported_api_for_model"
    await rig.until(lambda: rig.listings > listings)
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
