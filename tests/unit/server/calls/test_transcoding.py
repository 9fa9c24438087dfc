"""Passing through in one go and frame by frame come to the same, however the bytes are cut."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Decoder, Run, encode
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import DIALECTS
from proxy_core.server.calls.relay.transcoding import PassThroughTranscoder

CHAT, MESSAGES = DialectName.OPENAI_CHAT, DialectName.ANTHROPIC_MESSAGES
VERDICT = (
    b'"content_filter_offsets":{"check_offset":1,"start_offset":1,"end_offset":2},'
    b'"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},'
)


def chat(delta: bytes, reason: bytes = b"null", verdict: bytes = b"", end: bytes = b"") -> bytes:
    return (
        b'data: {"choices":[{"index":0,' + verdict + b'"delta":' + delta + b',"finish_reason":'
        b""
        + reason
        + b'}],"created":1,"id":"c1","object":"chat.completion.chunk","model":"on-wire"'
        b"" + end + b"}\n\n"
    )


def text(words: bytes, **more: bytes) -> bytes:
    return chat(b'{"content":"' + words + b'"}', **more)


def message(kind: bytes, members: bytes) -> bytes:
    return b"event: " + kind + b'\ndata: {"type":"' + kind + b'"' + members + b"}\n\n"


def delta(words: bytes) -> bytes:
    return message(
        b"content_block_delta",
        b',"index":0,"delta":{"type":"text_delta","text":"' + words + b'"}',
    )


USAGE = b',"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}'
CHAT_STREAM = [
    b'data: {"choices":[],"created":0,"id":"","prompt_filter_results":[]}\n\n',
    chat(b'{"content":"","role":"assistant"}'),
    text(b"plain"),
    text("żółty 🦆".encode()),
    text(b'a \\"finish_reason\\":null and data: {\\n\\n in words', verdict=VERDICT),
    text(b"two", verdict=VERDICT),
    text(b"odd", verdict=b'"content_filter_results":{"a":{"b":{"c":"}"}}},'),
    b": a comment\n\n",
    chat(b'{"reasoning_text":"hm"}'),
    b'data: {"choices":[],"created":1,"id":"c1","object":"chat.completion.chunk","model":"on-wire"}\n\n',
    text(b"later"),
    text(b"the last", reason=b'"stop"'),
    b'data: {"choices":[],"created":1,"id":"c1","object":"chat.completion.chunk","model":"on-wire"'
    b"" + USAGE + b"}\n\n",
    b"data: [DONE]\n\n",
]
CALL_STREAM = [
    chat(
        b'{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"t1","type":"function",'
        b'"function":{"name":"f","arguments":""}}]}'
    ),
    chat(b'{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":"}}]}'),
    chat(b'{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}', verdict=VERDICT),
    chat(b"{}", reason=b'"stop"'),
    b"data: [DONE]\n\n",
]
MESSAGES_STREAM = [
    message(
        b"message_start",
        b',"message":{"id":"m1","type":"message","role":"assistant","model":"on-wire","content":[],'
        b'"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}',
    ),
    message(b"content_block_start", b',"index":0,"content_block":{"type":"text","text":""}'),
    message(b"ping", b""),
    delta(b"one"),
    delta("żółty 🦆".encode()),
    delta(b"event: message_stop\\n\\n"),
    message(b"content_block_stop", b',"index":0'),
    message(b"message_delta", b',"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}'),
    message(b"message_stop", b""),
]
STREAMS = [(CHAT, CHAT_STREAM), (CHAT, CALL_STREAM), (MESSAGES, MESSAGES_STREAM)]


def transcoder(name: DialectName) -> PassThroughTranscoder:
    context = WriterContext("told", lambda prefix: f"{prefix}1", 7, include_usage=True)
    return PassThroughTranscoder(DIALECTS[name].pass_through(context))


def by_frame(name: DialectName, frames: list[bytes]) -> tuple[bytes, object]:
    """What comes out when every frame is looked into."""
    context = WriterContext("told", lambda prefix: f"{prefix}1", 7, include_usage=True)
    stream = DIALECTS[name].pass_through(context)
    decoder = Decoder()
    out = [
        encode(each)
        for data in frames
        for frame in decoder.feed(data)
        for each in stream.feed(frame)
    ]
    out += [encode(each) for each in stream.close()]
    return b"".join(out), stream.outcome()


def in_pieces(
    name: DialectName, pieces: list[bytes], *, must_run: bool = False
) -> tuple[bytes, object]:
    passing = transcoder(name)
    out = [each for piece in pieces for each in passing.feed(piece)]
    out += passing.close()
    assert not must_run or any(isinstance(each, Run) for each in out)
    return b"".join(encode(each) for each in out), passing.outcome()


@pytest.mark.parametrize(("name", "stream"), STREAMS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_frames_that_arrive_together_leave_as_if_alone(
    name: DialectName, stream: list[bytes], size: int
) -> None:
    pieces = [b"".join(stream[i : i + size]) for i in range(0, len(stream), size)]
    assert in_pieces(name, pieces, must_run=size == 1) == by_frame(name, stream)


@pytest.mark.parametrize(("name", "stream"), STREAMS)
def test_every_single_cut_comes_to_the_same(name: DialectName, stream: list[bytes]) -> None:
    whole = b"".join(stream)
    expected = by_frame(name, stream)
    for cut in range(len(whole) + 1):
        assert in_pieces(name, [whole[:cut], whole[cut:]]) == expected, cut


@pytest.mark.parametrize(("name", "stream"), STREAMS)
@pytest.mark.parametrize("seed", range(20))
def test_random_cuts_and_either_line_end_come_to_the_same(
    name: DialectName, stream: list[bytes], seed: int
) -> None:
    rng = random.Random(seed)
    whole = b"".join(stream)
    if seed % 2:
        whole = whole.replace(b"\n", b"\r\n")
    cuts = sorted(rng.randrange(len(whole)) for _ in range(rng.randrange(1, 40)))
    pieces = [whole[a:b] for a, b in pairwise([0, *cuts, len(whole)])]
    assert in_pieces(name, pieces) == by_frame(name, stream)


@pytest.mark.parametrize(("name", "stream"), STREAMS)
@pytest.mark.parametrize("further", [b"\n", b"\n\n", b"\n\n\n"])
def test_further_empty_lines_behind_any_frame_change_nothing(
    name: DialectName, stream: list[bytes], further: bytes
) -> None:
    """Fuzzing found one that kept the loop for ever."""
    expected = by_frame(name, stream)
    for at in range(1, len(stream) + 1):
        before = b"".join(stream[:at]) + further
        assert in_pieces(name, [before, *stream[at:]]) == expected, at
        assert in_pieces(name, [before + b"".join(stream[at:])]) == expected, at


@pytest.mark.parametrize(("name", "stream"), STREAMS)
def test_byte_by_byte_comes_to_the_same(name: DialectName, stream: list[bytes]) -> None:
    whole = b"".join(stream)
    pieces = [whole[i : i + 1] for i in range(len(whole))]
    assert in_pieces(name, pieces) == by_frame(name, stream)


def test_a_finish_hidden_among_clean_chunks_is_not_overlooked() -> None:
    two_choices = (
        b'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null},{"index":1,'
        b'"delta":{"content":"b"},"finish_reason":null}],"created":1,"id":"c1",'
        b'"object":"chat.completion.chunk","model":"on-wire"}\n\n'
    )
    stream = [text(b"first"), two_choices, text(b"end", reason=b'"length"'), b"data: [DONE]\n\n"]
    out, outcome = in_pieces(CHAT, [stream[0], b"".join(stream[1:])])
    assert (out, outcome) == by_frame(CHAT, stream)
    assert b'"finish_reason":"length"' in out


def test_a_frame_longer_than_is_held_back_still_passes() -> None:
    long = text(b"x" * 100_000)
    stream = [text(b"first"), long, text(b"end", reason=b'"stop"'), b"data: [DONE]\n\n"]
    whole = b"".join(stream)
    pieces = [whole[i : i + 1000] for i in range(0, len(whole), 1000)]
    assert in_pieces(CHAT, pieces) == by_frame(CHAT, stream)


@pytest.mark.parametrize(("name", "stream"), STREAMS)
@pytest.mark.parametrize("many", [10, 500])
def test_a_large_read_with_odd_frames_at_its_ends_comes_to_the_same(
    name: DialectName, stream: list[bytes], many: int
) -> None:
    ordinary = text(b"word" * 100) if name is CHAT else delta(b"word" * 100)
    middle = len(stream) // 2
    longer = stream[:middle] + [ordinary] * many + stream[middle:]
    must_run = many > 100 and name is MESSAGES
    assert in_pieces(name, [b"".join(longer)], must_run=must_run) == by_frame(name, longer)
