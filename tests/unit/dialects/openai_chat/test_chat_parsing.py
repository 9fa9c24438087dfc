"""Chat requests as clients write them, and what they mean."""

from __future__ import annotations

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
    Reasoning,
    ReasoningMode,
    RefusalPart,
    ResponseFormat,
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
from proxy_core.dialects.openai_chat.parse_request import parse_request
from proxy_core.errors import BadRequest

CHAT = DialectName.OPENAI_CHAT


def parse(*messages: dict[str, Any], **members: Any) -> Any:
    return parse_request({"model": "m", "messages": list(messages), **members})


def parsed(*messages: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(parse(*messages).context.messages)


def user(content: Any, **members: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, **members}


def test_instructions_at_the_head_are_the_system_prompt_and_later_ones_stay_in_place() -> None:
    context = parse(
        {"role": "system", "content": "one"},
        {
            "role": "system",
            "content": [{"type": "text", "text": "two"}, {"type": "text", "text": "3"}],
        },
        {"role": "developer", "content": "another role"},
        user("hi"),
        {"role": "system", "content": "later"},
    ).context
    assert context.system_prompt == (TextPart("one"), TextPart("two"), TextPart("3"))
    assert context.system_role is SystemRole.SYSTEM
    assert context.messages == (
        SystemMessage((TextPart("another role"),), SystemRole.DEVELOPER),
        UserMessage((TextPart("hi"),)),
        SystemMessage((TextPart("later"),)),
    )


def test_a_developer_instruction_keeps_its_role() -> None:
    context = parse({"role": "developer", "content": "one"}, user("hi")).context
    assert context.system_role is SystemRole.DEVELOPER


def test_images_come_as_data_urls_as_links_and_in_responses_spelling() -> None:
    (message,) = parsed(
        user(
            [
                {
                    "type": "image_url",
                    "image_url": {"url": "data:image/PNG;base64,AA==", "detail": "low"},
                },
                {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
                {"type": "image_url", "image_url": "data:image/gif;charset=x;base64,BB=="},
            ]
        )
    )
    assert message.content == (
        ImagePart("image/png", "AA==", detail="low"),
        ImagePart(url="https://x/y.png"),
        ImagePart("image/gif", "BB=="),
    )


def test_files_and_sound_are_kept() -> None:
    (message,) = parsed(
        user(
            [
                {
                    "type": "file",
                    "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "a"},
                },
                {"type": "file", "file": {"file_data": "AA=="}},
                {"type": "file", "file": {"file_id": "file_1"}},
                {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
                {"type": "input_text", "text": "responses' word"},
            ]
        )
    )
    pdf, bare, stored, sound, text = message.content
    assert pdf == DocumentPart("application/pdf", "AA==", title="a")
    assert bare == DocumentPart("application/pdf", "AA==")
    assert stored == DocumentPart(file_id="file_1")
    assert isinstance(sound, NativePart)
    assert sound.item.kind == "input_audio"
    assert text == TextPart("responses' word")


def test_an_assistant_turn_has_thinking_text_refusal_and_calls_in_this_order() -> None:
    (message,) = parsed(
        {
            "role": "assistant",
            "name": "bot",
            "content": [{"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "b"}],
            "refusal": "c",
            "audio": {"id": "audio_1"},
            "reasoning_content": "hm",
            "reasoning_opaque": "QUFB",
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{ }"}},
                {"id": "2", "function": {"name": "g", "arguments": {"a": 1}}},
                {"id": "3", "function": {"name": "h", "thought_signature": "c2ln"}},
                {"id": "4", "type": "custom", "custom": {"name": "i", "input": "free text"}},
            ],
        }
    )
    assert message.name == "bot"
    assert message.content == (
        ThinkingPart("hm", Opaque(CHAT, "reasoning_opaque", "QUFB")),
        TextPart("a"),
        RefusalPart("b"),
        RefusalPart("c"),
        NativePart(Opaque(CHAT, "audio", '{"id":"audio_1"}')),
        ToolCallPart("1", "f", "{ }"),
        ToolCallPart("2", "g", '{"a":1}'),
        ToolCallPart("3", "h", "", opaque=Opaque(CHAT, "thought_signature", "c2ln")),
        ToolCallPart("4", "i", "free text", ToolKind.CUSTOM),
    )


@pytest.mark.parametrize(
    "member", ["reasoning_text", "reasoning_content", "reasoning", "cot_summary"]
)
def test_thinking_is_found_under_each_of_its_names(member: str) -> None:
    (message,) = parsed({"role": "assistant", "content": "x", member: "hm"})
    assert message.content == (ThinkingPart("hm"), TextPart("x"))


def test_an_assistant_turn_may_be_empty_but_for_its_calls() -> None:
    assert parsed({"role": "assistant", "content": None, "refusal": None}) == (
        AssistantMessage(()),
    )


def test_tool_results_carry_text_images_and_the_kind_of_their_call() -> None:
    _, first, second, third = parsed(
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "1", "function": {"name": "f", "arguments": "{}"}},
                {"id": "2", "type": "custom", "custom": {"name": "g", "input": "x"}},
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "one", "name": "f"},
        {
            "role": "tool",
            "tool_call_id": "2",
            "content": [
                {"type": "text", "text": "two", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": "https://x"}},
            ],
        },
        {
            "role": "tool",
            "tool_call_id": "3",
            "content": None,
            "copilot_cache_control": {"ttl": "1h"},
        },
    )
    assert first == ToolResultMessage("1", (TextPart("one"),), tool_name="f")
    assert second == ToolResultMessage(
        "2",
        (TextPart("two"), ImagePart(url="https://x")),
        kind=ToolKind.CUSTOM,
        cache=CacheMark(),
    )
    assert third == ToolResultMessage("3", (), cache=CacheMark("1h"))


def test_functions_of_the_days_before_tools_get_ids_and_keep_their_order() -> None:
    request = parse(
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "one"},
        {"role": "assistant", "content": None, "function_call": {"name": "f"}},
        {"role": "function", "name": "f", "content": "two"},
        functions=[{"name": "f", "parameters": {"type": "object"}}],
        function_call={"name": "f"},
    )
    calls = [m.content[0] for m in request.context.messages[::2]]
    results = request.context.messages[1::2]
    assert [call.id for call in calls] == [result.tool_call_id for result in results]
    assert calls[0].id != calls[1].id
    assert request.context.tools == (Tool("f", parameters={"type": "object"}),)
    assert request.tool_choice == ToolChoice(ToolChoiceKind.TOOL, ("f",))
    assert parse(user("hi"), function_call="none").tool_choice == ToolChoice(ToolChoiceKind.NONE)


def test_a_messages_cache_mark_goes_to_its_last_part_that_can_carry_one() -> None:
    (one, two, three) = parsed(
        user(
            [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], copilot_cache_control={}
        ),
        {
            "role": "assistant",
            "content": "x",
            "refusal": "y",
            "copilot_cache_control": {"type": "ephemeral"},
        },
        {"role": "assistant", "refusal": "y", "copilot_cache_control": {"type": "ephemeral"}},
    )
    assert one.content == (TextPart("a"), TextPart("b", CacheMark()))
    assert two.content == (TextPart("x", CacheMark()), RefusalPart("y"))
    assert three.content == (RefusalPart("y"),)


def test_tools_of_every_kind() -> None:
    request = parse(
        user("hi"),
        tools=[
            {
                "type": "function",
                "function": {"name": "f", "description": "d", "strict": True, "x": 1},
                "cache_control": {"type": "ephemeral"},
            },
            {"type": "custom", "custom": {"name": "g", "format": {"type": "text"}}},
            {"type": "web_search"},
        ],
    )
    function, custom, server = request.context.tools
    assert function == Tool("f", "d", strict=True, cache=CacheMark(), extra={"x": 1})
    assert custom == Tool("g", kind=ToolKind.CUSTOM, grammar={"type": "text"})
    assert server == ServerTool("web_search", Opaque(CHAT, "tool", '{"type":"web_search"}'))


@pytest.mark.parametrize(
    ("choice", "meaning"),
    [
        ("auto", ToolChoice(ToolChoiceKind.AUTO)),
        ("none", ToolChoice(ToolChoiceKind.NONE)),
        ("required", ToolChoice(ToolChoiceKind.REQUIRED)),
        ("any", ToolChoice(ToolChoiceKind.REQUIRED)),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice(ToolChoiceKind.TOOL, ("f",))),
        ({"type": "function", "name": "f"}, ToolChoice(ToolChoiceKind.TOOL, ("f",))),
        ({"type": "custom", "custom": {"name": "f"}}, ToolChoice(ToolChoiceKind.TOOL, ("f",))),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": "f"}}],
                },
            },
            ToolChoice(ToolChoiceKind.ALLOWED, ("f",), required=True),
        ),
    ],
)
def test_every_form_of_tool_choice(choice: Any, meaning: ToolChoice) -> None:
    assert parse(user("hi"), tool_choice=choice).tool_choice == meaning


def test_sampling_parameters() -> None:
    sampling = parse(
        user("hi"),
        max_tokens=5,
        temperature=0.5,
        top_p=1,
        stop="END",
        seed=1,
        n=1,
        frequency_penalty=-1,
        presence_penalty=2,
        logprobs=True,
        top_logprobs=3,
        verbosity="low",
        parallel_tool_calls=False,
        top_k=7,
    ).sampling
    assert sampling.max_output_tokens == 5
    assert sampling.stop == ("END",)
    assert (sampling.seed, sampling.n, sampling.top_k, sampling.top_logprobs) == (1, 1, 7, 3)
    assert (sampling.verbosity, sampling.parallel_tool_calls) == ("low", False)


def test_the_newer_name_of_the_limit_wins_and_an_integral_number_is_one() -> None:
    request = parse(user("hi"), max_tokens=5, max_completion_tokens=9.0, stop=["a", "b"])
    assert request.sampling.max_output_tokens == 9
    assert request.sampling.stop == ("a", "b")


def test_reasoning_effort_and_its_absence() -> None:
    assert parse(user("hi")).reasoning is None
    assert parse(user("hi"), reasoning_effort="low").reasoning == Reasoning(
        ReasoningMode.EFFORT, "low"
    )
    assert parse(user("hi"), reasoning_effort="none").reasoning == Reasoning(ReasoningMode.DISABLED)


@pytest.mark.parametrize(
    ("wanted", "meaning"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, ResponseFormat("json_object")),
        (
            {
                "type": "json_schema",
                "json_schema": {
                    "name": "n",
                    "schema": {"a": 1},
                    "strict": True,
                    "description": "d",
                },
            },
            ResponseFormat("json_schema", "n", {"a": 1}, True, "d"),
        ),
    ],
)
def test_response_formats(wanted: Any, meaning: ResponseFormat | None) -> None:
    assert parse(user("hi"), response_format=wanted).response_format == meaning


def test_what_only_this_dialect_knows_is_kept_for_it() -> None:
    request = parse(
        user("hi"),
        stream=True,
        stream_options={"include_usage": True},
        user="ann",
        logit_bias={"1": 2},
        store=None,
    )
    assert request.stream
    assert request.include_usage
    assert request.user == "ann"
    assert request.extra == {"logit_bias": {"1": 2}}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [user("hi")]}, "model"),
        ({"model": 1, "messages": [user("hi")]}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": "hi"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": ["hi"]}, "messages[0]"),
        ({"model": "m", "messages": [{"content": "hi"}]}, "messages[0].role"),
        ({"model": "m", "messages": [user("hi"), {"role": "bot"}]}, "messages[1].role"),
        ({"model": "m", "messages": [{"role": "user"}]}, "messages[0].content"),
        ({"model": "m", "messages": [user(None)]}, "messages[0].content"),
        ({"model": "m", "messages": [user([{"text": "x"}])]}, "messages[0].content[0].type"),
        ({"model": "m", "messages": [user([{"type": "odd"}])]}, "messages[0].content[0].type"),
        (
            {"model": "m", "messages": [user([{"type": "image_url"}])]},
            "messages[0].content[0].image_url",
        ),
        (
            {"model": "m", "messages": [user([{"type": "file", "file": {}}])]},
            "messages[0].content[0].file",
        ),
        (
            {"model": "m", "messages": [{"role": "system", "content": [{"type": "image_url"}]}]},
            "messages[0].content[0].type",
        ),
        (
            {"model": "m", "messages": [{"role": "tool", "content": "x"}]},
            "messages[0].tool_call_id",
        ),
        (
            {"model": "m", "messages": [{"role": "assistant", "tool_calls": {}}]},
            "messages[0].tool_calls",
        ),
        (
            {"model": "m", "messages": [{"role": "assistant", "tool_calls": [{"id": "1"}]}]},
            "messages[0].tool_calls[0].function",
        ),
        (
            {
                "model": "m",
                "messages": [{"role": "assistant", "tool_calls": [{"id": "1", "type": "odd"}]}],
            },
            "messages[0].tool_calls[0].type",
        ),
        (
            {
                "model": "m",
                "messages": [
                    {
                        "role": "assistant",
                        "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": 1}}],
                    }
                ],
            },
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({"model": "m", "messages": [user("hi")], "temperature": "hot"}, "temperature"),
        ({"model": "m", "messages": [user("hi")], "temperature": 3}, "temperature"),
        ({"model": "m", "messages": [user("hi")], "temperature": -1}, "temperature"),
        ({"model": "m", "messages": [user("hi")], "max_tokens": 1.5}, "max_tokens"),
        ({"model": "m", "messages": [user("hi")], "max_tokens": -1}, "max_tokens"),
        ({"model": "m", "messages": [user("hi")], "n": True}, "n"),
        ({"model": "m", "messages": [user("hi")], "stream": "yes"}, "stream"),
        ({"model": "m", "messages": [user("hi")], "stop": [1]}, "stop[0]"),
        ({"model": "m", "messages": [user("hi")], "stop": 1}, "stop"),
        ({"model": "m", "messages": [user("hi")], "verbosity": "loud"}, "verbosity"),
        ({"model": "m", "messages": [user("hi")], "tools": [{}]}, "tools[0].type"),
        (
            {"model": "m", "messages": [user("hi")], "tools": [{"type": "function"}]},
            "tools[0].function",
        ),
        ({"model": "m", "messages": [user("hi")], "tool_choice": "maybe"}, "tool_choice"),
        ({"model": "m", "messages": [user("hi")], "tool_choice": 1}, "tool_choice"),
        (
            {"model": "m", "messages": [user("hi")], "tool_choice": {"type": "odd"}},
            "tool_choice.type",
        ),
        (
            {"model": "m", "messages": [user("hi")], "response_format": {"type": "xml"}},
            "response_format.type",
        ),
    ],
)
def test_a_mistake_is_named_by_its_path(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse_request(body)
    assert raised.value.param == param
    assert raised.value.message.startswith(f"{param}: ")
