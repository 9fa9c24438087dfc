"""Copilot\'s error catalogue, rows 9 to 17 (the service and its limits).

What the client is told, and how often upstream was asked. Row numbers as in
``declared_cases``. Upstream is the strict simulator behind a real socket; waiting costs no time.
"""

from __future__ import annotations

import json

import pytest

from tests.integration.copilot.conftest import (
    CHAT,
    REPEAT,
    Rig,
    error_of,
)
from tests.integration.copilot.error_catalogue import (
    MODELS,
    answered,
    in_every_dialect,
    refused,
)

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
