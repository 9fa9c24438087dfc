"""Codex's items and tools, for models that refused them; names in the answer are the client's again."""

from __future__ import annotations

import itertools
import json
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.events import Done, Start, StopReason, ToolCallEnd, ToolCallStart
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.dialects.openai_responses.pass_through_stream import ResponsesPassThrough
from proxy_core.dialects.vendor_rules import Target, fit_request
from proxy_core.dialects.vendor_rules.complaints import (
    DEMANDED_RULES,
    ComplaintKind,
    read_complaint,
)

MODEL = Model("gpt-old", "Old", "OpenAI", endpoints=(Endpoint.RESPONSES,))
LOOK = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}
EXEC = {"type": "custom", "name": "exec"}
SKY = {"type": "namespace", "name": "mcp__sky", "description": "Sky", "tools": [LOOK, EXEC]}
ADDED = {"type": "additional_tools", "role": "developer", "tools": [SKY, LOOK]}
USER = {"role": "user", "content": "Go"}
FLAT = [{**LOOK, "name": "mcp__sky__look"}, {**EXEC, "name": "mcp__sky__exec"}]
PICTURE = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}


def fit(body: dict[str, Any], *complaints: ComplaintKind) -> dict[str, Any]:
    rules = frozenset(rule for each in complaints for rule in DEMANDED_RULES[each])
    target = Target(MODEL, Endpoint.RESPONSES, DialectName.OPENAI_RESPONSES, refused=rules)
    raw = msgspec.json.decode(json.dumps(body), type=dict[str, msgspec.Raw])
    fitted = fit_request(raw, target).body
    again = fit_request(fitted, target)
    assert not again.rules
    return json.loads(msgspec.json.encode(fitted))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Invalid value: 'additional_tools' at 'input[0].type'.", ComplaintKind.ADDITIONAL_TOOLS),
        (
            "Invalid value: 'namespace'. Supported values are: 'function' and 'custom'.",
            ComplaintKind.NAMESPACE,
        ),
        ("Unknown parameter: 'input[3].namespace'.", ComplaintKind.NAMESPACE),
        (
            "Invalid value: 'input_image'. Supported values are: 'input_text'.",
            ComplaintKind.RESULT_IMAGE,
        ),
    ],
)
def test_the_refusals_are_known(message: str, kind: ComplaintKind) -> None:
    complaint = read_complaint(400, message)
    assert complaint is not None
    assert complaint.kind is kind


def test_nothing_changes_for_a_model_that_refused_nothing() -> None:
    body = {"input": [ADDED, USER], "tools": [SKY]}
    assert fit(body) == body


def test_tools_among_the_items_are_offered_in_tools_each_once() -> None:
    fitted = fit({"input": [ADDED, USER, ADDED], "tools": [LOOK]}, ComplaintKind.ADDITIONAL_TOOLS)
    assert fitted == {"input": [USER], "tools": [LOOK, SKY]}


def test_namespaces_become_part_of_the_names_in_tools_and_history() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "c", "output": "stars"}
    body = {"tools": [SKY], "input": [USER, {**call, "namespace": "mcp__sky"}, output]}
    fitted = fit(body, ComplaintKind.NAMESPACE)
    assert fitted["tools"] == FLAT
    assert fitted["input"] == [USER, {**call, "name": "mcp__sky__look"}, output]


def test_both_refusals_one_after_the_other() -> None:
    fitted = fit({"input": [ADDED, USER]}, ComplaintKind.ADDITIONAL_TOOLS, ComplaintKind.NAMESPACE)
    assert fitted == {"input": [USER], "tools": [*FLAT, LOOK]}


def test_pictures_of_results_follow_the_last_of_them() -> None:
    def result(call_id: str, *parts: object) -> dict[str, Any]:
        return {"type": "function_call_output", "call_id": call_id, "output": list(parts)}

    text = {"type": "input_text", "text": "a.png"}
    items = [result("1", text, PICTURE), result("2", PICTURE), USER]
    fitted = fit({"input": items}, ComplaintKind.RESULT_IMAGE)["input"]
    assert fitted[0] == result("1", text)
    assert fitted[1]["output"] == "[The tool's result is in the next message.]"
    assert fitted[2]["role"] == "user"
    assert [part["type"] for part in fitted[2]["content"]] == ["input_text", "input_image"] * 2
    assert fitted[3:] == [USER]


def context(body: dict[str, Any]) -> WriterContext:
    numbers = itertools.count()
    members = msgspec.json.decode(json.dumps(body), type=dict[str, msgspec.Raw])
    return WriterContext("m", lambda prefix: f"{prefix}{next(numbers)}", 1, members=members)


@pytest.mark.parametrize("body", [{"tools": [SKY], "input": "Go"}, {"input": [ADDED, USER]}])
@pytest.mark.parametrize(
    ("name", "kind"), [("look", "function_call"), ("exec", "custom_tool_call")]
)
def test_a_streams_calls_name_their_namespace_again(
    body: dict[str, Any], name: str, kind: str
) -> None:
    passing = ResponsesPassThrough(context(body))
    item = {"id": "x_1", "type": kind, "call_id": "c", "name": f"mcp__sky__{name}"}
    events: list[dict[str, Any]] = [
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.function_call_arguments.done", "output_index": 0, "item_id": "x_1"}
        | {"name": f"mcp__sky__{name}", "arguments": "{}"},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {"id": "r", "output": [item]}},
    ]
    told = [
        json.loads(frame.data)
        for number, event in enumerate(events)
        for frame in passing.feed(
            Frame(json.dumps({"sequence_number": number, **event}).encode(), event["type"].encode())
        )
    ]
    for each in (told[0]["item"], told[2]["item"], told[3]["response"]["output"][0]):
        assert (each["name"], each["namespace"], each["id"]) == (name, "mcp__sky", "x_1")
    assert told[1]["name"] == name


def test_a_whole_answers_calls_name_their_namespace_again() -> None:
    events = (
        Start("", "m"),
        ToolCallStart(0, "c", "mcp__sky__look"),
        ToolCallEnd(0),
        ToolCallStart(1, "d", "look"),
        ToolCallEnd(1),
        Done(StopReason.TOOL_USE),
    )
    body = {"tools": [SKY, LOOK], "input": "Go"}
    output = OpenAIResponses().write_whole(events, context(body))["output"]
    named = [(item["name"], item.get("namespace")) for item in output]
    assert named == [("look", "mcp__sky"), ("look", None)]
