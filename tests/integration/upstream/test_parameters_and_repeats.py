"""What the strict simulator refuses, and how many calls it takes to learn it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.config.settings import ParameterPolicy
from proxy_core.errors import ErrorKind, ProxyError, UpstreamRefused
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from tests.integration.upstream.workbench import Workbench

CHAT = Endpoint.CHAT_COMPLETIONS
HELLO = {"messages": [{"role": "user", "content": "hi"}]}


def says(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize(
    ("parameters", "first_calls", "dropped", "kept"),
    [
        ({}, 1, (), ()),
        ({"stream": True}, 1, (), ()),
        ({"stream": False}, 1, (), ()),
        ({"temperature": 0.7}, 2, ("temperature",), ()),
        ({"temperature": 0.0}, 2, ("temperature",), ()),
        ({"max_tokens": 100}, 2, ("max_tokens",), ("max_tokens",)),
        ({"top_p": 1.0}, 1, (), ()),
        ({"top_p": 0.9}, 1, (), ()),
        (
            {"temperature": 0.7, "max_tokens": 100, "top_p": 0.9, "stream": False},
            2,
            ("temperature", "max_tokens"),
            ("max_tokens",),
        ),
        ({"store": True}, 2, ("store",), ()),
    ],
)
async def test_the_table_of_the_403_inquiry_costs_one_call_once_learned(
    bench: Workbench,
    parameters: dict[str, Any],
    first_calls: int,
    dropped: tuple[str, ...],
    kept: tuple[str, ...],
) -> None:
    await bench.sign_in()
    answer = await bench.ask("gpt-4o-mini", CHAT, {**HELLO, **parameters})
    assert len(bench.calls("/chat/completions")) == answer.attempts == first_calls
    assert (answer.dropped, answer.enforced_locally) == (dropped, kept)
    again = await bench.ask("gpt-4o-mini", CHAT, {**HELLO, **parameters})
    assert again.attempts == 1
    assert len(bench.calls("/chat/completions")) == first_calls + 1
    assert (again.dropped, again.enforced_locally) == (dropped, kept)
    assert bench.time.slept == []


async def test_what_one_model_refuses_is_not_held_against_another(bench: Workbench) -> None:
    await bench.sign_in()
    await bench.ask("gpt-4o-mini", CHAT, {**HELLO, "temperature": 1})
    await bench.ask("gpt-4.1", CHAT, {**HELLO, "temperature": 1})
    assert bench.calls("/chat/completions")[2].body["temperature"] == 1


async def test_strict_needs_no_learning_and_forward_sends_all(bench: Workbench) -> None:
    await bench.sign_in()
    bench.set("upstream", parameter_policy=ParameterPolicy.STRICT)
    answer = await bench.ask("gpt-4o-mini", CHAT, {**HELLO, "temperature": 1, "max_tokens": 5})
    assert answer.attempts == 1
    bench.set("upstream", parameter_policy=ParameterPolicy.FORWARD)
    with pytest.raises(UpstreamRefused):
        await bench.ask("gpt-4o-mini", CHAT, {**HELLO, "temperature": 1})
    assert all(e.body["temperature"] == 1 for e in bench.calls("/chat/completions")[1:])


async def test_a_reasoning_model_gets_no_sampling_on_responses(bench: Workbench) -> None:
    await bench.sign_in()
    answer = await bench.ask(
        "gpt-5.4",
        Endpoint.RESPONSES,
        {
            "input": "hi",
            "temperature": 1,
            "top_p": 0.9,
            "max_output_tokens": 8,
            "service_tier": "flex",
            "store": True,
        },
    )
    assert answer.attempts == 1
    assert set(answer.dropped) == {
        "temperature",
        "top_p",
        "service_tier",
        "store",
        "max_output_tokens (16 instead of 8)",
    }
    assert answer.enforced_locally == ("max_output_tokens",)


async def test_messages_betas_and_unknown_members_are_learned(bench: Workbench) -> None:
    await bench.sign_in()
    body = {
        **HELLO,
        "max_tokens": 64,
        "tools": [
            {"name": "a", "input_schema": {"type": "object"}, "eager_input_streaming": True},
            {"name": "b", "input_schema": {"type": "object"}, "eager_input_streaming": True},
        ],
        "inference_geo": "eu",
    }
    headers = {"anthropic-beta": "made-up-2026-01-01,interleaved-thinking-2025-05-14"}
    attempts = []
    for _ in range(2):
        answer = await bench.open("claude-haiku-4.5", Endpoint.MESSAGES, body, headers=headers)
        await answer.close()
        attempts.append(answer.attempts)
    assert attempts == [3, 1]
    assert set(answer.dropped) == {
        "anthropic-beta: made-up-2026-01-01",
        "tools.*.custom.eager_input_streaming",
        "inference_geo",
    }


@pytest.mark.parametrize(
    ("fault", "slept", "calls"),
    [
        ("403-limit", [1.5], 3),
        ("429*1", [1.0], 2),
        ("500*2", [0.5, 1.0], 3),
        ("503*1", [0.5], 2),
    ],
)
async def test_short_troubles_are_waited_out(
    bench: Workbench, fault: str, slept: list[float], calls: int
) -> None:
    await bench.sign_in()
    await bench.ask("gpt-4o-mini", CHAT, says(f"hi [sim:{fault}]"))
    assert len(bench.calls("/chat/completions")) == calls
    assert len(bench.time.slept) == len(slept)
    for waited, longest in zip(bench.time.slept, slept, strict=True):
        assert longest / 2 <= waited <= longest


@pytest.mark.parametrize(
    ("fault", "kind", "status", "calls"),
    [
        ("429-long", ErrorKind.RATE_LIMIT, 429, 1),
        ("402", ErrorKind.QUOTA, 402, 1),
        ("403-terms", ErrorKind.PERMISSION, 403, 1),
        ("466", ErrorKind.UPSTREAM, 502, 1),
        ("413", ErrorKind.TOO_LARGE, 413, 1),
        ("422", ErrorKind.CONTENT_FILTER, 400, 1),
        ("401-item", ErrorKind.INVALID_REQUEST, 400, 1),
        ("context", ErrorKind.CONTEXT_OVERFLOW, 400, 1),
        ("408", ErrorKind.TIMEOUT, 408, 2),
        ("502-html", ErrorKind.UPSTREAM, 502, 4),
    ],
)
async def test_each_trouble_has_its_own_error(
    bench: Workbench, fault: str, kind: ErrorKind, status: int, calls: int
) -> None:
    await bench.sign_in()
    with pytest.raises(ProxyError) as caught:
        await bench.ask("gpt-4o-mini", CHAT, says(f"hi [sim:{fault}]"))
    assert (caught.value.kind, caught.value.http_status) == (kind, status)
    assert len(bench.calls("/chat/completions")) == calls
    if status == 429:
        assert caught.value.retry_after == 86400


@pytest.mark.parametrize(
    ("model", "endpoint", "body"),
    [
        ("gpt-5.4", Endpoint.RESPONSES, {"input": "[sim:context]"}),
        ("claude-sonnet-4.6", Endpoint.MESSAGES, {**says("[sim:context]"), "max_tokens": 9}),
    ],
)
async def test_an_overflow_is_known_in_every_endpoints_words(
    bench: Workbench, model: str, endpoint: Endpoint, body: dict[str, Any]
) -> None:
    await bench.sign_in()
    with pytest.raises(ProxyError) as caught:
        await bench.ask(model, endpoint, body)
    assert caught.value.kind is ErrorKind.CONTEXT_OVERFLOW


async def test_a_token_that_dies_in_use_is_replaced_without_a_word(bench: Workbench) -> None:
    await bench.sign_in()
    answer = await bench.ask("gpt-4o-mini", CHAT, says("hi [sim:expire]"))
    assert answer.attempts == 2
    first, second = (e.headers["authorization"] for e in bench.calls("/chat/completions"))
    assert first != second


async def test_a_wrong_endpoint_names_itself(bench: Workbench) -> None:
    await bench.sign_in()
    with pytest.raises(UpstreamRefused, match="not accessible via the /chat/completions") as caught:
        await bench.ask("gpt-5.3-codex", CHAT, HELLO)
    assert caught.value.code == "unsupported_api_for_model"
    assert caught.value.http_status == 400


async def test_a_cut_stream_is_an_error_after_what_arrived(bench: Workbench) -> None:
    await bench.sign_in()
    answer = await bench.open("gpt-4o-mini", CHAT, says("hi [sim:cut]"))
    with pytest.raises(ConnectionFailed, match="broke"):
        async for _ in answer.chunks():
            pass
    await answer.close()
    assert len(bench.calls("/chat/completions")) == 1


async def test_a_closed_answer_leaves_no_call_open(bench: Workbench) -> None:
    await bench.sign_in()
    answer = await bench.open("gpt-4o-mini", CHAT, says("hi [sim:stall]"))
    await anext(answer.chunks())
    assert bench.simulator.active == 1
    await answer.close()
    async with asyncio.timeout(30):
        while bench.simulator.active:  # noqa: ASYNC110 - the simulator has no event for it
            await asyncio.sleep(0.005)


async def test_upstream_counts_tokens_for_claude_only(bench: Workbench) -> None:
    await bench.sign_in()
    body = {**HELLO, "max_tokens": 1, "temperature": 1}
    claude = await bench.model("claude-sonnet-4.6")
    counted = await bench.side.client.count_tokens(claude, {"model": claude.id, **body})
    assert isinstance(counted, int)
    assert counted > 0
    other = await bench.model("gpt-4o-mini")
    assert await bench.side.client.count_tokens(other, body) is None


async def test_embeddings_come_as_one_answer(bench: Workbench) -> None:
    await bench.sign_in()
    answer = await bench.open("text-embedding-3-small", Endpoint.EMBEDDINGS, {"input": ["a"]})
    content = b"".join([chunk async for chunk in answer.chunks()])
    await answer.close()
    assert b"embedding" in content
