"""Tools, choices, sampling, thinking and formats as the Responses API states them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.request import (
    AssistantMessage,
    Opaque,
    Reasoning,
    ReasoningMode,
    ResponseFormat,
    Sampling,
    ServerTool,
    ThinkingPart,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
)
from proxy_core.dialects.openai_responses.parse_request import parse_request
from proxy_core.errors import BadRequest
from tests.unit.dialects.openai_responses.requests.requests_to_parse import (
    RESPONSES,
    messages,
    parse,
)


def test_tools_of_every_kind() -> None:
    parameters = {"type": "object", "properties": {}}
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: /x/"}
    search = {"type": "web_search_preview_2025_03_11", "search_context_size": "low"}
    tools = parse(
        "x",
        tools=[
            {
                "type": "function",
                "name": "f",
                "description": "F",
                "parameters": parameters,
                "strict": True,
                "defer_loading": True,
            },
            {"type": "custom", "name": "apply_patch", "description": "P", "format": grammar},
            {"type": "custom", "name": "free", "format": {"type": "text"}},
            {
                "type": "namespace",
                "name": "mcp__files",
                "description": "Files",
                "tools": [
                    {"type": "function", "name": "read", "parameters": None},
                    {"type": "custom", "name": "exec"},
                ],
            },
            search,
            {"type": "tool_search", "execution": "client"},
        ],
    ).context.tools
    assert tools[:5] == (
        Tool("f", "F", parameters, strict=True, extra={"defer_loading": True}),
        Tool(
            "apply_patch",
            "P",
            kind=ToolKind.CUSTOM,
            grammar={"syntax": "lark", "definition": "start: /x/"},
        ),
        Tool("free", kind=ToolKind.CUSTOM),
        Tool("read", namespace="mcp__files", namespace_description="Files"),
        Tool("exec", kind=ToolKind.CUSTOM, namespace="mcp__files", namespace_description="Files"),
    )
    assert [tool.kind for tool in tools[5:] if isinstance(tool, ServerTool)] == [
        "web_search_preview",
    ]
    assert isinstance(tools[6], Tool)
    assert tools[6].native is not None
    assert tools[6].native.kind == "tool_search"
    assert isinstance(tools[5], ServerTool)
    assert json.loads(tools[5].item.data) == search


def test_tools_may_stand_among_the_items() -> None:
    extra = {"type": "additional_tools", "role": "developer", "id": "at_1"}
    request = parse(
        [
            {**extra, "tools": [{"type": "function", "name": "late", "parameters": {}}]},
            {"role": "user", "content": "x"},
        ],
        tools=[{"type": "function", "name": "early", "parameters": {}}],
    )
    assert [tool.name for tool in request.context.tools if isinstance(tool, Tool)] == [
        "early",
        "late",
    ]
    assert len(request.context.messages) == 1


@pytest.mark.parametrize(
    ("choice", "parsed"),
    [
        ("auto", ToolChoice(ToolChoiceKind.AUTO)),
        ("none", ToolChoice(ToolChoiceKind.NONE)),
        ("required", ToolChoice(ToolChoiceKind.REQUIRED)),
        ({"type": "function", "name": "f"}, ToolChoice(ToolChoiceKind.TOOL, ("f",))),
        ({"type": "custom", "name": "p"}, ToolChoice(ToolChoiceKind.TOOL, ("p",))),
        (
            {"type": "web_search_preview_2025_03_11"},
            ToolChoice(ToolChoiceKind.TOOL, ("web_search_preview",)),
        ),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "f"}, {"type": "mcp", "server_label": "m"}],
            },
            ToolChoice(ToolChoiceKind.ALLOWED, ("f", "mcp"), required=True),
        ),
    ],
)
def test_the_choice_of_a_tool_in_every_form(choice: object, parsed: ToolChoice) -> None:
    assert parse("x", tool_choice=choice).tool_choice == parsed


def test_a_choice_that_only_this_dialect_can_express_is_kept() -> None:
    choice = {"type": "mcp", "server_label": "m", "name": "n"}
    assert parse("x", tool_choice=choice).extra["tool_choice"] == choice
    plain = {"type": "function", "name": "f"}
    assert "tool_choice" not in parse("x", tool_choice=plain).extra
    allowed = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}]}
    assert parse("x", tool_choice=allowed).extra["tool_choice"] == allowed


def test_sampling_and_limits() -> None:
    request = parse(
        "x",
        temperature=0.5,
        top_p=0.9,
        max_output_tokens=5,
        top_logprobs=3,
        parallel_tool_calls=False,
        text={"verbosity": "low"},
        include=["message.output_text.logprobs", "reasoning.encrypted_content"],
        stream=True,
        user="me",
    )
    assert request.sampling == Sampling(
        max_output_tokens=5,
        temperature=0.5,
        top_p=0.9,
        logprobs=True,
        top_logprobs=3,
        verbosity="low",
        parallel_tool_calls=False,
    )
    assert request.stream
    assert request.user == "me"
    assert request.extra == {}


@pytest.mark.parametrize(
    ("stated", "parsed"),
    [
        (None, None),
        ({}, None),
        ({"effort": "none"}, Reasoning(ReasoningMode.DISABLED)),
        ({"effort": "high"}, Reasoning(ReasoningMode.EFFORT, "high")),
        ({"summary": "auto"}, Reasoning(ReasoningMode.EFFORT, summary="auto")),
        ({"generate_summary": "concise"}, Reasoning(ReasoningMode.EFFORT, summary="concise")),
    ],
)
def test_reasoning_wishes(stated: object, parsed: Reasoning | None) -> None:
    assert parse("x", reasoning=stated).reasoning == parsed


def test_reasoning_members_without_a_place_are_kept() -> None:
    request = parse("x", reasoning={"effort": "low", "context": "all_turns"})
    assert request.extra["reasoning"] == {"context": "all_turns"}


@pytest.mark.parametrize(
    ("stated", "parsed"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, ResponseFormat("json_object")),
        (
            {
                "type": "json_schema",
                "name": "answer",
                "schema": {"type": "object"},
                "strict": True,
                "description": "D",
            },
            ResponseFormat("json_schema", "answer", {"type": "object"}, True, "D"),
        ),
    ],
)
def test_formats(stated: object, parsed: ResponseFormat | None) -> None:
    assert parse("x", text={"format": stated}).response_format == parsed


def test_what_every_request_asks_for_anyway_is_not_the_clients_alone() -> None:
    assert parse("x", store=False, include=["reasoning.encrypted_content"]).extra == {}
    included = ["file_search_call.results", "reasoning.encrypted_content"]
    kept = parse("x", store=True, include=included).extra
    assert kept == {"store": True, "include": ["file_search_call.results"]}


def test_a_reasoning_id_that_rotates_is_not_kept() -> None:
    item = {"type": "reasoning", "id": "r" * 400, "summary": [], "encrypted_content": "ENC"}
    (turn,) = messages(item)
    assert isinstance(turn, AssistantMessage)
    assert turn.content == (ThinkingPart("", Opaque(RESPONSES, "encrypted_content", "ENC")),)


def test_everything_else_is_kept_for_a_responses_upstream() -> None:
    extra = {
        "metadata": {"a": "b"},
        "safety_identifier": "s",
        "prompt_cache_key": "k",
        "service_tier": "flex",
        "background": False,
        "truncation": "auto",
        "max_tool_calls": 3,
        "stream_options": {"include_obfuscation": False},
        "context_management": [{"type": "compaction", "compact_threshold": 1000}],
    }
    assert parse("x", **extra, conversation=None, previous_response_id=None).extra == extra


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "model"),
        ({"model": 5, "input": "x"}, "model"),
        ({"model": "m"}, "input"),
        ({"model": "m", "input": 5}, "input"),
        ({"model": "m", "input": ["x"]}, "input[0]"),
        ({"model": "m", "input": [{}]}, "input[0].type"),
        ({"model": "m", "input": [{"type": 5}]}, "input[0].type"),
        ({"model": "m", "input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"model": "m", "input": [{"role": "user"}]}, "input[0].content"),
        ({"model": "m", "input": [{"role": "user", "content": 5}]}, "input[0].content"),
        ({"model": "m", "input": [{"role": "user", "content": ["x"]}]}, "input[0].content[0]"),
        (
            {"model": "m", "input": [{"role": "user", "content": [{"type": "video"}]}]},
            "input[0].content[0].type",
        ),
        (
            {"model": "m", "input": [{"role": "user", "content": [{"type": "input_image"}]}]},
            "input[0].content[0]",
        ),
        (
            {"model": "m", "input": [{"role": "user", "content": [{"type": "input_file"}]}]},
            "input[0].content[0]",
        ),
        (
            {"model": "m", "input": [{"role": "assistant", "content": "x", "phase": "middle"}]},
            "input[0].phase",
        ),
        ({"model": "m", "input": [{"type": "function_call"}]}, "input[0].call_id"),
        (
            {"model": "m", "input": [{"type": "function_call_output", "call_id": "c"}]},
            "input[0].output",
        ),
        ({"model": "m", "input": [{"type": "reasoning", "summary": "x"}]}, "input[0].summary"),
        ({"model": "m", "input": [{"type": "compaction"}]}, "input[0].encrypted_content"),
        ({"model": "m", "input": [], "tools": {}}, "tools"),
        ({"model": "m", "input": [], "tools": [{}]}, "tools[0].type"),
        ({"model": "m", "input": [], "tools": [{"type": "function"}]}, "tools[0].name"),
        (
            {"model": "m", "input": [], "tools": [{"type": "namespace", "name": "n"}]},
            "tools[0].tools",
        ),
        (
            {
                "model": "m",
                "input": [],
                "tools": [{"type": "namespace", "name": "n", "tools": [{"type": "web_search"}]}],
            },
            "tools[0].tools[0].type",
        ),
        (
            {
                "model": "m",
                "input": [],
                "tools": [{"type": "custom", "name": "c", "format": {"type": "regex"}}],
            },
            "tools[0].format.type",
        ),
        ({"model": "m", "input": [], "tool_choice": "any"}, "tool_choice"),
        ({"model": "m", "input": [], "tool_choice": 5}, "tool_choice"),
        ({"model": "m", "input": [], "tool_choice": {"type": "function"}}, "tool_choice.name"),
        (
            {"model": "m", "input": [], "tool_choice": {"type": "allowed_tools", "mode": "any"}},
            "tool_choice.mode",
        ),
        ({"model": "m", "input": [], "temperature": 3}, "temperature"),
        ({"model": "m", "input": [], "max_output_tokens": "5"}, "max_output_tokens"),
        ({"model": "m", "input": [], "stream": "yes"}, "stream"),
        ({"model": "m", "input": [], "text": {"verbosity": "loud"}}, "text.verbosity"),
        ({"model": "m", "input": [], "text": {"format": {"type": "xml"}}}, "text.format.type"),
        (
            {
                "model": "m",
                "input": [],
                "text": {
                    "format": {
                        "type": "json_schema",
                        "name": "n",
                        "schema": {},
                        "description": 5,
                    }
                },
            },
            "text.format.description",
        ),
        (
            {"model": "m", "input": [], "text": {"format": {"type": "json_schema", "name": "n"}}},
            "text.format.schema",
        ),
        ({"model": "m", "input": [], "reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"model": "m", "input": [], "reasoning": {"summary": "long"}}, "reasoning.summary"),
        ({"model": "m", "input": [], "include": [5]}, "include[0]"),
        ({"model": "m", "input": [], "conversation": "conv_1"}, "conversation"),
        ({"model": "m", "input": [], "prompt": {"id": "pmpt_1"}}, "prompt"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_understood_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as failure:
        parse_request(body)
    assert failure.value.param == param
    assert failure.value.http_status == 400


def test_a_stored_response_is_refused_in_honest_words() -> None:
    with pytest.raises(BadRequest) as failure:
        parse("x", previous_response_id="resp_9")
    assert failure.value.code == "previous_response_not_found"
    assert failure.value.param == "previous_response_id"
    assert "'resp_9' not found" in failure.value.message
    assert "stores no responses" in failure.value.message
