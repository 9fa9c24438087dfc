"""What is kept of requests while their user wants it, and that it goes."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from proxy_core.server.records import tracing
from proxy_core.server.records.tracing import LONGEST_PART, Tracer
from proxy_core.status.request_trace import TracePlace

NOW = 1_795_262_400.0


@pytest.fixture
def told() -> list[float | None]:
    return []


@pytest.fixture
def tracer(told: list[float | None]) -> Tracer:
    return Tracer(lambda: NOW, told.append, retention_seconds=0.02)


def test_off_by_default_nothing_is_kept(tracer: Tracer) -> None:
    assert tracer.begin("r1", {"model": "m"}) is None
    assert tracer.read("r1") is None


async def test_each_place_is_kept_as_it_was(tracer: Tracer, told: list[float | None]) -> None:
    tracer.start(60)
    trace = tracer.begin("r1", {"model": msgspec.Raw(b'"m"')})
    assert trace is not None
    trace.replace(TracePlace.UPSTREAM_REQUEST, {"model": "a"})
    trace.replace(TracePlace.UPSTREAM_REQUEST, {"model": "b"})
    trace.add(TracePlace.UPSTREAM_ANSWER, "grü".encode()[:3])
    trace.add(TracePlace.UPSTREAM_ANSWER, "grü".encode()[3:])
    read = tracer.read("r1")
    assert read is not None
    assert [(each.place, each.text) for each in read.parts] == [
        (TracePlace.CLIENT_REQUEST, '{"model":"m"}'),
        (TracePlace.UPSTREAM_REQUEST, '{"model":"b"}'),
        (TracePlace.UPSTREAM_ANSWER, "grü"),
    ]
    assert told == [NOW + 60]
    tracer.forget()


async def test_a_long_part_keeps_its_beginning_and_says_so(tracer: Tracer) -> None:
    tracer.start(60)
    trace = tracer.begin("r1", {})
    assert trace is not None
    for _ in range(3):
        trace.add(TracePlace.CLIENT_ANSWER, b"x" * (LONGEST_PART // 2 + 1))
    read = tracer.read("r1")
    assert read is not None
    part = read.part(TracePlace.CLIENT_ANSWER)
    assert part is not None
    assert (len(part.text), part.is_cut) == (LONGEST_PART, True)
    assert part.size == 3 * (LONGEST_PART // 2 + 1)
    tracer.forget()


async def test_the_oldest_give_way(tracer: Tracer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MOST_BYTES", 1_000)
    tracer.start(60)
    first = tracer.begin("r1", {})
    assert first is not None
    for number in range(2, 6):
        trace = tracer.begin(f"r{number}", {})
        assert trace is not None
        trace.add(TracePlace.CLIENT_ANSWER, b"x" * 400)
    assert [f"r{n}" for n in range(1, 6) if tracer.read(f"r{n}") is not None] == ["r4", "r5"]
    first.add(TracePlace.CLIENT_ANSWER, b"x" * 5_000)
    assert tracer.read("r5") is not None, "who was given up takes nobody's room"
    monkeypatch.setattr(tracing, "MOST_TRACES", 2)
    tracer.begin("r6", {})
    assert tracer.read("r4") is None
    tracer.forget()


async def test_it_ends_by_itself_and_is_forgotten_by_itself(
    tracer: Tracer, told: list[float | None]
) -> None:
    tracer.start(0.01)
    tracer.begin("r1", {})
    async with asyncio.timeout(30):
        while told[-1] is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        assert tracer.begin("r2", {}) is None
        while tracer.read("r1") is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    assert told == [NOW + 0.01, None]


async def test_a_new_start_forgets_what_was(tracer: Tracer) -> None:
    tracer.start(60)
    tracer.begin("r1", {})
    tracer.stop()
    assert tracer.read("r1") is not None, "it can still be looked at"
    tracer.start(60)
    assert tracer.read("r1") is None
    tracer.forget()


async def test_it_tells_which_requests_can_be_looked_at_and_until_when() -> None:
    told: list[tuple[set[str], float | None]] = []
    tracer = Tracer(
        lambda: NOW,
        lambda _: None,
        retention_seconds=600,
        on_traces=lambda ids, until: told.append((set(ids), until)),
    )
    tracer.start(60)
    tracer.begin("r1", {})
    assert told[-1] == ({"r1"}, NOW + 660)
    tracer.stop()
    assert told[-1] == ({"r1"}, NOW + 600)
    tracer.forget()
    assert told[-1] == (set(), None)


async def test_who_was_given_up_is_told_of_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[set[str]] = []
    tracer = Tracer(
        lambda: NOW, lambda _: None, on_traces=lambda ids, _until: told.append(set(ids))
    )
    monkeypatch.setattr(tracing, "MOST_TRACES", 2)
    tracer.start(60)
    for number in range(1, 4):
        tracer.begin(f"r{number}", {})
    assert told[-1] == {"r2", "r3"}
    tracer.forget()
