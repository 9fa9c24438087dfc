"""Server-sent events: whatever the cuts and the line ends, the same frames come out."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical import sse
from proxy_core.canonical.sse import Decoder, Frame, encode
from proxy_core.errors import StreamFormatError

STREAM = (
    b": a comment\n"
    b"\n"
    b'event: message_start\ndata: {"type":"message_start"}\n\n'
    b"id: 7\nretry: 100\nevent:ping\ndata:{}\n\n"
    b"data: one\ndata: two\n\n"
    b"data\n\n"
    b"data:  a leading blank is kept\n\n"
    b"event: nothing comes of an event without data\n\n"
    b"dataset: no field of ours\n"
    b"data: gr\xc3\xbcn \xf0\x9f\x8c\xb2\n\n"
    b"data: [DONE]\n\n"
)
FRAMES = [
    Frame(b'{"type":"message_start"}', b"message_start"),
    Frame(b"{}", b"ping"),
    Frame(b"one\ntwo"),
    Frame(b""),
    Frame(b" a leading blank is kept"),
    Frame("grün 🌲".encode()),
    Frame(b"[DONE]"),
]
LINE_ENDS = [b"\n", b"\r\n", b"\r"]


def decode(*chunks: bytes) -> list[Frame]:
    decoder = Decoder()
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    return frames + decoder.close()


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_a_stream_read_whole_gives_its_frames(line_end: bytes) -> None:
    assert decode(STREAM.replace(b"\n", line_end)) == FRAMES


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_a_stream_cut_in_two_anywhere_gives_the_same_frames(line_end: bytes) -> None:
    stream = STREAM.replace(b"\n", line_end)
    for cut in range(len(stream) + 1):
        assert decode(stream[:cut], stream[cut:]) == FRAMES, cut


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_a_stream_read_byte_by_byte_gives_the_same_frames(line_end: bytes) -> None:
    stream = STREAM.replace(b"\n", line_end)
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == FRAMES


@given(st.lists(st.integers(0, len(STREAM) * 2)), st.data())
def test_line_ends_may_change_within_a_stream(cuts: list[int], data: st.DataObject) -> None:
    lines = STREAM.split(b"\n")
    ends = [data.draw(st.sampled_from(LINE_ENDS[:2])) for _ in lines[1:]]
    stream = lines[0] + b"".join(end + line for end, line in zip(ends, lines[1:], strict=True))
    places = sorted({0, len(stream), *(cut % len(stream) for cut in cuts)})
    pieces = [stream[a:b] for a, b in pairwise(places)]
    assert decode(*pieces) == FRAMES


def test_a_frame_arrives_as_soon_as_its_empty_line_does() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\ndata: b") == [Frame(b"a")]
    assert decoder.feed(b"\n\n") == [Frame(b"b")]


def test_a_frame_with_carriage_returns_waits_for_no_more_than_one_byte() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: a\r\n\r\n") == [Frame(b"a")]
    decoder = Decoder()
    assert decoder.feed(b"data: a\r\r") == []  # The last one may be half of a CRLF.
    assert decoder.feed(b"data: b\r\r") == [Frame(b"a")]
    assert decoder.close() == [Frame(b"b")]


@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_a_byte_order_mark_at_the_start_is_no_part_of_the_stream(size: int) -> None:
    stream = b"\xef\xbb\xbfdata: a\n\n"
    pieces = [stream[i : i + size] for i in range(0, len(stream), size)]
    assert decode(*pieces) == [Frame(b"a")]


def test_a_byte_order_mark_further_on_is_content() -> None:
    assert decode(b"data: a\xef\xbb\xbf\n\n") == [Frame(b"a\xef\xbb\xbf")]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r"])
def test_the_last_frame_needs_no_empty_line(end: bytes) -> None:
    assert decode(b"data: a\n\nevent: e\ndata: b" + end) == [Frame(b"a"), Frame(b"b", b"e")]


def test_a_stream_without_anything_has_no_frames() -> None:
    assert decode() == []
    assert decode(b"") == []
    assert decode(b"", b"\n\n\n") == []
    assert decode(b": only a comment") == []


def test_what_follows_a_finished_frame_does_not_inherit_its_event() -> None:
    assert decode(b"event: a\ndata: 1\n\ndata: 2\n\n") == [Frame(b"1", b"a"), Frame(b"2")]


def test_a_huge_event_in_small_pieces_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        piece = b"x" * 1024
        started = time.perf_counter()
        decoder = Decoder()
        decoder.feed(b"data: ")
        for _ in range(size // len(piece)):
            assert decoder.feed(piece) == []
        (frame,) = decoder.feed(b"\n\n")
        assert len(frame.data) == size
        return time.perf_counter() - started

    small = min(seconds(1 << 20) for _ in range(3))
    assert seconds(16 << 20) < 16 * 8 * small + 0.5


def test_many_small_lines_of_one_event_take_linear_time() -> None:
    frames = decode(*([b"data: x\n"] * 50_000), b"\n")
    assert len(frames) == 1
    assert frames[0].data.count(b"\n") == 49_999


@pytest.mark.parametrize("ended_lines", [False, True])
def test_an_event_over_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, ended_lines: bool
) -> None:
    monkeypatch.setattr(sse, "MAX_FRAME_BYTES", 1000)
    decoder = Decoder()
    end = b"\n" if ended_lines else b""
    with pytest.raises(StreamFormatError):
        for _ in range(30):
            decoder.feed(b"data: " + b"x" * 94 + end)


def test_many_events_may_be_larger_together_than_one_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "MAX_FRAME_BYTES", 1000)
    decoder = Decoder()
    count = sum(len(decoder.feed(b"data: " + b"x" * 94 + b"\n\n")) for _ in range(30))
    assert count == 30


def test_one_large_event_in_one_piece_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_FRAME_BYTES", 1000)
    with pytest.raises(StreamFormatError):
        Decoder().feed(b"data: " + b"x" * 1001)


@given(
    st.lists(
        st.builds(
            Frame,
            data=st.binary(max_size=30).filter(lambda d: not set(d) & set(b"\r\n")),
            event=st.sampled_from([b"", b"ping", b"message_start"]),
        )
    )
)
def test_what_was_encoded_is_decoded(frames: list[Frame]) -> None:
    assert decode(b"".join(encode(frame) for frame in frames)) == frames


@given(st.lists(st.binary(max_size=20)))
def test_no_bytes_make_the_decoder_stumble(chunks: list[bytes]) -> None:
    decode(*chunks)
