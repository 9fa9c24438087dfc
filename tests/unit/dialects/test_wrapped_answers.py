"""An answer that is no object comes back as itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.events import Done, Start, StopReason, TextDelta, TextEnd
from proxy_core.canonical.sse import encode
from proxy_core.dialects.gemini.dialect import Gemini
from proxy_core.dialects.interface import Dialect, WriterContext
from proxy_core.dialects.ollama.dialect import OllamaChat

LIST = {"type": "array", "items": {"$ref": "#/$defs/word"}, "$defs": {"word": {"type": "string"}}}
GOOGLES_LIST = {"type": "ARRAY", "items": {"type": "STRING"}}


def gemini(**config: Any) -> dict[str, Any]:
    contents = [{"parts": [{"text": "List."}]}]
    return {"model": "m", "contents": contents, "generationConfig": config}


def ollama(schema: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "List."}], "format": schema}


def answered(dialect: Dialect, body: dict[str, Any], *pieces: str) -> tuple[str, Any]:
    """The stream's text and the whole answer of a model that said ``pieces``."""
    request = dialect.parse_request(body)
    context = WriterContext("m", lambda prefix: prefix, 0, request=request, request_id="r")
    events = [Start("", "m"), *(TextDelta(0, each) for each in pieces), TextEnd(0)]
    events.append(Done(StopReason.STOP))
    writer = dialect.writer(context)
    frames = [frame for event in events for frame in writer.feed(event)]
    return b"".join(map(encode, frames)).decode(), dialect.write_whole(events, context)


def test_the_schema_goes_as_the_one_member_of_an_object() -> None:
    wanted = OllamaChat().parse_request(ollama(LIST)).response_format
    assert wanted is not None
    assert wanted.schema == {
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"$ref": "#/$defs/word"}}},
        "required": ["value"],
        "additionalProperties": False,
        "$defs": {"word": {"type": "string"}},
    }


@pytest.mark.parametrize(
    "pieces", [('{"value": ["a", "b"]}',), ('{"val', 'ue": ["a",', ' "b"]', "}")]
)
def test_a_list_comes_back_as_a_list(pieces: tuple[str, ...]) -> None:
    body = gemini(responseMimeType="application/json", responseSchema=GOOGLES_LIST)
    streamed, whole = answered(Gemini(), body, *pieces)
    assert whole["candidates"][0]["content"]["parts"] == [{"text": '["a", "b"]'}]
    assert '"text":"[\\"a\\", \\"b\\"]"' in streamed
    streamed, whole = answered(OllamaChat(), ollama(LIST), *pieces)
    assert whole["message"]["content"] == '["a", "b"]'
    lines = [json.loads(line) for line in streamed.splitlines()]
    assert "".join(line["message"]["content"] for line in lines) == '["a", "b"]'


def test_one_of_some_words_comes_back_as_a_word() -> None:
    words = {"type": "STRING", "enum": ["good", "bad"]}
    body = gemini(responseMimeType="text/x.enum", responseSchema=words)
    _, whole = answered(Gemini(), body, '{"value":"good"}')
    assert whole["candidates"][0]["content"]["parts"] == [{"text": "good"}]


@pytest.mark.parametrize("said", ['{"value": ["a"', "I cannot.", '{"value":1,"more":2}', "[1]"])
def test_what_is_not_wrapped_comes_as_it_is(said: str) -> None:
    assert answered(OllamaChat(), ollama(LIST), said)[1]["message"]["content"] == said


def test_an_object_is_left_alone() -> None:
    schema = {"type": "object", "properties": {"value": {"type": "array"}}}
    wanted = OllamaChat().parse_request(ollama(schema)).response_format
    assert wanted is not None
    assert wanted.schema == schema
    said = '{"value": [1]}'
    assert answered(OllamaChat(), ollama(schema), said)[1]["message"]["content"] == said
