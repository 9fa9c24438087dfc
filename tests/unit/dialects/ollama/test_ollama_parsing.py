"""What a request of Ollama's becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.request import (
    AssistantMessage,
    ImagePart,
    Reasoning,
    ReasoningMode,
    Request,
    ResponseFormat,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.ollama.dialect import OllamaChat, OllamaGenerate
from proxy_core.dialects.ollama.timestamps import rfc3339
from proxy_core.errors import BadRequest

HELLO = {"role": "user", "content": "Hello"}


def chat(*messages: Any, **members: Any) -> Request:
    return OllamaChat().parse_request({"model": "m:latest", "messages": list(messages), **members})


def call(name: str, **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": {"city": name}}, **more}


def assistant(*calls: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "", "tool_calls": list(calls), **more}


def result(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "tool", "content": text, **more}


def ids(request: Request) -> list[str]:
    messages = request.context.messages
    return [each.tool_call_id for each in messages if isinstance(each, ToolResultMessage)]


def test_a_conversation_with_instructions_images_and_thinking() -> None:
    said = chat(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Look", "images": ["iVBO", "data:image/gif;base64,R0lG"]},
        {"role": "assistant", "content": "I see.", "thinking": "Hm."},
        HELLO,
    )
    assert said.model == "m"
    assert said.context.system_prompt == (TextPart("Be brief."),)
    assert said.context.messages == (
        UserMessage(
            (TextPart("Look"), ImagePart("image/png", "iVBO"), ImagePart("image/gif", "R0lG"))
        ),
        AssistantMessage((ThinkingPart("Hm."), TextPart("I see."))),
        UserMessage((TextPart("Hello"),)),
    )


def test_calls_without_ids_get_them_from_their_place_and_results_find_them() -> None:
    turn = assistant(call("a"), call("b"), call("a"))
    by_name = chat(
        HELLO,
        turn,
        result("B", tool_name="b"),
        result("A1", tool_name="a"),
        result("A2", name="a"),
    )
    calls = [part for part in by_name.context.messages[1].content if isinstance(part, ToolCallPart)]
    assert [each.id for each in calls] == ["call_1_0", "call_1_1", "call_1_2"]
    assert calls[0].arguments == '{"city":"a"}'
    assert ids(by_name) == ["call_1_1", "call_1_0", "call_1_2"]
    by_turn = chat(HELLO, turn, result("A1"), result("B"), result("A2"))
    assert ids(by_turn) == ["call_1_0", "call_1_1", "call_1_2"]


def test_ids_that_are_stated_are_used() -> None:
    turn = assistant(call("a", id="one"), call("a", id="two"))
    said = chat(HELLO, turn, result("2", tool_call_id="two"), result("1", tool_call_id="one"))
    assert ids(said) == ["two", "one"]


def test_the_ids_of_a_conversation_stay_the_same_as_it_grows() -> None:
    said = (HELLO, assistant(call("a")), result("A"))
    longer = chat(*said, assistant(call("a")), result("A"))
    assert longer.context.messages[: len(said)] == chat(*said).context.messages


@pytest.mark.parametrize(
    ("think", "reasoning"),
    [
        (None, None),
        (True, Reasoning(ReasoningMode.ADAPTIVE)),
        (False, Reasoning(ReasoningMode.DISABLED)),
        ("high", Reasoning(ReasoningMode.EFFORT, "high")),
    ],
)
def test_thinking_that_is_asked_for(think: Any, reasoning: Reasoning | None) -> None:
    assert chat(HELLO, think=think).reasoning == reasoning


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("", None),
        ("json", ResponseFormat("json_object")),
        ({"type": "object"}, ResponseFormat("json_schema", "response", {"type": "object"})),
    ],
)
def test_structured_answers(stated: Any, expected: ResponseFormat | None) -> None:
    assert chat(HELLO, format=stated).response_format == expected


def test_options_are_read_and_those_of_the_runner_named() -> None:
    said = chat(
        HELLO,
        keep_alive="5m",
        options={"num_predict": 5, "temperature": 0.5, "stop": "END", "num_ctx": 4096, "seed": 7},
    )
    sampling = said.sampling
    assert (sampling.max_output_tokens, sampling.temperature) == (5, 0.5)
    assert (sampling.stop, sampling.seed) == (("END",), 7)
    assert list(said.extra) == ["keep_alive", "options.num_ctx"]
    assert chat(HELLO, options={"num_predict": -1}).sampling.max_output_tokens is None


def test_tools_of_its_python_sdk() -> None:
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}
    (tool,) = chat(HELLO, tools=[{"type": "function", "function": function}]).context.tools
    expected = Tool("f", "d", {"type": "object"}, extra={"function.strict": True})
    assert tool == expected


def test_a_prompt_with_instructions_and_images() -> None:
    said = OllamaGenerate().parse_request(
        {"model": "m", "prompt": "Look", "system": "Be brief.", "images": ["AA"], "raw": True}
    )
    assert said.context.system_prompt == (TextPart("Be brief."),)
    assert said.context.messages == (UserMessage((TextPart("Look"), ImagePart("image/png", "AA"))),)
    assert list(said.extra) == ["raw"]
    assert said.stream


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [{"role": "robot", "content": ""}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
        ({"messages": [HELLO], "think": 3}, "think"),
        ({"messages": [HELLO], "format": "xml"}, "format"),
        ({"messages": [HELLO], "options": {"temperature": "hot"}}, "options.temperature"),
        ({"messages": [assistant({"function": {}})]}, "messages[0].tool_calls[0].function.name"),
    ],
)
def test_what_is_not_valid_is_refused_by_its_path(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as refused:
        OllamaChat().parse_request({"model": "m", **body})
    assert refused.value.param == param


def test_text_before_a_suffix_cannot_be_inserted() -> None:
    with pytest.raises(BadRequest) as refused:
        OllamaGenerate().parse_request({"model": "m", "prompt": "a", "suffix": "b"})
    assert refused.value.param == "suffix"


def raw(**members: Any) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in members.items()}


def test_whose_turn_it_is_and_whether_it_streams() -> None:
    of_user = OllamaChat().inspect_request(raw(model="m:latest", messages=[HELLO]))
    assert (of_user.model, of_user.is_user_turn, of_user.stream) == ("m", True, True)
    turn = [HELLO, assistant(call("a")), result("A")]
    of_tool = OllamaChat().inspect_request(raw(model="m", messages=turn, stream=False))
    assert (of_tool.is_user_turn, of_tool.stream) == (False, False)


def test_images_are_seen_before_parsing() -> None:
    picture, words = {**HELLO, "images": ["AA"]}, {**HELLO, "content": '"images": ["AA"]'}
    for message, has_images in ((picture, True), (words, False), ({**HELLO, "images": []}, False)):
        facts = OllamaChat().inspect_request(raw(model="m", messages=[message]))
        assert facts.has_images is has_images
    assert OllamaGenerate().inspect_request(raw(model="m", prompt="x", images=["AA"])).has_images


@given(st.integers(0, 13_000_000_000))
def test_times_are_those_of_the_calendar(seconds: int) -> None:
    expected = datetime.fromtimestamp(seconds, UTC).isoformat()
    assert rfc3339(seconds) == expected.replace("+00:00", "Z")
