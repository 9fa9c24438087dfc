"""How many functions a chunk and a request call: the same on every machine, so that a rise is seen.

A bound is a tenth above what was counted when it was written. A change that needs more says why, and
raises it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import DIALECTS
from proxy_core.server.calls.relay.transcoding import (
    PassThroughTranscoder,
    Transcoder,
    TranslatingTranscoder,
)
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.usage.ledger.entry import entry_from_record
from tests.benchmarks import upstream

CHUNKS = 200


def calls_of(work: Callable[[], object]) -> int:
    """Count calls of Python functions and of built-in ones."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        del frame, argument
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def context() -> WriterContext:
    return WriterContext("gpt-bench", lambda prefix: f"{prefix}1", 0, members={})


def passing(name: DialectName) -> Transcoder:
    return PassThroughTranscoder(DIALECTS[name].pass_through(context()))


def translating(client: DialectName, spoken: DialectName) -> Transcoder:
    return TranslatingTranscoder(
        DIALECTS[spoken].reader("gpt-bench"), DIALECTS[client].writer(context()), client=client
    )


CHAT, MESSAGES, RESPONSES = (
    DialectName.OPENAI_CHAT,
    DialectName.ANTHROPIC_MESSAGES,
    DialectName.OPENAI_RESPONSES,
)
WRITERS = {CHAT: upstream.chat, MESSAGES: upstream.messages, RESPONSES: upstream.responses}


@pytest.mark.parametrize(
    ("make", "spoken", "most"),
    [
        pytest.param(lambda: passing(CHAT), CHAT, 21, id="chat"),
        pytest.param(lambda: passing(MESSAGES), MESSAGES, 15, id="messages"),
        pytest.param(lambda: passing(RESPONSES), RESPONSES, 31, id="responses"),
        pytest.param(lambda: translating(MESSAGES, CHAT), CHAT, 21, id="messages from chat"),
        pytest.param(lambda: translating(CHAT, MESSAGES), MESSAGES, 41, id="chat from messages"),
        pytest.param(lambda: translating(RESPONSES, CHAT), CHAT, 56, id="responses from chat"),
    ],
)
def test_a_chunk_of_text_costs_no_more_calls_than_it_did(
    make: Callable[[], Transcoder], spoken: DialectName, most: int
) -> None:
    pieces = [each.encode() for each in WRITERS[spoken]("gpt-bench", CHUNKS + 5)]
    transcoder = make()
    for piece in pieces[:5]:
        transcoder.feed(piece)
    count = calls_of(lambda: [transcoder.feed(each) for each in pieces[5 : 5 + CHUNKS]])
    assert count / CHUNKS <= most, f"{count / CHUNKS:.1f} calls a chunk"


def test_a_line_of_the_ledger_costs_no_more_calls_than_it_did() -> None:
    record = RequestRecord(
        *("req_1", "Codex", "POST /v1/responses", "gpt-5", 1_795_262_400.0, RequestState.DONE),
        model="gpt-5",
        duration=1.5,
        input_tokens=9,
    )
    count = calls_of(lambda: entry_from_record(record))
    assert count <= 25, f"{count} calls"
