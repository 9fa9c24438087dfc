"""Whatever upstream sends, a reader raises StreamFormatError or nothing."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.events import Done, Error
from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import DIALECTS
from proxy_core.errors import BadRequest, StreamFormatError
from tests.property.request_strategies import ABLE_MODEL

SPOKEN = [DialectName.OPENAI_CHAT, DialectName.ANTHROPIC_MESSAGES]
CONTEXT = WriterContext("m", lambda prefix: prefix + "0", 1)
_SOURCES = Path(__file__).parents[2] / "proxy_core/dialects"
_PARSERS = (
    "wire",
    "parse_messages",
    "parse_request",
    "edit_request",
    "schema",
    "read_blocks",
)
_WORDS = sorted(
    {
        word
        for path in _SOURCES.glob("*/*.py")
        if path.stem in _PARSERS
        for word in re.findall(r"[\"\s]([a-z_]{2,30})[\":]", path.read_text(encoding="utf-8"))
    }
)
"""Every name the dialects look for, so that chance finds its way past the first check."""
words = st.sampled_from(_WORDS)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=30,
)
objects = st.dictionaries(words, values, max_size=8)
events = st.builds(
    lambda kind, rest: {**rest, "type": kind},
    st.sampled_from(
        [
            "message_start",
            "message_delta",
            "message_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "error",
            "ping",
        ]
    ),
    objects,
)
payloads = (
    st.binary(max_size=60)
    | (objects | events | values).map(lambda value: json.dumps(value).encode())
    | st.sampled_from([b"[DONE]", b"", b"null", b"[" * 5000, b'{"choices":[' * 2000])
)
frames = st.builds(Frame, payloads, st.sampled_from([b"", b"error", b"message_start", b"ping"]))


@pytest.mark.parametrize("name", SPOKEN)
@given(st.lists(frames, max_size=6))
def test_a_reader_raises_nothing_but_format_errors(name: DialectName, stream: list[Frame]) -> None:
    reader = DIALECTS[name].reader("m")
    read = []
    with contextlib.suppress(StreamFormatError):
        for frame in stream:
            read.extend(reader.feed(frame))
        read.extend(reader.close())
        assert isinstance(read[-1], Done | Error)
    assert sum(isinstance(event, Done | Error) for event in read) <= 1


@pytest.mark.parametrize("name", SPOKEN)
@given(payloads)
def test_a_whole_answer_raises_nothing_but_format_errors(name: DialectName, body: bytes) -> None:
    with contextlib.suppress(StreamFormatError):
        assert isinstance(DIALECTS[name].read_whole(body, "m")[-1], Done | Error)


@pytest.mark.parametrize("name", SPOKEN)
@given(st.lists(frames, max_size=6))
def test_a_forwarded_stream_always_ends_and_says_how(
    name: DialectName, stream: list[Frame]
) -> None:
    passing = DIALECTS[name].pass_through(CONTEXT)
    for frame in stream:
        passing.feed(frame)
    passing.close()
    outcome = passing.outcome()
    assert outcome.finished == (outcome.error is None)


@pytest.mark.parametrize("name", SPOKEN)
@given(values)
def test_a_request_raises_nothing_but_bad_requests(name: DialectName, value: object) -> None:
    body = value if isinstance(value, dict) else {"model": "m", "messages": value}
    for each in (body, {"model": "m", **body, "messages": [body, value]}):
        with contextlib.suppress(BadRequest):
            DIALECTS[name].parse_request(each)


@pytest.mark.parametrize("name", SPOKEN)
@given(objects, values)
def test_a_request_that_passes_through_raises_nothing_but_bad_requests(
    name: DialectName, members: dict[str, object], message: object
) -> None:
    messages = [{"role": "user", "content": [message, members]}, members, message]
    for body in (members, {"model": "m", **members, "messages": messages}):
        raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode(json.dumps(body))
        with contextlib.suppress(BadRequest):
            facts = DIALECTS[name].inspect_request(raw)
            assert facts.model
        with contextlib.suppress(BadRequest):
            DIALECTS[name].pass_through_request(raw, ABLE_MODEL)


def test_the_words_cover_the_wire() -> None:
    assert {"choices", "tool_calls", "content_block", "partial_json", "tool_result"} <= set(_WORDS)
