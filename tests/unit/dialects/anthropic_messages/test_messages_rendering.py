"""What goes to upstream's Messages endpoint, whoever asked."""

from __future__ import annotations

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
    Sampling,
    SystemMessage,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.errors import BadRequest
from tests.unit.dialects.anthropic_messages.requests_to_render import (
    BUDGET_ONLY,
    CALL,
    CHAT,
    HI,
    MESSAGES,
    RESPONSES,
    RESULT,
    fit,
    model,
    render,
    request,
    turns,
)

GO_ON = UserMessage((TextPart("go on"),))


def test_a_single_question_has_a_limit_and_no_marks() -> None:
    body, dropped = render(request())
    assert body == {
        "model": "claude",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        "max_tokens": 64_000,
    }
    assert dropped == ()


@pytest.mark.parametrize(
    ("wanted", "ceiling", "sent", "dropped"),
    [
        (None, None, 16_384, ()),
        (None, 8_000, 8_000, ()),
        (0, 8_000, 1, ("max_tokens (1 instead of 0)",)),
        (5, 8_000, 5, ()),
        (9_000, None, 9_000, ()),
        (9_000, 8_000, 8_000, ("max_tokens (8000 instead of 9000)",)),
    ],
)
def test_the_limit_the_dialect_demands(
    wanted: int | None, ceiling: int | None, sent: int, dropped: tuple[str, ...]
) -> None:
    asked = request(sampling=Sampling(max_output_tokens=wanted))
    body, notes = render(asked, model(output=ceiling))
    assert (body["max_tokens"], notes) == (sent, dropped)


def test_parallel_results_and_the_users_words_are_one_turn_with_the_results_first() -> None:
    calls = AssistantMessage((CALL, ToolCallPart("b", "f", "{}")))
    sent = turns(
        HI,
        calls,
        UserMessage((TextPart("wait"),)),
        ToolResultMessage("b", (), is_error=True, cache=CacheMark("1h")),
        RESULT,
        GO_ON,
    )
    assert [turn["role"] for turn in sent] == ["user", "assistant", "user"]
    first, second, third, fourth = sent[2]["content"]
    assert first == {"type": "tool_result", "tool_use_id": "a", "content": "ok"}
    assert second == {
        "type": "tool_result",
        "tool_use_id": "b",
        "is_error": True,
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
    }
    assert (third["text"], fourth["text"]) == ("wait", "go on")


def test_assistant_messages_in_a_row_are_one_turn() -> None:
    sent = turns(HI, AssistantMessage((TextPart("a"),)), AssistantMessage((TextPart("b"),)), HI)
    assert [block["text"] for block in sent[1]["content"]] == ["a", "b"]


def test_turns_that_say_nothing_are_left_out_and_the_first_is_the_users() -> None:
    sent = turns(
        UserMessage((TextPart(" \n"),)),
        AssistantMessage((TextPart(""),)),
        AssistantMessage((TextPart("hello"),)),
        HI,
    )
    assert [turn["role"] for turn in sent] == ["user", "assistant", "user"]
    assert sent[0]["content"][0]["text"] == "(The conversation starts here.)"


def test_nothing_at_all_to_answer_is_refused_in_the_clients_words() -> None:
    with pytest.raises(BadRequest) as raised:
        render(request(UserMessage((TextPart(" "),)), dialect=RESPONSES))
    assert raised.value.param == "input"


def test_text_after_a_call_moves_before_it() -> None:
    sent = turns(HI, AssistantMessage((CALL, TextPart("a"), TextPart("b"))), RESULT)
    kinds = [block.get("text", block["type"]) for block in sent[1]["content"]]
    assert kinds == ["a", "b", "tool_use"]


def test_an_instruction_in_the_middle_is_a_reminder_unless_the_client_speaks_the_dialect() -> None:
    middle = SystemMessage((TextPart("a"), TextPart("b")))
    assert turns(HI, middle, GO_ON)[1] == {
        "role": "system",
        "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
    }
    (turn,) = turns(HI, middle, SystemMessage(()), GO_ON, dialect=CHAT)
    texts = [block["text"] for block in turn["content"]]
    assert texts == ["hi", "<system-reminder>\na\n\nb\n</system-reminder>", "go on"]


def test_a_prefill_loses_its_trailing_space_and_is_no_prefill_for_openais_clients() -> None:
    prefill = AssistantMessage((TextPart("{ \n"),))
    old = model(BUDGET_ONLY)
    assert fit(request(HI, prefill, dialect=MESSAGES), old)[0]["messages"][-1]["content"] == [
        {"type": "text", "text": "{"}
    ]
    assert fit(request(HI, prefill), old)[0]["messages"][-1]["role"] == "user"
    native = NativePart(Opaque(MESSAGES, "compaction", '{"type":"compaction"}'))
    assert turns(HI, AssistantMessage((native,)))[-1]["content"] == [{"type": "compaction"}]


def test_images_as_the_dialect_takes_them() -> None:
    parts = (
        ImagePart("image/jpg", "AA", cache=CacheMark()),
        ImagePart(url="u", detail="low"),
        ImagePart(None, "AA"),
        ImagePart("image/tiff", "AA"),
        ImagePart(file_id="f"),
    )
    body, dropped = fit(request(UserMessage(parts)))
    jpeg, url, guessed, tiff, stored = body["messages"][0]["content"]
    assert jpeg["source"]["media_type"] == "image/jpeg"
    assert jpeg["cache_control"] == {"type": "ephemeral"}
    assert url["source"] == {"type": "url", "url": "u"}
    assert guessed["source"]["media_type"] == "image/png"
    assert "image/tiff" in tiff["text"]
    assert "file store" in stored["text"]
    assert dropped == (
        "messages[].content[].image_url.detail",
        "messages[].content (image f)",
        "messages[].content (image/tiff)",
    )
    assert turns(UserMessage(parts[-1:]))[0]["content"][0]["source"]["type"] == "file"


def test_a_model_that_cannot_see_is_told_so() -> None:
    body, dropped = render(request(UserMessage((ImagePart(url="u"),))), model(BUDGET_ONLY))
    assert "cannot see" in body["messages"][0]["content"][0]["text"]
    assert dropped == ("messages[].content (image)",)


def test_documents_as_the_dialect_takes_them() -> None:
    parts = (
        DocumentPart("application/pdf", "AA", title="t", context="c", citations=True),
        DocumentPart(text="words"),
        DocumentPart(url="u"),
        DocumentPart("text/markdown", "IyBoaQ==", title="readme"),
        DocumentPart("text/plain", "////"),
        DocumentPart("application/zip", "AA", title="z"),
        DocumentPart(file_id="f"),
    )
    body, dropped = render(request(UserMessage(parts)))
    pdf, text, url, decoded, garbled, archive, stored = body["messages"][0]["content"]
    assert pdf["source"]["type"] == "base64"
    assert (pdf["title"], pdf["context"], pdf["citations"]) == ("t", "c", {"enabled": True})
    assert text["source"] == {"type": "text", "media_type": "text/plain", "data": "words"}
    assert url["source"]["url"] == "u"
    assert decoded["source"]["data"] == "# hi"
    for missing in (garbled, archive, stored):
        assert "left out" in missing["text"]
    assert dropped == ("messages[].content (document)",)
    own = turns(UserMessage(parts[-2:]))[0]["content"]
    assert [block["source"]["type"] for block in own] == ["base64", "file"]


def test_parts_of_other_dialects_are_named() -> None:
    sound = NativePart(Opaque(CHAT, "input_audio", "{}"))
    user = UserMessage((sound, RefusalPart("no"), RefusalPart(" "), ThinkingPart("?")), name="ann")
    body, dropped = render(request(user, AssistantMessage((sound, TextPart("x")), name="bot"), HI))
    texts = [block["text"] for block in body["messages"][0]["content"]]
    assert "input_audio" in texts[0]
    assert texts[1:] == ["no"]
    assert dropped == (
        "messages[].name",
        "messages[].content (input_audio)",
        "messages[].content",
    )


def test_citations_return_with_their_text() -> None:
    own = Opaque(MESSAGES, "citation", '{"type":"char_location"}')
    foreign = Opaque(RESPONSES, "url_citation", "{}")
    sent = turns(HI, AssistantMessage((TextPart("x", annotations=(own, foreign)),)), HI)
    assert sent[1]["content"][0]["citations"] == [{"type": "char_location"}]


def test_thinking_returns_only_to_the_model_that_issued_it() -> None:
    def thinking(dialect: DialectName, kind: str, issuer: str | None) -> ThinkingPart:
        return ThinkingPart("hm", Opaque(dialect, kind, "U2ln", issuer))

    parts = (
        thinking(MESSAGES, "signature", "claude"),
        thinking(MESSAGES, "signature", None),
        thinking(MESSAGES, "redacted_thinking", "claude"),
        thinking(MESSAGES, "signature", "another"),
        thinking(RESPONSES, "encrypted_content", "claude"),
        thinking(MESSAGES, "damaged", None),
        ThinkingPart("hm"),
    )
    body, dropped = render(request(HI, AssistantMessage((*parts, TextPart("x"))), HI))
    kinds = [block["type"] for block in body["messages"][1]["content"]]
    assert kinds == ["thinking", "thinking", "redacted_thinking", "text"]
    assert dropped == (
        "messages[].reasoning_content (issued by another model)",
        "messages[].reasoning_content (damaged)",
        "messages[].reasoning_content (without a signature)",
    )


def test_arguments_that_are_no_object_survive() -> None:
    calls = (
        ToolCallPart("a", "f", ""),
        ToolCallPart("b", "f", "[1]"),
        ToolCallPart("c", "f", "{oops"),
        ToolCallPart("d", "g", "free", ToolKind.CUSTOM, opaque=Opaque(CHAT, "s", "x")),
    )
    body, dropped = render(request(HI, AssistantMessage(calls)))
    inputs = [block["input"] for block in body["messages"][1]["content"]]
    assert inputs == [
        {},
        {"_unparsed_arguments": "[1]"},
        {"_unparsed_arguments": "{oops"},
        {"input": "free"},
    ]
    assert "messages[] (signature of a tool call)" in dropped
