"""The model list, consent, and which endpoint serves what."""

from __future__ import annotations

import pytest

from tests.simulator.conftest import Client, StartSimulator

FIRST_DOCUMENT = [
    "claude-haiku-4.5",
    "claude-sonnet-4",
    "claude-sonnet-4.5",
    "claude-opus-4.5",
    "claude-opus-4.6",
    "gemini-2.5-pro",
    "gemini-3-flash-preview",
    "gemini-3-pro-preview",
    "gpt-4.1",
    "gpt-4o",
    "gpt-5",
    "gpt-5.1",
    "gpt-5.2",
    "gpt-5.3",
    "gpt-5.1-codex",
    "grok-code-fast-1",
]
ALSO = [
    "gpt-4o-mini",
    "gpt-5.2",
    "claude-sonnet-4.6",
    "gemini-3.1-pro-preview",
    "text-embedding-3-small",
]


async def test_every_promised_model_is_listed_once(client: Client) -> None:
    listing = (await client.get("/models")).json()
    ids = [entry["id"] for entry in listing["data"]]
    assert listing["object"] == "list"
    assert set(FIRST_DOCUMENT + ALSO) <= set(ids)
    assert len(ids) == len(set(ids))


async def test_one_entry_has_broken_optional_fields_and_can_still_be_called(client: Client) -> None:
    broken = (await client.get("/models/broken-entry")).json()
    assert broken["capabilities"]["limits"] is None
    assert broken["billing"]["multiplier"] == "free"
    assert (await client.chat("hi", model="broken-entry")).status == 200


async def test_a_disabled_model_works_once_its_terms_are_accepted(client: Client) -> None:
    refused = await client.messages("hi", model="claude-opus-4.7")
    assert (refused.status, refused.json()["error"]["code"]) == (400, "model_not_supported")
    accepted = await client.post("/models/claude-opus-4.7/policy", {"state": "enabled"})
    assert accepted.status == 200
    assert (await client.messages("hi", model="claude-opus-4.7")).status == 200
    entry = (await client.get("/models/claude-opus-4.7")).json()
    assert entry["policy"]["state"] == "enabled"


async def test_policy_refuses_unknown_models_and_unknown_states(client: Client) -> None:
    assert (await client.post("/models/nope/policy", {"state": "enabled"})).status == 404
    assert (await client.post("/models/gpt-5.4/policy", {"state": "maybe"})).status == 400


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("claude-sonnet-4.6", "/responses"),
        ("gemini-3.1-pro-preview", "/v1/messages"),
        ("gpt-4.1", "/responses"),
        ("gpt-5.3-codex", "/chat/completions"),
        ("text-embedding-3-small", "/chat/completions"),
        ("gpt-41-copilot", "/chat/completions"),
    ],
)
async def test_a_model_called_at_the_wrong_endpoint_says_so(
    client: Client, model: str, path: str
) -> None:
    answer = await client.post(path, {"model": model})
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (400, "unsupported_api_for_model")
    assert error["message"] == f'model "{model}" is not accessible via the {path} endpoint'


async def test_an_unknown_model_is_not_supported(client: Client) -> None:
    answer = await client.chat("hi", model="gpt-99")
    assert answer.json()["error"]["code"] == "model_not_supported"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.endswith("}\n")
    assert (await client.get("/models/gpt-99")).status == 404


async def test_an_integrator_nobody_has_seen_gets_the_oldest_models_only(client: Client) -> None:
    body = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "hi"}]}
    for known in ("vscode-chat", "copilot-developer-cli"):
        answer = await client.post("/chat/completions", body, Copilot_Integration_Id=known)
        assert answer.status == 200
    refused = await client.post("/chat/completions", body, Copilot_Integration_Id="mine")
    assert refused.json()["error"]["code"] == "model_not_available_for_integrator"
    assert refused.message.endswith('integrator "mine". Available models: [gpt-4.1 gpt-4o]')
    body["model"] = "gpt-4.1"
    answer = await client.post("/chat/completions", body, Copilot_Integration_Id="mine")
    assert answer.status == 200


async def test_billing_members_follow_the_plan(start: StartSimulator) -> None:
    by_token = (await (await start()).get("/models/gpt-5.2")).json()["billing"]
    assert "token_prices" in by_token
    assert "multiplier" not in by_token
    premium = await start(profile="premium_requests")
    by_request = (await premium.get("/models/gpt-5.2")).json()["billing"]
    assert by_request["multiplier"] == 1
    assert "token_prices" not in by_request


async def test_the_free_plan_does_not_serve_what_is_restricted(start: StartSimulator) -> None:
    client = await start(profile="free_plan")
    assert (await client.messages("hi", model="claude-sonnet-4.6")).status == 400
    assert (await client.chat("hi", model="gpt-4.1")).status == 200


async def test_auto_mode_chooses_a_model_and_its_token_is_checked(client: Client) -> None:
    session = (
        await client.post("/models/session", {"auto_mode": {"model_hints": ["auto"]}})
    ).json()
    assert session["selected_model"] in session["available_models"]
    headers = {**client.headers, "Copilot-Session-Token": session["session_token"]}
    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}]}
    assert (await client.post("/chat/completions", body, headers)).status == 200
    headers["Copilot-Session-Token"] = "invented"
    assert (await client.post("/chat/completions", body, headers)).status == 401
    intent = await client.post(
        "/models/session/intent",
        {"prompt": "fix it", "available_models": ["gpt-5.4", "claude-sonnet-4.6"]},
    )
    assert intent.json()["chosen_model"] in ("gpt-5.4", "claude-sonnet-4.6")
