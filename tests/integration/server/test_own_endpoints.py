"""Health, usage, activity, the door for allowed pages, and the paths without a version."""

from __future__ import annotations

import pytest

from tests.integration.server.conftest import Proxy

ASK = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "My secret is a duck"}]}


async def test_health_needs_no_key_and_tells_little(proxy: Proxy) -> None:
    for path in ("/health", "/v1/health"):
        response = await proxy.send("GET", path, {})
        assert response.status == 200
        body = await response.json()
        assert set(body) == {"status", "name", "version", "account"}
        assert body["status"] == "ok"


@pytest.mark.parametrize("path", ["/", "/api/hello"])
async def test_claude_code_s_probes_are_answered_without_a_key(proxy: Proxy, path: str) -> None:
    assert (await proxy.send("HEAD", path, {})).status == 200


@pytest.mark.parametrize("path", ["/v1/models", "/v1/usage", "/v1/activity", "/models"])
async def test_everything_else_needs_the_key(proxy: Proxy, path: str) -> None:
    assert (await proxy.send("GET", path, {})).status == 401
    assert (await proxy.get(path)).status == 200


@pytest.mark.parametrize(
    "path", ["/chat/completions", "/messages", "/responses", "/messages/count_tokens"]
)
async def test_paths_are_served_without_their_version_too(proxy: Proxy, path: str) -> None:
    body = {**ASK, "max_tokens": 20, "input": "hi"}
    if path == "/responses":
        body = {"model": ASK["model"], "input": "hi"}
    for prefix in ("", "/v1"):
        assert (await proxy.post(prefix + path, body)).status == 200


async def test_usage_adds_up_by_model_and_repeats_github_s_figures(proxy: Proxy) -> None:
    for _ in range(3):
        await (await proxy.post("/v1/chat/completions", ASK)).read()
    usage = await (await proxy.get("/v1/usage")).json()
    totals = usage["models"]["gpt-4o-mini"]
    assert totals["requests"] == 3
    assert totals["output_tokens"] > 0
    assert totals["credits"] > 0
    assert usage["total"] == totals
    assert {each["name"] for each in usage["quotas"]} >= {"premium_interactions"}


async def test_activity_shows_counts_and_names_and_no_content(proxy: Proxy) -> None:
    response = await proxy.post(
        "/v1/messages", {**ASK, "max_tokens": 100}, User_Agent="claude-cli/2.1.329 (external, cli)"
    )
    assert "duck" in await response.text()
    text = await (await proxy.get("/v1/activity")).text()
    assert "duck" not in text
    (record,) = (await (await proxy.get("/v1/activity")).json())["recent"]
    assert record["client"] == "Claude Code"
    assert record["state"] == "done"
    assert record["model"] == "gpt-4o-mini"
    assert record["upstream_endpoint"] == "/chat/completions"
    assert record["translated"] is True
    assert record["output_tokens"] > 0
    assert record["duration"] >= record["first_byte"] > 0


PAGE = '[server]\nallowed_origins = ["https://chat.example"]\n'


@pytest.mark.parametrize("settings_text", [PAGE])
async def test_an_allowed_page_may_ask_first_and_then_use_the_server(proxy: Proxy) -> None:
    asked = await proxy.send(
        "OPTIONS",
        "/v1/chat/completions",
        headers={
            "Origin": "https://chat.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "https://chat.example"
    assert asked.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    for stream in (False, True):
        response = await proxy.post(
            "/v1/chat/completions",
            ASK | {"stream": stream},
            Origin="https://chat.example",
            Sec_Fetch_Site="cross-site",
        )
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == "https://chat.example"


@pytest.mark.parametrize("settings_text", [PAGE])
async def test_an_allowed_page_still_needs_the_key(proxy: Proxy) -> None:
    response = await proxy.send("GET", "/v1/models", headers={"Origin": "https://chat.example"})
    assert response.status == 401


async def test_no_other_page_may_even_ask(proxy: Proxy) -> None:
    asked = await proxy.send(
        "OPTIONS",
        "/v1/chat/completions",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert asked.status == 403
    assert "Access-Control-Allow-Origin" not in asked.headers


async def test_codex_gets_the_list_it_asks_for(proxy: Proxy) -> None:
    body = await (await proxy.get("/v1/models?client_version=0.169.0")).json()
    assert {each["slug"] for each in body["models"]} >= {"gpt-5.3-codex", "gpt-4o-mini"}
