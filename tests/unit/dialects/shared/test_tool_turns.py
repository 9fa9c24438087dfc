"""Conversations whose tool calls and results do not match are set straight, and that is said."""

from __future__ import annotations

from proxy_core.canonical.request import (
    AssistantMessage,
    Message,
    TextPart,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.shared.tool_turns import NO_RESULT, settle_tool_turns

HI = UserMessage((TextPart("hi"),))


def calls(*ids: str, kind: ToolKind = ToolKind.FUNCTION) -> AssistantMessage:
    return AssistantMessage(tuple(ToolCallPart(each, "f", "{}", kind) for each in ids))


def result(call_id: str, text: str = "ok") -> ToolResultMessage:
    return ToolResultMessage(call_id, (TextPart(text),))


def settled(*messages: Message) -> tuple[list[Message], list[str]]:
    return settle_tool_turns(messages)


def shape(messages: list[Message]) -> list[object]:
    told: list[object] = []
    for message in messages:
        if isinstance(message, AssistantMessage):
            told.append([part.id for part in message.content if isinstance(part, ToolCallPart)])
        elif isinstance(message, ToolResultMessage):
            told.append((message.tool_call_id, message.content[0].text))
        else:
            told.append("user")
    return told


def test_a_sound_conversation_stays_as_it_is() -> None:
    messages = [HI, calls("a", "b"), result("a"), result("b"), HI, AssistantMessage(()), HI]
    assert settled(*messages) == (messages, [])


def test_results_follow_their_calls_in_the_calls_order() -> None:
    messages, notes = settled(HI, calls("a", "b"), HI, result("b", "B"), result("a", "A"))
    assert shape(messages) == ["user", ["a", "b"], ("a", "A"), ("b", "B"), "user"]
    assert notes == []


def test_parallel_calls_written_as_several_messages_are_one_turn() -> None:
    text = AssistantMessage((TextPart("both"),))
    messages, notes = settled(HI, calls("a"), calls("b"), text, result("a"), result("b"))
    assert shape(messages) == ["user", ["a", "b"], ("a", "ok"), ("b", "ok")]
    assert notes == []


def test_a_missing_result_is_filled_in() -> None:
    messages, notes = settled(HI, calls("a", "b"), result("b"), HI)
    assert shape(messages) == ["user", ["a", "b"], ("a", NO_RESULT), ("b", "ok"), "user"]
    filled = messages[2]
    assert isinstance(filled, ToolResultMessage)
    assert filled.is_error
    assert notes == ["messages[] (tool call a has no result)"]


def test_a_result_without_its_call_becomes_the_users_words() -> None:
    messages, notes = settled(HI, result("ghost", "boo"), calls("a"), result("a"), result("a"))
    assert shape(messages) == ["user", "user", ["a"], ("a", "ok"), "user"]
    orphan = messages[1]
    assert isinstance(orphan, UserMessage)
    assert orphan.content[1] == TextPart("boo")
    assert notes == [
        "messages[] (tool result ghost has no call)",
        "messages[] (tool result a has no call)",
    ]


def test_ids_used_again_are_told_apart_between_turns_and_within_one() -> None:
    messages, notes = settled(
        HI,
        calls("a", "a"),
        result("a", "1"),
        result("a", "2"),
        HI,
        calls("a"),
        result("a", "3"),
        HI,
        calls("a_2"),
        result("a_2", "4"),
    )
    assert shape(messages) == [
        "user",
        ["a", "a_2"],
        ("a", "1"),
        ("a_2", "2"),
        "user",
        ["a_3"],
        ("a_3", "3"),
        "user",
        ["a_2_2"],
        ("a_2_2", "4"),
    ]
    assert notes == []


def test_ids_are_made_legal_in_the_call_and_in_its_result() -> None:
    messages, _ = settled(HI, calls("functions.read:0"), result("functions.read:0"))
    (call_id,) = shape(messages)[1]
    assert call_id.startswith("functions_read_0_")
    assert shape(messages)[2] == (call_id, "ok")


def test_a_result_has_its_calls_kind() -> None:
    messages, _ = settled(HI, calls("a", kind=ToolKind.CUSTOM), result("a"))
    answered = messages[2]
    assert isinstance(answered, ToolResultMessage)
    assert answered.kind is ToolKind.CUSTOM


def test_a_thousand_repeated_ids_take_no_time_to_speak_of() -> None:
    turns: list[Message] = []
    for _ in range(1000):
        turns += [HI, calls("call_0"), result("call_0")]
    messages, notes = settled(*turns)
    ids = {shape([m])[0][0] for m in messages if isinstance(m, AssistantMessage)}
    assert len(ids) == 1000
    assert notes == []
