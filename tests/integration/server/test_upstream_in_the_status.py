"""What the status says of GitHub: limits, refused parameters, models that are gone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from proxy_core.status.status import UpstreamState
from tests.integration.server.conftest import Proxy

CHAT = "/v1/chat/completions"


def says(text: str, model: str = "gpt-4.1") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def codes(proxy: Proxy) -> list[str]:
    return [each.code for each in proxy.board.current.notices]


async def test_a_long_limit_is_in_the_answer_the_status_and_a_notice(proxy: Proxy) -> None:
    answer = await proxy.post(CHAT, says("[sim:429-long]"))
    assert answer.status == 429
    assert answer.headers["retry-after"] == "86400"
    upstream = proxy.board.current.upstream
    assert upstream.state is UpstreamState.LIMITED
    assert upstream.until is not None
    assert codes(proxy) == ["limit_reached"]
    (notice,) = proxy.board.current.notices
    assert notice.title == "You reached GitHub's weekly limit"
    shown = (await (await proxy.get("/v1/activity")).json())["upstream"]
    assert shown["state"] == "limited"
    proxy.engine.commands.lift_limits()
    assert proxy.board.current.upstream.state is UpstreamState.OK


@pytest.mark.parametrize("path", [CHAT, "/v1/messages", "/v1/responses"])
async def test_every_429_says_when_to_come_back(proxy: Proxy, path: str) -> None:
    body: dict[str, Any] = {"/v1/responses": {"model": "gpt-5.4", "input": "hi"}}.get(
        path, {**says("hi"), "max_tokens": 50}
    )
    answer = {
        "status": 429,
        "body": {"error": {"message": "no time named", "code": "rate_limited"}},
    }
    await proxy.engine.commands.change_settings("upstream.longest_retry_wait_seconds", 0)
    await proxy.script({"answer": answer})
    refused = await proxy.post(path, body)
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_what_a_model_refused_is_in_the_status(proxy: Proxy) -> None:
    assert (await proxy.post(CHAT, {**says("hi"), "temperature": 1})).status == 200
    (refusal,) = proxy.board.current.parameter_refusals
    assert (refusal.model, refusal.member) == ("gpt-4.1", "temperature")
    assert await proxy.engine.commands.forget_refusal(
        refusal.model, refusal.endpoint, refusal.member
    )
    assert proxy.board.current.parameter_refusals == ()


async def test_a_model_in_use_that_is_taken_away_is_told(proxy: Proxy) -> None:
    assert (await proxy.post(CHAT, says("hi", "claude-haiku-4.5"))).status == 200
    catalogue = proxy.simulator.simulation.catalogue
    catalogue.set_policy("claude-haiku-4.5", "disabled")
    catalogue.set_policy("gpt-5.2", "disabled")  # nobody used it
    await proxy.engine.commands.models(refresh=True)
    assert codes(proxy) == ["model_gone"]
    (notice,) = proxy.board.current.notices
    assert notice.title == "claude-haiku-4.5 is no longer offered"
    await proxy.engine.commands.models(refresh=True)
    assert codes(proxy) == ["model_gone"]


async def test_a_model_is_enabled_by_command(proxy: Proxy) -> None:
    before = proxy.board.current.model_count
    model = await proxy.engine.commands.enable_model("claude-opus-4.7")
    assert model.disabled_reason is None
    assert proxy.board.current.model_count != before
    answer = await proxy.post("/v1/messages", {**says("hi", "claude-opus-4.7"), "max_tokens": 2000})
    assert answer.status == 200, await answer.text()


async def test_a_handler_that_cannot_run_is_told_when_the_setting_names_it(proxy: Proxy) -> None:
    await proxy.engine.commands.change_settings("upstream.request_handlers", ["nobody-offers-this"])
    assert (await proxy.post(CHAT, says("hi"))).status == 200
    assert codes(proxy) == ["request_handler"]


async def test_a_busy_account_queues_in_turns(proxy: Proxy) -> None:
    await proxy.engine.commands.change_settings("upstream.max_concurrent_calls", 1)
    await proxy.engine.commands.change_settings("upstream.max_waiting_calls", 1)
    slow = asyncio.ensure_future(proxy.post(CHAT, {**says("hi [sim:stall]"), "stream": True}))
    await proxy.until(lambda: proxy.simulator.active == 1)
    waits = asyncio.ensure_future(proxy.post(CHAT, says("hello")))
    await proxy.until(lambda: proxy.board.current.upstream.state is UpstreamState.BUSY)
    full = await proxy.post(CHAT, says("hello again"))
    assert full.status == 429
    assert "wait for GitHub already" in await full.text()
    assert full.headers["retry-after"] == "5"
    (await slow).close()
    assert (await waits).status == 200
