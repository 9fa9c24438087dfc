"""What goes to upstream's Messages endpoint, whoever asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proxy_core.conversation import (
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
    ResponseFormat,
    Sampling,
    ServerTool,
    SystemMessage,
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
from proxy_core.dialects.anthropic_messages.request_render import render_request
from proxy_core.errors import BadRequest
from proxy_core.model import Limits, Model, Supports

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
HI = UserMessage((TextPart("hi"),))
GO_ON = UserMessage((TextPart("go on"),))
CALL = ToolCallPart("a", "f", "{}")
RESULT = ToolResultMessage("a", (TextPart("ok"),))
EFFORTS = ("low", "medium", "high", "max")
BOTH = Supports(
    vision=True,
    structured_outputs=True,
    adaptive_thinking=True,
    min_thinking_budget=1024,
    max_thinking_budget=32_000,
    reasoning_efforts=EFFORTS,
)
BUDGET_ONLY = Supports(min_thinking_budget=1024, max_thinking_budget=32_000)
ADAPTIVE_ONLY = Supports(adaptive_thinking=True, reasoning_efforts=EFFORTS)


def model(supports: Supports = BOTH, output: int | None = 64_000) -> Model:
    return Model("claude", "C", "Anthropic", limits=Limits(output=output), supports=supports)


def request(
    *messages: Message, dialect: DialectName = CHAT, tools: Any = (), **members: Any
) -> Request:
    return Request("asked", Context((), messages or (HI,), tools), dialect, **members)


def render(asked: Request, to: Model | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    rendered = render_request(asked, to or model())
    return rendered.body, rendered.dropped


def turns(*messages: Message, dialect: DialectName = MESSAGES) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = render(request(*messages, dialect=dialect))[0]["messages"]
    return result


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
        (0, 8_000, 1, ()),
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
    assert turns(HI, prefill)[-1]["content"][0]["text"] == "{"
    assert turns(HI, prefill, dialect=CHAT)[-1]["role"] == "user"
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
    body, dropped = render(request(UserMessage(parts)))
    jpeg, url, guessed, tiff, stored = body["messages"][0]["content"]
    assert jpeg["source"]["media_type"] == "image/jpeg"
    assert jpeg["cache_control"] == {"type": "ephemeral"}
    assert url["source"] == {"type": "url", "url": "u"}
    assert guessed["source"]["media_type"] == "image/png"
    assert "image/tiff" in tiff["text"]
    assert "file store" in stored["text"]
    assert dropped == (
        "messages[].content[].image_url.detail",
        "messages[].content (image/tiff)",
        "messages[].content (image f)",
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


def test_tools_and_their_schemas() -> None:
    schema = {"$schema": "s", "properties": {}}
    tools = (
        Tool("f", "d", schema, strict=False, cache=CacheMark(), extra={"x": 1}),
        Tool("g", kind=ToolKind.CUSTOM, grammar={"type": "grammar"}, namespace="n"),
        Tool("h"),
    )
    body, dropped = render(request(tools=tools))
    first, second, third = body["tools"]
    assert first == {
        "name": "f",
        "description": "d",
        "input_schema": {"type": "object", "properties": {}},
        "cache_control": {"type": "ephemeral"},
    }
    assert (second["name"], second["input_schema"]["required"]) == ("n__g", ["input"])
    assert third["input_schema"] == {"type": "object", "properties": {}}
    assert dropped == ("tools[].x", "tools[].format")


def test_deferred_tools_carry_no_mark() -> None:
    tool = Tool("f", None, {}, strict=False, cache=CacheMark(), extra={"defer_loading": True})
    body, _ = render(request(tools=(tool,), dialect=MESSAGES))
    assert body["tools"] == [
        {"name": "f", "input_schema": {"type": "object"}, "strict": False, "defer_loading": True}
    ]


def test_server_tools_of_this_dialect_go_on_and_others_are_named() -> None:
    own = ServerTool("web_search", Opaque(MESSAGES, "tool", '{"type":"web_search_20250305"}'))
    foreign = ServerTool("code_interpreter", Opaque(RESPONSES, "tool", "{}"))
    searching = model(Supports(thinking=True, web_search=True))
    body, dropped = render(request(tools=(own, foreign)), searching)
    assert body["tools"][0]["type"] == "web_search_20250305"
    assert dropped == ("tools[1] (code_interpreter)",)
    with pytest.raises(BadRequest, match="none of the tools"):
        render(request(tools=(foreign,)))
    choice = ToolChoice(ToolChoiceKind.TOOL, ("code_interpreter",))
    with pytest.raises(BadRequest, match="code_interpreter"):
        render(request(tools=(foreign, Tool("f")), tool_choice=choice))


def test_a_server_tool_the_model_does_not_run_is_named() -> None:
    own = ServerTool("web_search", Opaque(MESSAGES, "tool", '{"type":"web_search_20250305"}'))
    body, dropped = render(request(tools=(own, Tool("f"))))
    assert [tool["name"] for tool in body["tools"]] == ["f"]
    assert dropped == ("tools[0] (web_search)",)


@pytest.mark.parametrize(
    ("choice", "parallel", "sent"),
    [
        (None, None, None),
        (None, True, None),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        (ToolChoice(ToolChoiceKind.AUTO), None, {"type": "auto"}),
        (ToolChoice(ToolChoiceKind.AUTO), True, {"type": "auto"}),
        (ToolChoice(ToolChoiceKind.NONE), False, {"type": "none"}),
        (
            ToolChoice(ToolChoiceKind.REQUIRED),
            False,
            {"type": "any", "disable_parallel_tool_use": True},
        ),
        (ToolChoice(ToolChoiceKind.TOOL, ("f.g",)), None, {"type": "tool", "name": "f_g_"}),
        (ToolChoice(ToolChoiceKind.TOOL, ("ghost",)), None, {"type": "tool", "name": "ghost"}),
        (ToolChoice(ToolChoiceKind.ALLOWED, ("f.g",), required=True), None, {"type": "any"}),
        (ToolChoice(ToolChoiceKind.ALLOWED, ("f.g",)), None, {"type": "auto"}),
    ],
)
def test_every_tool_choice(choice: Any, parallel: Any, sent: Any) -> None:
    asked = request(
        tools=(Tool("f.g"), Tool("h")),
        tool_choice=choice,
        sampling=Sampling(parallel_tool_calls=parallel),
    )
    body, _ = render(asked)
    rendered = body.get("tool_choice")
    if sent is not None and "name" in sent:
        assert rendered is not None
        assert rendered.pop("name").startswith(sent.pop("name"))
    assert rendered == sent
    is_limited = choice is not None and choice.kind is ToolChoiceKind.ALLOWED
    assert len(body["tools"]) == (1 if is_limited else 2)


def test_parallel_calls_allowed_in_so_many_words_are_so_for_the_dialects_own_clients() -> None:
    asked = request(
        tools=(Tool("f", None, {}),),
        dialect=MESSAGES,
        tool_choice=ToolChoice(ToolChoiceKind.AUTO),
        sampling=Sampling(parallel_tool_calls=True),
    )
    choice = render(asked)[0]["tool_choice"]
    assert choice == {"type": "auto", "disable_parallel_tool_use": False}


def test_structured_output_where_the_model_has_it() -> None:
    wanted = ResponseFormat("json_schema", "n", {"$schema": "s", "type": "object"}, True)
    body, dropped = render(request(response_format=wanted))
    assert body["output_config"] == {
        "format": {"type": "json_schema", "schema": {"type": "object"}}
    }
    assert dropped == ()


@pytest.mark.parametrize(
    ("wanted", "supports"),
    [
        (ResponseFormat("json_object"), BOTH),
        (ResponseFormat("json_schema", "n", {"type": "object"}), BUDGET_ONLY),
        (ResponseFormat("json_schema", "n"), BOTH),
    ],
)
def test_json_is_asked_for_in_words_where_it_cannot_be_enforced(
    wanted: ResponseFormat, supports: Supports
) -> None:
    body, dropped = render(request(response_format=wanted), model(supports))
    assert "one JSON object" in body["system"][-1]["text"]
    assert ('{"type":"object"}' in body["system"][-1]["text"]) is (wanted.schema is not None)
    assert dropped == ("response_format (asked for in words)",)


EFFORT = Reasoning(ReasoningMode.EFFORT, "high")


@pytest.mark.parametrize(
    ("reasoning", "supports", "thinking", "effort", "dropped"),
    [
        (EFFORT, BOTH, {"type": "adaptive", "display": "summarized"}, "high", ()),
        (
            EFFORT,
            BUDGET_ONLY,
            {"type": "enabled", "budget_tokens": 16_384, "display": "summarized"},
            None,
            (),
        ),
        (EFFORT, Supports(), None, None, ("reasoning_effort",)),
        (
            Reasoning(ReasoningMode.EFFORT, "xhigh"),
            ADAPTIVE_ONLY,
            {"type": "adaptive", "display": "summarized"},
            "high",
            ("reasoning_effort (high instead of xhigh)",),
        ),
        (Reasoning(ReasoningMode.DISABLED), BOTH, None, None, ()),
        (
            Reasoning(ReasoningMode.DISABLED),
            Supports(thinking=True),
            {"type": "disabled"},
            None,
            (),
        ),
        (EFFORT, Supports(reasoning_efforts=EFFORTS), None, "high", ()),
    ],
)
def test_an_openai_clients_effort(
    reasoning: Reasoning, supports: Supports, thinking: Any, effort: Any, dropped: Any
) -> None:
    body, notes = render(request(reasoning=reasoning), model(supports))
    assert body.get("thinking") == thinking
    assert body.get("output_config", {}).get("effort") == effort
    assert notes == dropped


BUDGET = Reasoning(ReasoningMode.BUDGET, None, 5_000, "omitted")
ADAPTIVE = Reasoning(ReasoningMode.ADAPTIVE, "max", display="updates")


@pytest.mark.parametrize(
    ("reasoning", "supports", "thinking", "effort", "dropped"),
    [
        (BUDGET, BOTH, {"type": "enabled", "budget_tokens": 5000, "display": "omitted"}, None, ()),
        (
            BUDGET,
            ADAPTIVE_ONLY,
            {"type": "adaptive", "display": "omitted"},
            "low",
            ("thinking.budget_tokens (adaptive instead)",),
        ),
        (
            replace(BUDGET, budget_tokens=99_000, display=None),
            BUDGET_ONLY,
            {"type": "enabled", "budget_tokens": 32_000},
            None,
            ("thinking.budget_tokens (32000 instead of 99000)",),
        ),
        (
            ADAPTIVE,
            BOTH,
            {"type": "adaptive", "display": "summarized"},
            "max",
            ("thinking.display (summarized instead of updates)",),
        ),
        (
            replace(ADAPTIVE, display=None),
            BUDGET_ONLY,
            {"type": "enabled", "budget_tokens": 32_000},
            "max",
            ("thinking (a budget instead of adaptive)",),
        ),
        (replace(ADAPTIVE, display=None), Supports(), {"type": "adaptive"}, "max", ()),
        (
            BUDGET,
            Supports(),
            {"type": "enabled", "budget_tokens": 5000, "display": "omitted"},
            None,
            (),
        ),
        (EFFORT, BOTH, None, "high", ()),
        (Reasoning(ReasoningMode.DISABLED), BOTH, {"type": "disabled"}, None, ()),
        (
            Reasoning(ReasoningMode.EFFORT, "brutal"),
            BOTH,
            None,
            None,
            ("output_config.effort",),
        ),
    ],
)
def test_thinking_in_the_dialects_own_words(
    reasoning: Reasoning, supports: Supports, thinking: Any, effort: Any, dropped: Any
) -> None:
    body, notes = render(request(reasoning=reasoning, dialect=MESSAGES), model(supports))
    assert body.get("thinking") == thinking
    assert body.get("output_config", {}).get("effort") == effort
    assert notes == dropped


@pytest.mark.parametrize(
    ("limit", "budget"), [(64_000, 5_000), (5_000, 3_750), (2_000, 1_500), (1_200, None)]
)
def test_a_budget_leaves_room_for_an_answer(limit: int, budget: int | None) -> None:
    asked = request(reasoning=BUDGET, dialect=MESSAGES, sampling=Sampling(max_output_tokens=limit))
    body, dropped = render(asked, model(BUDGET_ONLY))
    assert body.get("thinking", {}).get("budget_tokens") == budget
    assert bool(dropped) is (budget != 5_000)


def test_a_forced_tool_and_thinking_do_not_go_together() -> None:
    asked = request(
        tools=(Tool("f"),), tool_choice=ToolChoice(ToolChoiceKind.REQUIRED), reasoning=EFFORT
    )
    body, dropped = render(asked)
    assert "thinking" not in body
    assert dropped == ("reasoning_effort (not possible with a forced tool choice)",)


@pytest.mark.parametrize("has_thinking", [True, False])
@pytest.mark.parametrize("supports", [BUDGET_ONLY, ADAPTIVE_ONLY])
def test_a_budget_needs_the_tool_loops_own_thinking(has_thinking: bool, supports: Supports) -> None:
    thinking = ThinkingPart("hm", Opaque(MESSAGES, "signature", "U2ln"))
    turn = AssistantMessage((thinking, CALL) if has_thinking else (CALL,))
    body, dropped = render(request(HI, turn, RESULT, reasoning=EFFORT), model(supports))
    is_possible = has_thinking or supports is ADAPTIVE_ONLY
    assert ("thinking" in body) is is_possible
    assert any("without its thinking" in note for note in dropped) is not is_possible


def test_outside_a_tool_loop_older_turns_need_no_thinking() -> None:
    said = AssistantMessage((TextPart("x"),))
    for messages in ((HI, said, HI), (HI, said), (HI, AssistantMessage((CALL,)), RESULT, said, HI)):
        body, _ = render(request(*messages, reasoning=EFFORT), model(BUDGET_ONLY))
        assert body["thinking"]["type"] == "enabled"


def test_sampling_that_thinking_forbids_and_that_the_dialect_does_not_know() -> None:
    sampling = Sampling(
        temperature=0.2,
        top_p=0.5,
        top_k=3,
        stop=("END", " "),
        seed=0,
        frequency_penalty=0,
        presence_penalty=1,
        logprobs=False,
        verbosity="low",
    )
    body, dropped = render(request(sampling=sampling, reasoning=EFFORT))
    assert not {"temperature", "top_p", "top_k"} & body.keys()
    assert body["stop_sequences"] == ["END"]
    asked = request(sampling=sampling)
    assert render_request(asked, model()).kept_locally == ("stop",)
    assert dropped == (
        "temperature (not possible while thinking)",
        "top_p (not possible while thinking)",
        "top_k (not possible while thinking)",
        "stop (blank)",
        "seed",
        "presence_penalty",
        "verbosity",
    )
    body, dropped = render(request(sampling=Sampling(temperature=1.7, top_p=0.5)))
    assert (body["temperature"], body["top_p"]) == (1, 0.5)
    assert dropped == ("temperature (1 instead of 1.7)",)


def test_only_one_answer() -> None:
    with pytest.raises(BadRequest):
        render(request(sampling=Sampling(n=2)))
    assert render(request(sampling=Sampling(n=1)))[1] == ()


def test_members_of_other_dialects_are_named_and_own_ones_return() -> None:
    body, dropped = render(request(extra={"logit_bias": {}}, user="ann"))
    assert body["metadata"] == {"user_id": "ann"}
    assert dropped == ("logit_bias",)
    own = request(
        dialect=MESSAGES,
        user="ann",
        reasoning=EFFORT,
        extra={
            "metadata": {"a": 1},
            "output_config": {"task_budget": 7},
            "service_tier": "auto",
            "safeguards": [],
            "messages[].output_config": {},
        },
    )
    body, dropped = render(own)
    assert body["metadata"] == {"a": 1, "user_id": "ann"}
    assert body["output_config"] == {"task_budget": 7, "effort": "high"}
    assert body["service_tier"] == "auto"
    assert dropped == ("safeguards", "messages[].output_config")


def test_an_agent_whose_dialect_has_no_marks_gets_some() -> None:
    asked = replace(
        request(HI, AssistantMessage((CALL,)), RESULT, tools=(Tool("f"), Tool("g"))),
        context=Context(
            (TextPart("one"), TextPart("two")),
            (HI, AssistantMessage((CALL,)), RESULT),
            (Tool("f"), Tool("g")),
        ),
    )
    body, _ = render(asked)
    marked = [
        block
        for holder in (body["tools"], body["system"], *(m["content"] for m in body["messages"]))
        for block in holder
        if "cache_control" in block
    ]
    assert marked == [
        body["tools"][1],
        body["system"][1],
        body["messages"][0]["content"][0],
        body["messages"][2]["content"][0],
    ]


def test_a_client_that_sets_marks_itself_keeps_its_own() -> None:
    marked = [UserMessage((TextPart(str(n), CacheMark()),)) for n in range(6)]
    thinking = ThinkingPart("hm", Opaque(MESSAGES, "signature", "U2ln"))
    messages: list[Message] = []
    for each in marked:
        messages += [each, AssistantMessage((thinking, TextPart("x")))]
    body, dropped = render(request(*messages, HI, dialect=MESSAGES))
    kept = [
        block["text"]
        for turn in body["messages"]
        for block in turn["content"]
        if "cache_control" in block
    ]
    assert kept == ["0", "3", "4", "5"]
    assert dropped == ("cache_control (more than 4)",)
    body, _ = render(request(marked[0], AssistantMessage((TextPart("x"),)), HI))
    assert sum("cache_control" in b for t in body["messages"] for b in t["content"]) == 1
