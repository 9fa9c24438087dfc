"""What newer clients send and older proxies choke on, by the number of its case.

Upstream is the simulator at its strictest: it refuses each of these unmended.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

DROPPED = "x-g-copilot-proxy-dropped"
CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
HELLO = {
    "role": "user",
    "content": "Repeat exactly the following text and nothing else: fine",
}
READ = {"name": "read", "input_schema": {"type": "object", "properties": {}}}
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)


async def messages(proxy: Proxy, *, beta: str = "", **members: Any) -> tuple[Any, str]:
    """Ask a Claude model; return what upstream got and what was named as dropped."""
    body = {"model": "claude-sonnet-4.6", "max_tokens": 4000, "messages": [HELLO], **members}
    headers = {"anthropic_beta": beta} if beta else {}
    response = await proxy.post(MESSAGES + "?beta=true", body, **headers)
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()
    return proxy.simulator.requests[-1], response.headers.get(DROPPED, "")


async def test_case_10_unknown_members_of_a_cache_mark_are_left_out(proxy: Proxy) -> None:
    mark = {"type": "ephemeral", "scope": "global"}
    system = [{"type": "text", "text": "Be kind.", "cache_control": mark}]
    sent, dropped = await messages(proxy, system=system)
    assert sent.body["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control.scope" in dropped
    assert proxy.last_request.attempts == 1


async def test_case_11_context_management_goes_with_its_beta(proxy: Proxy) -> None:
    edits = {"edits": [{"type": "clear_tool_uses_20250919"}]}
    sent, _ = await messages(proxy, context_management=edits, beta="context-management-2025-06-27")
    assert sent.body["context_management"] == edits
    assert proxy.last_request.attempts == 1


async def test_case_11_without_it_it_is_removed_once_refused_and_then_at_once(proxy: Proxy) -> None:
    edits = {"edits": [{"type": "clear_tool_uses_20250919"}]}
    sent, dropped = await messages(proxy, context_management=edits)
    assert "context_management" not in sent.body
    assert "context_management" in dropped
    assert proxy.last_request.attempts == 2
    await messages(proxy, context_management=edits)
    assert proxy.last_request.attempts == 1


@pytest.mark.parametrize("model", ["claude-sonnet-4.5", "claude-haiku-4.5", "claude-sonnet-4.6"])
async def test_case_12_members_of_tools_that_a_model_does_not_know_are_left_out(
    proxy: Proxy, model: str
) -> None:
    tools = [{**READ, "eager_input_streaming": True}]
    sent, dropped = await messages(proxy, model=model, tools=tools)
    assert "eager_input_streaming" not in json.dumps(sent.body)
    assert "tools[].eager_input_streaming" in dropped


async def test_case_12_deferred_tools_stay_deferred_where_their_beta_is_known(proxy: Proxy) -> None:
    search = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}
    tools = [search, {**READ, "defer_loading": True, "cache_control": {"type": "ephemeral"}}]
    sent, _ = await messages(proxy, tools=tools, beta="advanced-tool-use-2025-11-20")
    assert sent.body["tools"][1]["defer_loading"] is True
    assert "cache_control" not in sent.body["tools"][1], "refused together"


async def test_case_13_known_betas_go_on_and_unknown_ones_are_named(proxy: Proxy) -> None:
    beta = "claude-code-20250219,context-management-2025-06-27,advanced-tool-use-2025-11-20"
    sent, dropped = await messages(proxy, beta=beta)
    assert sent.headers["anthropic-beta"] == (
        "context-management-2025-06-27,advanced-tool-use-2025-11-20"
    )
    assert "claude-code-20250219" in dropped


async def test_case_8_the_beta_of_the_long_window_is_left_out(proxy: Proxy) -> None:
    sent, dropped = await messages(proxy, beta="context-1m-2025-08-07")
    assert "anthropic-beta" not in sent.headers
    assert "context-1m-2025-08-07" in dropped


@pytest.mark.parametrize("model", ["claude-opus-4.8", "claude-sonnet-5.5", "claude-opus-5.5"])
async def test_case_14_a_budget_becomes_adaptive_where_only_that_is_known(
    proxy: Proxy, model: str
) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2000}
    sent, dropped = await messages(proxy, model=model, thinking=thinking)
    assert sent.body["thinking"]["type"] == "adaptive"
    assert "budget_tokens" in dropped
    assert proxy.last_request.attempts == 1


@pytest.mark.parametrize("model", ["claude-haiku-4.5", "claude-sonnet-4.5"])
async def test_case_14_adaptive_becomes_a_budget_where_only_that_is_known(
    proxy: Proxy, model: str
) -> None:
    sent, _ = await messages(proxy, model=model, thinking={"type": "adaptive"})
    assert sent.body["thinking"]["type"] == "enabled"


async def test_case_14_a_model_that_lists_more_than_it_takes_gets_the_other_form_once_refused(
    proxy: Proxy,
) -> None:
    """Opus 4.7's entry has a budget, its endpoint only adaptive thinking."""
    message = (
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
        '"output_config.effort" to control thinking behavior.'
    )
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    step = {"answer": {"status": 400, "headers": {}, "body": body}}
    url = f"{proxy.simulator.url}/_sim/script"
    async with proxy.http.post(url, json={"steps": [step]}) as response:
        assert response.status == 200
    thinking = {"type": "enabled", "budget_tokens": 2000}
    sent, dropped = await messages(proxy, thinking=thinking)
    assert sent.body["thinking"]["type"] == "adaptive"
    assert "thinking" in dropped
    assert proxy.last_request.attempts == 2


async def test_case_14_an_effort_the_model_does_not_list_is_fitted(proxy: Proxy) -> None:
    sent, dropped = await messages(proxy, output_config={"effort": "xhigh"})
    assert sent.body["output_config"]["effort"] in ("low", "medium", "high", "max")
    assert "output_config.effort" in dropped


async def test_case_15_thinking_is_shown_to_clients_that_cannot_ask_for_it(proxy: Proxy) -> None:
    body = {"model": "claude-opus-5.5", "input": [HELLO], "reasoning": {"effort": "high"}}
    response = await proxy.post(RESPONSES, body)
    assert response.status == 200, await response.text()
    assert proxy.simulator.requests[-1].body["thinking"]["display"] == "summarized"


async def test_case_25_codex_s_own_tools_are_taken_and_an_empty_namespace_is_described(
    proxy: Proxy,
) -> None:
    patch = {
        "type": "custom",
        "name": "apply_patch",
        "description": "Patch files.",
        "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "x"'},
    }
    inner = {"type": "function", "name": "read", "parameters": {}, "strict": False}
    namespace = {"type": "namespace", "name": "mcp__x", "description": "", "tools": [inner]}
    body = {"model": "gpt-5.5", "input": [HELLO], "tools": [patch, namespace]}
    response = await proxy.post(RESPONSES, body)
    assert response.status == 200, await response.text()
    sent = [each.body["tools"] for each in proxy.simulator.requests if each.path == "/responses"]
    assert all(tools[0] == patch for tools in sent)
    assert sent[0][1]["description"], "an empty one is refused"
    assert sent[-1][1]["type"] == "function", (
        "this model knows no namespaces: flattened once refused"
    )


@pytest.mark.parametrize("model", ["gpt-4.1", "claude-sonnet-4.6"])
async def test_case_25_a_custom_tool_works_with_models_that_know_only_functions(
    proxy: Proxy, model: str
) -> None:
    body = {
        "model": model,
        "input": "Use the apply_patch tool.",
        "tools": [{"type": "custom", "name": "apply_patch"}],
        "tool_choice": "required",
    }
    response = await proxy.post(RESPONSES, body)
    assert response.status == 200, await response.text()
    kinds = [item["type"] for item in (await response.json())["output"]]
    assert "custom_tool_call" in kinds


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_case_26_a_long_tool_name_comes_back_as_the_client_knows_it(
    proxy: Proxy, path: str, model: str
) -> None:
    name = "mcp__a_server_with_a_very_long_name__" + "read_" * 10
    function = {"name": name, "parameters": {"type": "object", "properties": {}}}
    body: dict[str, Any] = {"model": model, "max_tokens": 500, "messages": [HELLO]}
    if path == CHAT:
        body |= {"tools": [{"type": "function", "function": function}], "tool_choice": "required"}
    elif path == MESSAGES:
        body |= {"tools": [READ | {"name": name}], "tool_choice": {"type": "any"}}
    else:
        body = {"model": model, "input": [HELLO], "tool_choice": "required"}
        body["tools"] = [{"type": "function", **function, "strict": False}]
    response = await proxy.post(path, body)
    text = await response.text()
    assert response.status == 200, text
    assert f'"{name}"' in text
    if proxy.simulator.requests[-1].path != "/v1/messages":
        assert name not in json.dumps(proxy.simulator.requests[-1].body), "it takes 64 characters"


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
async def test_case_28_a_picture_in_a_tool_s_result_is_announced(proxy: Proxy, model: str) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    call = {"type": "tool_use", "id": "c1", "name": "read", "input": {}}
    result = {
        "type": "tool_result",
        "tool_use_id": "c1",
        "content": [{"type": "text", "text": "Here."}, {"type": "image", "source": source}],
    }
    conversation = [
        {"role": "user", "content": "Look."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    body = {"model": model, "max_tokens": 500, "messages": conversation, "tools": [READ]}
    response = await proxy.post(MESSAGES, body)
    assert response.status == 200, await response.text()
    sent = proxy.simulator.requests[-1]
    assert sent.headers["copilot-vision-request"] == "true"
    assert PIXEL in json.dumps(sent.body)


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
@pytest.mark.parametrize("detail", ["auto", "original", "low", "high"])
async def test_case_29_a_detail_upstream_does_not_know_never_reaches_it(
    proxy: Proxy, path: str, model: str, detail: str
) -> None:
    url = f"data:image/png;base64,{PIXEL}"
    if path == CHAT:
        part: dict[str, Any] = {"type": "image_url", "image_url": {"url": url, "detail": detail}}
        body: dict[str, Any] = {"messages": [{"role": "user", "content": [part]}]}
    else:
        part = {"type": "input_image", "image_url": url, "detail": detail}
        body = {"input": [{"role": "user", "content": [part]}]}
    response = await proxy.post(path, {"model": model, **body})
    assert response.status == 200, await response.text()
    sent = json.dumps(proxy.simulator.requests[-1].body)
    assert '"auto"' not in sent.replace('"summary": "auto"', "")
    assert '"original"' not in sent


async def test_case_32_counts_are_upstream_s_own_or_on_the_safe_side(proxy: Proxy) -> None:
    long = [{"role": "user", "content": "A line of text. " * 2000}]
    counts = {}
    for model in ("claude-sonnet-4.6", "gpt-4.1"):
        response = await proxy.post(f"{MESSAGES}/count_tokens", {"model": model, "messages": long})
        assert response.status == 200, await response.text()
        counts[model] = (await response.json())["input_tokens"]
    assert proxy.simulator.requests[-1].path == "/v1/messages/count_tokens"
    assert all(6000 < count < 16000 for count in counts.values()), counts


async def test_case_32_cached_tokens_are_told_beside_the_others(proxy: Proxy) -> None:
    system = [{"type": "text", "text": "Be kind. " * 2000, "cache_control": {"type": "ephemeral"}}]
    usages = []
    for _ in range(2):
        body = {"model": "claude-sonnet-4.6", "max_tokens": 50, "system": system}
        response = await proxy.post(MESSAGES, {**body, "messages": [HELLO]})
        usages.append((await response.json())["usage"])
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    totals = [sum(usage[name] or 0 for name in names) for usage in usages]
    assert totals[0] == totals[1] > 4000
    assert usages[1]["cache_read_input_tokens"] > 0


async def test_case_34_clients_are_told_what_a_prompt_may_really_hold(proxy: Proxy) -> None:
    """Haiku's window is 200000 tokens, of which a prompt may fill 136000."""
    listed = await proxy.get("/v1/models", anthropic_version="2023-06-01")
    entry = next(e for e in (await listed.json())["data"] if e["id"] == "claude-haiku-4.5")
    assert entry["max_input_tokens"] == 136000
    codex = await (await proxy.get("/v1/models?client_version=0.169.0")).json()
    entry = next(each for each in codex["models"] if each["slug"] == "gpt-5.3-codex")
    assert entry["context_window"] == 272000


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        (MESSAGES, "prompt is too long"),
        (CHAT, "context_length_exceeded"),
        (RESPONSES, "context_length_exceeded"),
    ],
)
async def test_case_35_an_overflow_is_told_in_the_client_s_own_vendor_s_words(
    proxy: Proxy, path: str, words: str, model: str, stream: bool
) -> None:
    ask = {"role": "user", "content": "[sim:context]"}
    name = "input" if path == RESPONSES else "messages"
    body: dict[str, Any] = {"model": model, name: [ask], "stream": stream}
    if path == MESSAGES:
        body["max_tokens"] = 50
    response = await proxy.post(path, body)
    assert response.status == 400
    assert words in await response.text()


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
async def test_case_36_a_stream_s_first_event_already_tells_the_prompt_s_size(
    proxy: Proxy, model: str
) -> None:
    long = [{"role": "user", "content": "A line of text. " * 500}, HELLO]
    body = {"model": model, "max_tokens": 50, "messages": long, "stream": True}
    response = await proxy.post(MESSAGES, body)
    lines = (await response.text()).splitlines()
    start = next(
        json.loads(line[6:]) for line in lines if "message_start" in line and "data" in line
    )
    assert start["message"]["usage"]["input_tokens"] > 1000
