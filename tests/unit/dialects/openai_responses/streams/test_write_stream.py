"""Canonical events as a Responses stream, judged by OpenAI's own types and description."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.events import (
    Done,
    Error,
    NativeItem,
    RefusalDelta,
    RefusalEnd,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import (
    AssistantMessage,
    Context,
    DialectName,
    Opaque,
    Request,
    ThinkingPart,
    Tool,
    ToolKind,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.parse_request import parse_request
from proxy_core.dialects.openai_responses.write_stream import ResponsesWriter
from proxy_core.dialects.shared.tool_names import wire_name
from proxy_core.errors import ErrorKind, ProxyError, UpstreamBroke, UpstreamRefused
from tests.responses_checkers import check_stream

START = Start("msg_bdrk_1", "claude-sonnet-4.6")
STOP = Done(StopReason.STOP, Usage(10, 5, 3, 2, 1))
Raw = Callable[..., dict[str, msgspec.Raw]]
MakeContext = Callable[..., WriterContext]


def frames(context: WriterContext, *events: StreamEvent) -> list[Frame]:
    writer = ResponsesWriter(context)
    return [frame for event in events for frame in writer.feed(event)] + writer.close()


def write(context: WriterContext, *events: StreamEvent) -> dict[str, Any]:
    """Write a stream between start and stop, check it, and return the final response."""
    ended = events if events and isinstance(events[-1], Done | Error) else (*events, STOP)
    return check_stream(frames(context, START, *ended))


def kinds(written: list[Frame]) -> list[str]:
    return [frame.event.decode().removeprefix("response.") for frame in written]


def test_a_text_in_every_event_openai_sends(context: WriterContext) -> None:
    written = frames(context, START, TextDelta(0, "Hi "), TextDelta(0, "you"), TextEnd(0), STOP)
    assert kinds(written) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    final = check_stream(written)
    assert final["output"] == [
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "Hi you", "annotations": [], "logprobs": []}
            ],
        }
    ]
    assert final["usage"] == {
        "input_tokens": 15,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 2},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 20,
    }


def test_the_answer_has_an_id_of_this_dialect(make_context: MakeContext) -> None:
    assert write(make_context())["id"] == "resp_0"
    own = frames(make_context(), Start("resp_up", "m", created=5), STOP)
    assert check_stream(own)["id"] == "resp_up"
    assert check_stream(own)["created_at"] == 5


def test_the_model_is_the_one_the_client_asked_for(make_context: MakeContext) -> None:
    assert write(make_context(model="my-alias"))["model"] == "my-alias"


def test_phase_logprobs_and_citations(context: WriterContext) -> None:
    logprob = {"token": "Hi", "logprob": -0.1, "bytes": None, "top_logprobs": []}
    top = {"token": "Ho", "logprob": -2.0}
    full = {"token": "!", "logprob": -0.2, "bytes": [33], "top_logprobs": [top]}
    own = {
        "type": "url_citation",
        "url": "https://a.example",
        "title": "A",
        "start_index": 0,
        "end_index": 2,
    }
    inner = {"url": "https://b.example", "title": "B", "start_index": 1, "end_index": 2}
    chat = {"type": "url_citation", "url_citation": inner}
    anthropic = {"type": "web_search_result_location", "url": "https://c.example", "title": None}
    final = write(
        context,
        TextDelta(0, "Hi", (logprob,)),
        TextDelta(0, "!", (full,)),
        TextEnd(
            0,
            (
                Opaque(DialectName.OPENAI_RESPONSES, "url_citation", json.dumps(own)),
                Opaque(DialectName.OPENAI_CHAT, "annotation", json.dumps(chat)),
                Opaque(DialectName.OPENAI_CHAT, "annotation", "{}"),
                Opaque(DialectName.ANTHROPIC_MESSAGES, "citation", json.dumps(anthropic)),
                Opaque(DialectName.ANTHROPIC_MESSAGES, "citation", '{"type": "char_location"}'),
                Opaque(DialectName.ANTHROPIC_MESSAGES, "citation", "not json"),
            ),
            "final_answer",
        ),
    )
    (item,) = final["output"]
    assert item["phase"] == "final_answer"
    (part,) = item["content"]
    assert [entry["bytes"] for entry in part["logprobs"]] == [[72, 105], [33]]
    assert part["logprobs"][1]["top_logprobs"] == [{**top, "bytes": [72, 111]}]
    assert [(each["url"], each["end_index"]) for each in part["annotations"]] == [
        ("https://a.example", 2),
        ("https://b.example", 2),
        ("https://c.example", 3),
    ]


def test_thinking_becomes_a_reasoning_item_with_its_proof(context: WriterContext) -> None:
    signature = Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "SIG", "claude-sonnet-4.6")
    final = write(
        context, ThinkingDelta(0, "Let me "), ThinkingDelta(0, "see"), ThinkingEnd(0, signature)
    )
    (item,) = final["output"]
    assert item["summary"] == [{"type": "summary_text", "text": "Let me see"}]
    again = parse_request({"model": "m", "input": [item]}).context.messages
    assert again == (AssistantMessage((ThinkingPart("Let me see", signature),)),)


def test_thinking_that_is_only_a_proof(context: WriterContext) -> None:
    redacted = Opaque(DialectName.ANTHROPIC_MESSAGES, "redacted_thinking", "XYZ")
    final = write(context, ThinkingEnd(0, redacted), ThinkingEnd(1), TextEnd(2), RefusalEnd(3))
    (item,) = final["output"]
    assert item["summary"] == []
    assert "encrypted_content" in item


def test_a_refusal(context: WriterContext) -> None:
    written = frames(
        context,
        START,
        RefusalDelta(0, "I will "),
        RefusalDelta(0, "not"),
        RefusalEnd(0),
        Done(StopReason.REFUSAL),
    )
    final = check_stream(written)
    assert "refusal.done" in kinds(written)
    assert final["status"] == "completed"
    assert final["output"][0]["content"] == [{"type": "refusal", "refusal": "I will not"}]


def test_a_refusal_without_words_is_a_filtered_answer(context: WriterContext) -> None:
    final = write(context, Done(StopReason.REFUSAL))
    assert final["status"] == "incomplete"
    assert final["incomplete_details"] == {"reason": "content_filter"}


def test_calls_side_by_side(context: WriterContext) -> None:
    final = write(
        context,
        ToolCallStart(0, "call_1", "read"),
        ToolCallStart(1, "call_2", "read", namespace="mcp__x"),
        ToolCallDelta(1, '{"b"'),
        ToolCallDelta(0, '{"a": 1}'),
        ToolCallDelta(1, ": 2}"),
        ToolCallEnd(0),
        ToolCallEnd(1),
        Done(StopReason.TOOL_USE),
    )
    assert final["status"] == "completed"
    first, second = final["output"]
    assert (first["call_id"], first["arguments"]) == ("call_1", '{"a": 1}')
    assert (second["call_id"], second["arguments"]) == ("call_2", '{"b": 2}')
    assert second["namespace"] == "mcp__x"


def test_a_call_without_arguments_has_an_empty_object(context: WriterContext) -> None:
    final = write(context, ToolCallStart(0, "c", "now"), ToolCallEnd(0))
    assert final["output"][0]["arguments"] == "{}"


@pytest.mark.parametrize(
    ("pieces", "arguments"),
    [
        ([" "], "{}"),
        (["", "\n", " "], "{}"),
        ([" ", "", '{"a":', " 1}"], ' {"a": 1}'),
        (["", "{", " ", "}"], "{ }"),
    ],
)
def test_the_deltas_of_a_call_add_up_to_its_arguments_also_where_blanks_come_first(
    context: WriterContext, pieces: list[str], arguments: str
) -> None:
    deltas = [ToolCallDelta(0, each) for each in pieces]
    final = write(context, ToolCallStart(0, "c", "now"), *deltas, ToolCallEnd(0))
    assert final["output"][0]["arguments"] == arguments


def asking(*tools: Tool, **members: Any) -> Request:
    return Request("asked", Context(tools=tools), DialectName.OPENAI_RESPONSES, **members)


def test_a_custom_call(make_context: MakeContext) -> None:
    context = make_context(request=asking(Tool("apply_patch", kind=ToolKind.CUSTOM)))
    written = frames(
        context,
        START,
        ToolCallStart(0, "c", "apply_patch", ToolKind.CUSTOM),
        ToolCallDelta(0, "*** Be"),
        ToolCallDelta(0, "gin"),
        ToolCallEnd(0),
        STOP,
    )
    assert kinds(written).count("custom_tool_call_input.delta") == 2
    assert check_stream(written)["output"][0]["input"] == "*** Begin"


def test_a_custom_call_that_upstream_could_only_wrap(make_context: MakeContext) -> None:
    context = make_context(request=asking(Tool("apply_patch", kind=ToolKind.CUSTOM)))
    written = frames(
        context,
        START,
        ToolCallStart(0, "c", "apply_patch"),
        ToolCallDelta(0, '{"inp'),
        ToolCallDelta(0, 'ut": "*** Begin"}'),
        ToolCallEnd(0),
        STOP,
    )
    assert kinds(written).count("custom_tool_call_input.delta") == 1
    (item,) = check_stream(written)["output"]
    assert (item["type"], item["input"]) == ("custom_tool_call", "*** Begin")


def test_the_client_sees_its_own_names_again(make_context: MakeContext) -> None:
    long = "a_tool_with_a_name_that_is_longer_than_any_dialect_but_this_one_lets_it_be"
    context = make_context(
        request=asking(Tool("spawn", namespace="agents", namespace_description="A"), Tool(long))
    )
    shortened = wire_name(long)
    assert shortened != long
    final = write(
        context,
        ToolCallStart(0, "c1", "agents__spawn"),
        ToolCallEnd(0),
        ToolCallStart(1, "c2", shortened),
        ToolCallEnd(1),
    )
    first, second = final["output"]
    assert (first["name"], first["namespace"]) == ("spawn", "agents")
    assert second["name"] == long


def test_items_of_this_dialect_go_through_and_others_do_not(context: WriterContext) -> None:
    item = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "q", "queries": ["q"]},
    }
    own = Opaque(DialectName.OPENAI_RESPONSES, "web_search_call", json.dumps(item))
    foreign = Opaque(DialectName.ANTHROPIC_MESSAGES, "server_tool_use", "{}")
    final = write(context, NativeItem(0, own), NativeItem(1, foreign))
    assert final["output"] == [item]


@pytest.mark.parametrize(
    ("stop", "status", "reason"),
    [
        (StopReason.STOP, "completed", None),
        (StopReason.TOOL_USE, "completed", None),
        (StopReason.STOP_SEQUENCE, "completed", None),
        (StopReason.PAUSE, "completed", None),
        (StopReason.LENGTH, "incomplete", "max_output_tokens"),
        (StopReason.CONTENT_FILTER, "incomplete", "content_filter"),
    ],
)
def test_why_the_answer_ended(
    context: WriterContext, stop: StopReason, status: str, reason: str | None
) -> None:
    final = write(context, TextDelta(0, "Hi"), TextEnd(0), Done(stop))
    assert final["status"] == status
    assert (final["incomplete_details"] or {}).get("reason") == reason
    assert final["output"][0]["status"] == status


def test_a_cut_answer_that_ends_in_thinking(context: WriterContext) -> None:
    final = write(context, ThinkingDelta(0, "Hm"), ThinkingEnd(0), Done(StopReason.LENGTH))
    assert final["status"] == "incomplete"
    assert write(context, Done(StopReason.LENGTH))["output"] == []


def test_what_was_left_open_is_closed_by_the_end(context: WriterContext) -> None:
    final = write(
        context,
        ThinkingDelta(0, "Hm"),
        TextDelta(1, "Hi"),
        RefusalDelta(2, "No"),
        ToolCallStart(3, "c", "f"),
    )
    assert [item["type"] for item in final["output"]] == [
        "reasoning",
        "message",
        "message",
        "function_call",
    ]


@pytest.mark.parametrize(
    ("error", "code", "failed_code"),
    [
        (UpstreamBroke("it broke"), None, "server_error"),
        (
            UpstreamRefused("wait", kind=ErrorKind.RATE_LIMIT, code="user_model_rate_limited"),
            "user_model_rate_limited",
            "rate_limit_exceeded",
        ),
        (
            UpstreamRefused(
                "prompt is too long: 2 tokens > 1 maximum",
                kind=ErrorKind.CONTEXT_OVERFLOW,
                code="model_max_prompt_tokens_exceeded",
            ),
            "context_length_exceeded",
            "context_length_exceeded",
        ),
        (
            UpstreamRefused("no quota", kind=ErrorKind.QUOTA),
            "insufficient_quota",
            "insufficient_quota",
        ),
        (UpstreamRefused("no", kind=ErrorKind.CONTENT_FILTER), "content_filter", "invalid_prompt"),
    ],
)
def test_a_broken_answer_says_so_twice(
    context: WriterContext, error: ProxyError, code: str | None, failed_code: str
) -> None:
    written = frames(context, START, TextDelta(0, "Hel"), TextEnd(0), Error(error))
    assert kinds(written)[-2:] == ["error", "failed"]
    assert json.loads(written[-2].data)["code"] == code
    final = check_stream(written)
    assert final["error"]["code"] == failed_code
    assert error.message in final["error"]["message"]
    assert final["output"][0]["content"][0]["text"] == "Hel"


def test_an_overflow_is_told_in_openais_sentence(context: WriterContext) -> None:
    error = UpstreamRefused("prompt is too long", kind=ErrorKind.CONTEXT_OVERFLOW)
    message = write(context, Error(error))["error"]["message"]
    assert message.startswith("Your input exceeds the context window of this model.")
    assert message.endswith("(prompt is too long)")
    own = UpstreamRefused(
        "Your input exceeds the context window of this model.", kind=ErrorKind.CONTEXT_OVERFLOW
    )
    assert write(context, Error(own))["error"]["message"] == own.message


def test_an_error_before_anything_else_is_still_a_whole_stream(context: WriterContext) -> None:
    check_stream(frames(context, Error(UpstreamBroke("it broke"))))


def test_an_event_of_a_block_that_was_never_opened_is_a_mistake_of_ours(
    context: WriterContext,
) -> None:
    with pytest.raises(ValueError, match="block 3 was never opened"):
        frames(context, START, ToolCallDelta(3, "{}"))


def test_the_answer_repeats_what_was_asked(make_context: MakeContext, raw: Raw) -> None:
    function = {"type": "function", "name": "f", "parameters": {"type": "object"}}
    asked = {
        "instructions": "Be brief",
        "input": [{"role": "developer", "content": "And kind"}, {"role": "user", "content": "Hi"}],
        "tools": [
            {**function, "description": "F", "strict": True},
            {"type": "custom", "name": "p"},
            {"type": "namespace", "name": "ns", "description": "N", "tools": [function]},
        ],
        "max_output_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_logprobs": 2,
        "parallel_tool_calls": False,
        "tool_choice": {"type": "function", "name": "f"},
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {
            "verbosity": "low",
            "format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}},
        },
        "user": "me",
        "metadata": {"a": "b"},
        "prompt_cache_key": "k",
        "truncation": "auto",
    }
    final = write(make_context(members=raw(**asked)))
    same = asked.keys() - {"input", "tools", "text"}
    assert {name: final[name] for name in same} == {name: asked[name] for name in same}
    whole = {**function, "description": None, "strict": False}
    assert final["tools"] == [
        {**function, "description": "F", "strict": True},
        {"type": "custom", "name": "p"},
        {"type": "namespace", "name": "ns", "description": "N", "tools": [whole]},
    ]
    assert final["text"]["format"] == {
        "type": "json_schema",
        "name": "answer",
        "schema": {"type": "object"},
        "strict": False,
        "description": None,
    }
    assert final["text"]["verbosity"] == "low"


def test_what_was_not_asked_has_openais_defaults(make_context: MakeContext, raw: Raw) -> None:
    final = write(make_context(members=raw(reasoning={"effort": "none"}, temperature=None)))
    assert final["instructions"] is None
    assert final["reasoning"] == {"effort": "none", "summary": None}
    assert final["text"] == {"format": {"type": "text"}}
    assert (final["temperature"], final["top_p"], final["presence_penalty"]) == (1.0, 1.0, 0.0)


def test_nothing_is_stored_whatever_was_asked(make_context: MakeContext, raw: Raw) -> None:
    final = write(make_context(members=raw(store=True, service_tier="priority", background=False)))
    assert (final["store"], final["service_tier"]) == (False, "default")
