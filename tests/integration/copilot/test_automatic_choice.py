"""GitHub chooses the model: both ways of asking it, at every date, and the plans that have no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from tests.integration.copilot.conftest import CHAT, DIALECTS, MESSAGES, RESPONSES, Rig, question
from tests.integration.copilot.sdk_scenarios import PIXEL
from tests.integration.server.conftest import KEY

OFFERING = ("2026-08", "2026-11")
AUTO, SESSION = "/auto", "/models/session"
NAMED, AUTOMATIC = "x-g-copilot-proxy-model", "x-g-copilot-proxy-automatic"


@pytest.fixture
def world() -> str:
    return "2026-11"


def asked(rig: Rig, path: str) -> list[Any]:
    return [each for each in rig.simulator.requests if each.path == path]


def choosers(rig: Rig) -> list[str]:
    """Ways that were tried, in their order."""
    return [each.path for each in rig.simulator.requests if each.path in (AUTO, SESSION)]


async def answered(rig: Rig, path: str, model: str, text: str = "hi", **members: Any) -> Any:
    answer = await rig.ask(path, model, text, **members)
    assert answer.status == 200, await answer.text()
    await answer.read()
    return answer


def shown(path: str) -> list[dict[str, Any]]:
    """A picture and words, in the dialect of ``path``."""
    url = f"data:image/png;base64,{PIXEL}"
    if path == MESSAGES:
        source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
        return [{"type": "image", "source": source}, {"type": "text", "text": "what is it?"}]
    if path == RESPONSES:
        return [
            {"type": "input_image", "image_url": url, "detail": "auto"},
            {"type": "input_text", "text": "what is it?"},
        ]
    return [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": "what is it?"},
    ]


def turns(path: str, *said: Any) -> dict[str, Any]:
    """User and assistant by turns."""
    roles = ("user", "assistant")
    items = [{"role": roles[i % 2], "content": each} for i, each in enumerate(said)]
    return {"input" if path == RESPONSES else "messages": items}


@pytest.mark.parametrize("world", OFFERING)
@pytest.mark.parametrize("path", DIALECTS)
async def test_auto_is_asked_for_the_last_words_at_the_newest_version(rig: Rig, path: str) -> None:
    answer = await answered(rig, path, "auto", "name a colour")
    (choice,) = asked(rig, AUTO)
    assert choice.body == {"prompt": "name a colour"}
    assert choice.headers["x-github-api-version"] == "2026-08-01"
    assert not asked(rig, SESSION)
    (call,) = rig.calls()
    assert call.headers["copilot-session-token"]
    assert call.body["model"] == answer.headers[NAMED]
    assert answer.headers[AUTOMATIC] == "asked"


@pytest.mark.parametrize("world", ["2026-06"])
async def test_where_it_is_not_offered_the_older_way_serves_and_that_is_remembered_for_an_hour(
    rig: Rig,
) -> None:
    await answered(rig, CHAT, "auto", "one")
    await answered(rig, CHAT, "auto", "two")
    assert choosers(rig) == [AUTO, SESSION]
    assert asked(rig, SESSION)[0].headers["x-github-api-version"] >= "2025-07-16"
    rig.time.pass_by(3601)
    await answered(rig, CHAT, "auto", "three")
    assert choosers(rig)[2:3] == [AUTO], "asked again: it may have come since"


@pytest.mark.parametrize("world", OFFERING)
async def test_an_older_version_in_the_settings_does_not_keep_auto_away(rig: Rig) -> None:
    await rig.engine.commands.change_settings("identity.model_api_version", "2026-06-15")
    await answered(rig, CHAT, "auto")
    assert asked(rig, AUTO)[0].headers["x-github-api-version"] == "2026-08-01"
    assert rig.calls()[0].headers["x-github-api-version"] == "2026-06-15"


@pytest.mark.parametrize("path", DIALECTS)
async def test_pictures_and_earlier_turns_are_said(rig: Rig, path: str) -> None:
    await answered(rig, path, "auto", "", **turns(path, shown(path)))
    await answered(rig, path, "auto", "", **turns(path, "hello", "hi there", "and now?"))
    first, second = asked(rig, AUTO)
    assert first.body == {"prompt": "what is it?", "has_image": True}
    assert second.body == {"prompt": "and now?", "multi_turn": True}


async def test_a_conversation_keeps_its_choice_for_a_day_and_another_gets_its_own(rig: Rig) -> None:
    await answered(rig, CHAT, "auto", "", **turns(CHAT, "hello"))
    await answered(rig, CHAT, "auto", "", **turns(CHAT, "hello", "hi", "x" * 500))
    assert len(asked(rig, AUTO)) == 1
    first, second = rig.calls()
    assert first.body["model"] == second.body["model"]
    assert first.headers["copilot-session-token"] == second.headers["copilot-session-token"]
    await answered(rig, CHAT, "auto", "", **turns(CHAT, "something else"))
    assert len(asked(rig, AUTO)) == 2
    rig.time.pass_by(86401)
    await answered(rig, CHAT, "auto", "", **turns(CHAT, "hello", "hi", "later"))
    assert len(asked(rig, AUTO)) == 3


async def test_a_long_prompt_is_bounded_and_its_end_is_sent(rig: Rig) -> None:
    await answered(rig, CHAT, "auto", "pasted " * 3000 + "what now?")
    (choice,) = asked(rig, AUTO)
    assert len(choice.body["prompt"]) <= 8000
    assert choice.body["prompt"].endswith("what now?")


async def test_a_choice_that_github_forgot_is_made_anew_within_the_request(rig: Rig) -> None:
    await answered(rig, CHAT, "auto")
    rig.simulator.simulation.automatic_sessions.clear()
    await answered(rig, CHAT, "auto")
    assert len(asked(rig, AUTO)) == 2


async def test_another_sign_in_gets_a_choice_of_its_own(rig: Rig) -> None:
    def authorize(progress: SignInProgress) -> None:
        if progress.state is SignInState.WAITING:
            rig.simulator.authorize(progress.user_code)

    await answered(rig, CHAT, "auto")
    await rig.engine.commands.sign_out()
    refused = await rig.ask(CHAT, "auto", "hi")
    assert refused.status == 401
    await rig.engine.commands.sign_in(authorize, None)
    await answered(rig, CHAT, "auto")
    assert len(asked(rig, AUTO)) == 2
    before, after = [each.headers["copilot-session-token"] for each in rig.calls()]
    assert before != after


@pytest.mark.parametrize("world", OFFERING)
@pytest.mark.parametrize("profile", ["free_plan", "student_plan"])
@pytest.mark.parametrize("path", DIALECTS)
async def test_on_a_plan_without_a_choice_every_name_is_served_and_told(
    rig: Rig, path: str
) -> None:
    for name in ("gpt-5-mini", "claude-of-tomorrow", "auto"):
        answer = await answered(rig, path, name, f"hello {name}")
        assert answer.headers[AUTOMATIC] == "plan"
        await rig.idle()
        record = rig.last_request
        assert record.model_asked == name
        assert any("GitHub chooses the model" in each for each in record.notes)
    for call in rig.calls():
        assert call.headers["copilot-session-token"]
    assert not asked(rig, SESSION)


@pytest.mark.parametrize("world", OFFERING)
@pytest.mark.parametrize("profile", ["free_plan"])
async def test_on_such_a_plan_a_streamed_tool_call_arrives(rig: Rig) -> None:
    tool = {"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}
    body = question(MESSAGES, "sonnet", "What is the weather in Paris?", tools=[tool], stream=True)
    answer = await rig.post(MESSAGES, body)
    text = await answer.text()
    assert "get_weather" in text
    assert "message_stop" in text


@pytest.mark.parametrize("world", ["2026-06"])
@pytest.mark.parametrize("profile", ["free_plan"])
async def test_where_that_plan_may_still_choose_it_gets_what_it_names(rig: Rig) -> None:
    for _ in range(2):
        answer = await answered(rig, CHAT, "gpt-5-mini")
        assert AUTOMATIC not in answer.headers
    assert choosers(rig) == [AUTO], "looked for once"


async def test_a_paid_plan_gets_what_it_names_and_nothing_is_asked(rig: Rig) -> None:
    answer = await answered(rig, CHAT, "gpt-5-mini")
    assert AUTOMATIC not in answer.headers
    assert choosers(rig) == []


@pytest.mark.parametrize("profile", ["free_plan"])
async def test_tokens_are_counted_for_any_name_too_and_for_auto(rig: Rig) -> None:
    for name in ("claude-of-tomorrow", "auto"):
        body = {"model": name, **turns(MESSAGES, "hello there")}
        answer = await rig.post(f"{MESSAGES}/count_tokens", body)
        assert answer.status == 200, await answer.text()
        assert (await answer.json())["input_tokens"] > 0
    await answered(rig, MESSAGES, "auto", "hello there")
    assert len(asked(rig, AUTO)) == 1, "the count and the turn are one conversation"


@pytest.mark.parametrize("profile", ["free_plan", "student_plan"])
@pytest.mark.parametrize("path", DIALECTS)
async def test_where_such_a_plan_has_only_the_older_way_that_serves_every_name(
    rig: Rig, path: str
) -> None:
    """The service refuses the name, and does not know ``POST /auto``: the refusal shows the plan."""
    rig.simulator.simulation.world = replace(rig.simulator.simulation.world, offers_auto=False)
    for text in ("one", "two"):
        answer = await answered(rig, path, "gpt-5-mini", text)
        assert answer.headers[AUTOMATIC] == "plan"
    assert choosers(rig) == [AUTO, SESSION]
    refused, *served = rig.calls()
    assert "copilot-session-token" not in refused.headers
    assert len(served) == 2, "the second request knew it"
    assert all(each.headers["copilot-session-token"] for each in served)


@pytest.mark.parametrize("world", ["2026-06"])
@pytest.mark.parametrize("profile", ["strict"])
async def test_a_refused_name_on_a_paid_plan_is_told_and_nothing_is_chosen(rig: Rig) -> None:
    await rig.engine.commands.models()
    rig.simulator.simulation.catalogue.set_policy("gpt-5-mini", "disabled")
    answer = await rig.ask(CHAT, "gpt-5-mini", "hi")
    assert answer.status == 404
    assert choosers(rig) == []


@pytest.mark.parametrize("world", OFFERING)
@pytest.mark.parametrize("profile", ["free_plan"])
@pytest.mark.parametrize("path", [MESSAGES, RESPONSES])
async def test_a_search_by_another_model_has_the_choices_token_on_such_a_plan(
    rig: Rig, path: str
) -> None:
    supports = {"supports": {"web_search": True, "streaming": True}, "type": "chat"}
    rig.simulator.simulation.catalogue.change(
        "gpt-5.5",
        {
            "billing": {},
            "supported_endpoints": ["/responses"],
            "capabilities": {**_capabilities(rig, "gpt-5.5"), **supports},
        },
    )
    await rig.engine.commands.models(refresh=True)
    kind = "web_search_20250305" if path == MESSAGES else "web_search"
    tool = {"type": kind, "name": "web_search"} if path == MESSAGES else {"type": kind}
    answer = await rig.ask(path, "auto", "what is new?", tools=[tool])
    assert answer.status == 200, await answer.text()
    call = rig.calls()[-1]
    assert call.body["model"] == "gpt-5.5"
    assert call.headers["copilot-session-token"]


def _capabilities(rig: Rig, model: str) -> dict[str, Any]:
    entry = rig.simulator.simulation.catalogue.shown(model)
    assert entry is not None
    return dict(entry["capabilities"])


@pytest.mark.parametrize("profile", ["free_plan", "strict"])
async def test_the_lists_say_where_the_plan_leaves_the_choice_to_github(rig: Rig) -> None:
    await rig.engine.commands.ask_account()
    is_theirs = rig.engine.account is not None and rig.engine.account.plan == "Free"
    for query, headers, holder in (
        ("", {}, None),
        ("?limit=1000", {"anthropic-version": "2023-06-01"}, "data"),
        ("?client_version=0.160.0", {}, "models"),
    ):
        key = {"Authorization": f"Bearer {KEY}"}
        answer = await rig.http.get(f"{rig.url}/v1/models{query}", headers={**headers, **key})
        assert (answer.headers.get(AUTOMATIC) == "plan") == is_theirs
        if holder is not None:
            descriptions = [each["description"] for each in (await answer.json())[holder]]
            told = ["GitHub chooses the model" in each for each in descriptions]
            assert told == [is_theirs] * len(told)
