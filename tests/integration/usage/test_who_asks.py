"""Which program a request is recorded for, and whether GitHub was told of a person or an agent."""

from __future__ import annotations

import time
from typing import Any

from proxy_core.auth.client_keys import ClientKeys
from proxy_core.config.paths import find_paths
from tests.integration.usage.conftest import Home

HARNESS = "You are an expert coding assistant operating inside pi, a harness for coding. You help."
CONTINUE = "You are an agent in the Continue CLI. Use the tools."
JS = {"User_Agent": "OpenAI/JS 6.30.1"}
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {}}}]


def chat(system: str, *, stream: bool = True) -> dict[str, Any]:
    return {
        "model": "gpt-4.1",
        "stream": stream,
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": "hello"},
        ],
    }


def after_a_tool(system: str) -> dict[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    body = chat(system)
    body["messages"] += [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "nothing"},
    ]
    body["tools"] = TOOLS
    return body


async def answered(home: Home, path: str, body: object, **headers: str) -> None:
    answer = await home.post(path, body, **headers)
    text = await answer.text()
    assert answer.status == 200, text


async def test_a_program_with_a_librarys_headers_is_recorded_under_its_own_name(home: Home) -> None:
    await answered(home, "/v1/chat/completions", chat(HARNESS), **JS)
    await answered(home, "/v1/chat/completions", chat(HARNESS, stream=False), **JS)
    messages = {
        "model": "haiku",
        "max_tokens": 50,
        "system": [{"type": "text", "text": CONTINUE}],
        "messages": [{"role": "user", "content": "hello"}],
    }
    await answered(home, "/v1/messages", messages, User_Agent="ls/JS 0.70.0")
    headers = home.headers(**JS)
    async with home.http.ws_connect(f"{home.url}/v1/responses", headers=headers) as socket:
        frame = {"type": "response.create", "model": "gpt-5.3-codex", "input": "hi"}
        await socket.send_json({**frame, "instructions": HARNESS})
        while (await socket.receive_json(timeout=30))["type"] != "response.completed":
            pass
    await answered(home, "/v1/chat/completions", chat("Be brief."), **JS)
    records = await home.ended(5)
    names = [each.client for each in records]
    assert names == ["pi", "pi", "Continue", "pi", "OpenAI SDK (JS)"]


async def test_a_key_of_its_own_names_a_client_whatever_it_tells_the_model(home: Home) -> None:
    keys = ClientKeys(find_paths(home.environ).client_keys_file, time.time)
    made = keys.make("my harness")
    body = chat(HARNESS)
    headers = {"Authorization": f"Bearer {made.key}", "User-Agent": "OpenAI/JS 6.30.1"}
    answer = await home.send("POST", "/v1/chat/completions", headers, json=body)
    await answer.read()
    (record,) = await home.ended(1)
    assert record.client == "my harness"


async def test_usage_tells_a_persons_requests_from_an_agents(home: Home) -> None:
    await answered(home, "/v1/chat/completions", {**chat(HARNESS), "tools": TOOLS}, **JS)
    await answered(home, "/v1/chat/completions", after_a_tool(HARNESS), **JS)
    await answered(home, "/v1/chat/completions", after_a_tool(HARNESS), **JS)
    await answered(home, "/v1/chat/completions", chat("Be brief."), x_initiator="agent")
    embedding = {"model": "text-embedding-3-small", "input": "hello"}
    await answered(home, "/v1/embeddings", embedding, User_Agent="curl/8.5.0")
    refused = await home.post("/v1/chat/completions", {**chat("x"), "temperature": "hot"})
    assert refused.status == 400
    await home.ended(6)
    report = await home.usage()
    told = {
        each["name"]: (each["asked_by_user"], each["asked_by_agent"], each["requests"])
        for each in report["clients"]
    }
    assert told["pi"] == (1, 2, 3)
    assert told["curl"] == (0, 1, 1)
    assert (report["totals"]["asked_by_user"], report["totals"]["asked_by_agent"]) == (1, 4)
    assert report["days"][-1]["asked_by_agent"] == 4
    said = (await home.command("usage")).output
    assert "3 requests (told as yours 1, as an agent's 2)" in said
    rows = await home.rows()
    assert sorted(each["asked_by"] for each in rows) == [
        "",
        "agent",
        "agent",
        "agent",
        "agent",
        "user",
    ]
