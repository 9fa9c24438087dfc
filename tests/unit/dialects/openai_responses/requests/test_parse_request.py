"""What a client of the Responses API says, understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
    DialectName,
    DocumentPart,
    ImagePart,
    NativePart,
    Opaque,
    RefusalPart,
    SystemMessage,
    SystemRole,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.openai_responses.session.compaction_summary import pack_summary
from proxy_core.dialects.shared.opaque_envelope import pack
from proxy_core.errors import BadRequest
from tests.unit.dialects.openai_responses.requests.requests_to_parse import (
    RESPONSES,
    messages,
    parse,
)


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
        {"type": "tool_search_call", "call_id": "c", "execution": "server", "arguments": {}},
        {"type": "compaction", "id": "cmp_1", "encrypted_content": "OPENAI"},
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


@pytest.mark.parametrize("kind", ["tool_search_output", "mcp_approval_response"])
def test_what_the_client_answers_stands_on_its_side(kind: str) -> None:
    (message,) = messages({"type": kind, "call_id": "c", "execution": "server"})
    assert isinstance(message, UserMessage)
    assert isinstance(message.content[0], NativePart)


def test_a_reference_that_was_not_resolved_is_refused_and_never_left_out() -> None:
    for item in ({"id": "msg_1"}, {"id": "msg_1", "type": "item_reference"}):
        with pytest.raises(BadRequest, match="Item with id 'msg_1' not found") as refused:
            messages(item)
        assert refused.value.param == "input"


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
