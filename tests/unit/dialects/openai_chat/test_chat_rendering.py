"""What goes to upstream's chat endpoint, whoever asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proxy_core.canonical.model import Model, Supports
from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
    Context,
    DialectName,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Opaque,
    Reasoning,
    ReasoningMode,
    RefusalPart,
    Request,
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
from proxy_core.dialects.openai_chat.render_request import render_request
from proxy_core.errors import BadRequest
from tests.unit.dialects.vendor_rules.bodies import CLAUDE
from tests.unit.dialects.vendor_rules.bodies import rendered as rendered_and_fitted

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
HI = UserMessage((TextPart("hi"),))
SEEING = Model("gemini-3.1", "G", "Google", supports=Supports(vision=True))
BLIND = Model("kimi-k3", "K", "Moonshot")
GPT = Model(
    "gpt-5.4", "G", "Azure OpenAI", supports=Supports(reasoning_efforts=("low", "medium", "high"))
)


def request(
    *messages: Message, dialect: DialectName = MESSAGES, tools: Any = (), **members: Any
) -> Request:
    return Request("asked", Context((), messages or (HI,), tools), dialect, **members)


def render(asked: Request, model: Model = SEEING) -> tuple[dict[str, Any], tuple[str, ...]]:
    rendered = render_request(asked, model)
    return rendered.body, rendered.dropped


def fit(asked: Request, model: Model = SEEING) -> tuple[dict[str, Any], tuple[str, ...]]:
    fitted = rendered_and_fitted(asked, model, CHAT)
    return dict(fitted.body), fitted.dropped


def sent(asked: Request, model: Model = SEEING) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = render(asked, model)[0]["messages"]
    return messages


def test_the_body_names_upstreams_model_asks_for_usage_and_leaves_stream_to_the_caller() -> None:
    body, dropped = render(request())
    assert body == {
        "model": "gemini-3.1",
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
    }
    assert dropped == ()


def test_every_part_of_the_instruction_is_a_message_and_carries_its_own_mark() -> None:
    parts = (TextPart("one"), TextPart(" "), TextPart("two", CacheMark()))
    asked = replace(request(), context=Context(parts, (HI,), system_role=SystemRole.DEVELOPER))
    assert sent(asked)[:2] == [
        {"role": "system", "content": "one"},
        {"role": "system", "content": "two", "copilot_cache_control": {"type": "ephemeral"}},
    ]
    assert sent(replace(asked, dialect=CHAT), GPT)[0]["role"] == "developer"
    assert sent(replace(asked, dialect=CHAT), SEEING)[0]["role"] == "system"


def test_an_instruction_in_the_middle_stays_in_the_middle() -> None:
    middle = SystemMessage((TextPart("a"), TextPart("b")), SystemRole.DEVELOPER)
    assert sent(request(HI, middle))[1] == {"role": "system", "content": "a\n\nb"}


def test_images_of_results_follow_the_last_of_the_contiguous_tool_messages() -> None:
    picture = ImagePart("image/png", "AA==")
    calls = AssistantMessage((ToolCallPart("a", "f", ""), ToolCallPart("b", "f", "{}")))
    asked = request(
        HI,
        calls,
        ToolResultMessage("a", (picture, picture)),
        ToolResultMessage("b", (TextPart("b"), picture)),
        UserMessage((TextPart("go on"),)),
    )
    messages = sent(asked)
    assert [m["role"] for m in messages] == ["user", "assistant", "tool", "tool", "user", "user"]
    assert messages[2]["content"] == "[The image follows in the next message.]"
    assert messages[3]["content"] == "b"
    kinds = [part["type"] for part in messages[4]["content"]]
    assert kinds == ["text", "image_url", "image_url", "text", "image_url"]
    assert messages[4]["content"][3]["text"] == "From the result of tool call b:"
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == "{}"


def test_images_at_the_very_end_follow_too() -> None:
    calls = AssistantMessage((ToolCallPart("a", "f", "{}"),))
    messages = sent(request(HI, calls, ToolResultMessage("a", (ImagePart(url="https://x"),))))
    assert messages[-1]["content"][1] == {"type": "image_url", "image_url": {"url": "https://x"}}


@pytest.mark.parametrize(
    ("part", "note"),
    [
        (ImagePart("image/png", "AA=="), "messages[].content (image)"),
        (ImagePart(url="https://x"), "messages[].content (image)"),
    ],
)
def test_a_model_that_cannot_see_is_told_that_an_image_is_missing(
    part: ImagePart, note: str
) -> None:
    body, dropped = render(request(UserMessage((part, TextPart("what?")))), BLIND)
    assert dropped == (note,)
    assert "left out" in body["messages"][0]["content"][0]["text"]


def test_an_image_in_another_services_store_cannot_be_fetched() -> None:
    body, dropped = render(request(UserMessage((ImagePart(file_id="file_1"), TextPart("?")))))
    assert dropped == ("messages[].content (image file_1)",)
    assert "left out" in body["messages"][0]["content"][0]["text"]


def test_only_details_upstream_takes_are_sent() -> None:
    parts = tuple(ImagePart(url="u", detail=detail) for detail in ("low", "auto", "original"))
    content = sent(request(UserMessage(parts)))[0]["content"]
    assert [part["image_url"].get("detail") for part in content] == ["low", None, "high"]


def test_documents_are_text_where_they_can_be_and_named_where_they_cannot() -> None:
    documents = (
        DocumentPart(text="body", title="notes", context="from 1999"),
        DocumentPart("application/pdf", "AA==", title="spec.pdf"),
        DocumentPart(url="https://x/y.pdf"),
    )
    body, dropped = render(request(UserMessage(documents)))
    texts = [part["text"] for part in body["messages"][0]["content"]]
    assert texts[0] == "Document: notes\n\nfrom 1999\n\nbody"
    assert "'spec.pdf' was left out" in texts[1]
    assert dropped == ("messages[].content (document)",)


def test_a_chat_clients_own_files_and_sound_go_on() -> None:
    parts = (
        DocumentPart("application/pdf", "AA==", title="a"),
        DocumentPart(file_id="file_1"),
        NativePart(Opaque(CHAT, "input_audio", '{"type":"input_audio"}')),
    )
    content = sent(request(UserMessage(parts), dialect=CHAT))[0]["content"]
    assert content == [
        {
            "type": "file",
            "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "a"},
        },
        {"type": "file", "file": {"file_id": "file_1"}},
        {"type": "input_audio"},
    ]


def test_parts_only_another_dialect_knows_are_named() -> None:
    native = NativePart(Opaque(MESSAGES, "container_upload", "{}"))
    assistant = AssistantMessage((TextPart("x"), native, ImagePart(url="u")))
    body, dropped = render(
        request(UserMessage((native,)), assistant, UserMessage((ThinkingPart("?"),)))
    )
    assert dropped == ("messages[].content (container_upload)", "messages[].content")
    assert [m["content"] for m in body["messages"]] == ["", "x", ""]


def test_an_error_is_said_in_words_unless_the_words_say_so() -> None:
    calls = AssistantMessage((ToolCallPart("a", "f", "{}"), ToolCallPart("b", "f", "{}")))
    messages = sent(
        request(
            HI,
            calls,
            ToolResultMessage("a", (TextPart("no such file"),), is_error=True, cache=CacheMark()),
            ToolResultMessage(
                "b", (TextPart("<tool_use_error>no</tool_use_error>"),), is_error=True
            ),
        )
    )
    assert messages[2]["content"] == "Error: no such file"
    assert messages[2]["copilot_cache_control"] == {"type": "ephemeral"}
    assert messages[3]["content"] == "<tool_use_error>no</tool_use_error>"


def test_an_assistant_turn_of_refusal_and_of_nothing() -> None:
    messages = sent(
        request(
            HI,
            AssistantMessage((RefusalPart("no"),), name="bot"),
            HI,
            AssistantMessage(()),
            dialect=CHAT,
        )
    )
    # Upstream takes null content beside calls only.
    assert messages[1] == {"role": "assistant", "content": "no", "name": "bot"}
    assert messages[3] == {"role": "assistant", "content": ""}


def test_custom_tools_are_functions_for_everybody_elses_models() -> None:
    custom = Tool(
        "patch",
        "d",
        kind=ToolKind.CUSTOM,
        grammar={"syntax": "lark", "definition": "start: LINE+"},
        namespace="files",
    )
    call = AssistantMessage((ToolCallPart("a", "patch", "*** Begin", ToolKind.CUSTOM, "files"),))
    asked = request(
        HI,
        call,
        ToolResultMessage("a", (TextPart("ok"),)),
        tools=(custom,),
        dialect=RESPONSES,
        tool_choice=ToolChoice(ToolChoiceKind.TOOL, ("patch",)),
    )
    body, dropped = render(asked)
    function = body["tools"][0]["function"]
    assert function["name"] == "files__patch"
    assert function["parameters"]["required"] == ["input"]
    assert function["description"].startswith("d\n\n")
    assert "lark grammar:\nstart: LINE+" in function["description"]
    sent_call = body["messages"][1]["tool_calls"][0]["function"]
    assert sent_call == {"name": "files__patch", "arguments": '{"input":"*** Begin"}'}
    assert body["tool_choice"] == {"type": "function", "function": {"name": "files__patch"}}
    assert dropped == ()


def test_a_chat_clients_custom_tools_stay_custom() -> None:
    custom = Tool("patch", "d", kind=ToolKind.CUSTOM, grammar={"type": "text"})
    call = AssistantMessage((ToolCallPart("a", "patch", "x", ToolKind.CUSTOM),))
    asked = request(
        HI,
        call,
        ToolResultMessage("a", (), kind=ToolKind.CUSTOM),
        tools=(custom, Tool("f", extra={"x": 1})),
        dialect=CHAT,
        tool_choice=ToolChoice(ToolChoiceKind.ALLOWED, ("patch", "f")),
    )
    body, dropped = render(asked)
    assert body["tools"][0] == {
        "type": "custom",
        "custom": {"name": "patch", "description": "d", "format": {"type": "text"}},
    }
    assert body["messages"][1]["tool_calls"][0]["custom"] == {"name": "patch", "input": "x"}
    assert body["tool_choice"]["allowed_tools"] == {
        "mode": "auto",
        "tools": [
            {"type": "custom", "custom": {"name": "patch"}},
            {"type": "function", "function": {"name": "f"}},
        ],
    }
    assert body["tools"][1]["function"] == {"name": "f", "x": 1}
    assert dropped == ()


@pytest.mark.parametrize("required", [True, False])
def test_another_dialects_list_of_allowed_tools_is_kept_by_offering_only_those(
    required: bool,
) -> None:
    choice = ToolChoice(ToolChoiceKind.ALLOWED, ("f",), required=required)
    asked = request(tools=(Tool("f"), Tool("g")), dialect=RESPONSES, tool_choice=choice)
    body, _ = render(asked)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["f"]
    assert body["tool_choice"] == ("required" if required else "auto")


def test_server_tools_are_named_and_left_out() -> None:
    search = ServerTool("web_search", Opaque(MESSAGES, "tool", "{}"))
    own = ServerTool("odd", Opaque(CHAT, "tool", '{"type":"odd"}'))
    body, dropped = render(request(tools=(search, own, Tool("f", cache=CacheMark()))))
    assert [tool["type"] for tool in body["tools"]] == ["odd", "function"]
    assert dropped == ("tools[0] (web_search)", "tools[].cache_control")


def test_a_request_for_nothing_but_a_server_tool_is_refused() -> None:
    search = ServerTool("web_search", Opaque(MESSAGES, "tool", "{}"))
    with pytest.raises(BadRequest, match="none of the tools"):
        render(request(tools=(search,)))
    choice = ToolChoice(ToolChoiceKind.TOOL, ("web_search",))
    with pytest.raises(BadRequest, match="web_search"):
        render(request(tools=(search, Tool("f")), tool_choice=choice))


def test_more_than_one_answer_is_refused() -> None:
    with pytest.raises(BadRequest) as raised:
        render(request(sampling=Sampling(n=2)))
    assert raised.value.param == "n"


def test_a_tool_choice_without_tools_would_be_refused_upstream() -> None:
    body, _ = render(
        request(
            tool_choice=ToolChoice(ToolChoiceKind.AUTO),
            sampling=Sampling(parallel_tool_calls=True),
        )
    )
    assert "tool_choice" not in body
    assert "parallel_tool_calls" not in body


def test_the_limit_has_the_name_the_models_maker_knows() -> None:
    asked = request(sampling=Sampling(max_output_tokens=5))
    assert render(asked, GPT)[0]["max_completion_tokens"] == 5
    assert render(asked, SEEING)[0]["max_tokens"] == 5


@pytest.mark.parametrize(
    ("reasoning", "sent_effort", "dropped"),
    [
        (Reasoning(ReasoningMode.EFFORT, "low"), "low", ()),
        (
            Reasoning(ReasoningMode.EFFORT, "max"),
            "high",
            ("output_config.effort (high instead of max)",),
        ),
        (
            Reasoning(ReasoningMode.EFFORT, "minimal"),
            "low",
            ("output_config.effort (low instead of minimal)",),
        ),
        (Reasoning(ReasoningMode.EFFORT, "brutal"), None, ("output_config.effort",)),
        (Reasoning(ReasoningMode.BUDGET, budget_tokens=9000), "medium", ()),
        (Reasoning(ReasoningMode.BUDGET, budget_tokens=1024), "low", ()),
        (Reasoning(ReasoningMode.BUDGET, budget_tokens=31_999), "high", ()),
        (Reasoning(ReasoningMode.ADAPTIVE), None, ()),
        (Reasoning(ReasoningMode.ADAPTIVE, "high"), "high", ()),
        (Reasoning(ReasoningMode.DISABLED), "low", ("thinking (low instead of none)",)),
    ],
)
def test_effort_is_fitted_to_what_the_model_lists(
    reasoning: Reasoning, sent_effort: str | None, dropped: tuple[str, ...]
) -> None:
    body, notes = render(request(reasoning=reasoning), GPT)
    assert body.get("reasoning_effort") == sent_effort
    assert notes == dropped


def test_no_thinking_needs_no_word_for_a_model_that_does_not_think() -> None:
    assert render(request(reasoning=Reasoning(ReasoningMode.DISABLED)), SEEING)[1] == ()


def test_thinking_returns_only_to_the_model_that_issued_it() -> None:
    def thinking(dialect: DialectName, kind: str, model: str | None) -> ThinkingPart:
        return ThinkingPart("hm ", Opaque(dialect, kind, "T1BB", model))

    parts = (
        thinking(CHAT, "reasoning_opaque", "gemini-3.1"),
        thinking(CHAT, "reasoning_opaque", None),
        thinking(CHAT, "reasoning_opaque", "another"),
        thinking(MESSAGES, "signature", "gemini-3.1"),
        thinking(CHAT, "damaged", None),
    )
    body, dropped = render(request(HI, AssistantMessage((*parts, TextPart("x"))), HI))
    assert body["messages"][1]["reasoning_text"] == "hm hm "
    assert body["messages"][1]["reasoning_opaque"] == "T1BBT1BB"
    assert dropped == ("messages[].thinking (issued by another model)",)


def test_thinking_without_proof_returns_only_in_its_own_dialect() -> None:
    turn = AssistantMessage((ThinkingPart("hm"), TextPart("x")))
    body, dropped = render(request(HI, turn, HI))
    assert "reasoning_text" not in body["messages"][1]
    assert dropped == ("messages[].thinking (without a signature)",)
    assert sent(request(HI, turn, HI, dialect=CHAT))[1]["reasoning_text"] == "hm"


def test_unsigned_thinking_beside_the_models_own_proof_is_its_own() -> None:
    """Gemini's opaque data may follow its text and its calls."""
    proof = Opaque(CHAT, "reasoning_opaque", "T1BB", "gemini-3.1")
    turn = AssistantMessage((ThinkingPart("hm"), TextPart("x"), ThinkingPart("", proof)))
    message = sent(request(HI, turn, HI))[1]
    assert (message["reasoning_text"], message["reasoning_opaque"]) == ("hm", "T1BB")


def test_a_calls_signature_returns_to_its_issuer() -> None:
    own = Opaque(CHAT, "thought_signature", "c2ln", "gemini-3.1")
    foreign = replace(own, model="another")
    calls = AssistantMessage(
        (ToolCallPart("a", "f", "{}", opaque=own), ToolCallPart("b", "f", "{}", opaque=foreign))
    )
    body, dropped = render(
        request(HI, calls, ToolResultMessage("a", ()), ToolResultMessage("b", ()))
    )
    functions = [call["function"] for call in body["messages"][1]["tool_calls"]]
    assert functions[0]["thought_signature"] == "c2ln"
    assert "thought_signature" not in functions[1]
    assert dropped == ("messages[] (signature of a tool call)",)


def test_no_more_than_four_cache_marks_the_first_and_the_last_three() -> None:
    marked = [UserMessage((TextPart(str(n), CacheMark()),)) for n in range(6)]
    body, dropped = fit(request(*marked), CLAUDE)
    kept = [m["content"] for m in body["messages"] if "copilot_cache_control" in m]
    assert kept == ["0", "3", "4", "5"]
    assert dropped == ("cache_control (more than 4)",)


def test_what_another_dialect_says_beyond_this_one_is_named_in_its_words() -> None:
    asked = request(
        sampling=Sampling(top_k=5, stop=("1",)),
        user="u" * 65,
        extra={"context_management": {}},
    )
    body, dropped = fit(asked)
    # This client is told which sequence ended the answer, which upstream does not say.
    assert "stop" not in body
    assert dropped == (
        "top_k",
        "stop_sequences",
        "context_management",
        "metadata.user_id (over 64 characters)",
    )


def test_unknown_tool_choices_are_sent_by_name_all_the_same() -> None:
    choice = ToolChoice(ToolChoiceKind.TOOL, ("ghost",))
    body, _ = render(request(tools=(Tool("f"),), tool_choice=choice))
    assert body["tool_choice"] == {"type": "function", "function": {"name": "ghost"}}


@pytest.mark.parametrize(("length", "goes_on"), [(63, True), (64, True), (65, False)])
def test_a_user_is_named_as_far_as_upstream_takes_its_name(length: int, goes_on: bool) -> None:
    body, dropped = fit(request(dialect=CHAT, user="u" * length))
    assert ("user" in body) == goes_on
    assert dropped == (() if goes_on else ("user (over 64 characters)",))
