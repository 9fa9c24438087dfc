"""A translated stream comes out alike, whether its pieces of text are read or carried over."""

from __future__ import annotations

import random

import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Run, encode
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import DIALECTS
from proxy_core.server.calls.relay import answer_size
from proxy_core.server.calls.relay.transcoding import TranslatingTranscoder

CHAT, MESSAGES = DialectName.OPENAI_CHAT, DialectName.ANTHROPIC_MESSAGES


def chunk(delta: bytes, reason: bytes = b"null", more: bytes = b"") -> bytes:
    return (
        b'data: {"choices":[{"index":0,"delta":' + delta + b',"finish_reason":' + reason + b"}],"
        b'"id":"c1","model":"stop"' + more + b"}\n\n"
    )


def text(words: bytes) -> bytes:
    return chunk(b'{"content":"' + words + b'"}')


WORDS = (
    *(b"def", b" handler", b"(request)", b':\\n\\treturn \\"a\\\\b\\"', "żółty 🦆".encode()),
    *(b"", b"stop", b"content", b"\\u00e9", b"a\\/b", b"\\\\u00e9", b'{\\"index\\":0}', b"data: x"),
    *(b"\\b\\f\\r", b"\x7f", b'\\"},', b"c1", b"last"),
)
TOOL = b'{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"look","arguments":"{}"}}]}'
END = chunk(b"{}", b'"stop"', b',"usage":{"prompt_tokens":3,"completion_tokens":4}')
STREAM = [
    chunk(b'{"role":"assistant","content":""}'),
    *map(text, WORDS),
    chunk(b'{"reasoning_text":"hm"}'),
    *map(text, WORDS),
    chunk(TOOL),
    *(text(b"one"), text(b"two"), text(b"three")),
    chunk(b'{"content":"with a citation","annotations":[]}'),
    chunk(b'{"content":"again","annotations":[]}'),
    END,
    b"data: [DONE]\n\n",
]


def transcoder() -> TranslatingTranscoder:
    context = WriterContext("gpt-x", lambda prefix: f"{prefix}1", 0, members={})
    reader, writer = DIALECTS[CHAT].reader("gpt-x"), DIALECTS[MESSAGES].writer(context)
    return TranslatingTranscoder(reader, writer, client=MESSAGES)


def fed(pieces: list[bytes]) -> tuple[bytes, int, int]:
    """Return what leaves, its size in tokens, and how many writes were carried over."""
    made = transcoder()
    frames = [frame for piece in pieces for frame in made.feed(piece)]
    frames += made.close()
    carried = sum(isinstance(each, Run) for each in frames)
    return b"".join(map(encode, frames)), made.units_sent, carried


READ, TOKENS, _ = fed([b"".join(STREAM)[at : at + 1] for at in range(len(b"".join(STREAM)))])


def test_event_by_event_it_is_the_same_and_most_texts_are_carried_over() -> None:
    written, tokens, carried = fed(STREAM)
    assert (written, tokens) == (READ, TOKENS)
    assert carried >= 15


@pytest.mark.parametrize("seed", range(12))
def test_several_events_at_once_and_cuts_anywhere_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    whole, pieces = b"".join(STREAM), []
    while whole:
        events = [place for place in range(1, len(whole)) if whole[:place].endswith(b"\n\n")]
        size = chance.choice(events[:4] or [len(whole)]) + chance.choice((0, 0, 0, -1, 5))
        pieces.append(whole[: max(size, 1)])
        whole = whole[max(size, 1) :]
    assert fed(pieces)[:2] == (READ, TOKENS)


def test_text_that_is_no_utf8_breaks_the_stream_as_it_does_when_it_is_read() -> None:
    made = transcoder()
    for piece in (STREAM[0], text(b"one"), text(b"two"), text(b"\xff\xfe")):
        made.feed(piece)
    assert made.broken is not None


def test_an_answer_that_grows_too_large_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_size, "LONGEST_ANSWER", 5_000)
    made = transcoder()
    made.feed(STREAM[0])
    for _ in range(100):
        made.feed(text(b"a longer piece of text"))
    assert made.broken is not None
    assert made.broken.error.code == "answer_too_large"
