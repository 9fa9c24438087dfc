"""Figures from real lengths, what a call costs, and an account that runs out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.answers import WAYS, ask, read
from tests.simulator.conftest import Client, StartSimulator

QUOTA = "x-quota-snapshot-premium_interactions"


async def remaining(client: Client) -> float:
    left: float = (await client.get("/_sim/account")).json()["remaining"]
    return left


async def user(client: Client) -> dict[str, Any]:
    headers = {"Authorization": f"token {client.server.github_token}"}
    body: dict[str, Any] = (await client.get("/copilot_internal/user", headers)).json()
    return body


@pytest.mark.parametrize(("endpoint", "streamed"), WAYS)
async def test_cost_is_the_sum_of_its_details(
    client: Client, endpoint: str, streamed: bool
) -> None:
    before = await remaining(client)
    received = await ask(client, endpoint, streamed, "How are you today?")
    cost = read(endpoint, received).cost
    details = cost["token_details"]
    assert [each["token_type"] for each in details] == [
        "input",
        "cache_read",
        "cache_write",
        "output",
    ]
    total = sum(
        each["token_count"] * each["cost_per_batch"] / each["batch_size"] for each in details
    )
    assert cost["total_nano_aiu"] == pytest.approx(total, abs=4)
    assert before - await remaining(client) == pytest.approx(cost["total_nano_aiu"] / 1e9)
    for header in (QUOTA, "x-quota-snapshot-chat", "x-usage-ratelimit-weekly", "x-request-id"):
        assert header in received.headers


async def test_a_longer_prompt_and_answer_count_more(client: Client) -> None:
    short = read("chat", await client.chat("hi")).usage
    long = read("chat", await client.chat("one hundred numbered lines " + "x" * 400)).usage
    assert long["prompt_tokens"] >= short["prompt_tokens"] + 100
    assert long["completion_tokens"] > 10 * short["completion_tokens"]


@pytest.mark.parametrize("endpoint", ["chat", "messages", "responses"])
async def test_a_repeated_beginning_is_read_from_the_cache(client: Client, endpoint: str) -> None:
    beginning = "The same long beginning of a conversation. " * 30

    def cached(usage: dict[str, Any]) -> int:
        if endpoint == "messages":
            return int(usage["cache_read_input_tokens"])
        details = usage.get("prompt_tokens_details") or usage["input_tokens_details"]
        return int(details["cached_tokens"])

    first = read(endpoint, await ask(client, endpoint, True, beginning + "one"))
    second = read(endpoint, await ask(client, endpoint, True, beginning + "two"))
    assert cached(first.usage) == 0
    assert cached(second.usage) > 250
    await client.sign_in()
    other = read(endpoint, await ask(client, endpoint, True, beginning + "three"))
    assert cached(other.usage) == 0


async def test_claude_writes_the_cache_only_where_the_prompt_is_marked(client: Client) -> None:
    block = {"type": "text", "text": "hello " * 50}
    plain = await client.messages("", messages=[{"role": "user", "content": [block]}])
    assert plain.json()["usage"]["cache_creation_input_tokens"] == 0
    await client.sign_in()
    marked = {**block, "cache_control": {"type": "ephemeral"}}
    answer = await client.messages("", messages=[{"role": "user", "content": [marked]}])
    usage = answer.json()["usage"]
    assert usage["cache_creation_input_tokens"] > 70
    assert usage["cache_creation"]["ephemeral_5m_input_tokens"] > 70


async def test_token_billing_tells_with_its_traps(client: Client) -> None:
    body = await user(client)
    snapshot = body["quota_snapshots"]["premium_interactions"]
    assert body["token_based_billing"] is True
    assert snapshot["entitlement"] == "1500"
    assert snapshot["has_quota"] is False
    assert (await client.chat("hi")).headers[QUOTA].startswith("ent=1500&ov=0.0&ovPerm=false&rem=")


async def test_credits_run_out_with_402_until_they_are_back(start: StartSimulator) -> None:
    client = await start(profile="token_billing")
    assert (await client.chat("hi")).status == 200
    await client.post("/_sim/account", {"remaining": -1.25})
    answer = await client.chat("hi")
    assert (answer.status, answer.json()["error"]["code"]) == (402, "quota_exceeded")
    assert (await user(client))["quota_snapshots"]["premium_interactions"][
        "quota_remaining"
    ] == -1.25
    await client.post("/_sim/account", {"remaining": 10})
    assert (await client.chat("hi")).status == 200


async def test_premium_requests_are_spent_by_people_and_not_by_agents(
    start: StartSimulator,
) -> None:
    client = await start(profile="premium_requests")
    before = await remaining(client)
    body = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "hi"}]}
    await client.post("/chat/completions", body, X_Initiator="agent")
    assert await remaining(client) == before
    await client.post("/chat/completions", body, X_Initiator="user")
    await client.post("/chat/completions", body)
    assert await remaining(client) == before - 2
    await client.chat("hi", model="gpt-4.1")
    assert await remaining(client) == before - 2
    snapshot = (await user(client))["quota_snapshots"]["premium_interactions"]
    assert snapshot["entitlement"] == 300
    assert "has_quota" not in snapshot


async def test_overage_counts_on_where_it_is_permitted(start: StartSimulator) -> None:
    client = await start(profile="premium_requests")
    await client.post("/_sim/account", {"remaining": -3})
    assert (await client.chat("hi", model="gpt-5.2")).status == 200
    assert (await user(client))["quota_snapshots"]["premium_interactions"]["overage_count"] == 4


async def test_the_free_plan_counts_chats_down_to_nothing(start: StartSimulator) -> None:
    client = await start(profile="free_plan")
    assert (await user(client))["limited_user_quotas"] == {"chat": 450, "completions": 3900}
    await client.chat("hi")
    assert (await user(client))["limited_user_quotas"]["chat"] == 449
    token = (await client.exchange(client.server.github_token)).json()
    assert token["sku"] == "free_limited_copilot"
    assert token["limited_user_quotas"]["chat"] == 449
    await client.post("/_sim/account", {"remaining": 0})
    answer = await client.chat("hi")
    assert (answer.status, answer.json()["error"]["code"]) == (402, "free_quota_exceeded")


async def test_an_organisation_s_seat_counts_credits_against_no_limit(
    start: StartSimulator,
) -> None:
    client = await start(profile="organisation")
    before = await user(client)
    token = (await client.exchange(client.server.github_token)).json()
    assert before["organization_login_list"] == ["octo-org"]
    assert (before["copilot_plan"], token["individual"]) == ("business", False)
    assert before["access_type_sku"] == token["sku"] == "copilot_for_business_seat_quota"
    assert f"sku={token['sku']};" in token["token"]
    assert len(token["organization_list"]) == 1
    snapshot = before["quota_snapshots"]["premium_interactions"]
    assert (snapshot["entitlement"], snapshot["unlimited"]) == ("0", True)
    assert (snapshot["overage_permitted"], snapshot["credits_used"]) == (True, 412)
    assert "credits_used" not in before["quota_snapshots"]["chat"]
    assert "has_quota" not in snapshot
    answer = await client.chat("one hundred numbered lines " + "x" * 400_000, model="gpt-5.4")
    assert answer.status == 200
    assert answer.headers[QUOTA].startswith("ent=-1&ov=0.0&ovPerm=true&rem=100.0&")
    used = (await client.get("/_sim/account")).json()["used"]
    spent = read("chat", answer).cost["total_nano_aiu"] / 1e9
    assert used == pytest.approx(412 + spent)
    assert spent > 1
    now = (await user(client))["quota_snapshots"]["premium_interactions"]
    assert now["credits_used"] == round(used)
    assert now["overage_count"] == 0


@pytest.mark.parametrize("profile", ["organisation", "premium_requests"])
async def test_an_account_may_tell_nothing_of_its_quota(
    start: StartSimulator, profile: str
) -> None:
    client = await start(profile=profile, switches={"tells_quota": False})
    assert "quota_snapshots" not in await user(client)
    answer = await client.chat("hi")
    assert answer.status == 200
    assert not [name for name in answer.headers if name.lower().startswith("x-quota-")]


async def test_refusals_carry_the_quota_headers_too(client: Client) -> None:
    assert QUOTA in (await client.chat("hi", temperature=1)).headers
