"""What Gemini refuses behind chat. Copilot hands on neither place nor reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.answers import read
from tests.simulator.conftest import Client
from tests.simulator.vendor_rules.requests import (
    OBJECT,
    chat_tool,
    properties,
    schema_format,
    user,
)

MODEL = "gemini-3.1-pro-preview"
OUTSIDE_THE_SUBSET: dict[str, dict[str, Any]] = {
    "$schema": OBJECT | {"$schema": "http://json-schema.org/draft-07/schema#"},
    "$ref": properties(a={"$ref": "#/$defs/A"}) | {"$defs": {"A": {"type": "string"}}},
    "additionalProperties": OBJECT | {"additionalProperties": False},
    "a list of types": properties(a={"type": ["string", "null"]}),
    "a union with null": properties(a={"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "an array without items": properties(a={"type": "array"}),
    "an enum of integers": properties(a={"type": "integer", "enum": [1, 2]}),
    "a number among words": properties(a={"type": "string", "enum": ["a", 1]}),
    "const": properties(a={"const": "x"}),
    "exclusiveMinimum": properties(a={"type": "integer", "exclusiveMinimum": 0}),
    "anyOf at the top": OBJECT | {"anyOf": [{"required": ["place"]}]},
    "a required property that is not there": OBJECT | {"required": ["nowhere"]},
    "propertyNames": properties(a={"type": "object", "propertyNames": {"type": "string"}}),
}
INSIDE_THE_SUBSET: dict[str, dict[str, Any]] = {
    "nullable": properties(a={"type": "string", "nullable": True}),
    "anyOf of two types": properties(a={"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    "an array with items": properties(a={"type": "array", "items": {"type": "string"}}),
    "an enum of words": properties(a={"type": "string", "enum": ["x", "y"]}),
    "bounds": properties(a={"type": "integer", "minimum": 0, "maximum": 9}),
    "no properties": {"type": "object"},
}


@pytest.mark.parametrize("name", OUTSIDE_THE_SUBSET)
async def test_a_declaration_outside_the_subset_is_a_bad_request(vendor: Client, name: str) -> None:
    schema = OUTSIDE_THE_SUBSET[name]
    refused = await vendor.chat("hello", MODEL, tools=[chat_tool(schema)])
    assert (refused.status, refused.text) == (400, "Bad Request\n")
    refused = await vendor.chat("hello", MODEL, response_format=schema_format(schema))
    assert (refused.status, refused.text) == (400, "Bad Request\n")


@pytest.mark.parametrize("name", INSIDE_THE_SUBSET)
async def test_a_declaration_inside_the_subset_is_taken(vendor: Client, name: str) -> None:
    answer = await vendor.chat("hello", MODEL, tools=[chat_tool(INSIDE_THE_SUBSET[name])])
    assert answer.status == 200, answer.text


async def test_a_function_s_name_begins_with_a_letter(vendor: Client) -> None:
    refused = await vendor.chat("hello", MODEL, tools=[chat_tool(name="4ever")])
    assert "function_declarations[0].name: Invalid function name." in refused.message
    assert (await vendor.chat("hello", MODEL, tools=[chat_tool(name="_4ever")])).status == 200


async def test_a_function_is_declared_once(vendor: Client) -> None:
    refused = await vendor.chat("hello", MODEL, tools=[chat_tool(), chat_tool()])
    assert refused.status == 400
    assert refused.message.startswith("Duplicate function declaration found: ")


async def test_of_two_calls_only_the_first_must_bring_its_signature(vendor: Client) -> None:
    tool = chat_tool(properties(location={"type": "string"}), "get_weather")
    question = "weather in Paris and in Rome"
    said = read("gemini chat", await vendor.chat(question, MODEL, tools=[tool]))
    calls = [
        {"id": call_id, "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
        for call_id in said.call_ids
    ]
    assert len(calls) == 2
    turn = {"role": "assistant", "content": None, "tool_calls": calls}
    results = [{"role": "tool", "tool_call_id": each, "content": "sun"} for each in said.call_ids]

    async def replayed(opaque: str) -> int:
        messages = [user(question), turn | {"reasoning_opaque": opaque}, *results]
        return (await vendor.chat("", MODEL, messages=messages, tools=[tool])).status

    first, second = said.opaque[:48], said.opaque[48:]
    assert await replayed(first + second) == 200
    assert await replayed(first) == 200
    assert await replayed(second) == 400


async def test_instructions_alone_are_no_conversation(vendor: Client) -> None:
    body = {"model": MODEL, "messages": [{"role": "system", "content": "Hi."}]}
    refused = await vendor.post("/chat/completions", body)
    assert (refused.status, refused.message) == (
        400,
        "* GenerateContentRequest.contents: contents is not specified",
    )
