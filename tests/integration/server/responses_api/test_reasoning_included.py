"""Codex learns from a header that usage counts the reasoning it sends back (openai/codex#32483)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

HEADER = "x-reasoning-included"
MODELS = ("gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4.1")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_every_answer_says_so(proxy: Proxy, model: str, stream: bool) -> None:
    body: dict[str, Any] = {"model": model, "input": "Hi", "stream": stream}
    answer = await proxy.post("/v1/responses", body)
    assert answer.status == 200
    assert answer.headers[HEADER] == "true"


async def test_a_compaction_says_so(proxy: Proxy) -> None:
    answer = await proxy.post("/v1/responses/compact", {"model": MODELS[0], "input": "Hi"})
    assert answer.headers[HEADER] == "true"


async def test_the_handshake_of_a_websocket_says_so(proxy: Proxy) -> None:
    async with proxy.http.ws_connect(f"{proxy.url}/v1/responses", headers=proxy.headers()) as ws:
        assert ws._response.headers[HEADER] == "true"


async def test_a_refusal_and_other_dialects_do_not(proxy: Proxy) -> None:
    refused = await proxy.post("/v1/responses", {"model": "nobody", "input": "Hi"})
    messages = [{"role": "user", "content": "Hi"}]
    chat = await proxy.post("/v1/chat/completions", {"model": MODELS[2], "messages": messages})
    assert HEADER not in refused.headers
    assert HEADER not in chat.headers
