"""What a request of Google's becomes."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.request import (
    AssistantMessage,
    DialectName,
    DocumentPart,
    ImagePart,
    NativePart,
    Opaque,
    Reasoning,
    ReasoningMode,
    Request,
    ResponseFormat,
    ServerTool,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolChoiceKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.gemini.dialect import Gemini
from proxy_core.dialects.gemini.signatures import GEMINI, seal
from proxy_core.errors import BadRequest

SIGNED = ThinkingPart("Thought.", Opaque(DialectName.ANTHROPIC_MESSAGES, "signature", "Eo"))
HELLO = {"role": "user", "parts": [{"text": "Hello"}]}


def parsed(*contents: Any, **members: Any) -> Request:
    return Gemini().parse_request({"model": "m", "contents": list(contents), **members})


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


def model(*parts: Any) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def call(name: str, **more: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": {"city": name}, **more}}


def result(name: str, response: Any, **more: Any) -> dict[str, Any]:
    return {"functionResponse": {"name": name, "response": response, **more}}


def test_contents_and_instructions_in_either_spelling() -> None:
    expected = parsed(HELLO, systemInstruction={"parts": [{"text": "Be brief."}]})
    assert expected.context.system_prompt == (TextPart("Be brief."),)
    assert expected.context.messages == (UserMessage((TextPart("Hello"),)),)
    assert parsed(HELLO, system_instruction={"parts": [{"text": "Be brief."}]}) == expected


def test_a_content_without_a_role_is_the_users() -> None:
    assert parsed({"parts": [{"text": "Hello"}]}) == parsed(HELLO)


def test_calls_without_ids_get_them_from_their_place_and_results_find_them_by_name() -> None:
    said = parsed(
        HELLO,
        model(call("a"), call("b"), call("a")),
        user(
            result("b", {"output": "B"}),
            result("a", {"output": "A1"}),
            result("a", {"output": "A2"}),
        ),
    )
    calls = [part for part in said.context.messages[1].content if isinstance(part, ToolCallPart)]
    assert [each.id for each in calls] == ["call_1_0", "call_1_1", "call_1_2"]
    assert calls[0].arguments == '{"city":"a"}'
    results = said.context.messages[2:]
    assert results == (
        ToolResultMessage("call_1_1", (TextPart("B"),), tool_name="b"),
        ToolResultMessage("call_1_0", (TextPart("A1"),), tool_name="a"),
        ToolResultMessage("call_1_2", (TextPart("A2"),), tool_name="a"),
    )


def test_the_ids_of_a_conversation_stay_the_same_as_it_grows() -> None:
    said = (HELLO, model(call("a")), user(result("a", {})))
    longer = parsed(*said, model(call("a")), user(result("a", {})))
    assert longer.context.messages[: len(said)] == parsed(*said).context.messages


def test_ids_that_are_stated_pair_and_made_up_ones_pair_by_name() -> None:
    said = parsed(
        HELLO,
        model(call("a", id="one"), call("a", id="two"), call("b")),
        user(
            result("a", {}, id="two"),
            result("b", {}, id="b-1732-made-up"),
            result("a", {}, id="one"),
        ),
    )
    ids = [
        each.tool_call_id for each in said.context.messages if isinstance(each, ToolResultMessage)
    ]
    assert ids == ["two", "call_1_2", "one"]


@pytest.mark.parametrize(
    ("response", "text", "is_error"),
    [
        ({"output": "fine"}, "fine", False),
        ({"output": {"a": [1]}}, '{"a":[1]}', False),
        ({"error": "no such file"}, "no such file", True),
        ({"result": "x"}, '{"result":"x"}', False),
        ({"output": "x", "more": 1}, '{"output":"x","more":1}', False),
        ({}, "{}", False),
    ],
)
def test_a_result_says_what_google_describes(response: Any, text: str, is_error: bool) -> None:
    said = parsed(HELLO, model(call("a")), user(result("a", response)))
    answer = said.context.messages[2]
    assert isinstance(answer, ToolResultMessage)
    assert (answer.content, answer.is_error) == ((TextPart(text),), is_error)


def test_thinking_comes_back_from_the_signature_with_or_without_what_was_shown() -> None:
    signature = seal([SIGNED])
    shown = {"text": "Thought.", "thought": True}
    for parts in (
        [shown, {**call("a", id="c"), "thoughtSignature": signature}],
        [{**call("a", id="c"), "thoughtSignature": signature}],
        [{"functionCall": call("a", id="c")["functionCall"], "thought_signature": signature}],
    ):
        said = parsed(HELLO, model(*parts)).context.messages[1]
        assert isinstance(said, AssistantMessage)
        assert said.content == (SIGNED, ToolCallPart("c", "a", '{"city":"a"}'))


def test_thinking_before_a_text_comes_back_too() -> None:
    said = parsed(HELLO, model({"text": "Hi", "thoughtSignature": seal([SIGNED])}))
    assert said.context.messages[1].content == (SIGNED, TextPart("Hi"))


def test_the_pieces_of_a_stream_that_an_sdk_keeps_are_one_turn() -> None:
    pieces = (
        model({"text": "Thou", "thought": True}),
        model({"text": "ght.", "thought": True}),
        model({"text": "I ", "thoughtSignature": seal([SIGNED])}),
        model({"text": "look."}),
        model(call("a")),
        model(call("a")),
        model({"text": ""}),
    )
    said = parsed(HELLO, *pieces, user(result("a", {"output": "1"}), result("a", {"output": "2"})))
    assert said.context.messages[1:] == (
        AssistantMessage(
            (
                SIGNED,
                TextPart("I look."),
                ToolCallPart("call_1_0", "a", '{"city":"a"}'),
                ToolCallPart("call_1_1", "a", '{"city":"a"}'),
            )
        ),
        ToolResultMessage("call_1_0", (TextPart("1"),), tool_name="a"),
        ToolResultMessage("call_1_1", (TextPart("2"),), tool_name="a"),
    )


def test_a_signature_of_googles_stays_with_its_call() -> None:
    said = parsed(HELLO, model({**call("a", id="c"), "thoughtSignature": "CtQB"}))
    part = said.context.messages[1].content[0]
    assert isinstance(part, ToolCallPart)
    assert part.opaque == Opaque(GEMINI, "thought_signature", "CtQB")


def test_images_and_documents_in_either_alphabet() -> None:
    data = urlsafe_b64encode(b"\xff\xfe\xfd").rstrip(b"=").decode()
    said = parsed(
        user(
            {"inlineData": {"mimeType": "image/png", "data": data}},
            {"inline_data": {"mime_type": "application/pdf", "data": "JVBE"}},
            {"fileData": {"fileUri": "https://example.org/a.png", "mimeType": "image/png"}},
            {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
        )
    )
    image, document, linked, audio = said.context.messages[0].content
    assert image == ImagePart("image/png", "//79")
    assert document == DocumentPart("application/pdf", "JVBE")
    assert linked == ImagePart(url="https://example.org/a.png")
    assert isinstance(audio, NativePart)


def test_functions_and_googles_own_tools() -> None:
    stated = {
        "type": "OBJECT",
        "properties": {
            "when": {"type": "STRING", "nullable": True, "enum": ["now"]},
            "list": {"type": "ARRAY", "items": {"type": "INTEGER"}, "maxItems": "3"},
        },
        "propertyOrdering": ["list", "when"],
    }
    said = parsed(
        HELLO,
        tools=[
            {"functionDeclarations": [{"name": "f", "description": "d", "parameters": stated}]},
            {"function_declarations": [{"name": "g", "parametersJsonSchema": {"type": "object"}}]},
            {"googleSearch": {}},
        ],
    )
    first, second, search = said.context.tools
    assert isinstance(first, Tool)
    assert first.parameters == {
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
            "when": {"type": ["string", "null"], "enum": ["now", None]},
        },
    }
    assert list(first.parameters["properties"]) == ["list", "when"]
    assert second == Tool("g", parameters={"type": "object"})
    assert isinstance(search, ServerTool)
    assert search.kind == "googleSearch"


@pytest.mark.parametrize(
    ("config", "choice"),
    [
        ({"mode": "AUTO"}, ToolChoice(ToolChoiceKind.AUTO)),
        ({"mode": "ANY"}, ToolChoice(ToolChoiceKind.REQUIRED)),
        ({"mode": "NONE", "allowedFunctionNames": ["f"]}, ToolChoice(ToolChoiceKind.NONE)),
        ({"mode": "ANY", "allowedFunctionNames": ["f"]}, ToolChoice(ToolChoiceKind.TOOL, ("f",))),
        (
            {"mode": "ANY", "allowedFunctionNames": ["f", "g"]},
            ToolChoice(ToolChoiceKind.ALLOWED, ("f", "g"), required=True),
        ),
        (
            {"mode": "VALIDATED", "allowed_function_names": ["f"]},
            ToolChoice(ToolChoiceKind.ALLOWED, ("f",)),
        ),
    ],
)
def test_tool_choice(config: Any, choice: ToolChoice) -> None:
    assert parsed(HELLO, toolConfig={"functionCallingConfig": config}).tool_choice == choice


@pytest.mark.parametrize(
    ("thinking", "reasoning"),
    [
        ({"thinkingBudget": 0}, Reasoning(ReasoningMode.DISABLED)),
        ({"thinkingBudget": -1}, Reasoning(ReasoningMode.ADAPTIVE)),
        ({"thinkingBudget": 2048}, Reasoning(ReasoningMode.BUDGET, budget_tokens=2048)),
        ({"thinkingLevel": "HIGH"}, Reasoning(ReasoningMode.EFFORT, "high")),
        ({"includeThoughts": True}, Reasoning(ReasoningMode.ADAPTIVE)),
        ({}, None),
    ],
)
def test_thinking_that_is_asked_for(thinking: Any, reasoning: Reasoning | None) -> None:
    assert parsed(HELLO, generationConfig={"thinkingConfig": thinking}).reasoning == reasoning


def test_structured_answers_by_either_schema() -> None:
    json_type = {"responseMimeType": "application/json"}
    google = {**json_type, "responseSchema": {"type": "OBJECT"}}
    standard = {**json_type, "responseJsonSchema": {"type": "object"}}
    wanted = ResponseFormat("json_schema", "response", {"type": "object"})
    assert parsed(HELLO, generationConfig=google).response_format == wanted
    assert parsed(HELLO, generation_config=standard).response_format == wanted
    assert parsed(HELLO, generationConfig=json_type).response_format == ResponseFormat(
        "json_object"
    )
    assert parsed(HELLO, generationConfig={}).response_format is None


def test_what_has_no_form_here_is_named() -> None:
    said = parsed(
        user({"text": "x", "videoMetadata": {"fps": 1}}),
        safetySettings=[{"category": "C"}],
        labels={},
        generationConfig={"speechConfig": {"a": 1}, "responseMimeType": "text/x.enum"},
    )
    assert list(said.extra) == [
        "safetySettings",
        "generationConfig.speechConfig",
        "contents[].parts[].videoMetadata",
    ]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"contents": []}, "contents"),
        ({"contents": [{"role": "system", "parts": [{"text": "x"}]}]}, "contents[0].role"),
        ({"contents": [{"role": "user", "parts": []}]}, "contents[0].parts"),
        ({"contents": [{"role": "user", "parts": [{}]}]}, "contents[0].parts[0]"),
        ({"contents": [HELLO], "cachedContent": "cachedContents/1"}, "cachedContent"),
        (
            {"contents": [HELLO], "generationConfig": {"candidateCount": 2}},
            "generationConfig.candidateCount",
        ),
        (
            {"contents": [HELLO], "generationConfig": {"temperature": "hot"}},
            "generationConfig.temperature",
        ),
    ],
)
def test_what_is_not_valid_is_refused_by_its_path(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as refused:
        Gemini().parse_request({"model": "m", **body})
    assert refused.value.param == param


def raw(**members: Any) -> dict[str, msgspec.Raw]:
    body = {"model": "m", "stream": False, **members}
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in body.items()}


@pytest.mark.parametrize(
    ("last", "is_users"),
    [
        (HELLO, True),
        (user(result("a", {})), False),
        (user(result("a", {}), {"text": "and"}), False),
        (user({"function_response": {"name": "a", "response": {}}}), False),
        (model({"text": "prefill"}), False),
    ],
)
def test_whose_turn_it_is(last: Any, is_users: bool) -> None:
    facts = Gemini().inspect_request(raw(contents=[HELLO, last]))
    assert facts.is_user_turn is is_users


def test_images_and_documents_are_seen_before_parsing() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "AA=="}}
    paper = {"inline_data": {"mime_type": "application/pdf", "data": "AA=="}}
    said = {"text": '{"mimeType": "image/png"}'}
    for parts, images, documents in (
        ([picture], True, False),
        ([paper], False, True),
        ([said], False, False),
    ):
        facts = Gemini().inspect_request(raw(contents=[user(*parts)]))
        assert (facts.has_images, facts.has_documents) == (images, documents)


def test_limits_are_read_in_either_spelling() -> None:
    for config in (
        {"maxOutputTokens": 5, "stopSequences": ["a"]},
        {"max_output_tokens": 5, "stop_sequences": ["a"]},
    ):
        limits = Gemini().output_limits(raw(contents=[HELLO], generationConfig=config))
        assert (limits.max_output_tokens, limits.stop) == (5, ("a",))


def test_one_object_in_place_of_a_list_is_its_only_item() -> None:
    """As Google's own examples write it, and its servers read it."""
    one = {
        "contents": {"role": "user", "parts": {"text": "Turn on the lights"}},
        "system_instruction": {"parts": {"text": "Obey"}},
        "tools": {"function_declarations": {"name": "enable_lights"}},
    }
    many = {
        "contents": [{"role": "user", "parts": [{"text": "Turn on the lights"}]}],
        "system_instruction": {"parts": [{"text": "Obey"}]},
        "tools": [{"function_declarations": [{"name": "enable_lights"}]}],
    }
    assert Gemini().parse_request({"model": "m", **one}) == Gemini().parse_request(
        {"model": "m", **many}
    )
    answered = {"functionResponse": {"name": "f", "response": {"on": True}, "parts": {"text": "x"}}}
    for parts, is_users in (({"text": "Hello"}, True), (answered, False)):
        raw = msgspec.json.encode({"role": "user", "parts": parts})
        members = {"model": msgspec.Raw(b'"m"'), "contents": msgspec.Raw(raw)}
        assert Gemini().inspect_request(members).is_user_turn is is_users
    with pytest.raises(BadRequest, match="contents: expected an array"):
        Gemini().parse_request({"model": "m", "contents": "Hello"})
