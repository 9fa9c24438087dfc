"""Our own endpoints, what allowed pages may, and the paths without a version."""

from __future__ import annotations

import re

import pytest

from proxy_core.status.status import AccountState
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


SAMPLE = re.compile(
    r"([a-zA-Z_:][a-zA-Z0-9_:]*)"
    r'(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})?'
    r" (-?[0-9][0-9.e+-]*)"
)
"""One line of Prometheus' text format 0.0.4, as its specification writes it."""


def read_metrics(text: str) -> dict[str, float]:
    """Return each sample by its name and labels; fails on a line the format does not know."""
    found: dict[str, float] = {}
    kinds: dict[str, str] = {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds, f"{name} is described twice"
            kinds[name] = kind
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        assert sample[1] in kinds, f"{sample[1]} has no type"
        assert (kinds[sample[1]] == "counter") == sample[1].endswith("_total"), line
        key = f"{sample[1]}{{{sample[2] or ''}}}"
        assert key not in found, f"{key} is there twice"
        found[key] = float(sample[3])
    return found


async def metrics(proxy: Proxy) -> dict[str, float]:
    return read_metrics(await (await proxy.get("/metrics")).text())


@pytest.mark.parametrize("path", ["/readyz", "/v1/readyz"])
async def test_a_server_with_an_account_is_ready_and_a_probe_needs_no_key(
    proxy: Proxy, path: str
) -> None:
    response = await proxy.send("GET", path, {})
    assert (response.status, await response.json()) == (200, {"status": "ready"})
    assert (await proxy.send("HEAD", path, {})).status == 200


async def test_nobody_signed_in_is_alive_but_not_ready(proxy: Proxy) -> None:
    await proxy.engine.commands.sign_out()
    assert proxy.board.current.account.state is AccountState.SIGNED_OUT
    response = await proxy.send("GET", "/readyz", {})
    assert response.status == 503
    assert await response.json() == {"status": "not_ready", "reason": "account_signed_out"}
    assert (await proxy.send("GET", "/health", {})).status == 200
    assert (await metrics(proxy))["g_copilot_proxy_ready{}"] == 0


async def test_a_pause_of_everyone_is_not_ready_until_it_ends(proxy: Proxy) -> None:
    await proxy.engine.commands.pause(60.0)
    response = await proxy.send("GET", "/readyz", {})
    assert (response.status, (await response.json())["reason"]) == (503, "paused")
    assert (await metrics(proxy))["g_copilot_proxy_paused{}"] == 1
    await proxy.engine.commands.resume()
    assert (await proxy.send("GET", "/readyz", {})).status == 200


async def test_metrics_need_the_main_key(proxy: Proxy) -> None:
    assert (await proxy.send("GET", "/metrics", {})).status == 401
    made = await proxy.engine.commands.make_client_key("My editor")
    assert (await proxy.send("GET", "/metrics", {"x-api-key": made.key})).status == 403
    response = await proxy.get("/metrics")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_metrics_count_what_usage_counts_and_hold_no_content(proxy: Proxy) -> None:
    before = await metrics(proxy)
    assert not [each for each in before if "_total" in each], "no call was made yet"
    for _ in range(3):
        await (await proxy.post("/v1/chat/completions", ASK)).read()
    await proxy.script({"fault": "422"})
    failed = await proxy.post("/v1/chat/completions", ASK)
    text = await (await proxy.get("/metrics")).text()
    assert "duck" not in text
    found = read_metrics(text)
    usage = await (await proxy.get("/v1/usage")).json()
    of_model = usage["models"]["gpt-4o-mini"]
    label = '{model="gpt-4o-mini"}'
    assert found[f"g_copilot_proxy_requests_total{label}"] == of_model["requests"] == 4
    assert failed.status == 400
    assert found[f"g_copilot_proxy_requests_failed_total{label}"] == of_model["failed"] == 1
    assert found[f"g_copilot_proxy_credits_total{label}"] == pytest.approx(of_model["credits"])
    for kind in ("input", "output", "cache_read", "cache_write", "reasoning"):
        key = f'g_copilot_proxy_tokens_total{{model="gpt-4o-mini",kind="{kind}"}}'
        assert found[key] == of_model[f"{kind}_tokens"]
    quota = next(each for each in usage["quotas"] if each["name"] == "premium_interactions")
    key = 'g_copilot_proxy_quota_remaining{quota="premium_interactions"}'
    assert found[key] == quota["remaining"]
    assert found['g_copilot_proxy_account_state{state="signed_in"}'] == 1
    assert (
        found['g_copilot_proxy_upstream_state{state="ok"}']
        + found['g_copilot_proxy_upstream_state{state="unreachable"}']
        == 1
    )


async def test_a_running_call_is_counted_while_it_runs(proxy: Proxy) -> None:
    key = 'g_copilot_proxy_requests_running{state="streaming"}'
    body = {**ASK, "messages": [{"role": "user", "content": "[sim:stall]"}], "stream": True}
    response = await proxy.post("/v1/chat/completions", body)
    assert await response.content.readany()
    assert (await metrics(proxy))[key] == 1
    response.close()
    await proxy.until(lambda: not proxy.board.current.active)
    assert (await metrics(proxy))[key] == 0
