"""OpenAI's own kinds of client tools: functions to other vendors' models, and themselves again after."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from proxy_core.canonical.events import (
    Done,
    Start,
    StopReason,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import ImagePart, TextPart, Tool, ToolCallPart, ToolResultMessage
from proxy_core.dialects.anthropic_messages.dialect import AnthropicMessages
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_chat.dialect import OpenAIChat
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from tests.responses_checkers import check_stream

DIALECT = OpenAIResponses()
OTHERS = (OpenAIChat(), AnthropicMessages())
MODEL = Model("other", "Other", "Google", endpoints=(Endpoint.CHAT_COMPLETIONS,))
USER = {"role": "user", "content": "Go"}
CALLS: tuple[tuple[dict[str, Any], dict[str, Any], str, str], ...] = (
    (
        {"type": "local_shell_call", "call_id": "c", "status": "completed"}
        | {"action": {"type": "exec", "command": ["ls", "-l"], "env": {}}},
        {"type": "local_shell_call_output", "call_id": "c", "output": "NOTES.md"},
        '{"command":["ls","-l"]}',
        "NOTES.md",
    ),
    (
        {"type": "local_shell_call", "id": "lsh_1", "call_id": "lsh_1", "status": "completed"}
        | {"action": {"type": "exec", "command": ["pwd"], "env": {"A": "b"}}},
        {"type": "local_shell_call_output", "id": "lsh_1", "output": "/home"},
        '{"command":["pwd"],"env":{"A":"b"}}',
        "/home",
    ),
    (
        {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls", "false"]}},
        {
            "type": "shell_call_output",
            "call_id": "c",
            "output": [
                {"stdout": "NOTES.md", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}},
                {"stdout": "", "stderr": "bad", "outcome": {"type": "exit", "exit_code": 1}},
            ],
        },
        '{"commands":["ls","false"]}',
        "NOTES.md\nbad\n[exit code 1]",
    ),
    (
        {"type": "apply_patch_call", "call_id": "c", "status": "completed"}
        | {"operation": {"type": "delete_file", "path": "a.txt"}},
        {"type": "apply_patch_call_output", "call_id": "c", "status": "failed", "output": "locked"},
        '{"type":"delete_file","path":"a.txt"}',
        "locked",
    ),
    (
        {"type": "tool_search_call", "call_id": "c", "execution": "client"}
        | {"arguments": {"query": "rooms"}},
        {
            "type": "tool_search_output",
            "call_id": "c",
            "execution": "client",
            "tools": [{"type": "function", "name": "book", "parameters": {"type": "object"}}],
        },
        '{"query":"rooms"}',
        "These tools are available now: book.",
    ),
)


def body(*items: object, **more: Any) -> dict[str, Any]:
    return {"model": "m", "input": [USER, *items], **more}


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for each in value for text in strings(each)] if isinstance(value, Sequence) else []


@pytest.mark.parametrize(("call", "output", "arguments", "said"), CALLS)
def test_a_call_and_its_output_are_a_functions(
    call: dict[str, Any], output: dict[str, Any], arguments: str, said: str
) -> None:
    _, assistant, result = DIALECT.parse_request(body(call, output)).context.messages
    (part,) = assistant.content
    assert isinstance(part, ToolCallPart)
    assert (part.name, part.arguments) == (call["type"].removesuffix("_call"), arguments)
    assert isinstance(result, ToolResultMessage)
    assert result.tool_call_id == part.id
    assert result.content == (TextPart(said),)


@pytest.mark.parametrize(("call", "output", "arguments", "said"), CALLS)
@pytest.mark.parametrize("other", OTHERS, ids=lambda dialect: dialect.name)
def test_another_vendors_model_is_told_both(
    other: Any, call: dict[str, Any], output: dict[str, Any], arguments: str, said: str
) -> None:
    rendered = other.render_request(DIALECT.parse_request(body(call, output)), MODEL)
    assert any(said in text for text in strings(rendered.body))
    assert not rendered.dropped
    assert arguments


@pytest.mark.parametrize(("call", "output", "arguments", "said"), CALLS)
def test_in_their_own_dialect_they_stay_what_they_were(
    model: Model, call: dict[str, Any], output: dict[str, Any], arguments: str, said: str
) -> None:
    tool = {"type": call["type"].removesuffix("_call")}
    request = DIALECT.parse_request(body(call, output, tools=[tool]))
    rendered = DIALECT.render_request(request, model).body
    assert rendered["input"][1:] == [call, output]
    assert rendered["tools"] == [tool]
    assert arguments
    assert said


@pytest.mark.parametrize(("call", "output", "arguments", "said"), CALLS)
def test_what_the_model_calls_is_the_clients_own_item_again(
    make_context: Callable[..., WriterContext],
    call: dict[str, Any],
    output: dict[str, Any],
    arguments: str,
    said: str,
) -> None:
    name = call["type"].removesuffix("_call")
    asked = body(tools=[{"type": name}])
    writer = DIALECT.writer(make_context(request=DIALECT.parse_request(asked), members=asked))
    events = (
        Start("", "m"),
        ToolCallStart(0, "c9", name),
        ToolCallDelta(0, arguments[:5]),
        ToolCallDelta(0, arguments[5:]),
        ToolCallEnd(0),
        Done(StopReason.TOOL_USE),
    )
    final = check_stream([frame for event in events for frame in writer.feed(event)], is_ours=False)
    (item,) = final["output"]
    member = next(each for each in ("action", "operation", "arguments") if each in call)
    assert (item["type"], item["call_id"]) == (call["type"], "c9")
    assert item[member] == {**call[member], **json.loads(arguments)}
    assert output
    assert said


@pytest.mark.parametrize("other", OTHERS, ids=lambda dialect: dialect.name)
def test_tools_a_search_found_are_offered_once(other: Any) -> None:
    call, output = CALLS[-1][:2]
    known = {"type": "function", "name": "known", "parameters": {"type": "object"}}
    found = {**output, "tools": [*output["tools"], known]}
    request = DIALECT.parse_request(body(call, found, tools=[{"type": "tool_search"}, known]))
    tools = other.render_request(request, MODEL).body["tools"]
    names = [tool.get("name") or tool["function"]["name"] for tool in tools]
    assert names == ["tool_search", "known", "book"]


def test_in_their_own_dialect_tools_a_search_found_stay_where_they_are(model: Model) -> None:
    call, output = CALLS[-1][:2]
    request = DIALECT.parse_request(body(call, output, tools=[{"type": "tool_search"}]))
    assert DIALECT.render_request(request, model).body["tools"] == [{"type": "tool_search"}]


def test_what_openai_runs_itself_is_no_function() -> None:
    tools = DIALECT.parse_request(
        body(
            tools=[
                {"type": "tool_search", "execution": "server"},
                {"type": "shell", "environment": {"type": "container_auto"}},
                {"type": "shell", "environment": {"type": "local"}},
            ]
        )
    ).context.tools
    assert [isinstance(tool, Tool) for tool in tools] == [False, False, True]


def test_a_screenshot_is_a_picture() -> None:
    call = {"type": "computer_call", "call_id": "c", "action": {"type": "screenshot"}}
    picture = {"type": "computer_screenshot", "image_url": "data:image/png;base64,AAAA"}
    output = {"type": "computer_call_output", "call_id": "c", "output": picture}
    messages = DIALECT.parse_request(body(call, output)).context.messages
    assert messages[-1].content == (ImagePart("image/png", "AAAA"),)


@pytest.mark.parametrize("other", OTHERS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("item", "told"),
    [
        (
            {"type": "mcp_call", "server_label": "sky", "name": "look", "arguments": "{}"}
            | {"output": "stars"},
            "[Called the tool sky.look with {}. Result: stars]",
        ),
        (
            {"type": "code_interpreter_call", "code": "1+1", "outputs": [{"logs": "2"}]},
            "[Ran this code:\n1+1\nOutput:\n2]",
        ),
        (
            {"type": "file_search_call", "queries": ["q"]}
            | {"results": [{"filename": "a.md", "text": "found"}]},
            '[Searched the files for ["q"].\na.md: found]',
        ),
        (
            {"type": "web_search_call", "action": {"type": "search", "query": "ducks"}},
            "[Searched the web for ducks.]",
        ),
        ({"type": "image_generation_call", "result": "AAAA"}, "[Made an image.]"),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_what_openais_own_tools_did_is_told_in_words(
    other: Any, item: dict[str, Any], told: str
) -> None:
    after = {"role": "assistant", "content": "Done."}
    request = DIALECT.parse_request(body(item, after, {"role": "user", "content": "On"}))
    rendered = other.render_request(request, MODEL)
    assert any(told in text for text in strings(rendered.body))
    pictures = ("input[].image_generation_call.result",) if "result" in item else ()
    assert rendered.dropped == pictures


def test_a_patch_that_failed_is_a_failed_result() -> None:
    call, output = CALLS[3][:2]
    result = DIALECT.parse_request(body(call, output)).context.messages[-1]
    assert isinstance(result, ToolResultMessage)
    assert result.is_error


@pytest.mark.parametrize("other", OTHERS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    "item",
    [
        {"type": "web_search_call", "action": {"type": "something new"}},
        {"type": "mcp_list_tools", "server_label": "x", "tools": []},
    ],
    ids=lambda item: item["type"],
)
def test_what_says_nothing_to_another_model_is_left_out_and_named(
    other: Any, item: dict[str, Any]
) -> None:
    after = {"role": "assistant", "content": "Done."}
    request = DIALECT.parse_request(body(item, after, {"role": "user", "content": "On"}))
    assert any(item["type"] in each for each in other.render_request(request, MODEL).dropped)
