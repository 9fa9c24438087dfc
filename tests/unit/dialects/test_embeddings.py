"""Embeddings: every form of input, one form of upstream, both encodings of the answer."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import openai.types
import pytest

from proxy_core.canonical.events import Bill, BilledTokens, Usage
from proxy_core.canonical.model import Model
from proxy_core.dialects.embeddings import (
    MAX_INPUTS,
    EmbeddingsRequest,
    parse_request,
    read_costs,
    render_requests,
    write_answer,
)
from proxy_core.errors import BadRequest, StreamFormatError

MODEL = Model(
    "text-embedding-3-small",
    "Embedding",
    "OpenAI",
    kind="embeddings",
    raw={"capabilities": {"limits": {"max_inputs": 2}}},
)
PLAIN = Model("text-embedding-ada-002", "Ada", "OpenAI", kind="embeddings")


def parse(value: object, **members: Any) -> EmbeddingsRequest:
    return parse_request({"model": "text-embedding-3-small", "input": value, **members})


def answer(*vectors: list[float], **members: Any) -> bytes:
    data = [{"index": i, "embedding": vector} for i, vector in enumerate(vectors)]
    usage = {"prompt_tokens": 2, "total_tokens": 2}
    return json.dumps({"data": data, "usage": usage, **members}).encode()


@pytest.mark.parametrize(
    ("value", "inputs"),
    [
        ("one", ("one",)),
        (["one", "two"], ("one", "two")),
        ([1, 2, 3], ([1, 2, 3],)),
        ([[1, 2], [3]], ([1, 2], [3])),
    ],
)
def test_input_comes_in_four_forms(value: object, inputs: tuple[object, ...]) -> None:
    assert parse(value).inputs == inputs


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({}, "input"),
        ({"input": None}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": 5}, "input"),
        ({"input": ["one", ""]}, "input[1]"),
        ({"input": ["one", 2]}, "input[1]"),
        ({"input": [[1], []]}, "input[1]"),
        ({"input": [[1], [-2]]}, "input[1][0]"),
        ({"input": [[True]]}, "input[0][0]"),
        ({"input": ["x"] * (MAX_INPUTS + 1)}, "input"),
        ({"input": "x", "encoding_format": "hex"}, "encoding_format"),
        ({"input": "x", "dimensions": 0}, "dimensions"),
    ],
)
def test_what_cannot_be_embedded_is_named(members: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as failure:
        parse_request({"model": "m", **members})
    assert failure.value.param == param


def test_a_model_is_needed() -> None:
    with pytest.raises(BadRequest) as failure:
        parse_request({"input": "x"})
    assert failure.value.param == "model"


def test_upstream_gets_arrays_in_batches_and_no_encoding() -> None:
    request = parse(["a", "b", "c"], encoding_format="base64", dimensions=512, user="me")
    first, second = render_requests(request, MODEL)
    assert first.body == {"model": MODEL.id, "input": ["a", "b"], "dimensions": 512}
    assert second.body == {"model": MODEL.id, "input": ["c"], "dimensions": 512}
    assert first.dropped == ("user",)


def test_a_string_goes_up_as_an_array() -> None:
    (only,) = render_requests(parse("one"), PLAIN)
    assert only.body == {"model": PLAIN.id, "input": ["one"]}
    assert only.dropped == ()


def test_the_answer_is_what_the_sdk_expects() -> None:
    request = parse(["a", "b", "c"])
    told = write_answer(request, [answer([0.25, -0.5], [1.0]), answer([2.0])])
    response = openai.types.CreateEmbeddingResponse.model_validate(told, strict=True)
    assert not response.model_extra
    assert [(each.index, each.embedding) for each in response.data] == [
        (0, [0.25, -0.5]),
        (1, [1.0]),
        (2, [2.0]),
    ]
    assert response.model == "text-embedding-3-small"
    assert response.usage.prompt_tokens == 4


def test_base64_is_thirty_two_bit_floats_low_byte_first() -> None:
    told = write_answer(parse("a", encoding_format="base64"), [answer([0.25, -0.5])])
    raw = base64.b64decode(told["data"][0]["embedding"])
    assert struct.unpack("<2f", raw) == (0.25, -0.5)


def test_embeddings_come_in_the_order_of_their_numbers() -> None:
    shuffled = [{"index": 1, "embedding": [1.0]}, {"index": 0, "embedding": [0.0]}]
    told = write_answer(parse(["a", "b"]), [json.dumps({"data": shuffled}).encode()])
    assert [each["embedding"] for each in told["data"]] == [[0.0], [1.0]]
    assert told["usage"] == {"prompt_tokens": 0, "total_tokens": 0}


def test_embeddings_without_numbers_keep_their_order() -> None:
    bare = [{"embedding": [1.0]}, {"embedding": [0.0]}]
    told = write_answer(parse(["a", "b"]), [json.dumps({"data": bare}).encode()])
    assert [each["embedding"] for each in told["data"]] == [[1.0], [0.0]]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data": [5]}', answer()])
def test_an_answer_that_is_none_is_a_format_error(body: bytes) -> None:
    with pytest.raises(StreamFormatError):
        write_answer(parse("a"), [body])


def test_usage_that_counts_only_a_part_counts_the_rest_as_nothing() -> None:
    data = [{"index": 0, "embedding": [1.0]}]
    body = json.dumps({"data": data, "usage": {}}).encode()
    assert write_answer(parse("a"), [body])["usage"] == {"prompt_tokens": 0, "total_tokens": 0}
    body = json.dumps({"data": data, "usage": {"prompt_tokens": 3}}).encode()
    assert write_answer(parse("a"), [body])["usage"] == {"prompt_tokens": 3, "total_tokens": 0}


def bill(total: int, tokens: int) -> dict[str, Any]:
    line = {
        "token_type": "input",
        "token_count": tokens,
        "cost_per_batch": 20_000_000,
        "batch_size": 1_000_000,
    }
    return {"total_nano_aiu": total, "token_details": [line]}


def test_what_several_answers_used_and_cost_adds_up() -> None:
    used, billed = read_costs(
        [answer([0.5], copilot_usage=bill(3, 2)), answer([0.5], copilot_usage=bill(4, 2))]
    )
    assert used == Usage(input_tokens=4)
    line = BilledTokens("input", 2, 20_000_000, 1_000_000)
    assert billed == Bill(7, (line, line))


def test_without_a_bill_there_is_none_and_without_usage_nothing_was_counted() -> None:
    assert read_costs([answer([0.5])]) == (Usage(input_tokens=2), None)
    assert read_costs([answer([0.5], usage=None)]) == (Usage(), None)
    assert read_costs([]) == (Usage(), None)
