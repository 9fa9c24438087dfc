"""Embeddings, end to end: OpenAI's SDK, every form of input, the simulator's vectors."""

from __future__ import annotations

import base64
import struct
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from proxy_core.status.status import RequestState
from tests.integration.server.conftest import Proxy

MODEL = "text-embedding-3-small"


def similarity(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_the_sdk_gets_vectors_in_which_like_texts_lie_near(
    openai_client: AsyncOpenAI,
) -> None:
    """The SDK asks for base64 and decodes it."""
    answer = await openai_client.embeddings.create(
        model=MODEL, input=["a green duck swims", "the green duck swims", "stock exchange news"]
    )
    first, near, far = (each.embedding for each in answer.data)
    assert [each.index for each in answer.data] == [0, 1, 2]
    assert len(first) == 1536
    assert similarity(first, near) > 0.5 > similarity(first, far)
    assert answer.object == "list"
    assert answer.model == MODEL
    assert answer.usage.prompt_tokens == answer.usage.total_tokens > 0


async def test_both_encodings_say_the_same(proxy: Proxy) -> None:
    asked = {"model": MODEL, "input": "hello", "dimensions": 64}
    answers = [
        await (await proxy.post("/v1/embeddings", asked | {"encoding_format": each})).json()
        for each in ("float", "base64")
    ]
    plain, packed = (each["data"][0]["embedding"] for each in answers)
    assert len(plain) == 64
    assert struct.unpack("<64f", base64.b64decode(packed)) == pytest.approx(plain, abs=1e-6)


@pytest.mark.parametrize(
    ("given", "count"),
    [("text", 1), (["one", "two"], 2), ([1, 2, 3], 1), ([[1, 2], [3]], 2), (["a"] * 700, 700)],
    ids=["a string", "strings", "tokens", "lists of tokens", "more than upstream takes at once"],
)
async def test_every_form_of_input_is_served(proxy: Proxy, given: Any, count: int) -> None:
    response = await proxy.post("/v1/embeddings", {"model": MODEL, "input": given})
    assert response.status == 200, await response.text()
    body = await response.json()
    assert [each["index"] for each in body["data"]] == list(range(count))
    assert body["object"] == "list"


async def test_the_same_text_has_the_same_vector_whichever_batch_it_is_in(proxy: Proxy) -> None:
    texts = ["duck", *(f"text {number}" for number in range(600)), "duck"]
    response = await proxy.post("/v1/embeddings", {"model": MODEL, "input": texts, "dimensions": 8})
    vectors = [each["embedding"] for each in (await response.json())["data"]]
    assert vectors[0] == vectors[-1] != vectors[1]


async def test_what_it_cost_is_on_record(proxy: Proxy) -> None:
    response = await proxy.post("/v1/embeddings", {"model": MODEL, "input": "a duck", "user": "me"})
    assert response.headers["x-g-copilot-proxy-dropped"] == "user"
    record = proxy.last_request
    assert record.path == "POST /v1/embeddings"
    assert record.state is RequestState.DONE
    assert record.upstream_endpoint == "/embeddings"
    assert record.input_tokens == (await response.json())["usage"]["prompt_tokens"]
    assert record.nano_credits is not None
    assert record.attempts == 1


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": []}, "input"),
        ({"input": ""}, "input"),
        ({"input": None}, "input"),
        ({"input": ["a", 7]}, "input[1]"),
        ({"input": ["a"] * 2049}, "input"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"model": 7}, "model"),
        ({"model": "gpt-4.1"}, "model"),
    ],
)
async def test_bad_input_is_refused_by_its_member(
    proxy: Proxy, change: dict[str, Any], param: str
) -> None:
    response = await proxy.post("/v1/embeddings", {"model": MODEL, "input": "a"} | change)
    assert response.status == 400
    error = (await response.json())["error"]
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"
    assert proxy.simulator.requests == [
        each for each in proxy.simulator.requests if each.path != "/embeddings"
    ]


async def test_an_unknown_model_is_not_found(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        await openai_client.embeddings.create(model="text-embedding-900", input="a")


async def test_an_embedding_model_cannot_be_asked_to_talk(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="embeddings"):
        await openai_client.responses.create(model=MODEL, input="a")


async def test_upstream_s_refusal_is_told_with_its_wait(openai_client: AsyncOpenAI) -> None:
    with pytest.raises(openai.RateLimitError) as refused:
        await openai_client.embeddings.create(model=MODEL, input="a [sim:429-long]")
    assert refused.value.response.headers["retry-after"] == "86400"


async def test_batches_that_were_paid_before_one_failed_are_on_record(proxy: Proxy) -> None:
    texts = [*(f"text {number}" for number in range(600)), "the last one [sim:429-long]"]
    response = await proxy.post("/v1/embeddings", {"model": MODEL, "input": texts})
    assert response.status == 429
    record = proxy.last_request
    assert record.state is RequestState.FAILED
    assert record.input_tokens > 0
    assert record.nano_credits is not None
    assert record.nano_credits > 0
