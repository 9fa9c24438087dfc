"""Trouble on request, by words and by header, before and in the middle of an answer."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.simulator.answers import ask, read
from tests.simulator.conftest import Client, StartSimulator, until

ENDPOINTS = ("chat", "messages", "responses")
everywhere = pytest.mark.parametrize("endpoint", ENDPOINTS)
PATHS = {"chat": "/chat/completions", "messages": "/v1/messages", "responses": "/responses"}


@everywhere
@pytest.mark.parametrize(
    ("word", "status", "said"),
    [
        ("429", 429, "user_model_rate_limited"),
        ("429-long", 429, "user_weekly_rate_limited"),
        ("403-terms", 403, "Please review our Terms of Service"),
        ("500", 500, "internal server error\n"),
        ("502-html", 502, "<html>"),
        ("503", 503, "upstream_provider_rate_limit"),
        ("402", 402, "You have no quota"),
        ("466", 466, "the specified API version is no longer supported\n"),
        ("422", 422, "content_filter"),
    ],
)
async def test_a_word_in_the_last_user_text_brings_its_refusal(
    client: Client, endpoint: str, word: str, status: int, said: str
) -> None:
    answer = await ask(client, endpoint, True, f"please [sim:{word}]")
    assert answer.status == status
    assert said in answer.text


async def test_retry_after_is_short_long_or_a_date(client: Client) -> None:
    assert (await client.chat("[sim:429]")).headers["retry-after"] == "1"
    assert (await client.chat("[sim:429-long]")).headers["retry-after"] == "86400"
    until = (await client.chat("[sim:402]")).headers["retry-after"]
    assert until == "Tue, 01 Dec 2026 00:00:00 GMT"


async def test_a_gateways_page_is_html_without_the_services_headers(client: Client) -> None:
    answer = await client.chat("[sim:502-html]")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "x-github-request-id" not in answer.headers


@everywhere
async def test_403_limit_hits_twice_and_then_lets_the_same_words_through(
    client: Client, endpoint: str
) -> None:
    statuses = [(await ask(client, endpoint, True, "[sim:403-limit] a")).status for _ in range(3)]
    assert statuses == [403, 403, 200]
    assert (await ask(client, endpoint, True, "[sim:403-limit] b")).status == 403


async def test_any_fault_can_be_limited_to_the_first_calls(client: Client) -> None:
    statuses = [(await client.chat("[sim:500*1] hello")).status for _ in range(2)]
    assert statuses == [500, 200]


@everywhere
async def test_a_header_brings_a_fault_too(client: Client, endpoint: str) -> None:
    body = {"model": "any", "messages": [], "input": []}
    assert (await client.post(PATHS[endpoint], body, x_sim="503")).status == 503
    assert (await client.post(PATHS[endpoint], body, x_sim="[sim:503]")).status == 503


async def test_an_unknown_word_is_refused_in_the_header_and_ignored_in_text(client: Client) -> None:
    refused = await client.post("/chat/completions", {"messages": []}, x_sim="earthquake")
    assert refused.status == 400
    assert "403-limit" in refused.message
    assert (await client.chat("[sim:earthquake]")).status == 200


@everywhere
async def test_expire_kills_the_token_once_and_a_fresh_one_succeeds(
    client: Client, endpoint: str
) -> None:
    answer = await ask(client, endpoint, True, "[sim:expire] hello")
    assert (answer.status, answer.text) == (401, "unauthorized: token expired\n")
    assert (await client.chat("something else")).status == 401
    await client.sign_in()
    assert (await ask(client, endpoint, True, "[sim:expire] hello")).status == 200


@pytest.mark.parametrize(
    ("endpoint", "said", "code"),
    [
        ("chat", "prompt token count of ", "model_max_prompt_tokens_exceeded"),
        ("messages", "prompt is too long: ", "model_max_prompt_tokens_exceeded"),
        ("responses", "Your input exceeds the context window", "invalid_request_body"),
    ],
)
async def test_an_overflow_speaks_each_endpoints_own_words(
    client: Client, endpoint: str, said: str, code: str
) -> None:
    answer = await ask(client, endpoint, False, "[sim:context]")
    assert answer.status == 400
    assert answer.message.startswith(said)
    assert answer.json()["error"]["code"] == code


async def test_a_prompt_that_really_is_too_long_overflows_without_being_asked(
    client: Client,
) -> None:
    answer = await client.chat("word " * 60_000, model="gpt-4o")
    assert answer.message.endswith("exceeds the limit of 64000")


@everywhere
async def test_a_content_filter_ends_the_answer_in_the_endpoints_own_way(
    client: Client, endpoint: str
) -> None:
    for streamed in (False, True):
        said = read(endpoint, await ask(client, endpoint, streamed, "[sim:content-filter] hi"))
        assert said.finish in ("content_filter", "refusal")
        assert said.text


@everywhere
async def test_a_midstream_error_follows_some_text_and_nothing_follows_it(
    client: Client, endpoint: str
) -> None:
    events = (await ask(client, endpoint, True, "[sim:midstream-error] hi")).events()
    shown = json.dumps([data for _, data in events[:-1]])
    assert "This is" in shown
    name, last = events[-1]
    assert name == {"chat": None, "messages": "error", "responses": "error"}[endpoint]
    assert "error" in last or last["type"] == "error"


@everywhere
async def test_a_cut_closes_the_socket_after_some_text(client: Client, endpoint: str) -> None:
    for streamed in (True, False):
        with pytest.raises(aiohttp.ClientPayloadError):
            await ask(client, endpoint, streamed, "[sim:cut] hi")


@everywhere
async def test_garbage_is_no_proper_stream(client: Client, endpoint: str) -> None:
    raw = (await ask(client, endpoint, True, "[sim:garbage] hi")).raw
    assert b"\xff\xfe" in raw
    assert not raw.rstrip().endswith(b"[DONE]")
    whole = await ask(client, endpoint, False, "[sim:garbage] hi")
    with pytest.raises(json.JSONDecodeError):
        whole.json()


def request_of(endpoint: str, text: str) -> dict[str, Any]:
    said = [{"role": "user", "content": text}]
    if endpoint == "chat":
        return {"model": "gpt-4.1", "messages": said, "stream": True}
    if endpoint == "messages":
        return {
            "model": "claude-sonnet-4.6",
            "max_tokens": 100,
            "messages": said,
            "stream": True,
        }
    return {"model": "gpt-5.4", "input": said, "stream": True}


@everywhere
async def test_a_stall_is_silence_after_some_text_until_the_client_goes(
    client: Client, endpoint: str
) -> None:
    async with client.session.post(
        client.server.url + PATHS[endpoint],
        json=request_of(endpoint, "[sim:stall] hi"),
        headers=client.headers,
    ) as response:
        seen = b""
        while b"This is" not in seen:
            seen += await response.content.readany()
        assert client.server.active == 1
        with pytest.raises(asyncio.TimeoutError):
            async with asyncio.timeout(0.05):
                while True:
                    assert await response.content.readany()
        response.close()
    await until(lambda: client.server.active == 0)


async def test_a_stalled_call_does_not_keep_the_simulator_from_stopping(
    start: StartSimulator,
) -> None:
    client = await start()
    async with client.session.post(
        f"{client.server.url}/chat/completions",
        json=request_of("chat", "[sim:stall]"),
        headers=client.headers,
    ) as response:
        await response.content.readany()
        async with asyncio.timeout(30):
            await client.server.__aexit__(None, None, None)


async def test_slow_puts_a_tenth_of_a_second_between_events(client: Client) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await client.chat("[sim:slow] hi", stream=True)
    assert loop.time() - began >= 0.1 * (len(answer.events()) - 1)


async def test_flaky_throws_faults_at_random_but_the_same_ones_for_the_same_seed(
    start: StartSimulator,
) -> None:
    async def statuses(client: Client) -> list[int]:
        return [(await client.chat("hello")).status for _ in range(12)]

    # A seed whose first faults are refusals, not cuts.
    seen = await statuses(await start(profile="flaky", seed=2))
    assert seen == await statuses(await start(profile="flaky", seed=2))
    assert 200 in seen
    assert set(seen) - {200}
    assert await statuses(await start(profile="flaky", seed=9)) != seen


async def test_faults_of_a_count_come_by_header_only(client: Client) -> None:
    body = {"model": "claude-sonnet-4.6", "messages": [{"role": "user", "content": "[sim:500]"}]}
    assert (await client.post("/v1/messages/count_tokens", body)).status == 200
    assert (await client.post("/v1/messages/count_tokens", body, x_sim="500")).status == 500
