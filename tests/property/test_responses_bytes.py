"""Whatever arrives, from upstream or from a client, the Responses dialect fails in one known way."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.events import Done, Error
from proxy_core.canonical.model import Model, Supports
from proxy_core.canonical.sse import Frame
from proxy_core.dialects import embeddings
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.dialects.openai_responses.session.websocket_session import SocketSession
from proxy_core.errors import BadRequest, StreamFormatError

DIALECT = OpenAIResponses()
CONTEXT = WriterContext("m", lambda prefix: prefix + "0", 1)
MODEL = Model("m", "M", "OpenAI", supports=Supports(reasoning_efforts=("low",)))
_SOURCES = Path(__file__).parents[2] / "proxy_core/dialects/openai_responses"
_WORDS = sorted(
    {
        word
        for path in _SOURCES.rglob("*.py")
        for word in re.findall(r"[\"\s]([a-z_.]{2,50})[\":]", path.read_text(encoding="utf-8"))
    }
)
"""Every name the dialect looks for, so that chance finds its way past the first check."""
EVENT_TYPES = [word for word in _WORDS if word.startswith("response.")] + ["error", ""]
ITEM_TYPES = ["message", "reasoning", "function_call", "custom_tool_call", "compaction", "x"]

words = st.sampled_from(_WORDS)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
    | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=25,
)
objects = st.dictionaries(words, values, max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
parts = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["output_text", "refusal", "input_text", "input_image", "summary_text"]
        )
    },
    optional={"text": texts | values, "refusal": texts, "annotations": values, "image_url": texts},
)
items = st.fixed_dictionaries(
    {"type": st.sampled_from(ITEM_TYPES)},
    optional={
        "id": texts | values,
        "role": st.sampled_from(["user", "assistant", "developer", "robot"]),
        "call_id": texts | values,
        "name": texts | values,
        "arguments": texts | values,
        "input": texts | values,
        "output": texts | st.lists(parts, max_size=2),
        "content": texts | st.lists(parts, max_size=2) | values,
        "summary": st.lists(parts, max_size=2) | values,
        "encrypted_content": texts | st.just("g-copilot-proxy.1.x") | values,
        "phase": texts,
    },
)
responses = st.fixed_dictionaries(
    {},
    optional={
        "id": texts | values,
        "status": st.sampled_from(["completed", "incomplete", "failed", "cancelled"]) | values,
        "output": st.lists(items, max_size=3) | values,
        "usage": objects | values,
        "error": objects | values,
        "incomplete_details": objects,
        "model": texts | values,
    },
)
events = st.fixed_dictionaries(
    {"type": st.sampled_from(EVENT_TYPES)},
    optional={
        "sequence_number": st.integers(0, 9) | values,
        "output_index": st.integers(0, 2) | values,
        "content_index": st.integers(0, 2),
        "summary_index": st.integers(0, 2),
        "item_id": texts | values,
        "item": items | values,
        "part": parts | values,
        "delta": texts | values,
        "text": texts | values,
        "arguments": texts,
        "refusal": texts,
        "annotation": objects,
        "response": responses | values,
        "error": objects | values,
        "message": texts,
        "copilot_usage": objects | values,
    },
)
payloads = (
    st.binary(max_size=60)
    | (objects | events | values).map(lambda value: json.dumps(value).encode())
    | st.sampled_from([b"[DONE]", b"", b"null", b"[" * 5000, b'{"response":{"output":[' * 2000])
)
frames = st.builds(
    Frame,
    payloads | events.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"", b"error", b"\xff", b"response.completed"]),
)


@given(st.lists(frames, max_size=8))
def test_a_reader_raises_nothing_but_format_errors(stream: list[Frame]) -> None:
    reader = DIALECT.reader("m")
    read = []
    with contextlib.suppress(StreamFormatError):
        for frame in stream:
            read.extend(reader.feed(frame))
        read.extend(reader.close())
        assert isinstance(read[-1], Done | Error)
    assert sum(isinstance(event, Done | Error) for event in read) <= 1


@given(st.lists(frames, max_size=8))
def test_what_was_read_can_be_written(stream: list[Frame]) -> None:
    reader = DIALECT.reader("m")
    writer = DIALECT.writer(CONTEXT)
    with contextlib.suppress(StreamFormatError):
        for frame in stream:
            for event in reader.feed(frame):
                writer.feed(event)
        for event in reader.close():
            writer.feed(event)
        assert writer.response is not None


@given(payloads | responses.map(lambda value: json.dumps(value).encode()))
def test_a_whole_answer_raises_nothing_but_format_errors(body: bytes) -> None:
    with contextlib.suppress(StreamFormatError):
        assert isinstance(DIALECT.read_whole(body, "m")[-1], Done | Error)


@given(st.lists(frames, max_size=8))
def test_a_forwarded_stream_always_ends_and_says_how(stream: list[Frame]) -> None:
    passing = DIALECT.pass_through(CONTEXT)
    out = [each for frame in stream for each in passing.feed(frame)] + passing.close()
    outcome = passing.outcome()
    assert outcome.finished == (outcome.error is None)
    last = json.loads(out[-1].data)
    assert last["type"] in (
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.cancelled",
    )


bodies = st.fixed_dictionaries(
    {},
    optional={
        "model": texts | values,
        "input": texts | st.lists(items | values, max_size=4) | values,
        "tools": st.lists(objects, max_size=3) | values,
        "tool_choice": objects | values,
        "reasoning": objects | values,
        "text": objects | values,
        "include": values,
        "stream": values,
        "max_output_tokens": values,
        "temperature": values,
        "store": values,
        "previous_response_id": values,
    },
)


@given(bodies | objects)
def test_a_request_raises_nothing_but_bad_requests(body: dict[str, object]) -> None:
    with contextlib.suppress(BadRequest):
        DIALECT.render_request(DIALECT.parse_request(body), MODEL)
    raw = msgspec.json.decode(json.dumps(body), type=dict[str, msgspec.Raw])
    with contextlib.suppress(BadRequest):
        DIALECT.inspect_request(raw)
    with contextlib.suppress(BadRequest):
        msgspec.json.encode(DIALECT.pass_through_request(raw, MODEL).body)


@given(bodies | objects)
def test_embeddings_raise_nothing_but_bad_requests(body: dict[str, object]) -> None:
    with contextlib.suppress(BadRequest):
        embeddings.render_requests(embeddings.parse_request(body), MODEL)


@given(st.lists(bodies | objects, max_size=4), st.binary(max_size=20))
def test_a_socket_session_raises_nothing(asked: list[dict[str, object]], noise: bytes) -> None:
    session = SocketSession(lambda prefix: prefix + "0")
    session.receive(noise, 1)
    for body in asked:
        session.receive(json.dumps({**body, "type": "response.create"}), 1)
        session.send(Frame(b'{"type":"response.completed"}', b"response.completed"))


def test_the_words_cover_the_wire() -> None:
    assert {"response.output_text.delta", "encrypted_content", "namespace"} <= set(_WORDS)
    assert len(EVENT_TYPES) > 20
