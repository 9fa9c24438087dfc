"""What OpenAI refuses on Responses, sent raw; and the legal twin of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.answers import read
from tests.simulator.conftest import Client
from tests.simulator.vendor_rules.requests import (
    OBJECT,
    PNG,
    closed,
    properties,
    responses_history,
    responses_tool,
    user,
)

IMAGE = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}
NEWEST = "gpt-5.6-sol"


def text_format(schema: Any, **more: Any) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "name": "person", "schema": schema, **more}}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a function without properties": (
        {"tools": [responses_tool({"type": "object"})]},
        "Invalid schema for function 'look': In context=(), object schema missing properties.",
    ),
    "a union at the top": (
        {"tools": [responses_tool(OBJECT | {"oneOf": [{}]})]},
        (
            "Invalid schema for function 'look': schema must have type 'object' and not have "
            "'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
        ),
    ),
    "a strict tool that is open": (
        {"tools": [responses_tool(properties(), strict=True)]},
        (
            "Invalid schema for function 'look': In context=(), 'additionalProperties' "
            "is required to be supplied and to be false."
        ),
    ),
    "a strict format with an optional property": (
        {
            "text": text_format(
                closed(a={"type": "string"}, b={"type": "string"}) | {"required": ["a"]},
                strict=True,
            )
        },
        (
            "Invalid schema for response_format 'person': In context=(), 'required' is required to be "
            "supplied and to be an array including every key in properties. Missing 'b'."
        ),
    ),
    "an unknown format": (
        {"text": {"format": {"type": "grammar"}}},
        "Invalid value: 'grammar'. Supported values are: 'json_object', 'json_schema', and 'text'.",
    ),
    "a hot temperature": (
        {"temperature": "hot"},
        "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    ),
    "less than no tokens": (
        {"max_output_tokens": -1},
        (
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value "
            ">= 16, but got -1 instead."
        ),
    ),
    "a long safety identifier": (
        {"safety_identifier": "s" * 70},
        (
            "Invalid 'safety_identifier': string too long. Expected a string with "
            "maximum length 64, but got a string with length 70 instead."
        ),
    ),
    "an unknown grammar": (
        {
            "tools": [
                {
                    "type": "custom",
                    "name": "patch",
                    "format": {"type": "grammar", "syntax": "ebnf", "definition": "x"},
                }
            ]
        },
        "Invalid value: 'ebnf'. Supported values are: 'lark' and 'regex'.",
    ),
    "a namespace": (
        {"tools": [{"type": "namespace", "name": "sky", "tools": [responses_tool()]}]},
        "Invalid value: 'namespace'. Supported values are: 'function' and 'custom'.",
    ),
    "tool search": (
        {"tools": [{"type": "tool_search"}]},
        "Invalid value: 'tool_search'. Supported values are: 'function' and 'custom'.",
    ),
    "an item that is none": ({"input": [{"type": "nonsense"}]}, "Invalid value: 'nonsense'. "),
    "a search of tools": (
        {
            "input": [
                user(),
                {"type": "tool_search_call", "call_id": "s1", "arguments": {"query": "x"}},
            ]
        },
        "Invalid value: 'tool_search_call'. ",
    ),
    "additional tools": (
        {"input": [{"type": "additional_tools", "tools": [responses_tool()]}, user()]},
        "Invalid value: 'additional_tools'",
    ),
    "a reference to an item nobody kept": (
        {"input": [{"type": "item_reference", "id": "msg_1"}, user()]},
        "input[0]: Item with id 'msg_1' not found.",
    ),
    "a picture in a tool's output": (
        {"input": responses_history("call_1", [IMAGE])},
        "Invalid value: 'input_image'. Supported values are: 'input_text'.",
    ),
    "no output at all": (
        {"input": responses_history("call_1", None)},
        "Missing required parameter: 'input[2].output'.",
    ),
    "arguments as an object": (
        {"input": responses_history("call_1", arguments={})},
        "Invalid type for 'input[1].arguments': expected a string, but got an object instead.",
    ),
    "a call id of 65 characters": (
        {"input": responses_history("c" * 65)},
        (
            "Invalid 'input[1].call_id': string too long. Expected a string with maximum "
            "length 64, but got a string with length 65 instead."
        ),
    ),
    "the same call twice": (
        {"input": [*responses_history("call_1"), *responses_history("call_1")]},
        "Duplicate 'call_id': call_1",
    ),
    "the same item twice": (
        {"input": [*responses_history("c1", id="fc_1"), *responses_history("c2", id="fc_1")]},
        "Duplicate item found with id fc_1. Remove duplicate items from your input and try again.",
    ),
    "an original detail": (
        {"input": [user([IMAGE | {"detail": "original"}])]},
        "Invalid value: 'original'. Supported values are: 'low', 'high', and 'auto'.",
    ),
    "an input that is a number": (
        {"input": 7},
        (
            "Invalid type for 'input': expected one of a string or array of input items, "
            "but got an integer instead."
        ),
    ),
}
TAKEN: dict[str, dict[str, Any]] = {
    "empty properties": {"tools": [responses_tool({"type": "object", "properties": {}})]},
    "a function without parameters": {"tools": [{"type": "function", "name": "ping"}]},
    "a strict tool that is closed": {
        "tools": [responses_tool(closed(a={"type": "string"}), strict=True)]
    },
    "a lax format": {"text": text_format(properties(a={"type": "string"}))},
    "any object": {"text": {"format": {"type": "json_object"}}},
    "a grammar": {
        "tools": [
            {
                "type": "custom",
                "name": "patch",
                "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "x"'},
            }
        ]
    },
    "text of a tool": {
        "input": responses_history("c" * 64, [{"type": "input_text", "text": "sun"}])
    },
    "two calls": {"input": [*responses_history("call_1"), *responses_history("call_2")]},
    "a picture of the user's": {"input": [user([IMAGE | {"detail": "high"}])]},
    "a user of 64 characters": {"user": "u" * 64},
}


async def send(vendor: Client, members: dict[str, Any], model: str = "gpt-5.4") -> Any:
    body = {"model": model, "input": "hello", **members}
    return await vendor.post("/responses", body, Copilot_Vision_Request="true")


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused(vendor: Client, name: str) -> None:
    members, sentence = REFUSED[name]
    refused = await send(vendor, members)
    assert refused.status == 400
    assert refused.message == sentence or refused.message.startswith(sentence.rstrip() + " ")


@pytest.mark.parametrize("name", TAKEN)
async def test_its_legal_twin_is_taken(vendor: Client, name: str) -> None:
    answer = await send(vendor, TAKEN[name])
    assert answer.status == 200, answer.text


@pytest.mark.parametrize("name", ["a namespace", "tool search", "additional tools"])
async def test_the_newest_models_know_codex_s_own_tools(vendor: Client, name: str) -> None:
    answer = await send(vendor, REFUSED[name][0], NEWEST)
    assert answer.status == 200, answer.text


async def test_a_custom_tool_is_nothing_for_another_vendor_s_model(vendor: Client) -> None:
    refused = await send(vendor, {"tools": [{"type": "custom", "name": "patch"}]}, "grok-4.5")
    assert refused.message == (
        "Invalid value: 'custom'. Supported values are: 'function' and 'custom'."
    )


async def test_reasoning_opens_only_for_the_model_that_wrote_it(vendor: Client) -> None:
    asked = {"reasoning": {"effort": "high"}, "include": ["reasoning.encrypted_content"]}
    answer = await send(vendor, asked)
    assert read("responses", answer).opaque
    reasoning = next(each for each in answer.json()["output"] if each["type"] == "reasoning")
    replay = {"input": [user(), {k: v for k, v in reasoning.items() if k != "id"}, user("again")]}
    assert (await send(vendor, replay)).status == 200
    refused = await send(vendor, replay, "gpt-5.5")
    assert refused.json()["error"]["code"] == "invalid_encrypted_content"
    assert "could not be verified" in refused.message
