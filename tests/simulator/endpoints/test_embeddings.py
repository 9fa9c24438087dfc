"""/embeddings."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.simulator.conftest import Client, StartSimulator


async def embed(client: Client, given: Any, **more: Any) -> Any:
    body = {"model": "text-embedding-3-small", "input": given, **more}
    return await client.post("/embeddings", body)


def likeness(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


async def test_an_array_of_texts_gives_unit_vectors_in_order_without_object_and_model(
    client: Client,
) -> None:
    answer = (await embed(client, ["one", "two"])).json()
    assert set(answer) == {"data", "usage", "copilot_usage"}
    assert [each["index"] for each in answer["data"]] == [0, 1]
    for each in answer["data"]:
        assert len(each["embedding"]) == 1536
        assert math.isclose(likeness(each["embedding"], each["embedding"]), 1, abs_tol=1e-6)


async def test_like_texts_lie_nearer_than_unlike_ones(client: Client) -> None:
    texts = ["the quick brown fox", "a quick brown fox", "quarterly tax report"]
    fox, other_fox, tax = (e["embedding"] for e in (await embed(client, texts)).json()["data"])
    assert likeness(fox, other_fox) > 0.5 > likeness(fox, tax)


async def test_dimensions_are_honoured_where_the_model_knows_them(client: Client) -> None:
    answer = await embed(client, ["one"], dimensions=64)
    assert len(answer.json()["data"][0]["embedding"]) == 64
    for wrong in (0, 5000, "many"):
        assert (await embed(client, ["one"], dimensions=wrong)).status == 400
    refused = await embed(client, ["one"], dimensions=64, model="text-embedding-ada-002")
    assert refused.status == 400


@pytest.mark.parametrize(
    "wrong", ["a bare string", [], [""], [1], None, ["x"] * 513, ["x" * 40_000]]
)
async def test_what_is_no_array_of_texts_within_limits_is_refused(
    client: Client, wrong: Any
) -> None:
    assert (await embed(client, wrong)).status == 400


async def test_base64_is_not_served(start: StartSimulator) -> None:
    strict, lenient = await start(), await start(profile="lenient")
    assert (await embed(strict, ["one"], encoding_format="base64")).status == 400
    vectors = (await embed(lenient, ["one"], encoding_format="base64")).json()["data"]
    assert isinstance(vectors[0]["embedding"], list)
