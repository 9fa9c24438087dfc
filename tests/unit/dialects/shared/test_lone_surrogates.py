"""Half a character in upstream's JSON costs that character and not the answer."""

from __future__ import annotations

import itertools
import json

import msgspec
import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.registry import DIALECTS
from proxy_core.dialects.shared.collector import collect
from proxy_core.dialects.shared.lone_surrogates import without_halves

HALF = '"a\\ud83d b"'
CHAT = (
    '{"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":'
    + HALF
    + '},"finish_reason":null}]}',
    '{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    "[DONE]",
)
MESSAGES = (
    '{"type":"message_start","message":{"id":"m","model":"m","content":[],"usage":{}}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":' + HALF + "}}",
    '{"type":"content_block_stop","index":0}',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}',
    '{"type":"message_stop"}',
)
ITEM = '{"id":"m","type":"message","role":"assistant","content":[{"type":"output_text","text":' + (
    HALF + ',"annotations":[]}]}'
)
RESPONSES = (
    '{"type":"response.created","response":{"id":"resp_1"}}',
    '{"type":"response.output_item.added","output_index":0,"item":{"id":"m","type":"message"}}',
    '{"type":"response.output_text.delta","output_index":0,"item_id":"m","delta":' + HALF + "}",
    '{"type":"response.output_item.done","output_index":0,"item":' + ITEM + "}",
    '{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":['
    + ITEM
    + "]}}",
)
STREAMS = {
    DialectName.OPENAI_CHAT: CHAT,
    DialectName.ANTHROPIC_MESSAGES: MESSAGES,
    DialectName.OPENAI_RESPONSES: RESPONSES,
}


def frames(lines: tuple[str, ...]) -> list[Frame]:
    named = []
    for line in lines:
        kind = json.loads(line).get("type", "") if line.startswith("{") else ""
        named.append(Frame(line.encode(), kind.encode()))
    return named


@pytest.mark.parametrize("name", STREAMS)
def test_a_reader_goes_on(name: DialectName) -> None:
    reader = DIALECTS[name].reader("m")
    events = [event for frame in frames(STREAMS[name]) for event in reader.feed(frame)]
    (part,) = collect([*events, *reader.close()]).message.content
    assert getattr(part, "text", "") == "a\ufffd b"


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_is_passed_through_goes_on(name: DialectName) -> None:
    numbers = itertools.count()
    context = WriterContext("m", lambda prefix: f"{prefix}{next(numbers)}", 1)
    passing = DIALECTS[name].pass_through(context)
    for frame in frames(STREAMS[name]):
        passing.feed(frame)
    passing.close()
    assert passing.outcome().finished
    assert passing.outcome().error is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (r'"\ude00"', "\ufffd"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\\\ud83d"', "\\\ufffd"),
        (r'"\uD83D"', "\ufffd"),
        (r'"\u00e9 plain"', "é plain"),
    ],
)
def test_only_halves_are_replaced(written: str, read: str) -> None:
    assert msgspec.json.decode(without_halves(written.encode())) == read


def test_text_without_any_stays_the_very_same() -> None:
    data = b'{"a":"\\\\n b"}'
    assert without_halves(data) is data
