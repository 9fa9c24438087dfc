"""``/responses`` over a WebSocket, from a client through the proxy to the simulator and back.

HTTP is the rule. When it broke, the next call takes the WebSocket; where that does not open, or ends
before anything was said, the same call goes over HTTP, once. Nothing is sent again after a byte.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.day.working_day import text_of
from tests.faults.cut_answers import text_until_cut
from tests.integration.copilot.conftest import CHAT, DIALECTS, REPEAT, RESPONSES, Rig

MODEL = "gpt-5.3-codex"
SOCKET_ONLY = "gpt-5.3-codex-socket"
HOUR = 3600.0
ALWAYS = '[upstream]\nresponses_websocket = "always"\n'
in_every_dialect = pytest.mark.parametrize("path", DIALECTS)
streamed_and_whole = pytest.mark.parametrize("streamed", [True, False])


def ways(rig: Rig) -> list[str]:
    """How each call came: ``POST``, or the frame of a socket."""
    return [each.method for each in rig.calls("/responses")]


def handshakes(rig: Rig) -> int:
    return sum(r.method == "GET" and r.path == "/responses" for r in rig.simulator.requests)


async def said(rig: Rig, path: str, words: str, *, streamed: bool, model: str = MODEL) -> str:
    """Ask; return the text of an answer that came whole."""
    response = await rig.ask(path, model, REPEAT + words, stream=streamed)
    text = await response.text()
    assert response.status == 200, text
    await rig.idle()
    return text_of(text, streamed=streamed)


async def broken_off(rig: Rig, path: str, fault: str) -> str:
    """Ask for an answer that breaks; return what the client saw of it."""
    response = await rig.ask(path, MODEL, f"{REPEAT}plum [sim:{fault}]", stream=True)
    text = await text_until_cut(response)
    assert response.status == 200
    await rig.idle()
    return text


@streamed_and_whole
@in_every_dialect
async def test_after_an_answer_that_broke_the_next_hour_s_calls_take_the_websocket(
    rig: Rig, path: str, streamed: bool
) -> None:
    assert await said(rig, path, "one", streamed=streamed) == "one"
    assert "error" in await broken_off(rig, path, "cut")
    assert ways(rig) == ["POST", "POST"], "nobody but the client may repeat what broke midway"
    assert await said(rig, path, "two", streamed=streamed) == "two"
    assert await said(rig, path, "three", streamed=streamed) == "three"
    assert ways(rig)[2:] == ["WS", "WS"]
    assert rig.last_request.attempts == 1
    assert rig.last_request.nano_credits, "what a socket's answer cost is told as well"
    rig.time.pass_by(HOUR + 1)
    assert await said(rig, path, "four", streamed=streamed) == "four"
    assert ways(rig)[4:] == ["POST"]


@streamed_and_whole
@in_every_dialect
@pytest.mark.parametrize("knob", [{"status": 502}, {"status": 404}, {"closes": True}], ids=str)
async def test_a_websocket_that_gives_nothing_is_replaced_by_http_within_the_call(
    rig: Rig, path: str, streamed: bool, knob: dict[str, Any]
) -> None:
    await broken_off(rig, path, "cut")
    await rig.control("sockets", knob)
    frames = ["WS"] if "closes" in knob else []
    assert await said(rig, path, "one", streamed=streamed) == "one"
    assert ways(rig) == ["POST", *frames, "POST"]
    assert handshakes(rig) == 1
    assert await said(rig, path, "two", streamed=streamed) == "two"
    assert handshakes(rig) == 1, "not tried again for ten minutes"
    await rig.control("sockets", {"status": None})
    rig.time.pass_by(601)
    assert await said(rig, path, "three", streamed=streamed) == "three"
    assert ways(rig)[-1] == "WS"


@pytest.mark.parametrize("settings_text", [ALWAYS], ids=[""])
@pytest.mark.parametrize("fault", ["cut", "midstream-error", "garbage"])
@in_every_dialect
async def test_a_websocket_that_breaks_after_a_byte_is_told_and_not_asked_again(
    rig: Rig, path: str, fault: str
) -> None:
    seen = await broken_off(rig, path, fault)
    assert "error" in seen
    assert ways(rig) == ["WS"]
    for end in ("[DONE]", '"message_stop"', '"response.completed"'):
        assert end not in seen


@pytest.mark.parametrize("settings_text", [ALWAYS], ids=[""])
async def test_a_client_that_leaves_ends_the_socket_s_call(rig: Rig) -> None:
    response = await rig.ask(RESPONSES, MODEL, "hello [sim:stall]", stream=True)
    await response.content.readany()
    assert rig.simulator.active == 1
    response.close()
    await rig.until(lambda: rig.simulator.active == 0)


class TestAModelThatListsTheWebSocketAlone:
    @pytest.fixture
    async def rig(self, rig: Rig) -> Rig:
        like = {"like": MODEL, "supported_endpoints": ["ws:/responses"]}
        await rig.control("catalogue", {SOCKET_ONLY: like})
        return rig

    @streamed_and_whole
    @in_every_dialect
    async def test_is_served_over_it_from_the_first_call_on(
        self, rig: Rig, path: str, streamed: bool
    ) -> None:
        assert await said(rig, path, "one", streamed=streamed, model=SOCKET_ONLY) == "one"
        assert ways(rig) == ["WS"]
        assert rig.calls("/responses")[0].body["model"] == SOCKET_ONLY

    async def test_its_dead_token_is_renewed_like_any_other(self, rig: Rig) -> None:
        assert await said(rig, CHAT, "one", streamed=True, model=SOCKET_ONLY) == "one"
        await rig.control("expire", {})
        assert await said(rig, CHAT, "two", streamed=True, model=SOCKET_ONLY) == "two"
        assert (ways(rig), handshakes(rig), rig.exchanges) == (["WS", "WS"], 3, 2)

    async def test_a_refused_handshake_is_an_error_and_no_call_over_http(self, rig: Rig) -> None:
        await rig.control("sockets", {"status": 502})
        response = await rig.ask(RESPONSES, SOCKET_ONLY, "hello")
        assert response.status == 502, await response.text()
        assert ways(rig) == []
        await rig.control("sockets", {"status": None})
        assert await said(rig, RESPONSES, "one", streamed=True, model=SOCKET_ONLY) == "one"

    @pytest.mark.parametrize(
        "settings_text", ['[upstream]\nresponses_websocket = "never"\n'], ids=[""]
    )
    async def test_never_is_the_user_s_word(self, rig: Rig) -> None:
        response = await rig.ask(RESPONSES, SOCKET_ONLY, "hello")
        assert response.status == 400
        assert "upstream.responses_websocket" in await response.text()
        assert rig.calls() == []
