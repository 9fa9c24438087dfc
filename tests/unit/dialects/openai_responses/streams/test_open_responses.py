"""Every response object has the members that the Open Responses specification requires.

The list and the types are written down here from OpenAI's description of the response object and the
specification's ``ResponseResource``; the objects of our own writer and of a stream passed through are
both held to it, in every event and whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.events import (
    Done,
    Error,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    Usage,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.dialects.openai_responses.pass_through_stream import ResponsesPassThrough
from proxy_core.errors import UpstreamBroke

MakeContext = Callable[..., WriterContext]
Raw = Callable[..., dict[str, msgspec.Raw]]

NUMBER = (int, float)
NULL = type(None)
REQUIRED: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "object": (str,),
    "created_at": NUMBER,
    "completed_at": (*NUMBER, NULL),
    "status": (str,),
    "incomplete_details": (dict, NULL),
    "model": (str,),
    "previous_response_id": (str, NULL),
    "instructions": (str, list, NULL),
    "output": (list,),
    "error": (dict, NULL),
    "tools": (list,),
    "tool_choice": (str, dict),
    "truncation": (str,),
    "parallel_tool_calls": (bool,),
    "text": (dict,),
    "top_p": NUMBER,
    "presence_penalty": NUMBER,
    "frequency_penalty": NUMBER,
    "top_logprobs": (int,),
    "temperature": NUMBER,
    "reasoning": (dict, NULL),
    "usage": (dict, NULL),
    "max_output_tokens": (int, NULL),
    "max_tool_calls": (int, NULL),
    "store": (bool,),
    "background": (bool,),
    "service_tier": (str,),
    "metadata": (dict, NULL),
    "safety_identifier": (str, NULL),
    "prompt_cache_key": (str, NULL),
}
FUNCTION_REQUIRED: dict[str, tuple[type, ...]] = {
    "type": (str,),
    "name": (str,),
    "description": (str, NULL),
    "parameters": (dict, NULL),
    "strict": (bool, NULL),
}
BODIES: tuple[dict[str, Any], ...] = (
    {"input": "Hi"},
    {
        "input": "Hi",
        "instructions": "Be brief",
        "temperature": 0.5,
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
        "tool_choice": "auto",
        "reasoning": {"effort": "low"},
        "text": {"verbosity": "low"},
        "metadata": {"a": "b"},
        "store": False,
    },
)
ENDS = (
    Done(StopReason.STOP, Usage(3, 2)),
    Done(StopReason.LENGTH, Usage(3, 2)),
    Error(UpstreamBroke("it broke")),
)


def problems(response: dict[str, Any]) -> list[str]:
    """Name what is missing in a response object, or of another type than required."""
    found = _unlike(response, REQUIRED, "")
    for i, tool in enumerate(response.get("tools", ())):
        if tool["type"] == "function":
            found += _unlike(tool, FUNCTION_REQUIRED, f"tools[{i}].")
    text = response.get("text", {})
    if not isinstance(text.get("format"), dict):
        found.append("text.format")
    reasoning = response.get("reasoning")
    if reasoning is not None:
        found += [f"reasoning.{each}" for each in ("effort", "summary") if each not in reasoning]
    usage = response.get("usage")
    if usage is not None:
        for name in ("input_tokens", "output_tokens", "total_tokens"):
            found += [] if isinstance(usage.get(name), int) else [f"usage.{name}"]
        found += [
            f"usage.{n}"
            for n in ("input_tokens_details", "output_tokens_details")
            if n not in usage
        ]
    return found


def _unlike(value: dict[str, Any], required: dict[str, tuple[type, ...]], where: str) -> list[str]:
    return [
        where + name
        for name, types in required.items()
        if name not in value or type(value[name]) not in types
    ]


def responses(frames: Iterable[Frame]) -> list[dict[str, Any]]:
    events = [json.loads(frame.data) for frame in frames]
    return [event["response"] for event in events if "response" in event]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("end", ENDS)
def test_translated_every_object_of_a_stream_is_complete(
    dialect: OpenAIResponses,
    make_context: MakeContext,
    raw: Raw,
    body: dict[str, Any],
    end: StreamEvent,
) -> None:
    writer = dialect.writer(make_context(members=raw(**body)))
    events = (Start("", "m"), TextDelta(0, "Hi"), end)
    told = responses([frame for event in events for frame in writer.feed(event)])
    assert len(told) == 3
    assert [problems(each) for each in told] == [[], [], []]


@pytest.mark.parametrize("body", BODIES)
def test_translated_the_whole_object_is_complete(
    dialect: OpenAIResponses, make_context: MakeContext, raw: Raw, body: dict[str, Any]
) -> None:
    events = (Start("", "m"), TextDelta(0, "Hi"), ENDS[0])
    whole = dialect.write_whole(events, make_context(members=raw(**body)))
    assert problems(json.loads(msgspec.json.encode(whole))) == []


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("ending", ["completed", "incomplete", "failed"])
def test_passed_through_every_object_is_complete_however_little_upstream_says(
    make_context: MakeContext, raw: Raw, body: dict[str, Any], ending: str
) -> None:
    passing = ResponsesPassThrough(make_context(members=raw(**body)))
    bare = {"id": "resp_1", "created_at": 1, "model": "gpt", "status": ending, "output": []}
    kinds = ("response.created", "response.in_progress", f"response.{ending}")
    frames = [
        Frame(
            json.dumps({"type": kind, "sequence_number": n, "response": bare}).encode(),
            kind.encode(),
        )
        for n, kind in enumerate(kinds)
    ]
    told = responses([each for frame in frames for each in passing.feed(frame)])
    assert [problems(each) for each in told] == [[], [], []]


def test_passed_through_a_stream_that_broke_ends_in_a_complete_object(
    make_context: MakeContext, raw: Raw
) -> None:
    passing = ResponsesPassThrough(make_context(members=raw(**BODIES[1])))
    assert [problems(each) for each in responses(passing.fail(UpstreamBroke("it broke")))] == [[]]
