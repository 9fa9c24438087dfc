"""Every fault of upstream's in every phase, for every client, streamed and whole, passed and translated.

Always: an ending that is proper in the client's dialect, upstream closed, and nothing left behind.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.faults.axes import CASES, FAULTS, Case, Client, Ending
from tests.faults.clients import (
    PATHS,
    Received,
    body,
    check_grammar,
    error_of,
    read_streamed_answer,
    read_whole_answer,
)
from tests.faults.conftest import SMALL_LIMIT, Bench
from tests.faults.cut_answers import read_until_cut
from tests.faults.injector import Plan

WORDS = "alpha beta gamma delta epsilon zeta eta theta"
LEAVES_AFTER_BYTES = 300_000
OWN_FAULTS = ("The proxy failed", "Its log says more")


def test_the_matrix_is_as_large_as_it_was_promised() -> None:
    assert len(CASES) >= 300
    assert len({case.name for case in CASES}) == len(CASES) == 12 * len(FAULTS)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_fault_ends_properly(case: Case, bench: Bench) -> None:
    plan = Plan(case.fault.phase, case.fault.kind, case.seed, huge_bytes=SMALL_LIMIT)
    marker = f"plan-{bench.plan(plan)}"
    async with bench.client() as http:
        asking = http.post(bench.url + PATHS[case.client], json=ask(case, marker))
        if case.ending is Ending.LEAVES:
            await leave(asking, plan, case)
        else:
            async with asking as response:
                content, was_cut = await read_until_cut(response)
            judge(case, response, content, marker, was_cut=was_cut)
    await bench.until_quiet()


def ask(case: Case, marker: str) -> dict[str, Any]:
    if case.calls_a_tool:
        text = f"What is the weather in Paris? It is about {marker}."
    else:
        text = f"Repeat exactly the following text and nothing else: {marker} {WORDS} {marker}"
    return body(case.client, case.model, text, stream=case.stream, tool=case.calls_a_tool)


async def leave(asking: Any, plan: Plan, case: Case) -> None:
    """Take what comes until nothing more does (or too much), then close the connection."""

    async def take() -> None:
        async with asking as response:
            assert response.status == 200
            taken = b""
            async for chunk in response.content.iter_any():
                taken += chunk
                if len(taken) > LEAVES_AFTER_BYTES:
                    return
            raise AssertionError(f"it ended by itself: {taken[-300:]!r}")

    taking = asyncio.ensure_future(take())
    if case.fault.kind == "endless":
        await taking
        return
    reached = asyncio.ensure_future(plan.reached.wait())
    await asyncio.wait({taking, reached}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    assert reached.done(), "the fault was never met"
    await asyncio.sleep(0)
    assert not taking.done(), taking
    taking.cancel()
    await asyncio.wait({taking})


def judge(
    case: Case,
    response: aiohttp.ClientResponse,
    content: bytes,
    marker: str,
    *,
    was_cut: bool,
) -> None:
    told = f"{response.status} {content[-600:]!r}"
    assert not any(each in content.decode("utf-8", "replace") for each in OWN_FAULTS), told
    if response.status != 200:
        assert case.ending is not Ending.WHOLE, told
        assert response.content_type == "application/json", told
        error_of(case.client, json.loads(content))
        assert response.status in case.fault.statuses or not case.fault.statuses, told
        assert case.fault.statuses or response.status in (502, 503, 504, 529), told
        assert marker.encode() not in content, told
        return
    if case.stream:
        received = read_streamed_answer(case.client, content, was_cut=was_cut)
        check_grammar(case.client, received.frames, translated=case.translated, was_cut=was_cut)
    else:
        received = read_whole_answer(case.client, json.loads(content))
    check_ending(case, received, marker, told)


def check_ending(case: Case, received: Received, marker: str, told: str) -> None:
    assert received.ended or case.ending is not Ending.WHOLE, told
    assert not (received.ended and case.ending is Ending.BROKEN), told
    if received.ended and not case.calls_a_tool:
        assert received.text == f"{marker} {WORDS} {marker}", told
    elif case.fault.phase in ("last_event", "end") or case.fault.kind == "endless":
        assert marker in received.text, "what was said before is not held back"
    assert case.client in Client
