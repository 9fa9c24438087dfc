"""Tools, thinking, sampling and cache marks in the words of the Messages API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proxy_core.canonical.model import Supports
from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
    Context,
    Message,
    Opaque,
    Reasoning,
    ReasoningMode,
    ResponseFormat,
    Sampling,
    ServerTool,
    TextPart,
    ThinkingPart,
    Tool,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
    UserMessage,
)
from proxy_core.dialects.anthropic_messages.render_request import render_request
from proxy_core.errors import BadRequest
from tests.unit.dialects.anthropic_messages.requests_to_render import (
    ADAPTIVE_ONLY,
    BOTH,
    BUDGET_ONLY,
    CALL,
    EFFORTS,
    HI,
    MESSAGES,
    RESPONSES,
    RESULT,
    fit,
    model,
    render,
    request,
)


def test_tools_and_their_schemas() -> None:
    schema = {"$schema": "s", "properties": {}}
    tools = (
        Tool("f", "d", schema, strict=False, cache=CacheMark(), extra={"x": 1}),
        Tool("g", kind=ToolKind.CUSTOM, grammar={"type": "grammar"}, namespace="n"),
        Tool("h"),
    )
    body, dropped = fit(request(tools=tools))
    first, second, third = body["tools"]
    assert first == {
        "name": "f",
        "description": "d",
        "input_schema": {"type": "object", "properties": {}},
        "cache_control": {"type": "ephemeral"},
    }
    assert (second["name"], second["input_schema"]["required"]) == ("n__g", ["input"])
    assert third["input_schema"] == {"type": "object", "properties": {}}
    assert dropped == ("tools[].x",)


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
    wanted = ResponseFormat(
        "json_schema", "n", {"$schema": "s", "type": "object", "properties": {}}, True
    )
    body, dropped = fit(request(response_format=wanted))
    closed = {"type": "object", "properties": {}, "additionalProperties": False}
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": closed}}
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
    body, dropped = fit(asked)
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


def test_sampling_that_the_dialect_does_not_know() -> None:
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
    assert body["stop_sequences"] == ["END"]
    asked = request(sampling=sampling)
    assert render_request(asked, model()).enforced_locally == ("stop",)
    assert dropped == (
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
    assert body["safeguards"] == [], "a client must hear that upstream does not take them"
    assert dropped == ("messages[].output_config",)


def test_an_agent_whose_dialect_has_no_marks_gets_some() -> None:
    asked = replace(
        request(HI, AssistantMessage((CALL,)), RESULT, tools=(Tool("f"), Tool("g"))),
        context=Context(
            (TextPart("one"), TextPart("two")),
            (HI, AssistantMessage((CALL,)), RESULT),
            (Tool("f"), Tool("g")),
        ),
    )
    body, _ = fit(asked)
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
    body, dropped = fit(request(*messages, HI, dialect=MESSAGES))
    kept = [
        block["text"]
        for turn in body["messages"]
        for block in turn["content"]
        if "cache_control" in block
    ]
    assert kept == ["0", "3", "4", "5"]
    assert dropped == ("cache_control (more than 4)",)
    body, _ = fit(request(marked[0], AssistantMessage((TextPart("x"),)), HI))
    assert sum("cache_control" in b for t in body["messages"] for b in t["content"]) == 1
