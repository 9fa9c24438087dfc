"""Copilot at three dates: what is listed, offered and refused at each."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.simulator.worlds.table import WORLDS
from tests.simulator.conftest import Client, Clock, Received, StartSimulator

DATED = ("2026-06", "2026-08", "2026-11")
NEWEST = "2026-08-01"


async def listed(client: Client, version: str = NEWEST) -> dict[str, Any]:
    headers = client.headers | {"X-GitHub-Api-Version": version}
    answer = await client.get("/models", headers)
    assert answer.status == 200, answer.text
    return {entry["id"]: entry for entry in answer.json()["data"]}


async def ask(client: Client, version: str) -> Received:
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]}
    return await client.post("/chat/completions", body, X_GitHub_Api_Version=version)


@pytest.mark.parametrize("world", DATED)
async def test_gpt_4_1_is_retired_at_every_date(start: StartSimulator, world: str) -> None:
    client = await start(world=world)
    assert "gpt-4.1" not in await listed(client)
    refused = await client.chat("hello", "gpt-4.1")
    assert refused.json()["error"]["code"] == "model_not_supported"
    assert (await client.chat("hello", "gpt-5-mini")).status == 200


async def test_models_come_and_go(start: StartSimulator) -> None:
    june, august, november = [set(await listed(await start(world=world))) for world in DATED]
    assert {"claude-opus-4.7", "kimi-k2.7-code", "gemini-3.5-flash"} <= june & august
    assert "gemini-3.6-flash" in august - june
    assert {"gpt-5.6-sol", "claude-opus-5"} <= (august & november) - june
    assert {"gpt-6-sol", "claude-opus-5.5"} <= november - august
    assert {"claude-opus-4.7", "kimi-k2.7-code", "gemini-3.6-flash"}.isdisjoint(november)


async def test_without_a_date_every_model_is_there_and_nothing_dated(client: Client) -> None:
    models = await listed(client)
    assert {"gpt-4.1", "claude-opus-4.7", "gpt-6-sol"} <= set(models)
    assert "cache_price" in models["gpt-5.4"]["billing"]["token_prices"]["default"]
    assert (await client.post("/auto", {"prompt": "hi"})).status == 404


@pytest.mark.parametrize("world", ["2026-08", "2026-11"])
async def test_prices_are_renamed_by_the_api_version_that_asks(
    start: StartSimulator, world: str
) -> None:
    client = await start(world=world)
    old = (await listed(client, "2026-06-01"))["gpt-5.4"]["billing"]
    new = (await listed(client))["gpt-5.4"]["billing"]
    price = old["token_prices"]["default"]["cache_price"]
    assert new["token_prices"]["default"]["cache_read_price"] == price
    assert "cache_price" not in new["token_prices"]["default"]
    assert "auto_discount" in new
    assert "auto_discount" not in old


async def test_in_june_the_newer_version_changes_nothing(start: StartSimulator) -> None:
    billing = (await listed(await start(world="2026-06")))["gpt-5.4"]["billing"]
    assert "cache_price" in billing["token_prices"]["default"]


@pytest.mark.parametrize(
    ("world", "taken", "refused"),
    [
        ("2026-06", "2025-04-01", "2025-03-01"),
        ("2026-08", "2025-05-01", "2025-04-01"),
        ("2026-11", "2025-10-01", "2025-05-01"),
    ],
)
async def test_old_api_versions_are_retired(
    start: StartSimulator, world: str, taken: str, refused: str
) -> None:
    client = await start(world=world)
    assert (await ask(client, taken)).status == 200
    assert (await ask(client, refused)).status == 466


@pytest.mark.parametrize("profile", ["free_plan", "student_plan"])
async def test_auto_only_plans_get_what_is_chosen_for_them(
    start: StartSimulator, profile: str
) -> None:
    client = await start(world="2026-11", profile=profile)
    refused = await client.chat("hello", "gpt-5-mini")
    assert (refused.status, refused.json()["error"]["code"]) == (400, "model_not_supported")
    auto = await client.post("/auto", {"prompt": "hello"}, X_GitHub_Api_Version=NEWEST)
    model = auto.json()["selected_model"]["id"]
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
    token = auto.json()["session_token"]
    answer = await client.post("/chat/completions", body, Copilot_Session_Token=token)
    assert answer.status == 200, answer.text


async def test_in_june_these_plans_may_still_choose(start: StartSimulator) -> None:
    client = await start(world="2026-06", profile="free_plan")
    assert (await client.chat("hello", "gpt-5-mini")).status == 200


async def test_auto_tells_a_whole_entry_and_is_good_for_a_day(
    start: StartSimulator, clock: Clock
) -> None:
    client = await start(world="2026-11", token_lifetime=3 * 86400)
    auto = await client.post(
        "/auto", {"prompt": "hi", "multi_turn": True}, X_GitHub_Api_Version=NEWEST
    )
    assert set(auto.json()) == {"session_token", "expires_at", "selected_model", "discounted_costs"}
    assert auto.json()["selected_model"]["capabilities"]["limits"]
    assert auto.json()["expires_at"] - clock.now == 86400
    clock.advance(86401)
    stale = await client.post(
        "/chat/completions",
        {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]},
        Copilot_Session_Token=auto.json()["session_token"],
    )
    assert (stale.status, "Copilot-Session-Token" in stale.text) == (401, True)


async def test_auto_and_the_older_way_want_their_api_versions(start: StartSimulator) -> None:
    client = await start(world="2026-11")
    old = await client.post("/auto", {"prompt": "hi"}, X_GitHub_Api_Version="2026-06-01")
    assert (old.status, old.text) == (404, "invalid apiVersion\n")
    body = {"auto_mode": {"model_hints": ["auto"]}}
    assert (await client.post("/models/session", body)).text == "invalid apiVersion\n"
    session = await client.post("/models/session", body, X_GitHub_Api_Version="2026-06-01")
    assert session.status == 200
    june = await start(world="2026-06")
    missing = await june.post("/auto", {"prompt": "hi"}, X_GitHub_Api_Version=NEWEST)
    assert missing.text == "404 page not found\n"
    assert (await june.post("/models/session", body)).status == 200


async def test_the_list_tells_promotions_deprecations_and_abilities(start: StartSimulator) -> None:
    models = await listed(await start(world="2026-11"))
    assert models["gpt-6-sol"]["billing"]["promo"]["discount_percent"] == 50
    assert models["claude-sonnet-4"]["info_messages"][0]["code"] == "pending_deprecation"
    assert models["gpt-4o"]["warning_messages"]
    supports = models["claude-opus-5"]["capabilities"]["supports"]
    assert (supports["tool_search"], supports["context_editing"]) == (True, True)
    prices = models["claude-sonnet-4.6"]["billing"]["token_prices"]
    assert prices["default"]["context_max"] < prices["long_context"]["context_max"]
    assert prices["default"]["input_price"] < prices["long_context"]["input_price"]
    august = await listed(await start(world="2026-08"))
    assert "2026-10-03" in august["claude-opus-4.7"]["info_messages"][0]["message"]


async def test_november_s_prices_are_the_published_ones(start: StartSimulator) -> None:
    models = await listed(await start(world="2026-11"))
    for model_id, (given, answered) in WORLDS["2026-11"].prices.items():
        default = models[model_id]["billing"]["token_prices"]["default"]
        assert (default["input_price"], default["output_price"]) == (given, answered)


async def test_the_list_may_claim_what_is_then_refused(start: StartSimulator) -> None:
    client = await start(world="2026-11")
    models = await listed(client)
    assert models["claude-haiku-4.5"]["capabilities"]["supports"]["adaptive_thinking"] is True
    refused = await client.messages("hi", "claude-haiku-4.5", thinking={"type": "adaptive"})
    assert refused.message == "adaptive thinking is not supported on this model"
    assert "copilot-search-a" in models
    refused = await client.chat("hi", "copilot-search-a")
    assert refused.json()["error"]["code"] == "model_not_supported"


async def test_some_models_search_under_the_undated_name_only(start: StartSimulator) -> None:
    client = await start(world="2026-11")
    search = [{"type": "web_search"}]
    assert (await client.responses("hi", "gpt-5.5", tools=search)).status == 200
    assert (await client.responses("hi", "gpt-5.4", tools=search)).status == 400
    dated = [{"type": "web_search_2025_08_26"}]
    assert (await client.responses("hi", "gpt-5.5", tools=dated)).status == 400


@pytest.mark.parametrize("world", DATED)
async def test_copilot_does_not_say_that_reasoning_is_included(
    start: StartSimulator, world: str
) -> None:
    answer = await (await start(world=world)).responses("hi", reasoning={"effort": "high"})
    assert answer.status == 200
    assert "X-Reasoning-Included" not in answer.headers


async def test_a_world_is_changed_over_the_control_and_an_unknown_one_named(client: Client) -> None:
    assert (await client.post("/_sim/reset", {"world": "2026-11"})).status == 200
    assert "gpt-4.1" not in await listed(client)
    refused = await client.post("/_sim/reset", {"world": "1999-12"})
    assert (refused.status, "known: undated, 2026-06" in refused.text) == (400, True)
    assert (await client.get("/_sim")).json()["world"] == "2026-11"
