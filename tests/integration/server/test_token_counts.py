"""Counting before asking: upstream's count, and an estimate that learns from what answers used."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.integration.server.conftest import Proxy

WORDS = (
    "The keeper of the old lighthouse writes down the weather every evening: wind from the "
    "north-west, 7 degrees, rain. Ships pass far out; nobody has landed since October.\n"
)
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def talk(turns: int) -> list[Any]:
    roles = itertools.cycle(("user", "assistant"))
    return [
        {"role": role, "content": f"{number}. {WORDS * (number % 5 + 1)}"}
        for number, role in zip(range(2 * turns + 1), roles, strict=False)
    ]


async def test_a_claude_model_is_counted_by_upstream(anthropic_client: AsyncAnthropic) -> None:
    counted = await anthropic_client.messages.count_tokens(
        model="claude-sonnet-4.6", messages=talk(3)
    )
    answer = await anthropic_client.messages.create(
        model="claude-sonnet-4.6", messages=talk(3), max_tokens=50
    )
    usage = answer.usage
    told = usage.input_tokens + (usage.cache_read_input_tokens or 0)
    assert counted.input_tokens == told + (usage.cache_creation_input_tokens or 0)


async def test_a_claude_model_is_counted_by_upstream_for_openai_s_client_too(
    proxy: Proxy, openai_client: AsyncOpenAI
) -> None:
    counted = await openai_client.responses.input_tokens.count(
        model="claude-sonnet-4.6", input=talk(3)
    )
    assert counted.object == "response.input_tokens"
    assert proxy.simulator.requests[-1].path == "/v1/messages/count_tokens"
    assert counted.input_tokens > 300


@pytest.mark.parametrize("fault", ["500", "429-long", "403-terms"])
async def test_counting_does_not_fail_because_upstream_does(
    proxy: Proxy, anthropic_client: AsyncAnthropic, fault: str
) -> None:
    real = await anthropic_client.messages.count_tokens(model="claude-sonnet-4.6", messages=talk(9))
    await proxy.script({"path": "/v1/messages/count_tokens", "fault": fault})
    guess = await anthropic_client.messages.count_tokens(
        model="claude-sonnet-4.6", messages=talk(9)
    )
    assert guess.input_tokens != real.input_tokens
    assert 0.5 < guess.input_tokens / real.input_tokens < 2


Ask = Callable[[Proxy, AsyncOpenAI, AsyncAnthropic, str, list[Any]], Awaitable[int]]


async def by_chat(
    _: Proxy, client: AsyncOpenAI, __: AsyncAnthropic, model: str, messages: list[Any]
) -> int:
    answer = await client.chat.completions.create(model=model, messages=messages)
    assert answer.usage is not None
    return answer.usage.prompt_tokens


async def by_messages(
    _: Proxy, __: AsyncOpenAI, client: AsyncAnthropic, model: str, messages: list[Any]
) -> int:
    async with client.messages.stream(model=model, messages=messages, max_tokens=64) as stream:
        usage = (await stream.get_final_message()).usage
    return usage.input_tokens + (usage.cache_read_input_tokens or 0)


async def by_responses(
    _: Proxy, client: AsyncOpenAI, __: AsyncAnthropic, model: str, messages: list[Any]
) -> int:
    usage = (await client.responses.create(model=model, input=messages)).usage
    assert usage is not None
    return usage.input_tokens


@pytest.mark.parametrize("ask", [by_chat, by_messages, by_responses])
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "gemini-3-flash-preview"])
async def test_after_twenty_answers_the_estimate_is_within_a_tenth(
    proxy: Proxy,
    openai_client: AsyncOpenAI,
    anthropic_client: AsyncAnthropic,
    ask: Ask,
    model: str,
) -> None:
    for turns in range(20):
        await ask(proxy, openai_client, anthropic_client, model, talk(turns % 7))
    for turns in (0, 2, 6, 12, 25):
        messages = talk(turns)
        guess = (
            await anthropic_client.messages.count_tokens(model=model, messages=messages)
        ).input_tokens
        same = await openai_client.responses.input_tokens.count(model=model, input=messages)
        assert same.input_tokens == guess
        real = await ask(proxy, openai_client, anthropic_client, model, messages)
        assert guess == pytest.approx(real, rel=0.1), f"{turns} turns"


async def test_the_beginning_of_a_translated_answer_states_the_estimate(
    anthropic_client: AsyncAnthropic,
) -> None:
    counted = await anthropic_client.messages.count_tokens(model="gpt-4.1", messages=talk(4))
    async with anthropic_client.messages.stream(
        model="gpt-4.1", messages=talk(4), max_tokens=64
    ) as stream:
        events = [event async for event in stream]
    (start,) = (event for event in events if event.type == "message_start")
    assert start.message.usage.input_tokens == counted.input_tokens > 300


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.3-codex", "claude-sonnet-4.6"])
async def test_a_count_is_never_near_nothing(proxy: Proxy, model: str) -> None:
    asked = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    small = await (await proxy.post("/v1/messages/count_tokens", asked)).json()
    assert small["input_tokens"] >= 1
    big = asked | {"messages": [{"role": "user", "content": "duck " * 60_000}]}
    large = await (await proxy.post("/v1/messages/count_tokens", big)).json()
    assert large["input_tokens"] > 30_000


async def test_a_picture_counts_by_its_rule_and_not_by_its_bytes(proxy: Proxy) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    text = {"type": "text", "text": "What is this?"}

    async def count(*content: Any) -> int:
        body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": list(content)}]}
        answer = await (await proxy.post("/v1/messages/count_tokens", body)).json()
        assert isinstance(answer["input_tokens"], int)
        return answer["input_tokens"]

    without = await count(text)
    assert 50 < await count(text, {"type": "image", "source": source}) - without < 2_000


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/responses/input_tokens"])
async def test_an_unknown_model_cannot_be_counted_for(proxy: Proxy, path: str) -> None:
    body = {"model": "gpt-900", "messages": talk(1), "input": talk(1)}
    response = await proxy.post(path, body)
    assert response.status == 404
    assert "gpt-900" in (await response.json())["error"]["message"]
