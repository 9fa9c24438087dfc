"""What follows in an answered turn of Codex's is the program's work, whoever's words stand last."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

PATH = "/v1/responses"


def stated(turn: str, kind: str) -> dict[str, str]:
    metadata = {"turn_id": turn, "request_kind": kind, "thread_source": "user"}
    return {"User-Agent": "codex_cli_rs/0.171.0", "x-codex-turn-metadata": json.dumps(metadata)}


async def asked(proxy: Proxy, turn: str, *, text: str = "hello", kind: str = "turn") -> int:
    body: dict[str, Any] = {
        "model": "gpt-5-mini",
        "input": [{"role": "user", "content": text}],
        "store": False,
    }
    answer = await proxy.send("POST", PATH, proxy.headers(**stated(turn, kind)), json=body)
    await answer.read()
    return answer.status


def initiators(proxy: Proxy) -> list[str]:
    sent = [each for each in proxy.simulator.requests if each.path == "/responses"]
    return [each.headers["x-initiator"] for each in sent]


async def test_only_the_first_answered_request_of_a_turn_is_the_persons(proxy: Proxy) -> None:
    for turn in ("one", "one", "two", "one", "two"):
        assert await asked(proxy, turn) == 200
    assert initiators(proxy) == ["user", "agent", "user", "agent", "agent"]


async def test_a_turn_that_was_refused_has_not_been_counted(proxy: Proxy) -> None:
    assert await asked(proxy, "one", text="[sim:422] hello") != 200
    assert await asked(proxy, "one") == 200
    assert initiators(proxy)[-1] == "user"


async def test_a_compaction_before_the_first_request_leaves_that_to_the_person(
    proxy: Proxy,
) -> None:
    """Codex compacts under the id of the turn that is about to begin, and of one that runs."""
    assert await asked(proxy, "one", kind="compaction") == 200
    assert await asked(proxy, "one") == 200
    assert await asked(proxy, "one", kind="compaction") == 200
    assert await asked(proxy, "one", text="the summary, in the user's role") == 200
    assert initiators(proxy) == ["agent", "user", "agent", "agent"]


@pytest.mark.parametrize("turn", ["", "x" * 500])
async def test_a_turn_without_an_id_of_its_own_is_the_persons_each_time(
    proxy: Proxy, turn: str
) -> None:
    for _ in range(2):
        assert await asked(proxy, turn) == 200
    assert initiators(proxy) == ["user", "user"]
