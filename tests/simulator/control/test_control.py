"""/_sim: what arrived, scripted sequences, starting over."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.simulator.answers import read
from tests.simulator.conftest import PLUGIN_CLIENT_ID, Client


async def lay(client: Client, *steps: dict[str, Any]) -> None:
    answer = await client.post("/_sim/script", {"steps": list(steps)})
    assert answer.json() == {"waiting": len(steps)}


async def test_requests_are_recorded_with_headers_and_body_even_when_refused(
    client: Client,
) -> None:
    await client.chat("hi", temperature=1)
    await client.get("/nowhere?x=1")
    recorded = (await client.get("/_sim/requests")).json()["requests"]
    assert [each["path"] for each in recorded] == [
        "/copilot_internal/v2/token",
        "/chat/completions",
        "/nowhere",
    ]
    assert recorded[1]["body"]["temperature"] == 1
    assert recorded[1]["headers"]["editor-version"] == "vscode/1.107.0"
    assert recorded[2]["query"] == "x=1"
    assert client.server.requests[1].body == recorded[1]["body"]
    raw = (await client.get("/_sim/requests?raw=1")).json()["requests"]
    assert raw[1]["body"] == client.server.requests[1].raw.decode()


async def test_reset_forgets_what_arrived_and_what_was_used(client: Client) -> None:
    await client.chat("[sim:403-limit]")
    await client.post("/_sim/account", {"remaining": 1})
    await client.post("/_sim/reset", {})
    assert client.server.requests == []
    assert (await client.get("/_sim/account")).json()["remaining"] > 1000
    assert (await client.chat("[sim:403-limit]")).status == 403
    assert (await client.chat("[sim:403-limit]")).status == 403


async def test_reset_can_change_profile_and_switches(client: Client) -> None:
    await client.post("/_sim/reset", {"profile": "lenient"})
    assert (await client.chat("hi", temperature=1)).status == 200
    switches = {"refuses_chat_sampling": False}
    await client.post("/_sim/reset", {"profile": "strict", "switches": switches})
    assert (await client.chat("hi", temperature=1)).status == 200
    assert (await client.post("/_sim/reset", {"profile": "nice"})).status == 400
    assert (await client.post("/_sim/reset", {"switches": {"plan": True}})).status == 400


async def test_a_script_of_faults_is_met_in_order_and_then_life_goes_on(client: Client) -> None:
    await lay(client, {"fault": "500"}, {}, {"fault": "429"})
    assert [(await client.chat("hi")).status for _ in range(4)] == [500, 200, 429, 200]


async def test_a_step_can_wait_for_its_path(client: Client) -> None:
    await lay(client, {"path": "/v1/messages", "fault": "503"})
    assert (await client.chat("hi")).status == 200
    assert len((await client.get("/_sim/script")).json()["steps"]) == 1
    assert (await client.messages("hi")).status == 503


async def test_a_step_that_names_a_path_is_met_there_whatever_place_it_is(client: Client) -> None:
    limit = {"message": "API rate limit exceeded", "status": "403"}
    await lay(
        client,
        {"path": "/copilot_internal/v2/token", "answer": {"status": 403, "body": limit}},
        {"path": "/models", "fault": "429"},
        {"fault": "500"},
    )
    assert (await client.get("/models")).headers["retry-after"] == "1"
    assert (await client.get("/models")).status == 200
    refused = await client.exchange(client.server.github_token)
    assert (refused.status, refused.json()) == (403, limit)
    assert (await client.exchange(client.server.github_token)).status == 200
    assert (await client.chat("hi")).status == 500


async def test_a_step_can_put_words_and_calls_into_the_models_mouth(client: Client) -> None:
    say = {
        "text": "Hm.",
        "thinking": "What now?",
        "tool_calls": [{"name": "go", "arguments": {"to": "Rome"}}],
    }
    await lay(client, {"say": say}, {"say": say}, {"say": {"text": "cut", "finish": "length"}})
    for endpoint, answer in (
        ("messages", await client.messages("hi", stream=True)),
        ("responses", await client.responses("hi", stream=True)),
    ):
        said = read(endpoint, answer)
        assert (said.text, said.thinking) == ("Hm.", "What now?")
        assert said.calls == [("go", {"to": "Rome"})]
    assert read("chat", await client.chat("hi")).finish == "length"


async def test_a_step_can_answer_with_bytes_of_its_own(client: Client) -> None:
    await lay(
        client,
        {"answer": {"status": 418, "headers": {"x-kind": "tea"}, "body": {"error": "teapot"}}},
        {"answer": {"chunks": ["data: {}\n", "\ndata: [DONE]\n\n"]}},
        {"answer": {"chunks": ["data: {"], "cut": True}},
    )
    tea = await client.chat("hi")
    assert (tea.status, tea.headers["x-kind"], tea.json()) == (418, "tea", {"error": "teapot"})
    stream = await client.chat("hi", stream=True)
    assert stream.headers["Content-Type"] == "text/event-stream"
    assert stream.text == "data: {}\n\ndata: [DONE]\n\n"
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.chat("hi", stream=True)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"steps": [{"fault": "flood"}]}, "unknown fault 'flood'"),
        ({"steps": [{"fault": "500", "say": {}}]}, "a step has one of"),
        ({"steps": [{"say": {"finish": "happy"}}]}, "unknown finish 'happy'"),
        ({"steps": [{"shout": 1}]}, "unknown field"),
        ({}, "missing required field"),
        ({"steps": [{"path": "/models", "fault": "cut"}]}, "/models can only meet 429"),
        ({"steps": [{"path": "/models", "say": {}}]}, "/models can only meet 429"),
    ],
)
async def test_a_script_with_a_mistake_is_refused_whole(
    client: Client, script: dict[str, Any], said: str
) -> None:
    answer = await client.post("/_sim/script", script)
    assert answer.status == 400
    assert said in answer.json()["error"]
    assert (await client.chat("hi")).status == 200


async def test_sign_in_can_be_authorized_without_the_page(client: Client) -> None:
    started = (
        await client.post(
            "/login/device/code", {"client_id": PLUGIN_CLIENT_ID}, {"Accept": "application/json"}
        )
    ).json()
    done = await client.post("/_sim/authorize", {"user_code": started["user_code"]})
    assert done.json() == {"done": True}
    again = await client.post("/_sim/authorize", {"user_code": started["user_code"]})
    assert again.status == 400


async def test_about_names_profiles_and_faults(client: Client) -> None:
    about = (await client.get("/_sim")).json()
    assert about["profile"] == "strict"
    assert {"lenient", "free_plan", "token_billing", "premium_requests", "flaky", "slow"} <= set(
        about["profiles"]
    )
    assert "403-limit" in about["faults"]
