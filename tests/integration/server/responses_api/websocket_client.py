"""Codex's side of a Responses WebSocket."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.integration.server.conftest import KEY, Proxy

MODELS = ("gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4.1")
"""Passed through; translated to Messages; translated to chat."""
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather of a place",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
ENDINGS = ("response.completed", "response.incomplete", "response.failed")


class Client:
    """Codex's side of one connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def create(self, words: object, **more: Any) -> None:
        given = [{"role": "user", "content": words}] if isinstance(words, str) else words
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": given, **more}
        await self.socket.send_str(json.dumps(frame))

    async def event(self) -> dict[str, Any]:
        event = await self.socket.receive_json(timeout=30)
        assert isinstance(event, dict)
        return event

    async def turn(self) -> list[dict[str, Any]]:
        """Every event until the answer, or its refusal, is complete."""
        events = [await self.event()]
        while events[-1]["type"] not in ENDINGS and not is_refusal(events[-1]):
            events.append(await self.event())
        return events

    async def ask(self, words: object, **more: Any) -> list[dict[str, Any]]:
        await self.create(words, **more)
        return await self.turn()


def is_refusal(event: dict[str, Any]) -> bool:
    """An error before an answer has a status; one within an answer is followed by its failure."""
    return event["type"] == "error" and "status" in event


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


def response_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    response = events[-1]["response"]
    assert isinstance(response, dict)
    return response


@contextlib.asynccontextmanager
async def connected(proxy: Proxy, **more: Any) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {KEY}", "openai-beta": "responses_websockets=2026-02-06"}
    async with proxy.http.ws_connect(f"{proxy.url}/v1/responses", headers=headers, **more) as ws:
        yield Client(ws)


async def refused_handshake(proxy: Proxy, headers: dict[str, str]) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await proxy.http.ws_connect(f"{proxy.url}/v1/responses", headers=headers)
    return refused.value.status
