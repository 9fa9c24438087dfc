"""Google's Gemini API, served where the user switched it on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.integration.server.conftest import KEY, Proxy
from tests.security.written_files import files_with

MODELS = ("gpt-4o-mini", "claude-sonnet-4.6", "gpt-5.3-codex")
REPEAT = "Repeat exactly the following text and nothing else: "
WEATHER = {
    "functionDeclarations": [
        {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
        }
    ]
}


@pytest.fixture
def settings_text() -> str:
    return "[server]\ngemini_api = true\n"


def said(text: str) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": text}]}]}


async def ask(proxy: Proxy, path: str, body: Any) -> Any:
    return await proxy.send("POST", path, {"x-goog-api-key": KEY}, json=body)


def events(text: str) -> list[dict[str, Any]]:
    frames = [each for each in text.split("\n\n") if each.strip()]
    assert all(each.strip().startswith("data: ") for each in frames)
    return [json.loads(each.strip().removeprefix("data: ")) for each in frames]


def text_of(chunks: list[dict[str, Any]]) -> str:
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    return "".join(part.get("text", "") for part in parts if not part.get("thought"))


@pytest.mark.parametrize(
    ("model", "version"), list(zip(MODELS, ["/v1beta", "//v1beta", "/v1"], strict=True))
)
async def test_an_answer_whole_and_streamed_and_as_an_array(
    proxy: Proxy, model: str, version: str
) -> None:
    path, body = f"{version}/models/{model}", said(REPEAT + "żółty 🦆")
    whole = await (await ask(proxy, f"{path}:generateContent", body)).json()
    assert whole["candidates"][0]["content"] == {"parts": [{"text": "żółty 🦆"}], "role": "model"}
    assert whole["candidates"][0]["finishReason"] == "STOP"
    usage = whole["usageMetadata"]
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["candidatesTokenCount"] > 0
    streamed = await ask(proxy, f"{path}:streamGenerateContent?alt=sse", body)
    assert streamed.content_type == "text/event-stream"
    chunks = events(await streamed.text())
    assert text_of(chunks) == "żółty 🦆"
    assert [each["candidates"][0].get("finishReason") for each in chunks[:-1]] == [None] * (
        len(chunks) - 1
    )
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    array = await ask(proxy, f"{path}:streamGenerateContent", body)
    assert array.content_type == "application/json"
    assert text_of(await array.json()) == "żółty 🦆"
    assert proxy.last_request.translated
    assert proxy.last_request.path.endswith("/models/{model}:streamGenerateContent")


@pytest.mark.parametrize("model", MODELS)
async def test_a_call_and_its_result_without_any_id(proxy: Proxy, model: str) -> None:
    body = {**said("What is the weather in Paris? Use the tool."), "tools": [WEATHER]}
    path = f"/v1beta/models/{model}:generateContent"
    first = await (await ask(proxy, path, body)).json()
    turn = first["candidates"][0]["content"]
    (part,) = [each for each in turn["parts"] if "functionCall" in each]
    assert part["functionCall"]["name"] == "get_weather"
    del part["functionCall"]["id"]
    result = {"functionResponse": {"name": "get_weather", "response": {"output": "sunny"}}}
    body["contents"] = [*body["contents"], turn, {"role": "user", "parts": [result]}]
    answer = await ask(proxy, path, body)
    assert answer.status == 200, await answer.text()
    assert "sunny" in text_of([await answer.json()])


async def test_claudes_thinking_returns_to_it_although_the_client_leaves_out_thoughts(
    proxy: Proxy,
) -> None:
    body = {
        **said("What is the weather in Paris? Use the tool."),
        "tools": [WEATHER],
        "generationConfig": {"thinkingConfig": {"includeThoughts": True, "thinkingBudget": 2048}},
    }
    path = "/v1beta/models/claude-sonnet-4.6:streamGenerateContent?alt=sse"
    chunks = events(await (await ask(proxy, path, body)).text())
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    assert any(part.get("thought") for part in parts)
    assert chunks[-1]["usageMetadata"]["thoughtsTokenCount"] > 0
    returned = [part for part in parts if "functionCall" in part]
    assert returned[0]["thoughtSignature"]
    result = {"functionResponse": {"name": "get_weather", "response": {"output": "sunny"}}}
    body["contents"] += [
        {"role": "model", "parts": returned},
        {"role": "user", "parts": [result]},
    ]
    answer = await ask(proxy, path, body)
    assert answer.status == 200, await answer.text()
    assert "x-g-copilot-proxy-dropped" not in answer.headers
    async with proxy.http.get(f"{proxy.simulator.url}/_sim/requests") as seen:
        last = (await seen.json())["requests"][-1]
    blocks = last["body"]["messages"][1]["content"]
    assert [block["type"] for block in blocks] == ["thinking", "tool_use"]
    assert blocks[0]["signature"]


@pytest.mark.parametrize("model", MODELS[:2])
async def test_tokens_are_counted_in_either_form(proxy: Proxy, model: str) -> None:
    path, body = f"/v1beta/models/{model}:countTokens", said("one two three four")
    whole = {"generateContentRequest": {"model": f"models/{model}", **body}}
    counts = [(await (await ask(proxy, path, each)).json()) for each in (body, whole)]
    assert counts[0] == counts[1]
    assert counts[0]["totalTokens"] > 0


async def test_the_list_of_models_and_one_model(proxy: Proxy) -> None:
    page = await (await proxy.get("/v1beta/models?pageSize=3")).json()
    assert len(page["models"]) == 3
    assert page["models"][0]["name"].startswith("models/")
    rest = await (
        await proxy.get(f"/v1beta/models?pageSize=1000&pageToken={page['nextPageToken']}")
    ).json()
    assert "nextPageToken" not in rest
    one = await (await proxy.get("/v1beta/models/gpt-4o-mini")).json()
    assert one["supportedGenerationMethods"][0] == "generateContent"
    assert one in page["models"] + rest["models"]


async def test_the_list_that_openai_has_too_is_googles_for_googles_clients(proxy: Proxy) -> None:
    googles = await proxy.send("GET", "/v1/models", {"x-goog-api-key": KEY})
    assert "models" in await googles.json()
    openais = await proxy.get("/v1/models")
    assert (await openais.json())["object"] == "list"


async def test_the_key_in_the_address_opens_and_is_written_nowhere(
    proxy: Proxy, caplog: pytest.LogCaptureFixture, tmp_path: Any
) -> None:
    caplog.set_level(0)
    path = f"/v1beta/models/gpt-4o-mini:generateContent?key={KEY}"
    answer = await proxy.send("POST", path, {}, json=said("hi"))
    assert answer.status == 200
    assert KEY not in caplog.text
    activity = await proxy.get("/v1/activity")
    assert KEY not in await activity.text()
    named = {each.name for each in files_with(tmp_path, KEY) if each.suffix != ".toml"}
    assert named <= {"local-key"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "word"),
    [
        ("POST", "/v1beta/models/gpt-4o-mini:generateContent", {}, 401, "UNAUTHENTICATED"),
        (
            "POST",
            "/v1beta/models/gpt-4o-mini:generateContent?key=wrong",
            {},
            401,
            "UNAUTHENTICATED",
        ),
        ("POST", "/v1beta/models/nope:generateContent", {"x-goog-api-key": KEY}, 404, "NOT_FOUND"),
        (
            "GET",
            "/v1beta/models/gpt-4o-mini:generateContent",
            {"x-goog-api-key": KEY},
            405,
            "UNIMPLEMENTED",
        ),
        ("POST", "/v1beta/files", {"x-goog-api-key": KEY}, 404, "NOT_FOUND"),
        ("GET", "/v1beta/models?pageSize=x", {"x-goog-api-key": KEY}, 400, "INVALID_ARGUMENT"),
    ],
)
async def test_errors_have_googles_form(
    proxy: Proxy, method: str, path: str, headers: dict[str, str], status: int, word: str
) -> None:
    body = {"json": said("hi")} if method == "POST" else {}
    answer = await proxy.send(method, path, headers, **body)
    error = (await answer.json())["error"]
    assert (answer.status, error["code"], error["status"]) == (status, status, word)
    assert error["message"]


async def test_a_request_that_is_no_http_is_answered_in_googles_form_too(proxy: Proxy) -> None:
    address = proxy.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(address[0], int(address[1]))
    writer.write(b"GET /v1beta/models HTTP/1.1\r\nHost: localhost\r\nBroken header\r\n\r\n")
    answer = await reader.read()
    writer.close()
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")


async def test_a_bad_member_is_named_by_its_path(proxy: Proxy) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": 1}]}]}
    answer = await ask(proxy, "/v1beta/models/gpt-4o-mini:generateContent", body)
    error = (await answer.json())["error"]
    assert answer.status == 400
    violations = [each for each in error["details"] if "fieldViolations" in each]
    assert violations[0]["fieldViolations"][0]["field"] == "contents[0].parts[0].text"


@pytest.mark.parametrize("alt", ["?alt=sse", ""])
async def test_a_stream_that_breaks_never_looks_finished(proxy: Proxy, alt: str) -> None:
    path = f"/v1beta/models/gpt-4o-mini:streamGenerateContent{alt}"
    answer = await ask(proxy, path, said("[sim:cut] " + REPEAT + "one two three"))
    assert answer.status == 200
    text = await answer.text()
    assert "finishReason" not in text
    chunks = events(text) if alt else json.loads(text)
    assert chunks[-1]["error"]["status"] == "INTERNAL"
    assert "candidates" in chunks[0]


class TestSwitchedOff:
    @pytest.fixture
    def settings_text(self) -> str:
        return ""

    async def test_nothing_of_it_is_there(self, proxy: Proxy) -> None:
        path = "/v1beta/models/gpt-4o-mini:generateContent"
        answer = await proxy.post(path, said("hi"))
        assert answer.status == 404
        assert "There is no POST" in (await answer.json())["error"]["message"]
        refused = await ask(proxy, "/v1/models/gpt-4o-mini:generateContent", said("hi"))
        assert refused.status == 401
        keyed = await proxy.send("GET", f"/v1/models?key={KEY}", {})
        assert keyed.status == 401
