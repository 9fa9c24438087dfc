"""Models by the names clients send, and the endpoint each is served at, by the number of their case."""

from __future__ import annotations

import pytest

from tests.integration.server.conftest import Proxy

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
MODEL_HEADER = "x-g-copilot-proxy-model"
HELLO = "Repeat exactly the following text and nothing else: fine"


async def ask(proxy: Proxy, path: str, model: str) -> dict[str, str]:
    """Ask for one word; return the answer's headers."""
    body: dict[str, object] = {"model": model}
    if path == RESPONSES:
        body["input"] = HELLO
    else:
        body["messages"] = [{"role": "user", "content": HELLO}]
    if path == MESSAGES:
        body["max_tokens"] = 100
    response = await proxy.post(path, body)
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()
    return {name.lower(): value for name, value in response.headers.items()}


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
@pytest.mark.parametrize(
    ("model", "endpoint"),
    [
        ("gpt-5.3-codex", "/responses"),
        ("gpt-4.1", "/chat/completions"),
        ("gemini-3.1-pro-preview", "/chat/completions"),
    ],
)
async def test_cases_1_2_6_7_the_live_list_decides_the_endpoint(
    proxy: Proxy, path: str, model: str, endpoint: str
) -> None:
    await ask(proxy, path, model)
    assert proxy.simulator.requests[-1].path == endpoint
    assert proxy.last_request.upstream_endpoint == endpoint


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4.5"),  # case 3
        ("claude-haiku-4-5-20251001", "claude-haiku-4.5"),  # case 4
        ("claude-sonnet-4-6[1m]", "claude-sonnet-4.6"),  # case 8
        ("claude-opus-5-5", "claude-opus-5.5"),  # case 9 and what Claude Code sends unasked
        ("claude-sonnet-5-5", "claude-sonnet-5.5"),
        ("claude-haiku-5-5", "claude-haiku-5.5"),
        ("claude-haiku-5-5-20261001", "claude-haiku-5.5"),
        ("opus", "claude-opus-5.5"),
        ("sonnet", "claude-sonnet-5.5"),
        ("haiku", "claude-haiku-5.5"),
        ("anthropic/claude-sonnet-4.6", "claude-sonnet-4.6"),
    ],
)
async def test_cases_3_4_8_9_claude_s_names_are_understood(
    proxy: Proxy, asked: str, meant: str
) -> None:
    headers = await ask(proxy, MESSAGES, asked)
    assert proxy.simulator.requests[-1].body["model"] == meant
    assert headers[MODEL_HEADER] == meant
    assert (proxy.last_request.model_asked, proxy.last_request.model) == (asked, meant)


@pytest.mark.parametrize("asked", ["gpt-6.1-sol", "gpt-5.5", "gpt-5.3-codex"])
async def test_codex_s_own_defaults_are_listed_and_taken_as_they_are(
    proxy: Proxy, asked: str
) -> None:
    headers = await ask(proxy, RESPONSES, asked)
    assert MODEL_HEADER not in headers
    assert proxy.simulator.requests[-1].body["model"] == asked


@pytest.mark.parametrize(
    "settings_text", ['[upstream.model_aliases]\nfast = "gpt-5-mini"\n"gpt-4.1" = "gpt-5-mini"\n']
)
@pytest.mark.parametrize("asked", ["fast", "gpt-4.1-2025-04-14", "gpt-4.1"])
async def test_the_user_s_own_names_come_before_and_after_ours(proxy: Proxy, asked: str) -> None:
    headers = await ask(proxy, CHAT, asked)
    assert headers[MODEL_HEADER] == "gpt-5-mini"
    listed = await proxy.get("/v1/models/fast")
    assert (await listed.json())["id"] == "gpt-5-mini"


@pytest.mark.parametrize("settings_text", ["[upstream]\nmodel_aliases = [1]\n"])
async def test_a_table_of_names_that_is_none_is_reported_and_left_aside(proxy: Proxy) -> None:
    await ask(proxy, CHAT, "gpt-4.1")
    problem = proxy.board.current.settings_problem
    assert problem is not None
    assert "upstream.model_aliases must be a table of names and texts" in problem.message
