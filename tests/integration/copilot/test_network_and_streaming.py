"""Connections that break, are slow, or belong to somebody else: cases 60 to 63."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import aiohttp
import pytest

from tests.faults.cut_answers import text_until_cut
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

in_every_dialect = pytest.mark.parametrize("path", DIALECTS)
MODELS = ("gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6")
LOOKS_FINISHED = ("[DONE]", '"message_stop"', "response.completed", '"finish_reason":"stop"')
KEEP_ALIVE = {CHAT: ": keep-alive", RESPONSES: ": keep-alive", MESSAGES: "event: ping"}


async def fine(rig: Rig, path: str, model: str = "gpt-5.4", **members: Any) -> None:
    response = await rig.ask(path, model, REPEAT + "fine", **members)
    text = await response.text()
    assert response.status == 200, text
    assert "fine" in text


def assert_told_as_broken(text: str) -> None:
    assert not any(word in text.replace('": "', '":"') for word in LOOKS_FINISHED), text
    assert "error" in text, text


@in_every_dialect
async def test_case_60_a_connection_lost_before_the_answer_is_made_anew(
    rig: Rig, path: str
) -> None:
    await fine(rig, path)
    calls = len(rig.calls())
    rig.network.reset_next(2)
    await fine(rig, path)
    assert len(rig.calls()) == calls + 1, "what was lost never arrived"


@in_every_dialect
async def test_case_60_github_out_of_reach_is_told_after_a_few_tries_and_no_sooner(
    rig: Rig, path: str
) -> None:
    await fine(rig, path)
    await rig.network.refuse()
    rig.network.reset_all()
    response = await rig.ask(path, "gpt-5.4", "hello")
    assert response.status == 502
    assert "could not be reached" in error_of(await response.json())["message"]
    await rig.network.come_back()
    await fine(rig, path)


@in_every_dialect
@pytest.mark.parametrize("model", MODELS)
async def test_case_60_once_a_byte_was_seen_the_break_is_told_and_nothing_is_sent_again(
    rig: Rig, path: str, model: str
) -> None:
    response = await rig.ask(path, model, "[sim:stall] go on", stream=True)
    assert response.status == 200
    seen = await response.content.readany()
    calls = len(rig.calls())
    rig.network.reset_all()
    text = seen.decode() + await text_until_cut(response)
    assert_told_as_broken(text)
    await rig.settle()
    assert len(rig.calls()) == calls


@in_every_dialect
@pytest.mark.parametrize("model", MODELS)
async def test_case_60_an_answer_asked_for_whole_is_an_error_when_it_breaks(
    rig: Rig, path: str, model: str
) -> None:
    response = await rig.ask(path, model, "[sim:cut] go on")
    assert response.status == 502
    assert error_of(await response.json())["message"]
    assert len(rig.calls()) == 1


class TestWithASecondsHeartbeat:
    @pytest.fixture
    def settings_text(self) -> str:
        return "[server]\nheartbeat_seconds = 1\n"

    async def test_case_61_a_client_gets_keep_alives_while_the_model_thinks(self, rig: Rig) -> None:
        """Every dialect, passed through and translated, all waiting at the same time."""

        async def received(path: str, model: str) -> None:
            response = await rig.ask(path, model, "[sim:stall] think", stream=True)
            assert response.status == 200
            async with asyncio.timeout(30):
                async for line in response.content:
                    if line.decode().startswith(KEEP_ALIVE[path]):
                        return

        await asyncio.gather(*(received(path, model) for path in DIALECTS for model in MODELS))
        for response in rig.responses:
            response.close()
        await rig.until(lambda: rig.simulator.active == 0)


@in_every_dialect
async def test_case_61_a_408_of_a_gateway_that_lost_patience_is_sent_once_more(
    rig: Rig, path: str
) -> None:
    response = await rig.ask(path, "gpt-5.4", REPEAT + "fine [sim:408*1]")
    assert response.status == 200
    assert len(rig.calls()) == 2


class SocketClient:
    """Codex's side of one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def ask(self, model: str, words: str) -> list[dict[str, Any]]:
        """Every event up to the answer's end or its refusal."""
        frame = {"type": "response.create", **question(RESPONSES, model, words)}
        await self._socket.send_str(json.dumps(frame))
        events: list[dict[str, Any]] = []
        ends = ("response.completed", "response.failed", "response.incomplete")
        while not events or (
            events[-1]["type"] not in ends
            and not (events[-1]["type"] == "error" and "status" in events[-1])
        ):
            events.append(await self._socket.receive_json(timeout=30))
        return events


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


def said(body: str) -> str:
    """The text of an answer in any dialect, streamed or whole."""
    lines = [line[6:] for line in body.splitlines() if line.startswith("data: {")]
    if not lines:
        return str(re.findall(r"(?:call|socket)-\d+-\d+", body)[0])
    pieces = []
    for event in map(json.loads, lines):
        if event.get("choices"):
            pieces.append(event["choices"][0]["delta"].get("content") or "")
        elif event.get("type") == "response.output_text.delta":
            pieces.append(event["delta"])
        elif event.get("type") == "content_block_delta":
            pieces.append(event["delta"].get("text", ""))
    return "".join(pieces)


@pytest.mark.parametrize("status", [404, 403, 426, 502])
async def test_case_62_without_a_socket_upstream_the_answer_comes_over_http(
    rig: Rig, status: int
) -> None:
    """Upstream refuses every upgrade; the client's own socket is served all the same."""

    await rig.control("sockets", {"status": status})
    headers = rig.headers()
    async with rig.http.ws_connect(f"{rig.url}/v1/responses", headers=headers) as socket:
        client = SocketClient(socket)
        for words in ("one", "two"):
            events = await client.ask("gpt-5.3-codex", REPEAT + words)
            assert text_of(events) == words, events[-1]
    assert {each.method for each in rig.calls("/responses")} == {"POST"}


async def test_case_63_many_sockets_and_calls_at_once_each_get_their_own(rig: Rig) -> None:
    """Every other one is refused: no one's error goes to a neighbour, and no one's words."""

    async def over_socket(number: int) -> None:
        headers = rig.headers()
        async with rig.http.ws_connect(f"{rig.url}/v1/responses", headers=headers) as socket:
            client = SocketClient(socket)
            for turn in range(3):
                marker = f"socket-{number}-{turn}"
                if number % 2:
                    events = await client.ask("gpt-5.3-codex", f"{marker} [sim:off_topic]")
                    assert events[-1]["type"] in ("error", "response.failed")
                else:
                    events = await client.ask("gpt-5.3-codex", REPEAT + marker)
                    assert text_of(events) == marker

    async def over_http(number: int) -> None:
        for turn in range(3):
            path = DIALECTS[number % 3]
            marker = f"call-{number}-{turn}"
            if turn == 1:
                response = await rig.ask(path, "gpt-5.4", f"{marker} [sim:off_topic]")
                assert response.status == 400
                assert "left the subject" in await response.text()
            else:
                response = await rig.ask(path, "gpt-5.4", REPEAT + marker, stream=bool(turn))
                text = await response.text()
                assert response.status == 200, text
                assert said(text) == marker

    await asyncio.gather(*map(over_socket, range(8)), *map(over_http, range(9)))
