"""The canonical request in Copilot's words: what goes along, what is mended, what is named."""

from __future__ import annotations

import json
from collections.abc import Callable

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
    DocumentPart,
    ImagePart,
    Message,
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
from proxy_core.dialects.openai_responses.render_request import render_request
from tests.unit.dialects.openai_responses.requests.requests_to_render import (
    CHAT,
    HELLO,
    MESSAGES,
    RESPONSES,
    items,
    request,
)


def calling(*calls: ToolCallPart, results: tuple[ToolResultMessage, ...]) -> tuple[Message, ...]:
    return (HELLO, AssistantMessage(calls), *results)


def test_every_request_is_stateless_and_asks_for_its_reasoning(model: Model) -> None:
    rendered = render_request(request(), model)
    assert rendered.body == {
        "model": "gpt-5.4",
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "Hello"}],
            }
        ],
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    assert rendered.dropped == ()


def test_a_system_prompt_becomes_instructions(model: Model) -> None:
    prompt = (TextPart("One", CacheMark()), TextPart("Two"))
    rendered = render_request(request(context={"system_prompt": prompt}), model)
    assert rendered.body["instructions"] == "One\n\nTwo"
    assert rendered.dropped == ("cache_control",)


def test_a_developers_prompt_stays_a_message(model: Model) -> None:
    context = {
        "system_prompt": (TextPart("One"), TextPart("Two")),
        "system_role": SystemRole.DEVELOPER,
    }
    rendered = render_request(request(dialect=RESPONSES, context=context), model)
    assert "instructions" not in rendered.body
    first = items(rendered)[0]
    assert first["role"] == "developer"
    assert [part["text"] for part in first["content"]] == ["One", "Two"]


def test_instructions_in_the_middle_keep_their_place(model: Model) -> None:
    later = SystemMessage((TextPart("Mind this"),), SystemRole.SYSTEM)
    assert [item["role"] for item in items(render_request(request(HELLO, later), model))] == [
        "user",
        "system",
    ]


def test_a_turn_with_calls_and_their_results(model: Model) -> None:
    rendered = render_request(
        request(
            HELLO,
            AssistantMessage(
                (
                    TextPart("Reading"),
                    ToolCallPart("toolu_1", "read", '{"path": "a"}'),
                    ToolCallPart("toolu_2", "read", ""),
                )
            ),
            ToolResultMessage("toolu_1", (TextPart("A"),)),
            ToolResultMessage("toolu_2", (TextPart("B"), TextPart("C"))),
        ),
        model,
    )
    assert items(rendered)[1:] == [
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Reading", "annotations": []}],
        },
        {
            "type": "function_call",
            "call_id": "toolu_1",
            "name": "read",
            "arguments": '{"path": "a"}',
        },
        {"type": "function_call", "call_id": "toolu_2", "name": "read", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "toolu_1", "output": "A"},
        {"type": "function_call_output", "call_id": "toolu_2", "output": "B\nC"},
    ]


def test_pictures_of_results_follow_once_all_results_are_told(model: Model) -> None:
    messages = calling(
        ToolCallPart("c1", "view", "{}"),
        ToolCallPart("c2", "view", "{}"),
        results=(
            ToolResultMessage("c1", (TextPart("one"), ImagePart("image/png", "AAAA"))),
            ToolResultMessage("c2", (ImagePart("image/png", "BBBB"),)),
        ),
    )
    sent = items(render_request(request(*messages), model))[3:]
    assert [item["type"] for item in sent] == [
        "function_call_output",
        "function_call_output",
        "message",
    ]
    assert sent[0]["output"] == "one"
    assert "next message" in sent[1]["output"]
    assert [part.get("image_url") or part["text"] for part in sent[2]["content"]] == [
        "From the result of tool call c1:",
        "data:image/png;base64,AAAA",
        "From the result of tool call c2:",
        "data:image/png;base64,BBBB",
    ]


def test_pictures_go_before_the_next_turn(model: Model) -> None:
    messages = calling(
        ToolCallPart("c1", "view", "{}"),
        results=(ToolResultMessage("c1", (ImagePart("image/png", "AAAA"),)),),
    )
    sent = items(render_request(request(*messages, HELLO), model))
    assert [item.get("role", item["type"]) for item in sent] == [
        "user",
        "function_call",
        "function_call_output",
        "user",
        "user",
    ]
    assert sent[3]["content"][1]["type"] == "input_image"


def test_a_clients_own_array_output_stays_one(model: Model) -> None:
    messages = calling(
        ToolCallPart("c1", "exec", "ls", ToolKind.CUSTOM, namespace="shell"),
        results=(
            ToolResultMessage(
                "c1",
                (TextPart("a"), ImagePart("image/png", "AAAA")),
                kind=ToolKind.CUSTOM,
                tool_name="exec",
            ),
        ),
    )
    sent = items(render_request(request(*messages, dialect=RESPONSES), model))[1:]
    assert sent == [
        {
            "type": "custom_tool_call",
            "call_id": "c1",
            "name": "exec",
            "input": "ls",
            "namespace": "shell",
        },
        {
            "type": "custom_tool_call_output",
            "call_id": "c1",
            "name": "exec",
            "output": [
                {"type": "input_text", "text": "a"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
            ],
        },
    ]


def test_the_result_of_a_custom_call_is_a_custom_result_whoever_says_it(model: Model) -> None:
    messages = calling(
        ToolCallPart("c1", "apply_patch", "*** Begin", ToolKind.CUSTOM),
        results=(ToolResultMessage("c1", (TextPart("ok"),)),),
    )
    sent = items(render_request(request(*messages, dialect=CHAT), model))
    assert sent[2]["type"] == "custom_tool_call_output"


def test_a_lost_result_is_filled_in_and_named(model: Model) -> None:
    messages = calling(ToolCallPart("c1", "read", "{}"), results=())
    rendered = render_request(request(*messages), model)
    assert items(rendered)[2]["type"] == "function_call_output"
    assert rendered.dropped == ("messages[] (tool call c1 has no result)",)


def test_ids_and_names_are_made_legal(model: Model) -> None:
    messages = calling(
        ToolCallPart("call|" + "x" * 80, "files.read", "{}"),
        results=(ToolResultMessage("call|" + "x" * 80, (TextPart("ok"),)),),
    )
    _, call, output = items(render_request(request(*messages), model))
    assert call["call_id"] == output["call_id"]
    assert len(call["call_id"]) <= 64
    assert call["name"].startswith("files_read")


def test_thinking_goes_back_only_to_its_issuer(model: Model) -> None:
    own = Opaque(RESPONSES, "encrypted_content", "ENC", "gpt-5.4", (("id", "rs_done"),))
    other_model = Opaque(RESPONSES, "encrypted_content", "ENC", "gpt-5.2")
    foreign = Opaque(MESSAGES, "signature", "SIG", "claude")
    damaged = Opaque(RESPONSES, "damaged", "g-copilot-proxy.1.!!")
    rendered = render_request(
        request(
            HELLO,
            AssistantMessage(
                (
                    ThinkingPart("mine", own),
                    ThinkingPart("cousin's", other_model),
                    ThinkingPart("foreign", foreign),
                    ThinkingPart("broken", damaged),
                    ThinkingPart("bare"),
                    TextPart("Answer"),
                )
            ),
        ),
        model,
    )
    assert items(rendered)[1] == {
        "type": "reasoning",
        "id": "rs_done",
        "summary": [{"type": "summary_text", "text": "mine"}],
        "encrypted_content": "ENC",
    }
    assert items(rendered)[2]["type"] == "message"
    assert rendered.dropped == (
        "thinking (issued by another model)",
        "thinking (without a signature)",
    )


def test_documents_and_pictures_of_a_user(model: Model) -> None:
    content = (
        DocumentPart(text="plain words", title="notes.txt", context="from yesterday"),
        DocumentPart("application/pdf", "QUJD", cache=CacheMark()),
        DocumentPart("text/plain", "QUJD"),
        DocumentPart(url="https://example.org/a.pdf", title="a.pdf"),
        DocumentPart(data="QUJD", title="bare.pdf"),
        DocumentPart(file_id="file_1"),
        ImagePart(url="https://example.org/a.png", detail="original"),
        ImagePart(file_id="file_2", detail="auto"),
        ImagePart("image/jpeg", "AAAA", detail="low", cache=CacheMark()),
    )
    (message,) = items(render_request(request(UserMessage(content), dialect=RESPONSES), model))
    assert message["content"] == [
        {
            "type": "input_text",
            "text": "Document: notes.txt\n\nfrom yesterday\n\nplain words",
        },
        {
            "type": "input_file",
            "filename": "document.pdf",
            "file_data": "data:application/pdf;base64,QUJD",
            "prompt_cache_breakpoint": {"mode": "explicit"},
        },
        {
            "type": "input_file",
            "filename": "document.txt",
            "file_data": "data:text/plain;base64,QUJD",
        },
        {"type": "input_file", "filename": "a.pdf", "file_url": "https://example.org/a.pdf"},
        {"type": "input_file", "filename": "bare.pdf", "file_data": "QUJD"},
        {"type": "input_file", "file_id": "file_1"},
        {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "high"},
        {"type": "input_image", "file_id": "file_2"},
        {
            "type": "input_image",
            "image_url": "data:image/jpeg;base64,AAAA",
            "detail": "low",
            "prompt_cache_breakpoint": {"mode": "explicit"},
        },
    ]


def test_a_model_without_eyes_is_told_that_there_was_a_picture(
    make_model: Callable[..., Model],
) -> None:
    content = (TextPart("Look"), ImagePart("image/png", "AAAA"))
    rendered = render_request(request(UserMessage(content)), make_model(vision=False))
    assert "left out" in items(rendered)[0]["content"][1]["text"]
    assert rendered.dropped == ("image",)


def test_native_parts_of_this_dialect_go_back_as_they_came(model: Model) -> None:
    item = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    native = NativePart(Opaque(RESPONSES, "web_search_call", json.dumps(item)))
    foreign = NativePart(Opaque(MESSAGES, "server_tool_use", "{}"))
    rendered = render_request(
        request(
            AssistantMessage((native, TextPart("Found"), foreign), phase="final_answer"),
            UserMessage((native, foreign)),
            dialect=RESPONSES,
        ),
        model,
    )
    assert [each["type"] for each in items(rendered)] == [
        "web_search_call",
        "message",
        "web_search_call",
    ]
    assert items(rendered)[1]["phase"] == "final_answer"
    assert rendered.dropped == ("server_tool_use",)


def test_a_tool_search_answer_is_told_in_words(model: Model) -> None:
    reference = Opaque(MESSAGES, "tool_reference", '{"tool_name": "WebFetch"}')
    odd = Opaque(MESSAGES, "search_result", "{}")
    messages = calling(
        ToolCallPart("c1", "ToolSearch", "{}"),
        results=(ToolResultMessage("c1", (NativePart(reference), NativePart(odd))),),
    )
    rendered = render_request(request(*messages), model)
    assert items(rendered)[2]["output"] == "The tool WebFetch is available now."
    assert rendered.dropped == ("search_result",)


def test_refusals_and_names_and_pictures_of_the_assistant(model: Model) -> None:
    rendered = render_request(
        request(
            UserMessage((TextPart("x"),), name="Ann"),
            AssistantMessage((RefusalPart("No"), ImagePart("image/png", "AAAA")), name="Bot"),
            dialect=CHAT,
        ),
        model,
    )
    assert items(rendered)[1]["content"] == [{"type": "refusal", "refusal": "No"}]
    assert rendered.dropped == ("name", "an image or a file of the assistant")
