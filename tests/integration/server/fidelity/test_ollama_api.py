"""Ollama's API, served where the user switched it on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

MODELS = ("gpt-4o-mini", "claude-sonnet-4.6", "gpt-5.3-codex")
REPEAT = "Repeat exactly the following text and nothing else: "
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@pytest.fixture
def settings_text() -> str:
    return "[server]\nollama_api = true\n"


def said(model: str, text: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


async def lines(proxy: Proxy, path: str, body: Any) -> list[dict[str, Any]]:
    answer = await proxy.post(path, body)
    assert answer.status == 200, await answer.text()
    assert answer.content_type == "application/x-ndjson"
    text = await answer.text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("model", [*MODELS, "gpt-4o-mini:latest"])
async def test_an_answer_streamed_as_lines_and_whole(proxy: Proxy, model: str) -> None:
    body = said(model, REPEAT + "żółty 🦆", options={"num_ctx": 4096}, keep_alive="5m")
    streamed = await lines(proxy, "/api/chat", body)
    assert "".join(each["message"]["content"] for each in streamed) == "żółty 🦆"
    assert [each["done"] for each in streamed] == [False] * (len(streamed) - 1) + [True]
    last = streamed[-1]
    assert last["done_reason"] == "stop"
    assert last["prompt_eval_count"] > 0
    assert last["eval_count"] > 0
    answer = await proxy.post("/api/chat", {**body, "stream": False})
    whole = await answer.json()
    assert whole["message"] == {"role": "assistant", "content": "żółty 🦆"}
    assert whole["done"] is True
    assert "keep_alive" in answer.headers["x-g-copilot-proxy-dropped"]
    assert "options.num_ctx" in answer.headers["x-g-copilot-proxy-dropped"]
    assert proxy.last_request.model == model.removesuffix(":latest")


@pytest.mark.parametrize("model", MODELS[:2])
async def test_a_prompt_alone(proxy: Proxy, model: str) -> None:
    body = {"model": model, "prompt": REPEAT + "one two", "system": "Be exact."}
    streamed = await lines(proxy, "/api/generate", body)
    assert "".join(each["response"] for each in streamed) == "one two"
    assert streamed[-1]["done"] is True
    whole = await (await proxy.post("/api/generate", {**body, "stream": False})).json()
    assert (whole["response"], whole["done_reason"]) == ("one two", "stop")


@pytest.mark.parametrize("model", MODELS)
async def test_a_call_and_its_result_without_any_id(proxy: Proxy, model: str) -> None:
    body = said(model, "What is the weather in Paris? Use the tool.", tools=[WEATHER])
    streamed = await lines(proxy, "/api/chat", body)
    (turn,) = [each["message"] for each in streamed if "tool_calls" in each["message"]]
    (call,) = turn["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert isinstance(call["function"]["arguments"], dict)
    turn["tool_calls"] = [
        {"function": {name: call["function"][name] for name in ("name", "arguments")}}
    ]
    body["messages"] += [turn, {"role": "tool", "tool_name": "get_weather", "content": "sunny"}]
    answer = await lines(proxy, "/api/chat", body)
    assert "sunny" in "".join(each["message"]["content"] for each in answer)


async def test_thinking_is_shown_unless_it_is_switched_off(proxy: Proxy) -> None:
    body = said("claude-sonnet-4.6", "Think about it.", think=True)
    streamed = await lines(proxy, "/api/chat", body)
    assert "".join(each["message"].get("thinking", "") for each in streamed)
    whole = await (await proxy.post("/api/chat", {**body, "stream": False})).json()
    assert whole["message"]["thinking"]
    silent = await lines(proxy, "/api/chat", {**body, "think": False})
    assert not any("thinking" in each["message"] for each in silent)


async def test_a_limit_ends_an_answer_as_one(proxy: Proxy) -> None:
    options = {"num_predict": 3}
    body = said("gpt-4o-mini", REPEAT + "one two three four five six", options=options)
    assert (await lines(proxy, "/api/chat", body))[-1]["done_reason"] == "length"


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/api/generate", {"model": "gpt-4o-mini:latest"}, "load"),
        ("/api/generate", {"model": "gpt-4o-mini", "prompt": "", "images": []}, "load"),
        ("/api/chat", {"model": "gpt-4o-mini", "messages": []}, "load"),
        ("/api/chat", {"model": "gpt-4o-mini", "messages": [], "keep_alive": 0}, "unload"),
    ],
)
async def test_a_request_that_only_loads_a_model_asks_nobody(
    proxy: Proxy, path: str, body: Any, reason: str
) -> None:
    answer = await (await proxy.post(path, body)).json()
    assert (answer["done"], answer["done_reason"]) == (True, reason)
    unknown = await proxy.post(path, {**body, "model": "nope"})
    assert unknown.status == 404


async def test_the_list_of_models_one_model_and_the_version(proxy: Proxy) -> None:
    listed = (await (await proxy.get("/api/tags")).json())["models"]
    names = [each["name"] for each in listed]
    assert "gpt-4o-mini:latest" in names
    assert len({each["digest"] for each in listed}) == len(listed)
    shown = await (await proxy.post("/api/show", {"model": "gpt-4o-mini:latest"})).json()
    architecture = shown["model_info"]["general.architecture"]
    assert shown["model_info"][f"{architecture}.context_length"] > 0
    assert shown["capabilities"][0] == "completion"
    assert "tools" in shown["capabilities"]
    version = (await (await proxy.get("/api/version")).json())["version"]
    assert all(each.isdigit() for each in version.split("."))
    assert (await (await proxy.get("/api/ps")).json()) == {"models": []}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/chat", said("nope", "hi"), 404),
        ("POST", "/api/chat", {"model": "gpt-4o-mini", "messages": 3}, 400),
        ("POST", "/api/show", {}, 400),
        ("POST", "/api/pull", {"model": "x"}, 404),
        ("GET", "/api/chat", None, 405),
    ],
)
async def test_errors_are_one_sentence(
    proxy: Proxy, method: str, path: str, body: Any, status: int
) -> None:
    more = {} if body is None else {"json": body}
    answer = await proxy.send(method, path, proxy.headers(), **more)
    error = await answer.json()
    assert answer.status == status
    assert list(error) == ["error"]
    assert isinstance(error["error"], str)


async def test_without_the_key_nobody_is_served(proxy: Proxy) -> None:
    answer = await proxy.send("GET", "/api/tags", {})
    assert answer.status == 401
    assert isinstance((await answer.json())["error"], str)


@pytest.mark.parametrize("word", ["cut", "midstream-error"])
async def test_a_stream_that_breaks_never_looks_finished(proxy: Proxy, word: str) -> None:
    streamed = await lines(proxy, "/api/chat", said("gpt-4o-mini", f"[sim:{word}] hello"))
    assert not any(each.get("done") for each in streamed)
    assert streamed[-1]["error"]
    assert streamed[0]["message"]


async def test_our_own_greeting_stays_where_claude_code_looks_for_it(proxy: Proxy) -> None:
    answer = await proxy.send("GET", "/api/hello", {})
    assert (await answer.json())["name"] == "g-copilot-proxy"


class TestSwitchedOff:
    @pytest.fixture
    def settings_text(self) -> str:
        return ""

    async def test_nothing_of_it_is_there(self, proxy: Proxy) -> None:
        for path in ("/api/chat", "/api/show"):
            answer = await proxy.post(path, said("gpt-4o-mini", "hi"))
            assert answer.status == 404
            assert "There is no POST" in (await answer.json())["error"]["message"]
