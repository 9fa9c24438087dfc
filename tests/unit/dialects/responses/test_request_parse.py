"""What a client of the Responses API says, understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.conversation import (
    AssistantMessage,
    CacheMark,
    DialectName,
    DocumentPart,
    ImagePart,
    NativePart,
    Opaque,
    Reasoning,
    ReasoningMode,
    RefusalPart,
    Request,
    ResponseFormat,
    Sampling,
    ServerTool,
    SystemMessage,
    SystemRole,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.opaque_envelope import pack
from proxy_core.dialects.openai_responses.compacted import pack_summary
from proxy_core.dialects.openai_responses.request_parser import parse_request
from proxy_core.errors import BadRequest

RESPONSES = DialectName.OPENAI_RESPONSES


def parse(value: object, **members: Any) -> Request:
    return parse_request({"model": "gpt-5.4", "input": value, **members})


def messages(*items: object) -> tuple[object, ...]:
    return parse(list(items)).context.messages


def call(call_id: str = "call_1", **members: Any) -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": "f", "arguments": "{}", **members}


def output(call_id: str = "call_1", value: object = "ok", **members: Any) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": value, **members}


def test_a_string_is_what_the_user_says() -> None:
    request = parse("Hello")
    assert request.context.messages == (UserMessage((TextPart("Hello"),)),)
    assert request.dialect is RESPONSES
    assert not request.stream


def test_messages_come_with_and_without_their_type() -> None:
    easy = {"role": "user", "content": "Hello"}
    assert messages(easy) == messages({"type": "message", **easy})


def test_an_easy_assistant_message_is_text() -> None:
    assert messages({"role": "assistant", "content": "Hi"}) == (
        AssistantMessage((TextPart("Hi"),)),
    )


def test_user_content_may_be_text_images_and_files() -> None:
    (message,) = messages(
        {
            "role": "user",
            "content": [
                {
                    "type": "input_text",
                    "text": "Look",
                    "prompt_cache_breakpoint": {"mode": "explicit"},
                },
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                {"type": "input_image", "image_url": "https://example.org/cat.png"},
                {"type": "input_image", "file_id": "file_1"},
                {
                    "type": "input_file",
                    "filename": "a.pdf",
                    "file_data": "data:application/pdf;base64,QUJD",
                },
                {"type": "input_file", "file_url": "https://example.org/b.pdf"},
                {"type": "input_file", "file_id": "file_2"},
                {"type": "input_file", "filename": "c.pdf", "file_data": "QUJD"},
            ],
        }
    )
    assert isinstance(message, UserMessage)
    assert message.content == (
        TextPart("Look", CacheMark()),
        ImagePart("image/png", "AAAA", detail="low"),
        ImagePart(url="https://example.org/cat.png"),
        ImagePart(file_id="file_1"),
        DocumentPart("application/pdf", "QUJD", title="a.pdf"),
        DocumentPart(url="https://example.org/b.pdf"),
        DocumentPart(file_id="file_2"),
        DocumentPart(data="QUJD", title="c.pdf"),
    )


def test_assistant_content_keeps_refusals_annotations_and_the_phase() -> None:
    citation = {"type": "url_citation", "url": "https://a.example", "title": "A"}
    (message,) = messages(
        {
            "type": "message",
            "id": "msg_1",
            "status": "completed",
            "role": "assistant",
            "phase": "final_answer",
            "content": [
                {"type": "output_text", "text": "See", "annotations": [citation], "logprobs": []},
                {"type": "refusal", "refusal": "No"},
            ],
        }
    )
    assert isinstance(message, AssistantMessage)
    assert message.phase == "final_answer"
    text, refusal = message.content
    assert isinstance(text, TextPart)
    assert json.loads(text.annotations[0].data) == citation
    assert text.annotations[0].kind == "url_citation"
    assert refusal == RefusalPart("No")


def test_the_items_of_one_turn_are_one_message() -> None:
    turn, first, second, answer = messages(
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ENC"},
        {"role": "assistant", "content": "Reading", "phase": "commentary"},
        call("call_1"),
        call("call_2"),
        output("call_1"),
        output("call_2"),
        {"role": "assistant", "content": "Done", "phase": "final_answer"},
    )
    assert isinstance(turn, AssistantMessage)
    assert [type(part) for part in turn.content] == [
        ThinkingPart,
        TextPart,
        ToolCallPart,
        ToolCallPart,
    ]
    assert turn.phase == "commentary"
    assert isinstance(first, ToolResultMessage)
    assert isinstance(second, ToolResultMessage)
    assert answer == AssistantMessage((TextPart("Done"),), phase="final_answer")


def test_another_phase_is_another_message_unless_a_call_is_open() -> None:
    said = {"role": "assistant", "content": "A", "phase": "commentary"}
    final = {"role": "assistant", "content": "B", "phase": "final_answer"}
    assert [m.phase for m in messages(said, final) if isinstance(m, AssistantMessage)] == [
        "commentary",
        "final_answer",
    ]
    turn, _ = messages(said, call(), final, output())
    assert isinstance(turn, AssistantMessage)
    assert turn.phase == "commentary"
    assert len(turn.content) == 3


def test_calls_and_outputs_of_functions_and_custom_tools() -> None:
    turn, result, custom_result = messages(
        call("call_1", namespace="mcp__files", id="fc_1", status="completed"),
        {
            "type": "custom_tool_call",
            "call_id": "call_2",
            "name": "apply_patch",
            "input": "*** Begin",
        },
        output(
            "call_1", [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]
        ),
        {
            "type": "custom_tool_call_output",
            "call_id": "call_2",
            "output": [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}],
        },
    )
    assert turn == AssistantMessage(
        (
            ToolCallPart("call_1", "f", "{}", namespace="mcp__files"),
            ToolCallPart("call_2", "apply_patch", "*** Begin", ToolKind.CUSTOM),
        )
    )
    assert result == ToolResultMessage("call_1", (TextPart("a"), TextPart("b")))
    assert custom_result == ToolResultMessage(
        "call_2", (ImagePart("image/png", "AAAA"),), kind=ToolKind.CUSTOM
    )


def test_an_output_may_name_its_tool() -> None:
    _, result = messages(call(), output(name="read_file"))
    assert isinstance(result, ToolResultMessage)
    assert result.tool_name == "read_file"


def test_reasoning_carries_its_proof_with_the_id_it_belongs_to() -> None:
    (turn,) = messages(
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "Think"}],
            "encrypted_content": "ENC",
        }
    )
    assert isinstance(turn, AssistantMessage)
    assert turn.content == (
        ThinkingPart(
            "Think", Opaque(RESPONSES, "encrypted_content", "ENC", extra=(("id", "rs_1"),))
        ),
    )


def test_reasoning_of_several_parts_can_be_told_apart_again() -> None:
    summary = [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}]
    (turn,) = messages({"type": "reasoning", "summary": summary, "encrypted_content": "ENC"})
    assert isinstance(turn, AssistantMessage)
    (part,) = turn.content
    assert isinstance(part, ThinkingPart)
    assert part.text == "A\n\nB"
    assert part.opaque is not None
    assert json.loads(dict(part.opaque.extra)["summary"]) == summary


def test_open_reasoning_text_is_kept() -> None:
    content = [{"type": "reasoning_text", "text": "raw"}]
    (turn,) = messages(
        {"type": "reasoning", "summary": [], "content": content, "encrypted_content": "ENC"}
    )
    assert isinstance(turn, AssistantMessage)
    (part,) = turn.content
    assert isinstance(part, ThinkingPart)
    assert part.text == "raw"
    assert part.opaque is not None
    assert json.loads(dict(part.opaque.extra)["content"]) == content


def test_reasoning_without_a_proof_is_only_text() -> None:
    (turn,) = messages(
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm"}]}
    )
    assert turn == AssistantMessage((ThinkingPart("Hm"),))


def test_another_models_proof_comes_out_of_its_envelope() -> None:
    signature = Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "SIG", "claude-sonnet-4.6")
    (turn,) = messages(
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "Hm"}],
            "encrypted_content": pack(signature),
        }
    )
    assert turn == AssistantMessage((ThinkingPart("Hm", signature),))


@pytest.mark.parametrize(
    "item",
    [
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        {"type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": {}},
        {"type": "compaction", "id": "cmp_1", "encrypted_content": "OPENAI"},
        {"type": "item_reference", "id": "msg_1"},
        {"type": "mcp_call", "id": "mcp_1"},
        {"type": "something_new", "anything": [1, 2]},
    ],
    ids=lambda item: item["type"],
)
def test_what_only_this_dialect_says_is_kept_whole(item: dict[str, Any]) -> None:
    (turn,) = messages(item)
    assert isinstance(turn, AssistantMessage)
    (part,) = turn.content
    assert isinstance(part, NativePart)
    assert part.item.kind == item["type"]
    assert json.loads(part.item.data) == item


@pytest.mark.parametrize(
    "kind", ["tool_search_output", "computer_call_output", "mcp_approval_response"]
)
def test_what_the_client_answers_stands_on_its_side(kind: str) -> None:
    (message,) = messages({"type": kind, "call_id": "c"})
    assert isinstance(message, UserMessage)
    assert isinstance(message.content[0], NativePart)


def test_a_reference_may_come_without_a_type() -> None:
    (turn,) = messages({"id": "msg_1"})
    assert isinstance(turn, AssistantMessage)
    (part,) = turn.content
    assert isinstance(part, NativePart)
    assert part.item.kind == "item_reference"


def test_our_own_summary_becomes_words_again() -> None:
    (message,) = messages({"type": "compaction", "encrypted_content": pack_summary("All is well.")})
    assert isinstance(message, UserMessage)
    (part,) = message.content
    assert isinstance(part, TextPart)
    assert part.text.endswith("\n\nAll is well.")


def test_instructions_and_leading_messages_are_the_system_prompt() -> None:
    context = parse(
        [
            {"role": "developer", "content": "Second"},
            {"role": "system", "content": [{"type": "input_text", "text": "Third"}]},
            {"role": "user", "content": "Hello"},
            {"role": "developer", "content": "Later"},
        ],
        instructions="First",
    ).context
    assert [part.text for part in context.system_prompt] == ["First", "Second", "Third"]
    assert context.system_role is SystemRole.DEVELOPER
    assert context.messages == (
        UserMessage((TextPart("Hello"),)),
        SystemMessage((TextPart("Later"),), SystemRole.DEVELOPER),
    )


def test_instructions_alone_are_the_systems() -> None:
    context = parse("Hi", instructions="Be brief").context
    assert context.system_prompt == (TextPart("Be brief"),)
    assert context.system_role is SystemRole.SYSTEM


def test_a_leading_instruction_with_a_picture_stays_a_message() -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    context = parse(
        [{"role": "developer", "content": [image]}, {"role": "user", "content": "x"}]
    ).context
    assert context.system_prompt == ()
    assert isinstance(context.messages[0], SystemMessage)


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
        "tool_search",
    ]
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
