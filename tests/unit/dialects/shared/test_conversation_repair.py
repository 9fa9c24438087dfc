"""What a refusal says of a conversation, and the conversation without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proxy_core.canonical.request import (
    AssistantMessage,
    Context,
    DialectName,
    ImagePart,
    NativePart,
    Opaque,
    Reasoning,
    ReasoningMode,
    Request,
    Sampling,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.shared.conversation_repair import (
    COMPACTED_LEFT_OUT,
    image_count,
    repair,
    settle_turns,
)
from proxy_core.dialects.vendor_rules.complaints import Complaint, ComplaintKind, read_complaint

MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
IMAGE = ImagePart("image/png", "AAAA")
THOUGHT = ThinkingPart("Hm.", Opaque(MESSAGES, "signature", "sig"))


def request(*messages: object, dialect: DialectName = MESSAGES, **members: object) -> Request:
    context = Context(messages=messages)  # type: ignore[arg-type]  # the tests' own shorthand
    return replace(Request("m", context, dialect), **members)  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (
            "messages.1.content.0: Invalid `signature` in `thinking` block",
            ComplaintKind.SIGNATURE,
        ),
        (
            "messages.3: `tool_use` ids were found without `tool_result` blocks immediately after",
            ComplaintKind.TOOL_TURNS,
        ),
        ("messages.5.content.1: `tool_use` ids must be unique", ComplaintKind.TOOL_TURNS),
        ("No tool output found for function call call_1.", ComplaintKind.TOOL_TURNS),
        (
            (
                "The encrypted content gAAA... could not be verified. Reason: Encrypted content could "
                "not be decrypted or parsed."
            ),
            ComplaintKind.ENCRYPTED_CONTENT,
        ),
        ("vision is not enabled for this organization", ComplaintKind.NO_VISION),
        ("model x is not supported for vision requests", ComplaintKind.NO_VISION),
        ("messages: text content blocks must be non-empty", ComplaintKind.BLANK_TEXT),
    ],
)
def test_an_exact_text_names_its_complaint(message: str, kind: ComplaintKind) -> None:
    assert read_complaint(400, message) == Complaint(kind)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Unsupported parameter: 'top_p' is not supported with this model."),
        (400, "prompt is too long: 300000 tokens > 200000 maximum"),
        (400, ""),
        (500, "Invalid `signature` in `thinking` block"),
        (429, "vision is not enabled for this organization"),
    ],
)
def test_any_other_refusal_is_no_complaint_about_the_conversation(
    status: int, message: str
) -> None:
    assert read_complaint(status, message) is None


def test_a_code_is_enough_and_numbers_are_read() -> None:
    assert read_complaint(400, "?", "invalid_encrypted_content") == Complaint(
        ComplaintKind.ENCRYPTED_CONTENT
    )
    assert read_complaint(400, "Too many images in request: 54 > 30") == Complaint(
        ComplaintKind.TOO_MANY_IMAGES, 30
    )
    assert read_complaint(413, "failed to parse request") == Complaint(ComplaintKind.BODY_TOO_LARGE)
    room = "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000"
    assert read_complaint(400, room) == Complaint(ComplaintKind.OUTPUT_ROOM, 11760)


def test_all_thinking_goes_and_a_turn_of_nothing_else_with_it() -> None:
    asked = request(
        UserMessage((TextPart("a"),)),
        AssistantMessage((THOUGHT,)),
        AssistantMessage((THOUGHT, TextPart("b"))),
    )
    repaired = repair(asked, Complaint(ComplaintKind.SIGNATURE))
    assert repaired is not None
    assert [each.content for each in repaired.request.context.messages] == [
        (TextPart("a"),),
        (TextPart("b"),),
    ]
    assert repaired.notes == ("messages[].thinking (refused by the model)",)
    assert repair(repaired.request, Complaint(ComplaintKind.SIGNATURE)) is None


def test_a_compaction_nobody_can_read_is_said_to_be_missing() -> None:
    compaction = NativePart(Opaque(RESPONSES, "compaction", "{}"))
    asked = request(AssistantMessage((compaction, THOUGHT)), dialect=RESPONSES)
    repaired = repair(asked, Complaint(ComplaintKind.ENCRYPTED_CONTENT))
    assert repaired is not None
    assert repaired.request.context.messages[0].content == (TextPart(COMPACTED_LEFT_OUT),)
    assert repaired.notes == ("input[].reasoning (could not be decrypted)",)


def test_of_too_many_images_the_newest_stay() -> None:
    asked = request(
        UserMessage((IMAGE, TextPart("a"))),
        ToolResultMessage("c", (IMAGE,)),
        UserMessage((IMAGE,)),
    )
    repaired = repair(asked, Complaint(ComplaintKind.TOO_MANY_IMAGES, 1))
    assert repaired is not None
    assert image_count(repaired.request) == 1
    assert repaired.request.context.messages[-1].content == (IMAGE,)
    assert "2 images" in repaired.notes[0]


def test_a_body_too_large_keeps_what_was_just_sent_and_gives_up_when_that_is_all() -> None:
    old, new = UserMessage((IMAGE,)), UserMessage((IMAGE, IMAGE))
    asked = request(old, AssistantMessage((TextPart("b"),)), new)
    repaired = repair(asked, Complaint(ComplaintKind.BODY_TOO_LARGE))
    assert repaired is not None
    assert image_count(repaired.request) == 2
    assert repair(repaired.request, Complaint(ComplaintKind.BODY_TOO_LARGE)) is None


@pytest.mark.parametrize(
    ("wanted", "room", "asked_for"),
    [(32000, 20000, 20000), (32000, 100, None), (8000, 20000, None), (None, 20000, None)],
)
def test_a_long_prompt_gets_what_room_there_is_or_upstream_s_words(
    wanted: int | None, room: int, asked_for: int | None
) -> None:
    asked = request(sampling=Sampling(max_output_tokens=wanted))
    repaired = repair(asked, Complaint(ComplaintKind.OUTPUT_ROOM, room))
    found = repaired and repaired.request.sampling.max_output_tokens
    assert found == asked_for


def test_blank_text_goes_and_a_blank_result_stays_a_result() -> None:
    asked = request(
        UserMessage((TextPart(" "),)),
        AssistantMessage((TextPart(""), ToolCallPart("c", "f", "{}"))),
        ToolResultMessage("c", (TextPart("\n"),)),
    )
    repaired = repair(asked, Complaint(ComplaintKind.BLANK_TEXT))
    assert repaired is not None
    call, result = repaired.request.context.messages
    assert call.content == (ToolCallPart("c", "f", "{}"),)
    assert result.content == ()


def test_forms_of_thinking_change_into_each_other() -> None:
    budget = request(reasoning=Reasoning(ReasoningMode.BUDGET, budget_tokens=4000))
    adaptive = repair(budget, Complaint(ComplaintKind.ONLY_ADAPTIVE))
    assert adaptive is not None
    assert adaptive.request.reasoning is not None
    assert adaptive.request.reasoning.mode is ReasoningMode.ADAPTIVE
    assert adaptive.request.reasoning.effort is not None
    back = repair(adaptive.request, Complaint(ComplaintKind.ONLY_BUDGET))
    assert back is not None
    assert back.request.reasoning is not None
    assert back.request.reasoning.budget_tokens is not None
    silent = request(reasoning=Reasoning(ReasoningMode.DISABLED))
    for kind in (
        ComplaintKind.ONLY_ADAPTIVE,
        ComplaintKind.ONLY_BUDGET,
        ComplaintKind.MISSING_THINKING,
    ):
        assert repair(silent, Complaint(kind)) is None


@pytest.mark.parametrize("kind", list(ComplaintKind))
def test_nothing_is_repaired_in_a_conversation_without_fault(kind: ComplaintKind) -> None:
    assert repair(request(UserMessage((TextPart("a"),))), Complaint(kind)) is None


def test_turns_that_pair_up_need_no_settling() -> None:
    call = AssistantMessage((ToolCallPart("c", "f", "{}"),))
    assert settle_turns(request(call, ToolResultMessage("c", ()))) is None
    settled = settle_turns(request(call))
    assert settled is not None
    assert "has no result" in settled.notes[0]
