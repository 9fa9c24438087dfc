"""Every code of the error catalogue can be asked for, and the catalogue of models changes on request."""

from __future__ import annotations

import pytest

from proxy_core.simulator.faults.coded_refusals import CODED
from tests.simulator.conftest import Client


@pytest.mark.parametrize("word", CODED)
async def test_each_code_is_a_word(client: Client, word: str) -> None:
    answer = await client.chat(f"please [sim:{word}]")
    assert answer.status >= 400
    assert ("x-github-request-id" in answer.headers) == (word != "403-gateway")


async def test_the_session_limit_names_its_plan_and_the_wait_in_words_alone(client: Client) -> None:
    answer = await client.chat("[sim:user_global_rate_limited]")
    assert answer.json()["error"]["code"] == "user_global_rate_limited:pro"
    assert "retry after 2733 seconds" in answer.text
    assert "retry-after" not in answer.headers


async def test_a_model_can_be_moved_added_and_taken_away(client: Client) -> None:
    moved = {"gpt-4.1": {"supported_endpoints": ["/responses"]}}
    assert (await client.post("/_sim/catalogue", moved)).status == 200
    assert "unsupported_api_for_model" in (await client.chat("hi", model="gpt-4.1")).text
    await client.post("/_sim/catalogue", {"gpt-new": {"like": "gpt-4o"}, "gpt-4.1": None})
    assert (await client.chat("hi", model="gpt-new")).status == 200
    assert "model_not_supported" in (await client.chat("hi", model="gpt-4.1")).text
    assert (await client.post("/_sim/catalogue", {"nobody": None})).status == 400
    assert (await client.post("/_sim/catalogue", {"gpt-4o": 1})).status == 400
