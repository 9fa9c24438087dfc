"""GitHub's Copilot SDK and its real runtime ask through the bridge, in every wire they know."""

from __future__ import annotations

import asyncio
import os

import pytest

from tests.agents import copilot_sdk
from tests.integration.server.conftest import KEY, Proxy

EXAMPLE = copilot_sdk.ROOT / "docs" / "examples" / "copilot-sdk" / "ask.py"

pytestmark = pytest.mark.skipif(
    not copilot_sdk.is_installed(),
    reason="the Copilot SDK is not installed; python -m tests.agents.copilot_sdk installs it",
)


async def ask(proxy: Proxy, question: str, *options: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(str(copilot_sdk.PYTHON), str(EXAMPLE), proxy.url, KEY, question, *options),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(copilot_sdk.ROOT),
            "COPILOT_CLI_PATH": str(copilot_sdk.RUNTIME),
            # A company's proxy, which must not be asked for this computer: nothing answers there.
            "HTTP_PROXY": "http://127.0.0.1:1",
            "HTTPS_PROXY": "http://127.0.0.1:1",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        said, complained = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(), complained.decode()


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (("--model", "gpt-4.1"), "POST /v1/chat/completions"),
        (("--model", "gpt-5-mini", "--dialect", "responses"), "POST /v1/responses"),
        (("--model", "gpt-5-mini", "--dialect", "responses", "--websocket"), "WS /v1/responses"),
        (("--model", "claude-sonnet-4.5", "--dialect", "messages"), "POST /v1/messages"),
    ],
    ids=["chat", "responses", "websocket", "messages"],
)
async def test_a_streamed_answer_after_a_tool_call_comes_through_the_proxy(
    proxy: Proxy, options: tuple[str, ...], path: str
) -> None:
    code, said, complained = await ask(proxy, "Call get_weather for Oslo", *options)
    assert code == 0, complained
    assert "tool: {'city': 'Oslo'}" in said
    assert "sunny" in said.partition("answer in ")[2]
    assert int(said.partition("answer in ")[2].split()[0]) > 1, "it was streamed"
    await proxy.until(lambda: not proxy.board.current.active)
    records = proxy.board.current.recent
    assert [(each.path, each.state.value) for each in records] == [(path, "done")] * 2


async def test_a_cancelled_request_closes_the_call_upstream(proxy: Proxy) -> None:
    code, said, complained = await ask(proxy, "[sim:stall]", "--give-up-after", "3")
    assert code == 1, complained
    assert "aborted" in said
    await proxy.until(lambda: proxy.simulator.active == 0 and not proxy.board.current.active)
    assert proxy.last_request.state.value == "cancelled"


async def test_a_status_of_the_proxy_s_reaches_the_runtime(proxy: Proxy) -> None:
    code, _, complained = await ask(proxy, "Hello", "--model", "no-such-model")
    assert code != 0
    assert "404" in complained or "no-such-model" in complained
