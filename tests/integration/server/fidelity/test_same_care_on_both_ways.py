"""What a translated request is spared, a passed one is spared too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/v1/messages", "/v1/responses"
SCHEMA = {"type": "object", "properties": {}}
ASK = {"role": "user", "content": "Go"}
models = pytest.mark.parametrize(
    "model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6", "gemini-2.5-pro"]
)
streamed_and_whole = pytest.mark.parametrize("stream", [False, True])


@models
@streamed_and_whole
async def test_a_tool_that_returned_nothing_is_no_mistake_in_chat(
    proxy: Proxy, model: str, stream: bool
) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        ASK,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": None},
    ]
    tools = [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]
    body = {"model": model, "messages": messages, "tools": tools, "stream": stream}
    answer = await proxy.post(CHAT, body)
    assert answer.status == 200, await answer.text()


@models
async def test_a_tool_that_returned_nothing_is_no_mistake_in_responses(
    proxy: Proxy, model: str
) -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": None}
    tools = [{"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}]
    body = {"model": model, "input": [ASK, call, output], "tools": tools}
    answer = await proxy.post(RESPONSES, body)
    assert answer.status == 200, await answer.text()


@models
@streamed_and_whole
async def test_more_stop_sequences_than_upstream_takes_are_all_kept(
    proxy: Proxy, model: str, stream: bool
) -> None:
    body: dict[str, Any] = {"model": model, "messages": [ASK], "stream": stream}
    every = ["zz1", "zz2", "zz3", "zz4", "zz5", "a", "e", "i", "o", "u"]
    answer = await proxy.post(CHAT, {**body, "stop": every})
    assert answer.status == 200, await answer.text()
    if not stream:
        text = (await answer.json())["choices"][0]["message"]["content"]
        assert not set(text) & set("aeiou")


@models
async def test_a_blank_stop_sequence_is_kept_here(proxy: Proxy, model: str) -> None:
    body = {"model": model, "messages": [ASK], "max_tokens": 200, "stop_sequences": [" ", "zz"]}
    answer = await proxy.post(MESSAGES, body)
    assert answer.status == 200, await answer.text()
    said = await answer.json()
    assert all(" " not in block["text"] for block in said["content"] if block["type"] == "text")
    assert (said["stop_reason"], said["stop_sequence"]) == ("stop_sequence", " ")


@models
async def test_instructions_alone_are_a_question(proxy: Proxy, model: str) -> None:
    body = {"model": model, "messages": [{"role": "system", "content": "Say a word."}]}
    answer = await proxy.post(CHAT, body)
    assert answer.status == 200, await answer.text()


SHELL = {"type": "shell"}
LOOK = {"type": "function", "name": "look", "parameters": SCHEMA, "strict": False}


@streamed_and_whole
@pytest.mark.parametrize("kind", ["shell", "local_shell", "apply_patch", "tool_search"])
async def test_openais_client_tools_are_functions_to_a_model_that_refuses_them(
    proxy: Proxy, kind: str, stream: bool
) -> None:
    body = {"model": "gpt-5.3-codex", "input": "Go", "tools": [{"type": kind}], "stream": stream}
    choice = "required"
    answer = await proxy.post(RESPONSES, {**body, "tool_choice": choice})
    text = await answer.text()
    assert answer.status == 200, text
    assert f'"{kind}_call"' in text
    sent = proxy.simulator.requests[-1].body["tools"]
    assert [(tool["type"], tool["name"]) for tool in sent] == [("function", kind)]
    assert any("refused" in note for note in proxy.last_request.notes)


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "image_generation"},
        {"type": "mcp", "server_label": "x", "server_url": "https://x.example"},
        {"type": "computer_use_preview", "display_width": 1, "display_height": 1},
    ],
    ids=lambda tool: tool["type"],
)
async def test_tools_that_nobody_here_runs_are_left_out_and_named(
    proxy: Proxy, tool: dict[str, Any]
) -> None:
    tool = {**tool, "environment": "browser"} if tool["type"].startswith("computer") else tool
    body = {"model": "gpt-5.3-codex", "input": "Go", "tools": [tool, LOOK]}
    answer = await proxy.post(RESPONSES, body)
    assert answer.status == 200, await answer.text()
    assert tool["type"] in answer.headers["x-g-copilot-proxy-dropped"]


@pytest.mark.parametrize(
    "items",
    [
        [
            {"type": "tool_search_call", "call_id": "c", "execution": "client"}
            | {"arguments": {"query": "x"}, "status": "completed"},
            {"type": "tool_search_output", "call_id": "c", "execution": "client"}
            | {"status": "completed", "tools": [{**LOOK, "name": "found"}]},
        ],
        [{"type": "configuration_update", "reasoning": {"effort": "low"}}],
        [{"type": "compaction_summary", "encrypted_content": "x"}],
    ],
    ids=lambda items: items[0]["type"],
)
async def test_a_session_with_items_that_the_model_does_not_know_goes_on(
    proxy: Proxy, items: list[dict[str, Any]]
) -> None:
    body = {"model": "gpt-5.3-codex", "input": [ASK, *items, ASK], "tools": [LOOK]}
    answer = await proxy.post(RESPONSES, body)
    assert answer.status == 200, await answer.text()
    sent = proxy.simulator.requests[-1].body
    if items[0]["type"] == "tool_search_call":
        assert "found" in [tool["name"] for tool in sent["tools"]]
