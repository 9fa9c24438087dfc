"""How many functions a chunk and a request call: the same on every machine, so that a rise is seen.

A bound is a tenth above what was counted when it was written. A change that needs more says why, and
raises it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

import msgspec
import pytest
from multidict import CIMultiDict

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import DIALECTS
from proxy_core.routing.call_plan import plan_call
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache
from proxy_core.server.calls.relay.transcoding import (
    PassThroughTranscoder,
    Transcoder,
    TranslatingTranscoder,
)
from proxy_core.server.calls.request_fitting import RequestFitter
from proxy_core.server.http.request_body import decode_members
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.upstream.catalog.parsing import parse_catalog
from proxy_core.usage.ledger.entry import entry_from_record
from tests.benchmarks import upstream
from tests.benchmarks.load import body_of

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
        pytest.param(lambda: passing(CHAT), CHAT, 16, id="chat"),
        pytest.param(lambda: passing(MESSAGES), MESSAGES, 14, id="messages"),
        pytest.param(lambda: passing(RESPONSES), RESPONSES, 30, id="responses"),
        pytest.param(lambda: translating(MESSAGES, CHAT), CHAT, 24, id="messages from chat"),
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


@pytest.mark.parametrize(
    ("make", "spoken", "most"),
    [
        pytest.param(lambda: passing(CHAT), CHAT, 4.1, id="chat"),
        pytest.param(lambda: passing(MESSAGES), MESSAGES, 4.3, id="messages"),
        pytest.param(lambda: passing(RESPONSES), RESPONSES, 22, id="responses"),
        pytest.param(lambda: translating(MESSAGES, CHAT), CHAT, 4.2, id="messages from chat"),
    ],
)
def test_of_a_whole_answer_in_one_read_only_the_events_at_its_ends_are_decoded(
    make: Callable[[], Transcoder], spoken: DialectName, most: float
) -> None:
    pieces = [each.encode() for each in WRITERS[spoken]("gpt-bench", CHUNKS)]
    transcoder, whole = make(), b"".join(pieces)
    count = calls_of(lambda: transcoder.feed(whole))
    assert transcoder.finished
    assert count / len(pieces) <= most, f"{count / len(pieces):.1f} calls a chunk"


PLANNED_HEADERS = CIMultiDict(
    {"User-Agent": "claude-cli/2.1.332", "x-api-key": "k", "Host": "localhost"}
)


def catalogue() -> tuple[Model, ...]:
    """Return the models of the stand-in upstream, and as many more as an account has."""
    listed = parse_catalog(msgspec.json.decode(upstream.models())["data"])
    more = [replace(each, id=f"{each.id}-{number}") for number in range(6) for each in listed]
    return (*more, *listed)


@pytest.mark.parametrize(
    ("client", "kind", "speaks", "most"),
    [
        pytest.param(CHAT, "cc", "chat", 248, id="chat"),
        pytest.param(MESSAGES, "msg", "messages", 358, id="messages"),
        pytest.param(RESPONSES, "rsp", "responses", 266, id="responses"),
        pytest.param(MESSAGES, "cc", "messages", 466, id="messages to chat"),
    ],
)
def test_the_plan_of_a_small_request_costs_no_more_calls_than_it_did(
    client: DialectName, kind: str, speaks: str, most: int
) -> None:
    models = catalogue()
    body = body_of(speaks, upstream.name(*upstream.PACES[0], kind), 1000)
    fitter = RequestFitter(ThinkingCache())

    def plan() -> object:
        members = decode_members(body)
        return fitter.fit(
            plan_call(members, PLANNED_HEADERS, DIALECTS[client], DIALECTS, models, "req_1", {})
        )

    plan()  # what is decided once for a model counts for no request
    count = calls_of(plan)
    assert count <= most, f"{count} calls"


def test_a_line_of_the_ledger_costs_no_more_calls_than_it_did() -> None:
    record = RequestRecord(
        *("req_1", "Codex", "POST /v1/responses", "gpt-5", 1_795_262_400.0, RequestState.DONE),
        model="gpt-5",
        duration=1.5,
        input_tokens=9,
    )
    count = calls_of(lambda: entry_from_record(record))
    assert count <= 25, f"{count} calls"
