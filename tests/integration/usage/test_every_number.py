"""Every number of usage, from what upstream said to what ``usage --json`` says, through real sockets."""

from __future__ import annotations

import datetime
import json
from typing import Any

import aiohttp
import pytest

from proxy_core.status.totals import NANO_PER_CREDIT
from tests.faults.cut_answers import text_until_cut
from tests.integration.server.conftest import KEY
from tests.integration.usage.conftest import Home
from tests.integration.usage.upstream_answers import Figures, step

CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/v1/messages", "/v1/responses"
UP_CHAT, UP_MESSAGES, UP_RESPONSES = "/chat/completions", "/v1/messages", "/responses"
WAYS = [
    (CHAT, "gpt-4o-mini", UP_CHAT),
    (CHAT, "gpt-5.3-codex", UP_RESPONSES),
    (MESSAGES, "claude-sonnet-4.6", UP_MESSAGES),
    (MESSAGES, "gpt-4o-mini", UP_CHAT),
    (MESSAGES, "gpt-5.3-codex", UP_RESPONSES),
    (RESPONSES, "gpt-5.3-codex", UP_RESPONSES),
    (RESPONSES, "claude-sonnet-4.6", UP_MESSAGES),
    (RESPONSES, "gpt-4o-mini", UP_CHAT),
]
"""Client's path, model, and where upstream is asked: passed through and translated."""
SUMMED = {
    "input_tokens": "fresh",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "output_tokens": "output",
    "reasoning_tokens": "reasoning",
}


def body(path: str, model: str, *, stream: bool, words: str = "Yes?") -> dict[str, Any]:
    asked = {"model": model, "stream": stream}
    if path == RESPONSES:
        return asked | {"input": words}
    asked["messages"] = [{"role": "user", "content": words}]
    if path == MESSAGES:
        asked["max_tokens"] = 4000
    return asked


def figures_of(number: int, upstream: str) -> Figures:
    """Figures no two requests share, as far as that dialect of upstream tells them."""
    return Figures(
        fresh=10_007 * number + 3,
        cache_read=1_009 * number + 1,
        cache_write=211 * number if upstream == UP_MESSAGES else 0,
        output=101 * number + 7,
        reasoning=0 if upstream == UP_MESSAGES else 13 * number,
        nano_credits=123_456_789 * number + 1,
    )


@pytest.mark.parametrize("stream", [True, False])
async def test_every_count_and_price_reaches_the_report(home: Home, stream: bool) -> None:
    sent: list[tuple[str, str, str, Figures]] = []
    for number, (path, model, upstream) in enumerate(WAYS, 1):
        figures = figures_of(number, upstream)
        await home.script(step(upstream, figures))
        response = await home.post(
            path, body(path, model, stream=stream), User_Agent=f"tool-{number}/1.0"
        )
        assert response.status == 200, await response.text()
        assert "Yes." in await response.text()
        sent.append((f"tool-{number}", model, upstream, figures))
    await home.ended(len(WAYS))
    report = await home.usage()

    def check(shown: dict[str, Any], of: list[Figures]) -> None:
        assert shown["requests"] == len(of)
        for name, ours in SUMMED.items():
            assert shown[name] == sum(getattr(each, ours) for each in of), name
        assert shown["prompt_tokens"] == sum(each.prompt for each in of)
        credits_spent = sum(each.nano_credits for each in of) / NANO_PER_CREDIT
        assert shown["credits"] == pytest.approx(credits_spent, rel=1e-12)
        assert shown["estimated_credits"] == 0
        rate = sum(each.cache_read for each in of) / sum(each.prompt for each in of)
        assert shown["cache_hit_rate"] == pytest.approx(rate)

    everything = [figures for *_, figures in sent]
    check(report["totals"], everything)
    check(report["days"][-1], everything)
    assert report["cache_hit_rate"] == report["totals"]["cache_hit_rate"]
    assert report["days"][-1]["day"] == report["last"] == datetime.date.today().isoformat()  # noqa: DTZ011
    for shown in report["models"]:
        check(shown, [f for _, model, _, f in sent if model == shown["name"]])
    for shown in report["clients"]:
        check(shown, [f for client, *_, f in sent if client == shown["name"]])
    assert {each["name"] for each in report["models"]} == {model for _, model, _ in WAYS}
    assert len(report["clients"]) == len(sent)
    spent = sum(each.nano_credits for each in everything) / NANO_PER_CREDIT
    assert report["budget"]["day_spent"] == pytest.approx(spent)
    assert report["budget"]["month_spent"] == pytest.approx(spent)
    assert report["server"]["total"]["credits"] == pytest.approx(spent)

    rows = await home.rows()
    for row, (client, model, upstream, figures) in zip(rows, sent, strict=True):
        assert (row["tool"], row["model"], row["endpoint"]) == (client, model, upstream)
        for name, ours in SUMMED.items():
            assert int(row[name]) == getattr(figures, ours), (client, name)
        assert float(row["credits"]) == pytest.approx(figures.nano_credits / NANO_PER_CREDIT)
        assert (row["credits_are"], row["ending"]) == ("billed", "done")


async def test_a_turn_over_a_websocket_counts_like_any_other(home: Home) -> None:
    figures = figures_of(3, UP_RESPONSES)
    await home.script(step(UP_RESPONSES, figures))
    async with home.http.ws_connect(
        f"{home.url}/v1/responses", headers={"Authorization": f"Bearer {KEY}"}
    ) as socket:
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": "Yes?"}
        await socket.send_str(json.dumps(frame))
        while (await socket.receive_json(timeout=30))["type"] != "response.completed":
            pass
        await home.ended(1)
    (row,) = await home.rows()
    assert row["path"] == "WS /v1/responses"
    assert int(row["output_tokens"]) == figures.output
    assert int(row["cache_read_tokens"]) == figures.cache_read
    assert (await home.usage())["totals"]["credits"] == pytest.approx(
        figures.nano_credits / NANO_PER_CREDIT
    )


async def test_embeddings_are_counted(home: Home) -> None:
    response = await home.post(
        "/v1/embeddings", {"model": "text-embedding-3-small", "input": ["one two", "three"]}
    )
    assert response.status == 200
    told = (await response.json())["usage"]["prompt_tokens"]
    await home.ended(1)
    (shown,) = (await home.usage())["models"]
    assert shown["name"] == "text-embedding-3-small"
    assert shown["prompt_tokens"] == told > 0


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
async def test_failures_are_counted_by_their_ending(home: Home, path: str) -> None:
    model = {CHAT: "gpt-4o-mini", MESSAGES: "claude-sonnet-4.6", RESPONSES: "gpt-5.3-codex"}[path]
    refused = await home.post(path, body(path, model, stream=True, words="[sim:402] please"))
    assert refused.status >= 400
    broken = await home.post(path, body(path, model, stream=True, words="[sim:cut] please"))
    await text_until_cut(broken)
    await home.ended(2)
    totals = (await home.usage())["totals"]
    assert (totals["requests"], totals["failed"], totals["cancelled"]) == (2, 2, 0)
    assert [row["ending"] for row in await home.rows()] == ["failed", "failed"]


async def test_what_a_cancelled_answer_is_known_to_have_cost_is_estimated(home: Home) -> None:
    """Messages tells the prompt's size at the beginning, and the prompt is billed in any case."""
    words = "[sim:slow] one hundred numbered lines"
    response = await home.post(
        MESSAGES, body(MESSAGES, "claude-sonnet-4.6", stream=True, words=words)
    )
    start = b""
    while b"content_block_delta" not in start:
        start += await response.content.readany()
    told = json.loads(start.split(b"data: ", 2)[1].split(b"\n", 1)[0])["message"]["usage"]
    response.close()
    await home.ended(1)
    (row,) = await home.rows()
    assert (row["ending"], row["credits_are"]) == ("cancelled", "estimated")
    assert int(row["input_tokens"]) == told["input_tokens"] > 0
    totals = (await home.usage())["totals"]
    assert (totals["cancelled"], totals["failed"]) == (1, 0)
    assert totals["credits"] == totals["estimated_credits"] > 0


async def test_an_answer_without_a_bill_is_priced_by_the_catalogue_and_marked(home: Home) -> None:
    figures = Figures(100_000, 50_000, 0, 2_000, 0, 0)
    scripted = step(UP_CHAT, figures)
    chunks = scripted["answer"]["chunks"]
    unbilled = json.loads(chunks[2].removeprefix("data: "))
    del unbilled["copilot_usage"]
    chunks[2] = f"data: {json.dumps(unbilled)}\n\n"
    await home.script(scripted)
    await (await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=True))).text()
    await home.ended(1)
    totals = (await home.usage())["totals"]
    # 15 credits for a million fresh tokens, 7.5 for cached ones, 60 for those that came out
    assert totals["credits"] == pytest.approx(1.5 + 0.375 + 0.12)
    assert totals["estimated_credits"] == totals["credits"]
    assert totals["saved_credits"] == pytest.approx(50_000 * 7.5 / 1_000_000)


async def test_days_and_clients_can_be_chosen(home: Home) -> None:
    for client in ("one/1", "two/1"):
        await (
            await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=False), User_Agent=client)
        ).text()
    await home.ended(2)
    today = datetime.date.today()  # noqa: DTZ011
    yesterday = (today - datetime.timedelta(days=1)).isoformat()
    assert (await home.usage("--client", "one"))["totals"]["requests"] == 1
    assert (await home.usage("--to", yesterday))["totals"]["requests"] == 0
    chosen = await home.usage("--from", yesterday)
    assert [each["requests"] for each in chosen["days"]] == [0, 2]
    wrong = await home.command("usage", "--from", "soon")
    assert (wrong.code, "soon" in wrong.errors) == (2, True)
    wrong = await home.command("usage", "--from", today.isoformat(), "--to", yesterday)
    assert (wrong.code, "after the last" in wrong.errors) == (2, True)


async def test_the_figures_outlive_the_server(home: Home) -> None:
    await (await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=False))).text()
    await home.ended(1)
    before = await home.usage()
    text = (await home.command("usage")).output
    assert "1 requests" in text
    await home.engine.close()
    after = await home.usage()
    for name in ("totals", "days", "models", "clients", "cache_misses"):
        assert after[name] == before[name]
    assert (before["server"] is None, after["server"] is None) == (False, True)
    assert after["login"] == "octocat"


async def account_at_github(home: Home) -> dict[str, Any]:
    token = home.simulator.github_token
    url = f"{home.simulator.url}/copilot_internal/user"
    headers = {"Authorization": f"token {token}", "Editor-Version": "vscode/1.107.0"}
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        content: dict[str, Any] = await answer.json()
        return content


def quota(report: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in report["quotas"] if each["name"] == name)
    return found


@pytest.mark.parametrize("profile", ["strict", "token_billing"])
async def test_under_token_billing_github_s_credits_are_ours(home: Home, profile: str) -> None:
    del profile
    before = home.board.current.quotas
    main = next(each for each in before if each.name == "premium_interactions")
    at_github = (await account_at_github(home))["quota_snapshots"]["premium_interactions"]
    assert isinstance(at_github["entitlement"], str), "the trap of this world"
    assert main.entitlement == float(at_github["entitlement"])
    assert main.remaining == at_github["quota_remaining"]
    assert main.used == at_github["credits_used"]
    used_before = (await _state(home))["used"]
    for path, model, _ in WAYS[:3]:
        await (await home.post(path, body(path, model, stream=True))).text()
    await home.ended(3)
    report = await home.usage()
    used = (await _state(home))["used"] - used_before
    assert report["totals"]["credits"] == pytest.approx(used, abs=1e-9)
    assert report["billing"] == "credits"
    assert quota(report, "premium_interactions")["source"] == "response"
    await home.engine.commands.ask_account()
    report = await home.usage()
    at_github = (await account_at_github(home))["quota_snapshots"]["premium_interactions"]
    shown = quota(report, "premium_interactions")
    assert shown["remaining"] == pytest.approx(at_github["quota_remaining"], abs=1.0)
    assert quota(report, "chat")["unlimited"] is True
    assert quota(report, "session")["is_rate_limit"] is True
    assert quota(report, "session")["percent_used"] == pytest.approx(9.0)
    assert quota(report, "weekly")["percent_used"] == pytest.approx(22.5)


@pytest.mark.parametrize("profile", ["premium_requests"])
async def test_premium_requests_are_counted_by_github_and_credits_here(
    home: Home, profile: str
) -> None:
    del profile
    for _ in range(2):
        await (await home.post(CHAT, body(CHAT, "gpt-5.2", stream=True))).text()
    await home.ended(2)
    await home.engine.commands.ask_account()
    report = await home.usage()
    at_github = (await account_at_github(home))["quota_snapshots"]["premium_interactions"]
    shown = quota(report, "premium_interactions")
    assert report["billing"] == "premium_requests"
    assert shown["entitlement"] == at_github["entitlement"] == 300
    used = (await _state(home))["used"]
    assert shown["used"] == pytest.approx(used, abs=0.2)
    assert shown["percent_used"] == pytest.approx(used / 3, abs=0.1)
    assert shown["overage_permitted"] is True
    assert report["forecast"]["per_day"] > 1, "requests of the period, not credits"
    assert report["totals"]["requests"] == 2


@pytest.mark.parametrize("profile", ["free_plan"])
async def test_the_free_plan_has_two_counts(home: Home, profile: str) -> None:
    del profile
    at_github = await account_at_github(home)
    report = await home.usage()
    assert report["billing"] == "free"
    for name in ("chat", "completions"):
        shown = quota(report, name)
        assert shown["remaining"] == at_github["limited_user_quotas"][name]
        assert shown["entitlement"] == at_github["monthly_quotas"][name]
        assert shown["resets"].startswith(at_github["limited_user_reset_date"])
        assert (shown["unlimited"], shown["source"]) == (False, "account")


@pytest.mark.parametrize("profile", ["organisation"])
async def test_an_organisation_s_seat_is_counted_without_a_limit(home: Home, profile: str) -> None:
    """Every figure of the seat is a zero that means nothing, but ``credits_used``."""
    del profile
    at_github = await account_at_github(home)
    snapshot = at_github["quota_snapshots"]["premium_interactions"]
    before = await home.usage()
    shown = quota(before, "premium_interactions")
    assert before["plan"] == "Business"
    assert before["billing"] == "credits"
    assert before["forecast"]["outlook"] == "no_limit", "known before anything was used"
    assert snapshot["entitlement"] == "0"
    assert (shown["unlimited"], shown["used"]) == (True, snapshot["credits_used"])
    assert shown["percent_used"] is None, "there is nothing to measure by"
    assert shown["resets"].startswith(at_github["quota_reset_date"])
    used_before = (await _state(home))["used"]
    for path, model, _ in WAYS[:3]:
        await (await home.post(path, body(path, model, stream=True))).text()
    await home.ended(3)
    report = await home.usage()
    shown = quota(report, "premium_interactions")
    assert (shown["source"], shown["unlimited"]) == ("response", True)
    assert shown["used"] == snapshot["credits_used"], "the header tells no use, and takes none away"
    assert (shown["overage"], shown["overage_permitted"]) == (0, True)
    used = (await _state(home))["used"]
    assert report["totals"]["credits"] == pytest.approx(used - used_before, abs=1e-9)
    assert report["totals"]["estimated_credits"] == 0
    assert report["forecast"]["outlook"] == "no_limit"
    assert report["forecast"]["per_day"] > 0
    assert report["forecast"]["by_reset"] >= snapshot["credits_used"], "GitHub's count, not ours"
    assert quota(report, "session")["percent_used"] == pytest.approx(9.0)
    await home.engine.commands.ask_account()
    text = (await home.command("usage")).output
    assert f"unlimited, {round(used):,.1f} used" in text
    assert "no limit" in text


async def test_an_account_that_tells_no_quota_is_counted_here_alone(home: Home) -> None:
    """Seats of some organisations; no number is made up for them."""
    async with home.http.post(
        f"{home.simulator.url}/_sim/reset",
        json={"profile": "organisation", "switches": {"tells_quota": False}},
    ) as answer:
        assert answer.status == 200
    assert "quota_snapshots" not in await account_at_github(home)
    await home.engine.commands.ask_account()
    await (await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=True))).text()
    await home.ended(1)
    report = await home.usage()
    assert (report["plan"], report["billing"], report["quotas"]) == ("Business", "credits", [])
    assert report["forecast"]["runs_out_on"] is None
    assert report["totals"]["credits"] > 0
    text = (await home.command("usage")).output
    assert "GitHub says nothing about this account's allowances." in text


async def test_an_allowance_that_is_overdrawn_is_shown_as_it_is(home: Home) -> None:
    async with home.http.post(
        f"{home.simulator.url}/_sim/account", json={"remaining": -30.0}
    ) as answer:
        assert answer.status == 200
    await home.engine.commands.ask_account()
    report = await home.usage()
    shown = quota(report, "premium_interactions")
    assert shown["percent_used"] == pytest.approx(102.0)
    assert shown["remaining"] == -30.0
    assert report["forecast"]["outlook"] == "over"


async def _state(home: Home) -> dict[str, Any]:
    async with home.http.get(f"{home.simulator.url}/_sim/account") as answer:
        state: dict[str, Any] = await answer.json()
        return state
