"""Calls that are limited, broken or cancelled, against a scripted upstream."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from proxy_core.errors import ErrorKind, ProxyError, UpstreamRefused
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.hosts import UntrustedHost
from tests.unit.upstream.calls.client_words import CHAT, FORBIDDEN, HELLO
from tests.unit.upstream.scripted_github import (
    CLAUDE,
    MODEL,
    STREAM,
    Bench,
    Reply,
    a_call,
    exchange_reply,
)


async def test_a_hidden_limit_is_waited_out(bench: Bench) -> None:
    limit = Reply(403, {"message": "API rate limit exceeded for user ID 1."})
    bench.github.on(CHAT, limit, limit, STREAM)
    await bench.send({**HELLO, "temperature": 1})
    assert bench.time.slept == [1.5, 3.0]
    assert all("temperature" in each.body for each in bench.github.calls(CHAT))


async def test_a_short_retry_after_is_honoured_a_long_one_is_passed_on(bench: Bench) -> None:
    short = Reply(429, {"error": {"message": "slow", "code": "rate_limited"}}, {"retry-after": "2"})
    bench.github.on(CHAT, short, STREAM)
    await bench.send(HELLO)
    assert bench.time.slept == [2.0]

    long = Reply(429, {"error": {"message": "later"}}, {"retry-after": "86400"})
    bench.github.on(CHAT, long)
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert caught.value.retry_after == 86400
    assert caught.value.http_status == 429
    assert bench.time.slept == [2.0]
    assert len(bench.github.calls(CHAT)) == 3


async def test_a_429_we_pass_on_always_says_when_to_come_back(bench: Bench) -> None:
    bench.github.on(CHAT, Reply(429, b"too many requests\n"))
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert caught.value.retry_after == 30
    assert len(bench.github.calls(CHAT)) == 4


async def test_a_weekly_limit_is_not_hammered(bench: Bench) -> None:
    body = {"error": {"message": "weekly", "code": "user_weekly_rate_limited:pro"}}
    bench.github.on(CHAT, Reply(429, body))
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert len(bench.github.calls(CHAT)) == 1
    assert caught.value.retry_after == 3600
    assert caught.value.title == "You reached GitHub's weekly limit"


async def test_a_server_error_is_repeated_a_few_times_and_then_told(bench: Bench) -> None:
    page = Reply(502, b"<html><head><title>502 Bad Gateway</title></head><body>x</body></html>")
    bench.github.on(CHAT, page)
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert len(bench.github.calls(CHAT)) == 4
    assert bench.time.slept == [0.5, 1.0, 2.0]
    assert caught.value.http_status == 502
    assert "502 Bad Gateway" in caught.value.message
    assert "<" not in caught.value.message


@pytest.mark.parametrize(
    ("reply", "kind", "status"),
    [
        (
            Reply(402, {"error": {"message": "You have no quota", "code": "quota_exceeded"}}),
            ErrorKind.QUOTA,
            402,
        ),
        (
            Reply(
                403, b"Access to this endpoint is forbidden. Please review our Terms of Service."
            ),
            ErrorKind.PERMISSION,
            403,
        ),
        (
            Reply(466, b"the specified API version is no longer supported\n"),
            ErrorKind.UPSTREAM,
            502,
        ),
        (
            Reply(413, {"error": {"message": "failed to parse request", "code": ""}}),
            ErrorKind.TOO_LARGE,
            413,
        ),
        (
            Reply(422, {"error": {"message": "no", "code": "cyber_policy"}}),
            ErrorKind.CONTENT_FILTER,
            400,
        ),
        (Reply(404, b"404 page not found\n"), ErrorKind.NOT_FOUND, 404),
    ],
)
async def test_what_no_repeat_can_mend_is_sent_once(
    bench: Bench, reply: Reply, kind: ErrorKind, status: int
) -> None:
    bench.github.on(CHAT, reply)
    with pytest.raises(ProxyError) as caught:
        await bench.send({**HELLO, "temperature": 1})
    assert caught.value.kind is kind
    assert caught.value.http_status == status
    assert len(bench.github.calls(CHAT)) == 1
    assert bench.time.slept == []


async def test_a_slow_upload_is_replayed_at_most_once(bench: Bench) -> None:
    body = {"error": {"message": "Timed out reading request body.", "code": "user_request_timeout"}}
    bench.github.on(CHAT, Reply(408, body))
    with pytest.raises(UpstreamRefused):
        await bench.send(HELLO)
    assert len(bench.github.calls(CHAT)) == 2


async def test_a_connection_lost_before_the_answer_is_tried_again(bench: Bench) -> None:
    bench.github.on(CHAT, Reply(cut_after=0), STREAM)
    assert await bench.send(HELLO)
    assert bench.time.slept == [0.5]


async def test_an_answer_that_breaks_off_is_an_error_and_never_sent_again(bench: Bench) -> None:
    was_read = asyncio.Event()
    bench.github.on(CHAT, Reply(200, b"data: {}\n\nrest", cut_after=10, hold=was_read))
    answer = await bench.client.open_stream(a_call(HELLO))
    chunks = answer.chunks()
    assert await anext(chunks) == b"data: {}\n\n"
    was_read.set()
    with pytest.raises(ConnectionFailed, match="broke in the middle"):
        await anext(chunks)
    await answer.close()
    assert len(bench.github.calls(CHAT)) == 1


async def test_silence_in_the_middle_of_an_answer_ends_it(bench: Bench) -> None:
    never = asyncio.Event()
    bench.change(idle_seconds=1.0)
    bench.github.on(CHAT, Reply(200, b"data: {}\n\nrest", cut_after=10, hold=never))
    answer = await bench.client.open_stream(a_call(HELLO))
    chunks = answer.chunks()
    await anext(chunks)
    with pytest.raises(ConnectionFailed, match="fell silent") as caught:
        await anext(chunks)
    assert caught.value.kind is ErrorKind.TIMEOUT
    await answer.close()


async def test_a_cancelled_caller_closes_the_upstream_call(bench: Bench) -> None:
    never = asyncio.Event()
    bench.github.on(CHAT, Reply(200, b"x", hold=never))
    await bench.tokens.current()
    bench.github.expect_call()
    task = asyncio.create_task(bench.send(HELLO))
    await asyncio.wait_for(bench.github.answering.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(bench.github.ended.wait(), 30)
    assert bench.github.active == 0


async def test_closing_an_answer_early_closes_the_upstream_call(bench: Bench) -> None:
    bench.github.on(CHAT, Reply(200, b"data: {}\n\nrest", cut_after=10, hold=asyncio.Event()))
    answer = await bench.client.open_stream(a_call(HELLO))
    assert await anext(answer.chunks()) == b"data: {}\n\n"
    assert bench.github.active == 1
    bench.github.expect_call()
    await answer.close()
    await asyncio.wait_for(bench.github.ended.wait(), 30)
    assert bench.github.active == 0


async def test_a_403_without_reason_after_recent_answers_is_a_limit(bench: Bench) -> None:
    bench.github.on(CHAT, STREAM, FORBIDDEN)
    await bench.send(HELLO)
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert (caught.value.kind, caught.value.http_status) == (ErrorKind.RATE_LIMIT, 429)
    assert caught.value.retry_after == 30
    assert caught.value.message.startswith("forbidden")


async def test_a_403_without_reason_and_without_recent_answers_is_about_the_account(
    bench: Bench,
) -> None:
    bench.github.on(CHAT, FORBIDDEN)
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert (caught.value.kind, caught.value.http_status) == (ErrorKind.PERMISSION, 403)


async def test_a_model_that_is_refused_has_the_catalogue_looked_at_again(bench: Bench) -> None:
    body = {
        "error": {"message": "The requested model is not supported.", "code": "model_not_supported"}
    }
    bench.github.on(CHAT, Reply(400, body))
    await bench.client.models()
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send(HELLO)
    assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND
    await bench.catalog.refresh()
    assert len(bench.github.calls("/models")) == 2


async def test_a_token_never_leaves_for_an_address_that_is_not_githubs(bench: Bench) -> None:
    bench.github.on(
        "/copilot_internal/v2/token",
        exchange_reply(endpoints={"api": "https://api.githubcopilot.com.evil.example"}),
    )
    with pytest.raises(UntrustedHost, match=r"evil\.example"):
        await bench.send(HELLO)


async def test_the_address_in_the_token_answer_is_used(bench: Bench) -> None:
    bench.github.on(
        "/copilot_internal/v2/token", exchange_reply(endpoints={"api": bench.github.url + "/plan/"})
    )
    bench.github.on("/plan/chat/completions", STREAM)
    assert await bench.send(HELLO)


@pytest.mark.parametrize(
    ("reply", "count"),
    [
        (Reply(200, {"input_tokens": 42}), 42),
        (Reply(200, {"nonsense": 1}), None),
        (Reply(404, b"404 page not found\n"), None),
        (Reply(200, b"{"), None),
        (Reply(cut_after=0), None),
    ],
)
async def test_counting_asks_upstream_once_and_never_fails(
    bench: Bench, reply: Reply, count: int | None
) -> None:
    bench.github.on("/v1/messages/count_tokens", reply)
    body: dict[str, Any] = {"model": CLAUDE.id, **HELLO, "max_tokens": 5, "stream": True}
    assert await bench.client.count_tokens(CLAUDE, body) == count
    (seen,) = bench.github.calls("/v1/messages/count_tokens")
    assert seen.body == {"model": CLAUDE.id, **HELLO}
    assert seen.headers["X-Initiator"] == "agent"


async def test_a_model_without_messages_is_not_asked_to_count(bench: Bench) -> None:
    assert await bench.client.count_tokens(MODEL, dict(HELLO)) is None
    assert bench.github.seen == []
