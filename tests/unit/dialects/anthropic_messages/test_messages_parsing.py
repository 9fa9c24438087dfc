"""Messages requests as clients write them, and what they mean."""

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
    ResponseFormat,
    ServerTool,
    SystemMessage,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolChoiceKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.anthropic_messages.parse_request import parse_request
from proxy_core.dialects.shared.opaque_envelope import pack
from proxy_core.errors import BadRequest

MESSAGES = DialectName.ANTHROPIC_MESSAGES
HI = {"role": "user", "content": "hi"}
EPHEMERAL = {"type": "ephemeral"}


def parse(*messages: dict[str, Any], **members: Any) -> Any:
    body = {"model": "m", "max_tokens": 9, "messages": list(messages) or [HI], **members}
    return parse_request(body)


def parsed(*messages: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(parse(*messages).context.messages)


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


@pytest.mark.parametrize(
    ("system", "meaning"),
    [
        (None, ()),
        ("", ()),
        ("be terse", (TextPart("be terse"),)),
        (
            [
                {"type": "text", "text": "a"},
                {"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            ],
            (TextPart("a"), TextPart("b", CacheMark("1h"))),
        ),
    ],
)
def test_every_form_of_the_instruction(system: Any, meaning: tuple[TextPart, ...]) -> None:
    assert parse(system=system).context.system_prompt == meaning


def test_claude_codes_billing_line_is_no_instruction() -> None:
    line = {"type": "text", "text": "x-anthropic-billing-header: cc_version=1; cch=9f;"}
    request = parse(system=[line, {"type": "text", "text": "a"}])
    assert request.context.system_prompt == (TextPart("a"),)
    assert "system[0] (billing line)" in request.extra
    whole = f"{line['text']}\nBe brief."
    assert parse(system=whole).context.system_prompt == (TextPart(whole),), (
        "the rest is instruction"
    )


def test_a_user_turn_is_cut_into_results_and_what_the_user_says() -> None:
    messages = parsed(
        user(
            {"type": "tool_result", "tool_use_id": "1", "content": "one"},
            {
                "type": "tool_result",
                "tool_use_id": "2",
                "is_error": True,
                "cache_control": EPHEMERAL,
                "content": [
                    {"type": "text", "text": "two"},
                    {"type": "image", "source": {"type": "url", "url": "https://x"}},
                    {"type": "tool_reference", "tool_name": "Grep"},
                ],
            },
            {"type": "tool_result", "tool_use_id": "3"},
            {"type": "text", "text": "and?", "cache_control": EPHEMERAL},
        ),
        user({"type": "text", "text": "first"}, {"type": "tool_result", "tool_use_id": "4"}),
        user(),
    )
    reference = NativePart(
        Opaque(MESSAGES, "tool_reference", '{"type":"tool_reference","tool_name":"Grep"}')
    )
    assert messages == (
        ToolResultMessage("1", (TextPart("one"),)),
        ToolResultMessage(
            "2",
            (TextPart("two"), ImagePart(url="https://x"), reference),
            is_error=True,
            cache=CacheMark(),
        ),
        ToolResultMessage("3", ()),
        UserMessage((TextPart("and?", CacheMark()),)),
        UserMessage((TextPart("first"),)),
        ToolResultMessage("4", ()),
        UserMessage(()),
    )


def test_instructions_in_the_middle_stay_there() -> None:
    messages = parsed(HI, {"role": "system", "content": "quick"}, assistant())
    assert messages[1] == SystemMessage((TextPart("quick"),))
    assert messages[2] == AssistantMessage(())


def test_images_in_every_form() -> None:
    (message,) = parsed(
        user(
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AA"},
            },
            {"type": "image", "source": {"type": "url", "url": "u"}, "cache_control": EPHEMERAL},
            {"type": "image", "source": {"type": "file", "file_id": "f"}},
        )
    )
    assert message.content == (
        ImagePart("image/png", "AA"),
        ImagePart(url="u", cache=CacheMark()),
        ImagePart(file_id="f"),
    )


def test_documents_in_every_form() -> None:
    texts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    mixed = {
        "type": "document",
        "source": {
            "type": "content",
            "content": [{"type": "image", "source": {"type": "url", "url": "u"}}],
        },
    }
    (message,) = parsed(
        user(
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "AA"},
                "title": "t",
                "context": "c",
                "citations": {"enabled": True},
                "cache_control": EPHEMERAL,
            },
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "d"},
            },
            {"type": "document", "source": {"type": "url", "url": "u"}},
            {"type": "document", "source": {"type": "file", "file_id": "f"}},
            {"type": "document", "source": {"type": "content", "content": texts}},
            {"type": "document", "source": {"type": "content", "content": "as text"}},
            {
                "type": "search_result",
                "source": "https://s",
                "title": "t",
                "content": texts,
                "citations": {"enabled": True},
            },
            mixed,
        )
    )
    pdf, text, url, stored, blocks, string, found, native = message.content
    assert pdf == DocumentPart(
        "application/pdf", "AA", title="t", context="c", citations=True, cache=CacheMark()
    )
    assert text == DocumentPart(text="d")
    assert url == DocumentPart(url="u")
    assert stored == DocumentPart(file_id="f")
    assert blocks == DocumentPart(text="a\n\nb")
    assert string == DocumentPart(text="as text")
    assert found == DocumentPart(text="a\n\nb", title="t", context="https://s", citations=True)
    assert isinstance(native, NativePart)


def test_an_assistant_turn_with_everything() -> None:
    foreign = Opaque(
        DialectName.OPENAI_RESPONSES, "encrypted_content", "gA", "gpt", (("id", "rs"),)
    )
    citation = {"type": "char_location"}
    (message,) = parsed(
        assistant(
            {"type": "thinking", "thinking": "hm", "signature": "U2ln"},
            {"type": "thinking", "thinking": "hm", "signature": pack(foreign)},
            {"type": "thinking", "thinking": "hm", "signature": ""},
            {"type": "thinking", "thinking": "hm"},
            {"type": "redacted_thinking", "data": "UkVE"},
            {"type": "text", "text": "x", "citations": [citation]},
            {"type": "tool_use", "id": "1", "name": "f", "input": {"b": 1, "a": 2}},
            {"type": "tool_use", "id": "2", "name": "f", "cache_control": EPHEMERAL},
            {"type": "tool_use", "id": "3", "name": "f", "input": {"_unparsed_arguments": "{oops"}},
            {"type": "server_tool_use", "id": "4", "name": "web_search", "input": {}},
        )
    )
    own = ThinkingPart("hm", Opaque(MESSAGES, "signature", "U2ln"))
    assert message.content[:6] == (
        own,
        ThinkingPart("hm", foreign),
        ThinkingPart("hm"),
        ThinkingPart("hm"),
        ThinkingPart("", Opaque(MESSAGES, "redacted_thinking", "UkVE")),
        TextPart("x", annotations=(Opaque(MESSAGES, "citation", '{"type":"char_location"}'),)),
    )
    assert message.content[6:9] == (
        ToolCallPart("1", "f", '{"b":1,"a":2}'),
        ToolCallPart("2", "f", "{}", cache=CacheMark()),
        ToolCallPart("3", "f", "{oops"),
    )
    assert message.content[9].item.kind == "server_tool_use"


def test_tools_of_every_kind() -> None:
    request = parse(
        tools=[
            {"name": "f", "description": "d", "input_schema": {"type": "object"}, "strict": True},
            {
                "type": "custom",
                "name": "g",
                "input_schema": {},
                "cache_control": {"type": "ephemeral", "ttl": "5m"},
                "defer_loading": True,
            },
            {"type": "web_search_20250305", "name": "web_search"},
        ]
    )
    first, second, server = request.context.tools
    assert first == Tool("f", "d", {"type": "object"}, strict=True)
    assert second == Tool("g", None, {}, cache=CacheMark("5m"), extra={"defer_loading": True})
    assert isinstance(server, ServerTool)
    assert server.kind == "web_search"


@pytest.mark.parametrize(
    ("choice", "meaning", "parallel"),
    [
        ({"type": "auto"}, ToolChoice(ToolChoiceKind.AUTO), None),
        ({"type": "any"}, ToolChoice(ToolChoiceKind.REQUIRED), None),
        ({"type": "none"}, ToolChoice(ToolChoiceKind.NONE), None),
        ({"type": "tool", "name": "f"}, ToolChoice(ToolChoiceKind.TOOL, ("f",)), None),
        (
            {"type": "auto", "disable_parallel_tool_use": True},
            ToolChoice(ToolChoiceKind.AUTO),
            False,
        ),
        (
            {"type": "any", "disable_parallel_tool_use": False},
            ToolChoice(ToolChoiceKind.REQUIRED),
            True,
        ),
    ],
)
def test_every_form_of_tool_choice(
    choice: dict[str, Any], meaning: ToolChoice, parallel: bool | None
) -> None:
    request = parse(tool_choice=choice)
    assert request.tool_choice == meaning
    assert request.sampling.parallel_tool_calls is parallel


@pytest.mark.parametrize(
    ("members", "meaning"),
    [
        ({}, None),
        ({"thinking": {"type": "disabled"}}, Reasoning(ReasoningMode.DISABLED)),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}},
            Reasoning(ReasoningMode.BUDGET, None, 2000, "omitted"),
        ),
        (
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
            Reasoning(ReasoningMode.ADAPTIVE, "high"),
        ),
        ({"output_config": {"effort": "low"}}, Reasoning(ReasoningMode.EFFORT, "low")),
    ],
)
def test_thinking_and_effort(members: dict[str, Any], meaning: Reasoning | None) -> None:
    assert parse(**members).reasoning == meaning


@pytest.mark.parametrize("member", ["output_config", "output_format"])
def test_structured_output_under_either_name(member: str) -> None:
    wanted = {"type": "json_schema", "schema": {"a": 1}}
    value = {"format": wanted} if member == "output_config" else wanted
    request = parse(**{member: value})
    assert request.response_format == ResponseFormat("json_schema", schema={"a": 1})
    assert request.extra == {}


def test_the_rest_is_kept_for_this_dialect() -> None:
    request = parse(
        HI,
        {**assistant({"type": "text", "text": "x"}), "output_config": {"effort": "low"}},
        HI,
        metadata={"user_id": "ann", "other": 1},
        output_config={"effort": "low", "task_budget": 7},
        top_k=4,
        stop_sequences=["END"],
        service_tier="auto",
        container=None,
        stream=True,
    )
    assert request.user == "ann"
    assert request.sampling.top_k == 4
    assert request.sampling.stop == ("END",)
    assert request.extra == {
        "metadata": {"other": 1},
        "output_config": {"task_budget": 7},
        "service_tier": "auto",
        "messages[].output_config": {"effort": "low"},
    }
    assert request.stream
    assert request.include_usage


def test_a_body_for_counting_has_no_limit() -> None:
    assert parse_request({"model": "m", "messages": [HI]}).sampling.max_output_tokens is None


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [HI]}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": [7]}, "messages.0"),
        ({"model": "m", "messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"model": "m", "messages": [{"role": "user"}]}, "messages.0.content"),
        ({"model": "m", "messages": [{"role": "user", "content": 7}]}, "messages.0.content"),
        ({"model": "m", "messages": [user(7)]}, "messages.0.content.0"),
        ({"model": "m", "messages": [user({"text": "x"})]}, "messages.0.content.0.type"),
        ({"model": "m", "messages": [user({"type": "text"})]}, "messages.0.content.0.text"),
        ({"model": "m", "messages": [user({"type": "image"})]}, "messages.0.content.0.source"),
        (
            {"model": "m", "messages": [user({"type": "image", "source": {"type": "fax"}})]},
            "messages.0.content.0.source.type",
        ),
        (
            {"model": "m", "messages": [user({"type": "tool_result"})]},
            "messages.0.content.0.tool_use_id",
        ),
        (
            {"model": "m", "messages": [assistant({"type": "tool_use", "id": "1"})]},
            "messages.0.content.0.name",
        ),
        ({"model": "m", "messages": [HI], "system": 7}, "system"),
        ({"model": "m", "messages": [HI], "system": [{"type": "image"}]}, "system.0.type"),
        ({"model": "m", "messages": [HI], "max_tokens": "many"}, "max_tokens"),
        ({"model": "m", "messages": [HI], "temperature": 1.5}, "temperature"),
        ({"model": "m", "messages": [HI], "stop_sequences": "END"}, "stop_sequences"),
        ({"model": "m", "messages": [HI], "stop_sequences": [1]}, "stop_sequences.0"),
        (
            {"model": "m", "messages": [HI], "tools": [{"name": "f", "input_schema": "x"}]},
            "tools.0.input_schema",
        ),
        ({"model": "m", "messages": [HI], "tools": [{"input_schema": {}}]}, "tools.0.name"),
        ({"model": "m", "messages": [HI], "tool_choice": "auto"}, "tool_choice"),
        ({"model": "m", "messages": [HI], "tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"model": "m", "messages": [HI], "tool_choice": {"type": "x"}}, "tool_choice.type"),
        ({"model": "m", "messages": [HI], "thinking": {"type": "x"}}, "thinking.type"),
        (
            {"model": "m", "messages": [HI], "thinking": {"type": "enabled"}},
            "thinking.budget_tokens",
        ),
        (
            {"model": "m", "messages": [HI], "output_config": {"format": {"type": "xml"}}},
            "output_config.format.type",
        ),
    ],
)
def test_a_mistake_is_named_by_its_path(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse_request(body)
    assert raised.value.param == param
    assert raised.value.message.startswith(f"{param}: ")


@pytest.mark.parametrize(
    ("given", "text"),
    [(None, "{}"), ("", "{}"), (" ", "{}"), ('{"a":1}', '{"a":1}'), ("x", "x"), ([1], "[1]")],
)
def test_a_call_s_input_of_another_form_is_what_the_model_wrote(given: Any, text: str) -> None:
    block = {"type": "tool_use", "id": "1", "name": "f", "input": given}
    parsed = parse_request({"model": "m", "max_tokens": 9, "messages": [HI, assistant(block)]})
    (part,) = parsed.context.messages[1].content
    assert isinstance(part, ToolCallPart)
    assert part.arguments == text


def test_a_tool_without_a_schema_takes_nothing() -> None:
    parsed = parse_request(
        {"model": "m", "max_tokens": 9, "messages": [HI], "tools": [{"name": "f"}]}
    )
    (tool,) = parsed.context.tools
    assert isinstance(tool, Tool)
    assert tool.parameters == {"type": "object", "properties": {}}
