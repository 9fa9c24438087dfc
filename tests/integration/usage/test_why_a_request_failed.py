"""A request that failed says why and what to do: to the tool, in the window, and after a restart."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.presenters.activity.request_details import request_details
from desktop.presenters.activity.request_rows import request_row
from desktop.presenters.words import Words
from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.errors import SignedOut
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.status.status_board import StatusBoard
from proxy_core.upstream.sign_in.epoch import SignInPending
from tests.integration.server.conftest import KEY
from tests.integration.usage.conftest import Home
from tests.integration.usage.test_every_number import CHAT, MESSAGES, RESPONSES, body
from tests.integration.usage.upstream_answers import Figures, step
from tests.security.written_files import files_with

PATHS = {CHAT: "gpt-4o-mini", MESSAGES: "claude-sonnet-4.6", RESPONSES: "gpt-5.3-codex"}
SECRET_WORDS = "the words of a private letter"
STREAM = {"content-type": "text/event-stream"}
SILENT = {"answer": {"headers": STREAM, "chunks": [": \n\n"] * 99, "pause": 9}}


async def asked(home: Home, path: str, *, stream: bool = False) -> tuple[int, dict[str, Any]]:
    response = await home.post(path, body(path, PATHS[path], stream=stream))
    error: dict[str, Any] = json.loads(await response.text())["error"]
    return response.status, error


def facts_of(record: RequestRecord) -> dict[str, str]:
    details = request_details(record, record.started, Words())
    return {fact.label: fact.value for fact in details.facts}


async def after_a_restart(home: Home) -> tuple[RequestRecord, ...]:
    """What the next start of the program shows, newest first."""
    await home.engine.close()
    board = StatusBoard()
    engine = Engine(
        find_paths(home.environ),
        board,
        environ=home.environ,
        overrides=Overrides(local_key=KEY),
    )
    await engine.open()
    try:
        shown = asyncio.Event()
        tell = partial(
            asyncio.get_running_loop().call_soon_threadsafe, shown.set
        )  # from any thread
        board.subscribe(lambda now: tell() if now.recent else None)
        if not board.current.recent:
            await asyncio.wait_for(shown.wait(), 30)
        return board.current.recent
    finally:
        await engine.close()


@pytest.mark.parametrize("path", PATHS)
async def test_the_window_has_the_message_as_the_tool_got_it(home: Home, path: str) -> None:
    words = "The number of images exceeds what this model takes."
    refusal = {"status": 400, "body": {"error": {"message": words, "code": "too_many_images"}}}
    await home.script(*[{"answer": refusal}] * 6)
    status, error = await asked(home, path)
    (record,) = await home.ended(1)
    assert (status, record.state) == (400, RequestState.FAILED)
    facts = facts_of(record)
    assert facts["Message"] == error["message"]
    assert words in facts["Message"]
    assert facts["What to do"]
    assert all(label and value for label, value in facts.items())


async def test_a_length_error_is_shown_in_the_words_the_tool_compacts_by(home: Home) -> None:
    told = "prompt token count of 300000 exceeds the limit of 128000"
    refusal = {
        "status": 400,
        "body": {"error": {"message": told, "code": "model_max_prompt_tokens_exceeded"}},
    }
    await home.script(*[{"answer": refusal}] * 6)
    _, error = await asked(home, MESSAGES)
    (record,) = await home.ended(1)
    assert record.message == error["message"]
    assert "prompt is too long" in record.message


async def test_after_a_restart_the_reason_and_the_next_step_are_there_and_nothing_said_is(
    home: Home,
) -> None:
    quoted = {"status": 400, "body": {"error": {"message": f"Invalid: {SECRET_WORDS}"}}}
    await home.script(*[{"answer": quoted}] * 6)
    await asked(home, CHAT)
    await home.script()
    await home.ended(1)
    await home.engine.commands.pause(None)
    _, not_sent = await asked(home, CHAT)
    await home.ended(2)
    newest, oldest = await after_a_restart(home)
    assert facts_of(newest)["In short"] == not_sent["message"]
    assert newest.state is RequestState.NOT_SENT
    assert facts_of(oldest)["In short"] == "GitHub Copilot did not accept the request"
    for each in (newest, oldest):
        assert "in memory only" in facts_of(each)["Message"]
        assert facts_of(each)["What to do"]
    assert not files_with(home.folder, SECRET_WORDS)


async def test_what_may_quote_a_request_is_told_to_nobody_but_the_window(home: Home) -> None:
    quoted = {"status": 400, "body": {"error": {"message": f"Invalid: {SECRET_WORDS}"}}}
    await home.script(*[{"answer": quoted}] * 6)
    await asked(home, CHAT)
    await home.ended(1)
    activity = await home.get("/v1/activity")
    assert SECRET_WORDS not in await activity.text()


@pytest.mark.parametrize("path", PATHS)
async def test_what_the_person_keeps_back_is_no_failure(home: Home, path: str) -> None:
    await home.engine.commands.pause(60.0)
    status, error = await asked(home, path)
    (record,) = await home.ended(1)
    assert (status, error["type"]) == (403, "permission_error")
    assert (record.state, record.error) == (RequestState.NOT_SENT, "not_sent")
    assert home.board.current.today.failed == 0
    assert (await home.usage())["totals"]["failed"] == 0


@pytest.mark.parametrize("settings_text", ['[budget]\ndaily_credits = 0.01\naction = "stop"\n'])
async def test_an_own_budget_is_told_as_ones_own_in_the_dialects_form(home: Home) -> None:
    await home.script(step("/chat/completions", Figures(9, 0, 0, 9, 0, nano_credits=10**9)))
    await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=False))
    await home.ended(1)
    for path, form in ((CHAT, (429, "insufficient_quota")), (MESSAGES, (402, "billing_error"))):
        status, error = await asked(home, path)
        assert (status, error["type"]) == form
        assert "Your own budget" in error["message"]
    newest = home.board.current.recent[0]
    assert (newest.state, newest.error) == (RequestState.NOT_SENT, "own_budget")


@pytest.mark.parametrize("drain_seconds", [0.0])
@pytest.mark.parametrize("path", PATHS)
async def test_a_stop_is_never_githubs_doing(home: Home, path: str) -> None:
    await home.script(*[SILENT] * 3)
    request = asyncio.create_task(asked(home, path))
    await home.until(lambda: home.model_calls == 1)
    await home.engine.commands.stop()
    status, error = await request
    (record,) = await home.ended(1)
    assert status in (503, 529)
    assert "g-copilot-proxy was stopped" in error["message"]
    assert record.error == "stopped"
    assert "GitHub" not in Words().failure(record.error)
    assert "Start" in facts_of(record)["What to do"]


async def test_a_request_after_signing_out_says_where_to_act(home: Home) -> None:
    await home.engine.commands.sign_out()
    status, error = await asked(home, CHAT)
    (record,) = await home.ended(1)
    assert (status, error["code"]) == (401, "signed_out")
    assert "g-copilot-proxy login" in error["message"]
    assert "Sign in" in facts_of(record)["What to do"]


@pytest.mark.parametrize("path", PATHS)
async def test_an_ended_session_says_where_to_act(home: Home, path: str) -> None:
    await home.http.post(
        f"{home.simulator.url}/_sim/expire", json={"github": home.simulator.github_token}
    )
    status, error = await asked(home, path)
    (record,) = await home.ended(1)
    assert status == 401
    assert "g-copilot-proxy login" in error["message"]
    assert record.error == "signed_out"
    assert record.reason == "GitHub ended the session"


@pytest.mark.parametrize("path", PATHS)
async def test_a_locked_keychain_is_not_an_overloaded_github(
    home: Home, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = SignInPending("g-copilot-proxy cannot read its GitHub sign-in yet.", code="keychain")

    async def locked(*_: object) -> object:
        raise pending

    monkeypatch.setattr(home.engine, "restored", locked)
    monkeypatch.setattr(home.engine.client, "open_stream", locked)
    status, error = await asked(home, path)
    (record,) = await home.ended(1)
    assert status in (503, 529)
    assert "cannot read its GitHub sign-in" in error["message"]
    assert record.error == "sign_in_pending"
    assert "keychain" in facts_of(record)["What to do"]
    assert "GitHub is overloaded" not in Words().failure(record.error)
    assert isinstance(pending, SignedOut)


async def test_after_a_restart_a_refused_request_says_what_is_known_of_its_model(
    home: Home,
) -> None:
    """A known one is stored, also where the request was not sent; any other name is the tool's text."""
    await home.engine.commands.pause(None)
    await asked(home, CHAT)
    await home.ended(1)
    await home.engine.commands.resume()
    await home.post(CHAT, body(CHAT, "my-private-model", stream=False))
    await home.post(CHAT, {"messages": []})
    before = [request_row(each, each.started, Words()).model for each in await home.ended(3)]
    assert before == ["gpt-4o-mini", "my-private-model", "Unknown model"]
    after = (await after_a_restart(home))[::-1]
    said = [request_row(each, each.started, Words()).model for each in after]
    assert said == ["gpt-4o-mini", "Name not stored", "Name not stored"]
    assert facts_of(after[1])["Model"] == "The name that was asked for was in memory only."
    assert not files_with(home.folder, "my-private-model")


def test_a_request_without_a_model_has_no_empty_label() -> None:
    record = RequestRecord("r1", "curl", "POST /v1/messages", "", 1.0, RequestState.FAILED)
    for each in (record, replace(record, state=RequestState.NOT_SENT, error="permission")):
        facts = request_details(each, 1.0, Words()).facts
        assert all(fact.label and fact.value for fact in facts)
        assert any(fact.label == "What to do" for fact in facts)


@pytest.mark.parametrize("drain_seconds", [0.0])
@pytest.mark.parametrize("path", PATHS)
async def test_what_a_cut_answer_used_is_counted_whoever_cut_it(home: Home, path: str) -> None:
    response = await home.post(
        path, body(path, PATHS[path], stream=True, words="a story [sim:slow]")
    )
    await response.content.readany()
    await home.until(lambda: bool(home.board.current.active))
    async for _ in response.content.iter_any():
        break
    await home.engine.commands.stop()
    (record,) = await home.ended(1)
    assert (record.state, record.error) == (RequestState.FAILED, "stopped")
    assert record.input_tokens > 0
    assert record.output_tokens > 0
    (row,) = await home.rows()
    assert int(row["output_tokens"]) == record.output_tokens
