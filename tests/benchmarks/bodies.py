"""What a long conversation costs before it is sent: CPU of one thread, beside its decoding and encoding.

Of each pair of dialects a body of a megabyte, and what 4,000 short messages add to one. The least of
several times is taken: what neighbours on the machine cause only ever adds.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from proxy_core.canonical.request import DialectName
from tests.benchmarks.conversations import (
    CHAT,
    MESSAGES,
    RESPONSES,
    SENTENCE,
    conversation,
    planning,
)

PAIRS = {
    "chat": (CHAT, CHAT),
    "messages": (MESSAGES, MESSAGES),
    "responses": (RESPONSES, RESPONSES),
    "messages to chat": (MESSAGES, CHAT),
    "chat to messages": (CHAT, MESSAGES),
    "responses to chat": (RESPONSES, CHAT),
    "messages to responses": (MESSAGES, RESPONSES),
    "chat to responses": (CHAT, RESPONSES),
    "responses to messages": (RESPONSES, MESSAGES),
}
MEGABYTE = 1_500
"""Messages of ``TEXT`` that make a body of about a megabyte."""
HISTORY = 4_000
AIM_OF_HISTORY = {False: 15.0, True: 60.0}
"""Milliseconds that it may add passed through, and translated."""
AIM_OF_TRANSLATION = 1.5
"""Times a decoding and an encoding."""


@dataclass(frozen=True, slots=True)
class BodiesSize:
    """``rounds``: how often each is measured."""

    rounds: int


SHORT = BodiesSize(rounds=5)
LONG = BodiesSize(rounds=25)


@dataclass(frozen=True, slots=True)
class BodyFigure:
    name: str
    unit: str
    value: float
    aim: float | None = None


def least_seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the least CPU time of this thread, without searches for cycles, which look at all that
    the process holds."""
    found = []
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            began = time.thread_time()
            result = work()
            found.append(time.thread_time() - began)
            del result
    finally:
        if is_collecting:
            gc.enable()
    return min(found)


def coding_seconds(sent: bytes, rounds: int) -> float:
    """Return what a decoding and an encoding of a body take."""
    return least_seconds(lambda: msgspec.json.encode(msgspec.json.decode(sent)), rounds)


def measure_bodies(size: BodiesSize) -> Iterator[BodyFigure]:
    for name, (client, spoken) in PAIRS.items():
        yield from _of_pair(name, client, spoken, size.rounds)


def _of_pair(
    name: str, client: DialectName, spoken: DialectName, rounds: int
) -> Iterator[BodyFigure]:
    is_translated = client is not spoken
    sent = conversation(client, MEGABYTE)
    megabytes = len(sent) / 1e6
    took = least_seconds(planning(client, spoken, sent), rounds)
    yield BodyFigure(f"{name}: large body", "ms/MB", 1e3 * took / megabytes)
    yield BodyFigure(
        f"{name}: large body to its coding",
        "times",
        took / coding_seconds(sent, rounds),
        AIM_OF_TRANSLATION if is_translated else None,
    )
    one, many = (
        least_seconds(planning(client, spoken, conversation(client, messages, SENTENCE)), rounds)
        for messages in (0, HISTORY)
    )
    yield BodyFigure(
        f"{name}: {HISTORY:,} messages more",
        "ms",
        1e3 * (many - one),
        AIM_OF_HISTORY[is_translated],
    )
