"""Asking before sending, budgets and pauses: through real sockets, in every dialect."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from proxy_core.status.approvals import WaitingApproval
from proxy_core.status.status import RequestState
from tests.integration.server.conftest import KEY
from tests.integration.usage.conftest import Home
from tests.integration.usage.test_every_number import CHAT, MESSAGES, RESPONSES, body
from tests.integration.usage.upstream_answers import Figures, step

MODELS = {CHAT: "gpt-4o-mini", MESSAGES: "claude-sonnet-4.6", RESPONSES: "gpt-5.3-codex"}
EMBEDDINGS = "/v1/embeddings"
ASKS = "heartbeat_seconds = 1.0\n[budget]\nask_before_sending = true\n"
CREDIT = 1_000_000_000
Asked = "asyncio.Task[tuple[int, str]]"


def ask(home: Home, path: str = CHAT, *, stream: bool = True, client: str = "aider/1") -> Asked:
    """Send a request and go on; the result is its status and text."""

    async def work() -> tuple[int, str]:
        if path == EMBEDDINGS:
            asked: dict[str, Any] = {"model": "text-embedding-3-small", "input": "Yes?"}
        else:
            asked = body(path, MODELS[path], stream=stream)
        response = await home.post(path, asked, User_Agent=client)
        return response.status, await response.text()

    return asyncio.create_task(work())


async def question(home: Home, count: int = 1) -> WaitingApproval:
    """Wait until so many questions wait; return the newest."""
    await home.until(lambda: len(home.board.current.approvals) >= count)
    return home.board.current.approvals[-1]


def error_of(text: str) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(text)["error"]
    return error


@pytest.mark.parametrize("settings_text", [ASKS])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES, EMBEDDINGS])
async def test_nothing_is_sent_until_the_user_says_so(home: Home, path: str, stream: bool) -> None:
    asked = ask(home, path, stream=stream)
    waiting = await question(home)
    assert waiting.question.client == "aider"
    assert waiting.question.prompt_tokens is not None
    assert waiting.question.prompt_tokens > 0
    (record,) = home.board.current.active
    assert (record.request_id, record.waits_for_approval) == (waiting.question.request_id, True)
    assert home.model_calls == 0
    assert not asked.done()
    assert await home.engine.commands.answer_approval(waiting.question.request_id, send=True)
    status, _ = await asked
    assert status == 200
    assert home.model_calls == 1
    (record,) = await home.ended(1)
    assert record.approval_seconds is not None
    assert (record.state, record.waits_for_approval) == (RequestState.DONE, False)
    assert home.board.current.approvals == ()


@pytest.mark.parametrize("settings_text", [ASKS])
async def test_a_refusal_is_a_status_of_the_dialect_even_after_signs_of_life_were_due(
    home: Home,
) -> None:
    """Every dialect, streamed and whole, all waiting at the same time."""
    paths = (CHAT, MESSAGES, RESPONSES, EMBEDDINGS)
    asked = [ask(home, path, stream=stream) for path in paths for stream in (True, False)]
    await question(home, len(asked))
    await asyncio.sleep(1.2)  # heartbeats come every second here
    for waiting in home.board.current.approvals:
        assert await home.engine.commands.answer_approval(waiting.question.request_id, send=False)
    for each in asked:
        status, text = await each
        assert status == 403
        error = error_of(text)
        assert error["type"] == "permission_error"
        assert "You chose" in error["message"]
    assert home.model_calls == 0
    for record in await home.ended(len(asked)):
        assert (record.state, record.error) == (RequestState.NOT_SENT, "not_sent")
    rows = await home.rows()
    assert [row["http_status"] for row in rows] == ["403"] * len(asked)
    assert sorted(row["path"] for row in rows) == sorted(2 * [f"POST {path}" for path in paths])
    assert {row["credits"] for row in rows} == {""}


@pytest.mark.parametrize("settings_text", [ASKS])
async def test_a_turn_over_a_websocket_asks_too(home: Home) -> None:
    async with home.http.ws_connect(
        f"{home.url}/v1/responses", headers={"Authorization": f"Bearer {KEY}"}
    ) as socket:
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": "Yes?"}
        await socket.send_str(json.dumps(frame))
        waiting = await question(home)
        await home.engine.commands.answer_approval(waiting.question.request_id, send=False)
        event = await socket.receive_json(timeout=30)
        assert (event["type"], event["status"]) == ("error", 403)
        await socket.send_str(json.dumps(frame))
        waiting = await question(home)
        await home.engine.commands.answer_approval(waiting.question.request_id, send=True)
        while (event := await socket.receive_json(timeout=30))["type"] != "response.completed":
            assert event["type"] != "error"


@pytest.mark.parametrize("settings_text", [ASKS])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_takes_its_question_with_it(home: Home, stream: bool) -> None:
    asked = ask(home, stream=stream)
    await question(home)
    asked.cancel()
    await home.until(lambda: not home.board.current.approvals)
    (record,) = await home.ended(1)
    assert (record.state, home.model_calls) == (RequestState.CANCELLED, 0)


@pytest.mark.parametrize("settings_text", [ASKS])
async def test_a_request_that_waits_can_be_cancelled(home: Home) -> None:
    asked = ask(home)
    waiting = await question(home)
    assert await home.engine.commands.cancel_request(waiting.question.request_id)
    status, text = await asked
    assert status == 499
    assert "You ended this request" in error_of(text)["message"]
    assert home.board.current.approvals == ()
    assert not await home.engine.commands.cancel_request(waiting.question.request_id)


@pytest.mark.parametrize("settings_text", [ASKS])
@pytest.mark.parametrize("drain_seconds", [600.0])
async def test_a_stop_does_not_wait_for_the_user(home: Home) -> None:
    asked = ask(home)
    await question(home)
    began = time.monotonic()
    await home.engine.commands.stop()
    assert time.monotonic() - began < 60
    status, text = await asked
    assert status == 503
    assert "waited for your approval" in error_of(text)["message"]
    await home.engine.commands.start()
    asked = ask(home)
    await home.engine.commands.answer_approval(
        (await question(home)).question.request_id, send=True
    )
    assert (await asked)[0] == 200, "asking goes on after a restart"


@pytest.mark.parametrize("settings_text", [ASKS])
@pytest.mark.parametrize("drain_seconds", [600.0])
async def test_the_end_of_the_program_turns_away_what_waits_and_records_it(home: Home) -> None:
    asked = ask(home)
    await question(home)
    began = time.monotonic()
    await home.engine.close()
    assert time.monotonic() - began < 60
    assert (await asked)[0] == 503
    assert (await home.usage())["totals"]["failed"] == 1


@pytest.mark.parametrize("settings_text", [ASKS])
async def test_the_terminal_lists_and_answers(home: Home) -> None:
    assert "Nothing waits" in (await home.command("approve")).output
    asked = [ask(home), ask(home, client="codex_cli_rs/1")]
    await question(home, 2)
    listed = json.loads((await home.command("approve", "list", "--json")).output)
    assert {each["client"] for each in listed} == {"aider", "Codex"}
    by_client = {each["client"]: each for each in listed}
    assert by_client["aider"]["expected_high"] >= by_client["aider"]["expected_low"] > 0
    text = (await home.command("approve")).output
    assert by_client["aider"]["id"] in text
    denied = await home.command("approve", by_client["aider"]["id"], "--deny")
    assert (denied.code, denied.output.strip()) == (0, "1 request is not sent.")
    assert (await asked[0])[0] == 403
    again = await home.command("approve", by_client["aider"]["id"])
    assert (again.code, "does not wait" in again.errors) == (1, True)
    sent = json.loads((await home.command("approve", "--all-of", "Codex", "--json")).output)
    assert sent == {"answered": 1, "sent": True}
    assert (await asked[1])[0] == 200
    third = ask(home)
    waiting = await question(home)
    await home.command("approve", waiting.question.request_id, "--stop-asking")
    assert (await third)[0] == 200
    assert (await ask(home))[0] == 200, "this tool is not asked about any more"
    for wrong in (("--deny",), ("x", "--deny", "--stop-asking"), ("x", "--all-of", "y")):
        assert (await home.command("approve", *wrong)).code == 2


async def test_the_controls_need_the_main_key(home: Home) -> None:
    paths = {
        "/control/approvals": {"id": "x", "send": True},
        "/control/pause": {},
        "/control/resume": {},
        "/control/records": {"records": []},
    }
    for path, asked in paths.items():
        for headers in ({}, {"Authorization": "Bearer sk-local-of-a-client"}):
            assert (await home.send("POST", path, headers, json=asked)).status == 401
    for path in ("/control/usage", "/control/approvals"):
        assert (await home.send("GET", path, {})).status == 401
    await home.engine.commands.change_settings("server.require_key", False)
    assert (await home.send("GET", "/v1/models", {})).status == 200
    assert (await home.send("POST", "/control/pause", {}, json={})).status == 401
    wrong = await home.command("pause", G_COPILOT_PROXY_KEY="sk-wrong")
    assert (wrong.code, "does not hold the key" in wrong.errors) == (1, True)
    assert home.board.current.paused_until is None


FOREIGN = {
    "request_id": "req_1",
    "client": "somebody else",
    "path": "/v1/messages",
    "model_asked": "m",
    "started": 1.0,
}
"""A record of a request that no probe made."""


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/control/approvals", {}),
        ("/control/approvals", {"send": True}),
        ("/control/approvals", {"send": "yes", "id": "x"}),
        ("/control/approvals", {"send": True, "id": "x", "client": "y"}),
        ("/control/pause", {"seconds": -1}),
        ("/control/pause", {"seconds": 1e12}),
        ("/control/pause", {"client": ""}),
        ("/control/pause", {"client": "x" * 1000}),
        ("/control/pause", {"minutes": 3}),
        ("/control/resume", {"client": 3}),
        ("/control/records", {}),
        ("/control/records", {"records": [{"client": "g-copilot-proxy"}]}),
        ("/control/records", {"records": [FOREIGN]}),
    ],
)
async def test_a_control_that_makes_no_sense_is_a_400(
    home: Home, path: str, asked: dict[str, Any]
) -> None:
    response = await home.post(path, asked)
    assert response.status == 400, await response.text()
    assert error_of(await response.text())["message"]


async def test_without_a_server_the_commands_say_so(home: Home) -> None:
    await home.engine.close()
    for command in ("approve", "pause", "resume"):
        ended = await home.command(command)
        assert ended.code == 1
        assert "No g-copilot-proxy runs at http://127.0.0.1" in ended.errors


async def test_one_client_is_paused_and_resumed_from_the_terminal(home: Home) -> None:
    ended = await home.command("pause", "aider", "--for", "15m")
    assert (ended.code, "aider is paused until 2" in ended.output) == (0, True)
    (pause,) = home.board.current.client_pauses
    assert pause.client == "aider"
    assert pause.until == pytest.approx(time.time() + 900, abs=30)
    for path in (CHAT, MESSAGES, RESPONSES, EMBEDDINGS):
        status, text = await ask(home, path)
        assert (status, "aider is paused" in error_of(text)["message"]) == (403, True)
    assert (await ask(home, client="codex_cli_rs/1"))[0] == 200
    assert home.model_calls == 1
    assert "Nothing is paused" in (await home.command("resume", "aider")).output
    assert (await ask(home))[0] == 200
    for wrong in ("soon", "-5m", "0", "1e400d", "nan"):
        assert (await home.command("pause", f"--for={wrong}")).code in (1, 2), wrong
    assert home.board.current.paused_until is None


async def test_everything_is_paused_and_stays_so_over_a_restart(home: Home) -> None:
    await home.engine.commands.pause(None)
    assert home.board.current.paused_until == float("inf")
    status, text = await ask(home)
    assert (status, "is paused until you resume" in error_of(text)["message"]) == (403, True)
    assert (await home.get("/v1/models")).status == 200, "what costs nothing goes on"
    await home.engine.close()
    remembered = json.loads((home.folder / "state" / "budget.json").read_text())
    assert remembered["is_all_paused"] is True


async def test_a_pause_ends_by_itself_and_the_status_says_so(home: Home) -> None:
    await home.engine.commands.pause(0.3)
    assert (await ask(home))[0] == 403
    await home.until(lambda: home.board.current.paused_until is None)
    assert (await ask(home))[0] == 200


@pytest.mark.parametrize("settings_text", [ASKS])
async def test_a_pause_declines_what_waits(home: Home) -> None:
    asked = ask(home)
    await question(home)
    await home.engine.commands.pause_client("aider", 60)
    assert (await asked)[0] == 403


STOPS = "[budget]\ndaily_credits = 10\naction = 'stop'\n"


def dear(credits_spent: float) -> dict[str, Any]:
    return step("/chat/completions", Figures(1000, 0, 0, 10, 0, round(credits_spent * CREDIT)))


@pytest.mark.parametrize("settings_text", [STOPS])
@pytest.mark.parametrize(
    ("path", "status"), [(CHAT, 429), (MESSAGES, 402), (RESPONSES, 429), (EMBEDDINGS, 429)]
)
async def test_a_budget_that_is_used_up_stops_in_every_dialect(
    home: Home, path: str, status: int
) -> None:
    await home.script(dear(8.5))
    assert (await ask(home))[0] == 200
    await home.until(lambda: bool(home.board.current.notices))
    await home.script(dear(2.0))
    assert (await ask(home))[0] == 200
    await home.until(lambda: len(home.board.current.notices) == 2)
    assert [each.code for each in home.board.current.notices] == ["budget_80", "budget_100"]
    refused, text = await ask(home, path)
    assert (refused, home.model_calls) == (status, 2)
    assert "Your own budget for this day" in error_of(text)["message"]
    budget = home.board.current.budget
    assert budget is not None
    assert (budget.day_spent, budget.day_limit) == (10_500_000_000, 10_000_000_000)
    await home.engine.commands.allow_more("day", 5.0)
    assert (await ask(home, path))[0] == 200


async def test_of_two_requests_racing_for_the_last_credits_one_is_sent(home: Home) -> None:
    """Each may cost more than half of what is left: what is on its way counts."""
    words = "word " * 40_000  # 40,000 tokens at 15 credits a million: 0.6 credits
    await home.engine.commands.change_settings("budget.daily_credits", 1.0)
    await home.engine.commands.change_settings("budget.action", "stop")
    answers = await asyncio.gather(
        *(home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=False, words=words)) for _ in range(6))
    )
    statuses = sorted(each.status for each in answers)
    assert statuses == [200, 429, 429, 429, 429, 429]
    assert home.model_calls == 1


async def test_a_budget_counts_from_the_moment_it_is_set(home: Home) -> None:
    await home.script(dear(8.0))
    assert (await ask(home))[0] == 200
    await home.ended(1)
    await home.engine.commands.change_settings("budget.daily_credits", 5.0)
    assert (await ask(home))[0] == 200, "a budget that warns lets everything through"
    await home.engine.commands.change_settings("budget.action", "stop")
    assert (await ask(home))[0] == 429
    await home.engine.commands.change_settings("budget.action", "ask")
    asked = ask(home)
    waiting = await question(home)
    assert waiting.question.reason == "budget"
    assert (waiting.question.spent or 0) >= 8 * CREDIT
    assert waiting.question.limit == 5 * CREDIT
    await home.engine.commands.answer_approval(waiting.question.request_id, send=True)
    assert (await asked)[0] == 200
    await home.engine.commands.change_settings("budget.daily_credits", None)
    assert (await ask(home))[0] == 200


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
async def test_a_running_answer_ends_with_its_dialect_s_error_when_the_user_ends_it(
    home: Home, path: str
) -> None:
    words = "[sim:slow] one hundred numbered lines"
    response = await home.post(path, body(path, MODELS[path], stream=True, words=words))
    await response.content.readany()
    (record,) = home.board.current.active
    assert await home.engine.commands.cancel_request(record.request_id)
    text = await response.text()
    last = json.loads(text.rsplit("data: ", 1)[1])
    assert "You ended this request" in json.dumps(last)
    for ending in ("[DONE]", "message_stop", "response.completed", '"finish_reason":"stop"'):
        assert ending not in text
    await home.until(lambda: home.simulator.active == 0)
    (record,) = await home.ended(1)
    assert record.state is RequestState.CANCELLED


async def test_a_client_s_own_key_asks_models_and_controls_nothing(home: Home) -> None:
    made = await home.engine.commands.make_client_key("My editor")
    theirs = {"Authorization": f"Bearer {made.key}"}
    asked = body(CHAT, "gpt-4o-mini", stream=False)
    assert (await home.send("POST", CHAT, theirs, json=asked)).status == 200
    (record,) = await home.ended(1)
    assert record.client == "My editor"
    for path in ("/control/pause", "/control/resume", "/control/approvals"):
        assert (await home.send("POST", path, theirs, json={})).status in (401, 403)
    assert (await home.send("GET", "/control/usage", theirs)).status in (401, 403)
    assert home.board.current.paused_until is None
    await home.engine.commands.pause_client("My editor", 60)
    assert (await home.send("POST", CHAT, theirs, json=asked)).status == 403


async def test_a_turn_over_a_websocket_ends_with_an_error_when_the_user_ends_it(
    home: Home,
) -> None:
    async with home.http.ws_connect(
        f"{home.url}/v1/responses", headers={"Authorization": f"Bearer {KEY}"}
    ) as socket:
        words = "[sim:slow] one hundred numbered lines"
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": words}
        await socket.send_str(json.dumps(frame))
        while (await socket.receive_json(timeout=30))["type"] != "response.output_text.delta":
            pass
        (record,) = home.board.current.active
        assert await home.engine.commands.cancel_request(record.request_id)
        event = await socket.receive_json(timeout=30)
        while event["type"] not in ("error", "response.failed"):
            assert event["type"] != "response.completed"
            event = await socket.receive_json(timeout=30)
        assert "You ended this request" in json.dumps(event)
        await home.until(lambda: home.simulator.active == 0)
        (record,) = await home.ended(1)
        assert record.state is RequestState.CANCELLED


@pytest.mark.parametrize("stream", [True, False])
async def test_a_whole_answer_that_is_cancelled_keeps_what_was_told_of_its_cost(
    home: Home, stream: bool
) -> None:
    words = "[sim:stall] one hundred numbered lines"
    asked = asyncio.create_task(
        home.post(MESSAGES, body(MESSAGES, "claude-sonnet-4.6", stream=stream, words=words))
    )
    await home.until(lambda: home.simulator.active == 1)
    await home.until(lambda: bool(home.board.current.active))
    if stream:
        response = await asked
        await response.content.readany()
        response.close()
    else:
        await asyncio.sleep(1.5)  # upstream's first events: a whole answer tells nothing of them
    asked.cancel()
    (record,) = await home.ended(1)
    assert record.state is RequestState.CANCELLED
    assert record.input_tokens > 0
    assert record.estimated
