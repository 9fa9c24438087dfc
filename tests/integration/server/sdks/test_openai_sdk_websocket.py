"""OpenAI's SDK over its own WebSocket client, where that is installed."""

from __future__ import annotations

from typing import Any

import pytest
from openai import AsyncOpenAI

from tests.integration.server.conftest import Proxy

pytest.importorskip("websockets", reason="the SDK's WebSocket client is not installed")


@pytest.mark.parametrize("model", ["gpt-5.3-codex", "claude-sonnet-4.6", "gpt-4.1"])
async def test_the_sdk_holds_a_conversation_over_one_connection(
    proxy: Proxy, openai_client: AsyncOpenAI, model: str
) -> None:
    async with openai_client.responses.connect() as connection:
        previous: Any = None
        for words in ("Say hello to the duck", "Now to the goose"):
            asked: dict[str, Any] = {"model": model, "input": words}
            if previous is not None:
                asked["previous_response_id"] = previous
            await connection.response.create(**asked)
            text = ""
            async for event in connection:
                if event.type == "response.output_text.delta":
                    text += event.delta
                if event.type == "response.completed":
                    previous = event.response.id
                    break
                assert event.type not in ("error", "response.failed"), event
            assert words[:10] in text
    await proxy.until(lambda: len(proxy.board.current.recent) == 2)
    assert {each.path for each in proxy.board.current.recent} == {"WS /v1/responses"}
    assert "duck" in str(proxy.simulator.requests[-1].body)
