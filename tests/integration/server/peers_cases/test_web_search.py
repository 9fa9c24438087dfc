"""Web search for models that cannot (case 27), and other tools a vendor would run.

The simulator's own models search nothing: one of them is given the ability by its entry in the list,
and its answer is written here after OpenAI's published shapes.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from anthropic import AsyncAnthropic

from proxy_core.simulator.catalog.catalog import Catalogue
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.profiles import Plan
from proxy_core.simulator.server import SimulatorServer
from tests.integration.server.conftest import Proxy

DROPPED, MODEL_HEADER = "x-g-copilot-proxy-dropped", "x-g-copilot-proxy-model"
SEARCHER = "gpt-5.4"
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
URL = "https://example.org/ducks"
TEXT = "Ducks are yellow."
CALL = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {
        "type": "search",
        "query": "ducks",
        "sources": [{"type": "url", "url": "https://example.org/more"}],
    },
}
CITATION = {"type": "url_citation", "url": URL, "title": "Ducks", "start_index": 0, "end_index": 5}
MESSAGE = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": TEXT, "annotations": [CITATION]}],
}


def search_stream() -> list[str]:
    """The stream of a search, one chunk for each event."""
    response = {"id": "resp_1", "object": "response", "model": SEARCHER, "status": "in_progress"}
    part = {"type": "output_text", "text": "", "annotations": []}
    place = {"output_index": 1, "content_index": 0, "item_id": "msg_1"}
    usage = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**response, "output": []}},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**CALL, "status": "in_progress"},
        },
        {"type": "response.web_search_call.searching", "output_index": 0, "item_id": "ws_1"},
        {"type": "response.output_item.done", "output_index": 0, "item": CALL},
        {
            "type": "response.output_item.added",
            "output_index": 1,
            "item": {**MESSAGE, "content": [], "status": "in_progress"},
        },
        {"type": "response.content_part.added", **place, "part": part},
        {"type": "response.output_text.delta", **place, "delta": TEXT},
        {"type": "response.output_text.done", **place, "text": TEXT},
        {"type": "response.content_part.done", **place, "part": MESSAGE["content"][0]},
        {"type": "response.output_item.done", "output_index": 1, "item": MESSAGE},
        {
            "type": "response.completed",
            "response": {
                **response,
                "status": "completed",
                "output": [CALL, MESSAGE],
                "usage": usage,
            },
        },
    ]
    return [
        f"event: {each['type']}\ndata: {json.dumps({**each, 'sequence_number': n})}\n\n"
        for n, each in enumerate(events)
    ]


async def script(simulator: SimulatorServer, *steps: dict[str, Any]) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{simulator.url}/_sim/script", json={"steps": steps}) as response,
    ):
        assert response.status == 200, await response.text()


def listing_with_searcher() -> dict[str, Any]:
    listing = Catalogue(Plan.TOKEN).listing()
    for entry in listing["data"]:
        if entry["id"] == SEARCHER:
            entry["capabilities"]["supports"]["web_search"] = True
    return listing


@pytest.fixture
def somebody_searches() -> bool:
    """Whether one of the account's models can; tests override this."""
    return True


@pytest.fixture
async def simulator(
    simulator_options: SimulatorOptions, somebody_searches: bool
) -> AsyncIterator[SimulatorServer]:
    async with SimulatorServer(simulator_options) as running:
        if somebody_searches:
            listing = {"status": 200, "headers": {}, "body": listing_with_searcher()}
            await script(running, {"path": "/models", "answer": listing})
        yield running


def claude_code_search() -> dict[str, Any]:
    """What Claude Code's WebSearch tool asks of its own model."""
    return {
        "model": "claude-sonnet-4.6",
        "max_tokens": 4000,
        "messages": [{"role": "user", "content": "Perform a web search for the query: ducks"}],
        "tools": [SEARCH],
        "tool_choice": {"type": "tool", "name": "web_search"},
        "thinking": {"type": "disabled"},
    }


@pytest.mark.parametrize("stream", [False, True])
async def test_case_27_a_search_is_run_by_a_model_that_can(
    proxy: Proxy, anthropic_client: AsyncAnthropic, stream: bool
) -> None:
    answer = {"chunks": search_stream()}
    await script(proxy.simulator, {"path": "/responses", "answer": answer})
    if stream:
        async with anthropic_client.messages.stream(**claude_code_search()) as events:
            message = await events.get_final_message()
    else:
        message = await anthropic_client.messages.create(**claude_code_search())
    use, result, text = message.content
    assert (use.type, use.name, use.input) == ("server_tool_use", "web_search", {"query": "ducks"})
    assert result.type == "web_search_tool_result"
    assert result.tool_use_id == use.id
    assert [each.url for each in result.content] == [URL, "https://example.org/more"]
    assert result.content[0].title == "Ducks"
    assert text.type == "text"
    assert text.text == TEXT
    (citation,) = text.citations or []
    assert (citation.type, citation.url) == ("web_search_result_location", URL)
    assert citation.cited_text == "Ducks"
    assert message.stop_reason == "end_turn"
    sent = proxy.simulator.requests[-1]
    assert sent.path == "/responses"
    assert sent.body["model"] == SEARCHER
    assert sent.body["tools"] == [{"type": "web_search"}]
    assert sent.body["tool_choice"] == {"type": "web_search"}
    assert proxy.last_request.model == SEARCHER
    assert f"web search was run by {SEARCHER}" in proxy.last_request.notes


async def test_case_27_who_searched_is_told_in_the_header(proxy: Proxy) -> None:
    await script(proxy.simulator, {"path": "/responses", "answer": {"chunks": search_stream()}})
    response = await proxy.post("/v1/messages", claude_code_search())
    assert response.headers[MODEL_HEADER] == SEARCHER


async def test_case_27_a_responses_client_gets_its_own_items(proxy: Proxy) -> None:
    await script(proxy.simulator, {"path": "/responses", "answer": {"chunks": search_stream()}})
    body = {"model": "gpt-5.3-codex", "input": "ducks?", "tools": [{"type": "web_search"}]}
    response = await proxy.post("/v1/responses", body)
    assert response.status == 200, await response.text()
    output = (await response.json())["output"]
    assert [item["type"] for item in output] == ["web_search_call", "message"]
    assert output[1]["content"][0]["annotations"][0]["url"] == URL
    assert proxy.simulator.requests[-1].body["model"] == SEARCHER


@pytest.mark.parametrize("somebody_searches", [False])
@pytest.mark.parametrize("stream", [False, True])
async def test_case_27_where_nobody_can_search_the_tool_says_so_and_the_session_goes_on(
    proxy: Proxy, anthropic_client: AsyncAnthropic, stream: bool
) -> None:
    if stream:
        async with anthropic_client.messages.stream(**claude_code_search()) as events:
            message = await events.get_final_message()
    else:
        message = await anthropic_client.messages.create(**claude_code_search())
    use, result, text = message.content
    assert use.type == "server_tool_use"
    assert result.type == "web_search_tool_result"
    assert result.content.error_code == "unavailable"
    assert text.type == "text"
    assert "Web search is not available" in text.text
    asked = [each.path for each in proxy.simulator.requests]
    assert "/responses" not in asked
    assert "/v1/messages" not in asked
    # The agent goes on with what it got.
    turns = [
        {"role": "user", "content": "ducks?"},
        {"role": "assistant", "content": [b.model_dump(mode="json") for b in message.content]},
        {"role": "user", "content": "Repeat exactly the following text and nothing else: fine"},
    ]
    after = await anthropic_client.messages.create(
        model="claude-sonnet-4.6", max_tokens=100, messages=turns
    )
    assert [b.text for b in after.content if b.type == "text"] == ["fine"]


@pytest.mark.parametrize("somebody_searches", [False])
async def test_case_27_a_responses_client_is_told_as_well(proxy: Proxy) -> None:
    body = {"model": "gpt-5.3-codex", "input": "ducks?", "tools": [{"type": "web_search"}]}
    response = await proxy.post("/v1/responses", body)
    assert response.status == 200, await response.text()
    call, message = (await response.json())["output"]
    assert (call["type"], call["status"]) == ("web_search_call", "failed")
    assert "Web search is not available" in message["content"][0]["text"]


@pytest.mark.parametrize(
    "kind", ["web_search_20250305", "web_fetch_20250910", "code_execution_20250825"]
)
@pytest.mark.parametrize("model", ["claude-sonnet-4.6", "gpt-5.3-codex", "gpt-4.1"])
async def test_a_vendor_s_tool_among_others_is_left_out_and_named(
    proxy: Proxy, kind: str, model: str
) -> None:
    """cline puts its web search first in the list of its tools."""
    body = {
        "model": model,
        "max_tokens": 100,
        "messages": [
            {"role": "user", "content": "Repeat exactly the following text and nothing else: fine"}
        ],
        "tools": [
            {"type": kind, "name": kind.rpartition("_")[0]},
            {"name": "read", "input_schema": {"type": "object"}},
        ],
    }
    response = await proxy.post("/v1/messages", body)
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()
    assert "tools[0]" in response.headers[DROPPED]
    tools = proxy.simulator.requests[-1].body["tools"]
    assert len(tools) == 1
    assert "read" in json.dumps(tools)


async def test_a_tool_nobody_runs_that_is_forced_is_an_error_in_the_client_s_words(
    proxy: Proxy,
) -> None:
    fetch = {"type": "web_fetch_20250910", "name": "web_fetch"}
    body = claude_code_search() | {
        "tools": [fetch, {"name": "read", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "tool", "name": "web_fetch"},
    }
    response = await proxy.post("/v1/messages", body)
    assert response.status == 400
    assert "cannot run the server tool web_fetch" in await response.text()
