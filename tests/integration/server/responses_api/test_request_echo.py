"""A response object carries its request back: whole, streamed and over the WebSocket, on every route."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

MODELS = ("gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4.1")
"""Passed through; translated to Messages; translated to chat."""
ASKED: dict[str, Any] = {
    "instructions": "Speak like a gardener.",
    "tools": [
        {
            "type": "function",
            "name": "water",
            "description": "Water a plant",
            "strict": False,
            "parameters": {"type": "object", "properties": {"plant": {"type": "string"}}},
        }
    ],
    "tool_choice": "auto",
    "metadata": {"bed": "7"},
    "max_output_tokens": 400,
    "parallel_tool_calls": False,
}
INPUT = [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": "Good morning"},
]


def repeated(response: dict[str, Any]) -> dict[str, Any]:
    return {name: response.get(name) for name in ASKED}


@pytest.mark.parametrize("model", MODELS)
async def test_whole(proxy: Proxy, model: str) -> None:
    answer = await proxy.post("/v1/responses", {"model": model, "input": INPUT, **ASKED})
    response = await answer.json()
    assert answer.status == 200, response
    assert repeated(response) == ASKED
    assert response["store"] is False


@pytest.mark.parametrize("model", MODELS)
async def test_streamed(proxy: Proxy, model: str) -> None:
    body = {"model": model, "input": INPUT, "stream": True, **ASKED}
    answer = await proxy.post("/v1/responses", body)
    lines = (await answer.text()).splitlines()
    events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    told = [each["response"] for each in events if "response" in each]
    assert [repeated(each) for each in told] == [ASKED] * 3


@pytest.mark.parametrize("model", MODELS)
async def test_over_the_websocket(proxy: Proxy, model: str) -> None:
    async with proxy.http.ws_connect(
        f"{proxy.url}/v1/responses", headers=proxy.headers()
    ) as socket:
        frame = {"type": "response.create", "model": model, "input": INPUT, **ASKED}
        await socket.send_str(json.dumps(frame))
        told = []
        while len(told) < 3:
            event = await socket.receive_json(timeout=30)
            if "response" in event:
                told.append(event["response"])
    assert [repeated(each) for each in told] == [ASKED] * 3
    assert told[-1]["status"] == "completed"


async def test_over_the_websocket_a_prewarmed_response_repeats_it_too(proxy: Proxy) -> None:
    async with proxy.http.ws_connect(
        f"{proxy.url}/v1/responses", headers=proxy.headers()
    ) as socket:
        frame = {
            "type": "response.create",
            "model": MODELS[0],
            "input": INPUT,
            "generate": False,
            **ASKED,
        }
        await socket.send_str(json.dumps(frame))
        told = [(await socket.receive_json(timeout=30))["response"] for _ in range(2)]
    assert [repeated(each) for each in told] == [ASKED] * 2
