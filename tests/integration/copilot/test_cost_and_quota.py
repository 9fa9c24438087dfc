"""What users of other tools paid without need, and could not see: cases 37 to 49.

The simulator bills as GitHub does: by requests (a person's turn costs, what an agent does after it is
free) or by tokens.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from proxy_core.simulator.account.account import LOGIN
from proxy_core.usage.quota.quota import QuotaSource
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

PARAMETERS = {
    "type": "object",
    "properties": {"location": {"type": "string"}},
    "required": ["location"],
}
TOOLS: dict[str, Any] = {
    CHAT: {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}},
    RESPONSES: {"type": "function", "name": "get_weather", "parameters": PARAMETERS},
    MESSAGES: {"name": "get_weather", "input_schema": PARAMETERS},
}
REMINDER = "<system-reminder>The todo list is empty.</system-reminder>"
PLACES = ("Paris", "Rome", "Oslo")
NO_BUDGET = {CHAT: 429, RESPONSES: 429, MESSAGES: 402}
in_every_dialect = pytest.mark.parametrize("path", DIALECTS)
by_requests = pytest.mark.parametrize("profile", ["premium_requests"])


def called_turn(path: str, number: int, place: str) -> list[dict[str, Any]]:
    """A turn in which the model called for ``place`` and was answered."""
    arguments = {"location": place}
    call = f"call_{number}"
    if path == CHAT:
        function = {"name": "get_weather", "arguments": json.dumps(arguments)}
        return [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": call, "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": call, "content": "sunny"},
        ]
    if path == RESPONSES:
        return [
            {
                "type": "function_call",
                "call_id": call,
                "name": "get_weather",
                "arguments": json.dumps(arguments),
            },
            {"type": "function_call_output", "call_id": call, "output": "sunny"},
        ]
    use = {"type": "tool_use", "id": call, "name": "get_weather", "input": arguments}
    result = {"type": "tool_result", "tool_use_id": call, "content": "sunny"}
    return [
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result, {"type": "text", "text": REMINDER}]},
    ]


def turns_of(path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    turns = body["input" if path == RESPONSES else "messages"]
    assert isinstance(turns, list)
    return turns


async def ok(rig: Rig, path: str, body: dict[str, Any], **headers: str) -> str:
    response = await rig.post(path, body, **headers)
    text = await response.text()
    assert response.status == 200, text
    await rig.idle()
    return str(text)


def initiators(rig: Rig) -> list[str]:
    return [each.headers["x-initiator"] for each in rig.calls()]


def spent(rig: Rig) -> float:
    used = rig.simulator.simulation.account.used
    assert isinstance(used, int | float)
    return used


@by_requests
@in_every_dialect
@pytest.mark.parametrize("model", ["gpt-5.4", "claude-sonnet-4.6"])
async def test_case_37_one_prompt_with_three_tool_turns_is_one_premium_request(
    rig: Rig, path: str, model: str
) -> None:
    body = question(path, model, "What is the weather in Paris, Rome and Oslo?")
    body["tools"] = [TOOLS[path]]
    before = spent(rig)
    await ok(rig, path, body)
    for number, place in enumerate(PLACES):
        turns_of(path, body).extend(called_turn(path, number, place))
        await ok(rig, path, body)
    assert initiators(rig) == ["user", "agent", "agent", "agent"]
    assert spent(rig) - before == 1


@by_requests
@pytest.mark.parametrize("order", ["result first", "reminder first"])
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
async def test_case_38_what_an_agent_hangs_on_a_tool_s_result_is_no_new_prompt(
    rig: Rig, model: str, order: str
) -> None:
    body = question(MESSAGES, model, "What is the weather in Paris?", tools=[TOOLS[MESSAGES]])
    turns = called_turn(MESSAGES, 1, "Paris")
    if order == "reminder first":
        turns[-1]["content"].reverse()
    body["messages"] += turns
    before = spent(rig)
    await ok(rig, MESSAGES, body)
    assert initiators(rig) == ["agent"]
    assert spent(rig) == before


@by_requests
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (MESSAGES, {"x_claude_code_agent_id": "a1b2c3"}),
        (RESPONSES, {"x_openai_subagent": "review"}),
        (CHAT, {"x_initiator": "agent"}),
        (RESPONSES, {"x_initiator": "Agent"}),
        (MESSAGES, {"x_initiator": "agent"}),
    ],
    ids=str,
)
async def test_case_39_a_subagent_that_says_so_costs_no_prompt_of_its_own(
    rig: Rig, path: str, headers: dict[str, str]
) -> None:
    """Claude Code, Codex and the Copilot CLI mark what an agent began. The words look a person's."""
    before = spent(rig)
    await ok(rig, path, question(path, "gpt-5.4", "Look for the bug in foo.py"), **headers)
    assert initiators(rig) == ["agent"]
    assert spent(rig) == before


@by_requests
@pytest.mark.parametrize("claims", ["user", "nobody", ""])
@in_every_dialect
async def test_case_40_a_person_s_turn_stays_a_person_s_however_long_the_conversation(
    rig: Rig, path: str, claims: str
) -> None:
    """Whoever marks everything as an agent's is throttled as an agent."""
    body = question(path, "gpt-5.4", "What is the weather in Paris?")
    turns = turns_of(path, body)
    turns.extend(called_turn(path, 1, "Paris"))
    turns.append({"role": "assistant", "content": "Sunny."})
    turns.append({"role": "user", "content": "And in Rome?"})
    await ok(rig, path, body, x_initiator=claims)
    assert initiators(rig) == ["user"]


async def test_case_41_what_is_bound_to_be_refused_is_left_out_before_the_first_try(
    rig: Rig,
) -> None:
    """Thinking of another vendor is no use to this model: nothing is spent on finding out."""
    turns = [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "gAAAAABforeign"},
                {"type": "text", "text": "Yes?"},
            ],
        },
        {"role": "user", "content": REPEAT + "fine"},
    ]
    body = question(MESSAGES, "claude-sonnet-4.6", "Hello")
    body["messages"] += turns
    assert "fine" in await ok(rig, MESSAGES, body)
    assert len(rig.calls()) <= 2
    sent = json.dumps(rig.calls()[-1].body)
    assert "gAAAAAB" not in sent


async def test_case_42_the_rotating_line_of_claude_code_does_not_cost_the_cache(rig: Rig) -> None:
    rules = "You are a careful engineer. " * 200
    mark = {"type": "ephemeral"}
    read = []
    for number in range(3):
        line = f"x-anthropic-billing-header: cc_version=2.1.177.0{number}c; cch=36ee{number};"
        system = [
            {"type": "text", "text": line},
            {"type": "text", "text": rules, "cache_control": mark},
        ]
        body = question(MESSAGES, "claude-sonnet-4.6", f"turn {number}", system=system)
        answer = json.loads(await ok(rig, MESSAGES, body))
        read.append(answer["usage"]["cache_read_input_tokens"])
    assert len({json.dumps(each.body["system"]) for each in rig.calls()}) == 1
    assert read[0] == 0
    assert min(read[1:]) > 1000


@pytest.mark.parametrize(
    ("profile", "unit"),
    [("premium_requests", "request"), ("token_billing", "token"), ("free_plan", "request")],
)
async def test_case_43_what_counts_is_told_by_the_plan_and_is_what_github_books(
    rig: Rig, unit: str
) -> None:
    before = spent(rig)
    body = question(CHAT, "gpt-4o-mini", "What is the weather in Paris?", tools=[TOOLS[CHAT]])
    await ok(rig, CHAT, body)
    body["messages"] += called_turn(CHAT, 1, "Paris")
    await ok(rig, CHAT, body)
    record = rig.last_request
    assert record.nano_credits is not None, "whatever the plan, the price is known"
    await rig.engine.commands.ask_account()
    account = rig.engine.account
    assert account is not None
    assert account.token_based_billing is (unit == "token")
    if unit == "token":
        recorded = sum(each.nano_credits or 0 for each in rig.board.current.recent) / 1e9
        assert math.isclose(spent(rig) - before, recorded, rel_tol=1e-9)
    else:
        assert spent(rig) - before <= 1


async def test_case_44_each_figure_has_its_source_its_time_and_its_account(rig: Rig) -> None:
    rig.time.pass_by(3600)
    await rig.engine.commands.ask_account()
    account = rig.engine.account
    assert account is not None
    assert account.login == LOGIN == rig.board.current.account.login
    assert account.quotas
    for quota in account.quotas:
        assert quota.source is QuotaSource.ACCOUNT
        assert quota.taken_at is not None
        assert abs(rig.time.wall() - quota.taken_at) < 60


@pytest.mark.parametrize("profile", ["premium_requests"])
async def test_case_45_more_than_all_is_shown_as_what_it_is(rig: Rig) -> None:
    await rig.control("account", {"remaining": -45})
    await rig.engine.commands.ask_account()
    usage = await (await rig.get("/v1/usage")).json()
    (premium,) = (q for q in usage["quotas"] if q["name"] == "premium_interactions")
    assert premium["percent_used"] == pytest.approx(115)
    assert premium["overage_permitted"] is True


@in_every_dialect
async def test_case_46_an_organisation_s_budget_is_not_called_the_user_s(
    rig: Rig, path: str
) -> None:
    response = await rig.ask(path, "gpt-5.4", "please [sim:402-organisation]")
    assert response.status in (402, 429)
    error = error_of(await response.json())
    assert "Your organization's budget is spent" in error["message"]
    assert len(rig.calls()) == 1


@in_every_dialect
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "claude-sonnet-4.6"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_case_47_every_request_has_its_price_and_it_is_github_s(
    rig: Rig, path: str, model: str, streamed: bool
) -> None:
    before = spent(rig)
    text = await ok(rig, path, question(path, model, "hello", stream=streamed))
    paid = rig.last_request.nano_credits
    assert paid is not None
    assert paid > 0
    assert paid / 1e9 == pytest.approx(spent(rig) - before, rel=1e-6)
    assert "copilot_usage" not in text, "clients that know no such member see none"
    activity = await (await rig.get("/v1/activity")).json()
    assert activity["recent"][0]["nano_credits"] == paid


@pytest.mark.parametrize(
    "settings_text", ['[budget]\ndaily_credits = 1\naction = "stop"\n'], ids=[""]
)
@in_every_dialect
async def test_case_48_a_budget_that_is_reached_stops_before_anything_is_sent(
    rig: Rig, path: str
) -> None:
    response = None
    for _ in range(10):
        calls, before = len(rig.calls()), spent(rig)
        response = await rig.ask(path, "gpt-5.4", "Write one hundred numbered lines.")
        if response.status != 200:
            break
        await response.read()
        await rig.idle()
    assert response is not None
    assert response.status == NO_BUDGET[path]
    assert "Your own budget for this day" in error_of(await response.json())["message"]
    assert len(rig.calls()) == calls > 0, "something was spent, and nothing was sent beyond it"
    assert spent(rig) == before


async def test_case_49_a_changed_tool_is_seen_as_the_reason_the_cache_was_missed(rig: Rig) -> None:
    """By the figures of the records: read from the cache, read again, not read."""
    rules = {"role": "developer", "content": "Be brief. " * 400}
    body = {
        "model": "gpt-5.4",
        "input": [rules, {"role": "user", "content": "hello"}],
        "tools": [TOOLS[RESPONSES]],
    }
    for _ in range(2):
        await ok(rig, RESPONSES, body)
    changed = TOOLS[RESPONSES] | {"description": "Now with another description."}
    await ok(rig, RESPONSES, body | {"tools": [changed]})
    newest_first: list[int] = [each.cache_read_tokens for each in rig.board.current.recent]
    missed, hit, first = newest_first
    assert first == 0
    assert hit > 800
    assert missed < hit
