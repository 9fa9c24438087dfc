"""Numbers that a model takes only one of or none, and tools declared twice: refused once, then known."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.simulator.options import SimulatorOptions
from tests.integration.server.conftest import Proxy

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
DROPPED = "x-g-copilot-proxy-dropped"
ONE_OF_TWO, NONE, GEMINI = "claude-haiku-4.5", "claude-opus-4.8", "gemini-3.1-pro-preview"
HI = {"role": "user", "content": "hi"}
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}}


@pytest.fixture
def simulator_options() -> SimulatorOptions:
    return SimulatorOptions(profile="strict")


def asked(path: str, model: str, **more: Any) -> dict[str, Any]:
    if path == RESPONSES:
        return {"model": model, "input": "hi", **more}
    limit = {"max_tokens": 60} if path == MESSAGES else {}
    return {"model": model, "messages": [HI], **limit, **more}


def tool(path: str) -> dict[str, Any]:
    if path == MESSAGES:
        return {"name": "look", "input_schema": SCHEMA}
    function = {"name": "look", "parameters": SCHEMA}
    return (
        {"type": "function", "function": function}
        if path == CHAT
        else {"type": "function", **function}
    )


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [MESSAGES, RESPONSES])
@pytest.mark.parametrize(("model", "left"), [(ONE_OF_TWO, {"temperature"}), (NONE, set())])
async def test_numbers_a_model_does_not_take_cost_one_refused_call(
    proxy: Proxy, path: str, model: str, left: set[str], stream: bool
) -> None:
    body = asked(path, model, temperature=0.5, top_p=0.5, stream=stream)
    for attempts in (2, 1):
        response = await proxy.post(path, body)
        assert response.status == 200, await response.text()
        assert "top_p" in response.headers[DROPPED]
        await response.read()
        sent = proxy.simulator.requests[-1].body
        assert {"temperature", "top_p"} & sent.keys() == left
        assert proxy.last_request.attempts == attempts


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
@pytest.mark.parametrize("model", [ONE_OF_TWO, GEMINI])
async def test_a_tool_declared_twice_is_offered_once(proxy: Proxy, path: str, model: str) -> None:
    body = asked(path, model, tools=[tool(path), tool(path)])
    for is_known in (False, True):
        response = await proxy.post(path, body)
        assert response.status == 200, await response.text()
        assert len(proxy.simulator.requests[-1].body["tools"]) == 1
        assert (proxy.last_request.attempts == 1) is is_known


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", [ONE_OF_TWO, NONE, GEMINI, "gpt-4.1", "gpt-5.3-codex"])
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_a_conversation_of_a_system_prompt_alone_is_answered(
    proxy: Proxy, path: str, model: str, stream: bool
) -> None:
    words = [
        {"role": "system", "content": "Be brief."},
        {"role": "system", "content": "Name a bird."},
    ]
    body = {"model": model, "stream": stream, "messages" if path == CHAT else "input": words}
    response = await proxy.post(path, body)
    assert response.status == 200, await response.text()
    await response.read()
    assert "Name a bird." in str(proxy.simulator.requests[-1].body)
    assert proxy.last_request.attempts == 1


async def test_a_tool_call_whose_input_is_a_list_goes_to_every_model(proxy: Proxy) -> None:
    call = {"type": "tool_use", "id": "t1", "name": "look", "input": ["here"]}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "secret word is: heron"}
    turns = [HI, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    for model in (ONE_OF_TWO, GEMINI, "gpt-4.1", "gpt-5.3-codex"):
        body = {"model": model, "max_tokens": 60, "messages": turns, "tools": [{"name": "look"}]}
        response = await proxy.post(MESSAGES, body)
        assert response.status == 200, await response.text()
        assert "heron" in await response.text()
