"""What a model has shown to need is met at once after a restart, by every process of one home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.status.status_board import StatusBoard
from tests.integration.server.conftest import KEY, Proxy

PATHS = ("/v1/chat/completions", "/v1/messages", "/v1/responses")
REFUSED = "This model does not support assistant message prefill."


def ends_with_the_assistant(path: str, *, stream: bool) -> dict[str, Any]:
    turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello, I"}]
    body = {"model": "gpt-4.1", "stream": stream}
    if path == "/v1/responses":
        return {**body, "input": turns}
    limit = {"max_tokens": 100} if path == "/v1/messages" else {}
    return {**body, "messages": turns, **limit}


async def answered(proxy: Proxy, body: dict[str, Any], path: str) -> int:
    """Return how many times upstream was asked."""
    response = await proxy.post(path, body)
    assert response.status == 200, await response.text()
    await response.text()
    await proxy.until(lambda: proxy.board.current.last_request is not None)
    return proxy.last_request.attempts


@asynccontextmanager
async def another_process(proxy: Proxy, home: Path) -> AsyncIterator[Proxy]:
    environ = {
        "G_COPILOT_PROXY_HOME": str(home),
        "G_COPILOT_PROXY_GITHUB_URL": proxy.simulator.url,
        "COPILOT_GITHUB_TOKEN": proxy.simulator.github_token,
    }
    board = StatusBoard()
    overrides = Overrides(port=0, local_key=KEY)
    engine = Engine(find_paths(environ), board, environ=environ, overrides=overrides, serves=False)
    await engine.open()
    try:
        await engine.commands.start()
        yield Proxy(board.current.server.url, engine, board, proxy.simulator, proxy.http)
    finally:
        await engine.close()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", PATHS)
async def test_it_is_met_at_once_after_a_restart(
    proxy: Proxy, tmp_path: Path, path: str, stream: bool
) -> None:
    body = ends_with_the_assistant(path, stream=stream)
    refusal = {"status": 400, "body": {"error": {"message": REFUSED, "code": "invalid"}}}
    await proxy.script({"answer": refusal})
    assert await answered(proxy, body, path) == 2
    await proxy.engine.commands.restart()
    proxy.url = proxy.board.current.server.url
    assert await answered(proxy, body, path) == 1, "the server was stopped and started"
    await proxy.engine.close()
    async with another_process(proxy, tmp_path) as again:
        assert await answered(again, body, path) == 1
        assert any("a user's turn" in note for note in again.last_request.notes)


async def test_what_is_forgotten_is_tried_again(proxy: Proxy, tmp_path: Path) -> None:
    body = ends_with_the_assistant(PATHS[0], stream=False)
    refusal = {"status": 400, "body": {"error": {"message": REFUSED, "code": "invalid"}}}
    await proxy.script({"answer": refusal})
    assert await answered(proxy, body, PATHS[0]) == 2
    rules = await proxy.engine.commands.forget_demands("gpt-4.1")
    assert rules == ("end of the conversation (a user's turn)",)
    assert await proxy.engine.commands.forget_demands("gpt-4.1") == ()
    await proxy.engine.close()
    async with another_process(proxy, tmp_path) as again:
        await again.script({"answer": refusal})
        assert await answered(again, body, PATHS[0]) == 2, "it was sent as it was, and refused"
