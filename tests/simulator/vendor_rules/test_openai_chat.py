"""What OpenAI refuses behind chat, sent raw; and the legal twin of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Client
from tests.simulator.vendor_rules.requests import (
    OBJECT,
    PNG,
    chat_call,
    chat_history,
    chat_tool,
    closed,
    properties,
    schema_format,
    user,
)

SCHEMA_OF_LOOK = "Invalid schema for function 'look': "
SCHEMAS = {
    "an object without properties": (
        {"type": "object"},
        "In context=(), object schema missing properties.",
    ),
    "no type": (
        {},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
    ),
    "an array without items": (
        properties(tags={"type": "array"}),
        "In context=('properties', 'tags'), array schema missing items.",
    ),
    "a nullable array without items": (
        properties(tags={"type": ["null", "array"]}),
        "In context=('properties', 'tags', 'type', '1'), array schema missing items.",
    ),
    "anyOf at the top": (
        OBJECT | {"anyOf": [{"required": ["place"]}]},
        (
            "schema must have type 'object' and not have "
            "'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
        ),
    ),
    "an enum of another type": (
        properties(size={"type": "string", "enum": ["s", 1]}),
        (
            "In context=('properties', 'size'), enum value 1 does not validate against "
            "{'type': 'string', 'enum': ['s', 1]}."
        ),
    ),
    "a reference to nothing": (
        properties(who={"$ref": "#/$defs/Person"}),
        (
            "In context=('properties', 'who'), reference to component '#/$defs/Person' "
            "which was not found in the schema."
        ),
    ),
}
LEGAL_SCHEMAS = {
    "empty properties": {"type": "object", "properties": {}},
    "a dialect's name": OBJECT | {"$schema": "http://json-schema.org/draft-07/schema#"},
    "an array with items": properties(tags={"type": "array", "items": {"type": "string"}}),
    "anyOf further in": properties(a={"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "a reference that leads somewhere": properties(who={"$ref": "#/$defs/P"})
    | {"$defs": {"P": {"type": "string"}}},
    "a free object inside": properties(any={"type": "object"}),
    "a null among the values": properties(size={"type": ["string", "null"], "enum": ["s", None]}),
}


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_function_s_schema_is_refused(vendor: Client, name: str) -> None:
    schema, sentence = SCHEMAS[name]
    refused = await vendor.chat("hello", tools=[chat_tool(schema)])
    assert (refused.status, refused.message) == (400, SCHEMA_OF_LOOK + sentence)


@pytest.mark.parametrize("name", LEGAL_SCHEMAS)
async def test_a_legal_schema_is_taken(vendor: Client, name: str) -> None:
    answer = await vendor.chat("hello", tools=[chat_tool(LEGAL_SCHEMAS[name])])
    assert answer.status == 200, answer.text


async def test_a_function_needs_no_parameters_at_all(vendor: Client) -> None:
    tool = {"type": "function", "function": {"name": "ping"}}
    assert (await vendor.chat("hello", tools=[tool])).status == 200


STRICT = {
    "an open object": (
        properties(a={"type": "string"}) | {"required": ["a"]},
        "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ),
    "an optional property": (
        closed(a={"type": "string"}, b={"type": "string"}) | {"required": ["a"]},
        (
            "In context=(), 'required' is required to be supplied and to be an array "
            "including every key in properties. Missing 'b'."
        ),
    ),
    "allOf": (
        closed(a={"allOf": [{"type": "string"}]}),
        "In context=('properties', 'a'), 'allOf' is not permitted.",
    ),
    "an open object inside": (
        closed(a={"type": "object", "properties": {}}),
        (
            "In context=('properties', 'a'), 'additionalProperties' is required to be "
            "supplied and to be false."
        ),
    ),
}


@pytest.mark.parametrize("name", STRICT)
async def test_strict_output_wants_a_closed_schema(vendor: Client, name: str) -> None:
    schema, sentence = STRICT[name]
    refused = await vendor.chat("invent", response_format=schema_format(schema, strict=True))
    assert refused.message == f"Invalid schema for response_format 'person': {sentence}"
    assert (await vendor.chat("invent", response_format=schema_format(schema))).status == 200
    refused = await vendor.chat("hello", tools=[chat_tool(schema, strict=True)])
    assert refused.message == SCHEMA_OF_LOOK + sentence


async def test_a_closed_schema_is_taken_strictly(vendor: Client) -> None:
    wanted = schema_format(closed(a={"type": ["string", "null"]}), strict=True)
    assert (await vendor.chat("invent", response_format=wanted)).status == 200


VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "a hot temperature": (
        {"temperature": "hot"},
        "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    ),
    "a temperature of three": (
        {"temperature": 3},
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    ),
    "a negative top_p": (
        {"top_p": -0.5},
        "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.",
    ),
    "half a token": (
        {"max_completion_tokens": 0.5},
        (
            "Invalid type for 'max_completion_tokens': expected an integer, but got a "
            "decimal number instead."
        ),
    ),
    "true for a number": (
        {"presence_penalty": True},
        "Invalid type for 'presence_penalty': expected a decimal, but got a boolean instead.",
    ),
    "a word for a switch": (
        {"parallel_tool_calls": "no"},
        "Invalid type for 'parallel_tool_calls': expected a boolean, but got a string instead.",
    ),
    "a long user": (
        {"user": "u" * 65},
        (
            "Invalid 'user': string too long. Expected a string with maximum length 64, "
            "but got a string with length 65 instead."
        ),
    ),
    "seventeen pairs of metadata": (
        {"metadata": {f"k{n}": "v" for n in range(17)}},
        (
            "Invalid 'metadata': too many properties. Expected an object with at most 16 "
            "properties, but got an object with 17 properties instead."
        ),
    ),
    "a number in metadata": (
        {"metadata": {"run": 7}},
        "Invalid type for 'metadata.run': expected a string, but got an integer instead.",
    ),
    "five stops": (
        {"stop": list("abcde")},
        (
            "Invalid 'stop': array too long. Expected an array with maximum length 4, "
            "but got an array with length 5 instead."
        ),
    ),
    "an unknown format": (
        {"response_format": {"type": "yaml"}},
        "Invalid value: 'yaml'. Supported values are: 'json_object', 'json_schema', and 'text'.",
    ),
}


@pytest.mark.parametrize("name", VALUES)
async def test_a_value_of_the_wrong_kind_is_refused(vendor: Client, name: str) -> None:
    members, sentence = VALUES[name]
    refused = await vendor.chat("hello", **members)
    assert (refused.status, refused.message) == (400, sentence)


async def test_values_at_their_bounds_and_nulls_are_taken(vendor: Client) -> None:
    answer = await vendor.chat(
        "hello",
        user="u" * 64,
        top_p=1,
        presence_penalty=-2,
        stop=list("wxyz"),
        seed=None,
        metadata={"k": "v"},
        response_format={"type": "text"},
    )
    assert answer.status == 200, answer.text


async def test_developer_is_no_role_of_a_model_without_reasoning(vendor: Client) -> None:
    messages = [{"role": "developer", "content": "Be short."}, user()]
    refused = await vendor.chat("", messages=messages)
    assert refused.message == (
        "Unsupported value: 'messages[0].role' does not support 'developer' with this model."
    )
    assert (await vendor.chat("", "gpt-5-mini", messages=messages)).status == 200


async def test_ids_of_calls_have_forty_characters_at_most(vendor: Client) -> None:
    refused = await vendor.chat("", messages=chat_history("c" * 41))
    assert refused.message == (
        "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length "
        "40, but got a string with length 41 instead."
    )
    assert (await vendor.chat("", messages=chat_history("c" * 40))).status == 200
    assert (await vendor.chat("", messages=chat_history("functions.look:0"))).status == 200


async def test_two_calls_do_not_share_an_id(vendor: Client) -> None:
    refused = await vendor.chat("", messages=chat_history("call_1", "call_1"))
    assert refused.message == (
        "Invalid parameter: Duplicate value for 'tool_call_id' of 'call_1' in message[1]."
    )
    assert (await vendor.chat("", messages=chat_history("call_1", "call_2"))).status == 200


async def test_arguments_are_a_text(vendor: Client) -> None:
    history = chat_history("call_1")
    history[1]["tool_calls"] = [chat_call("call_1", {"place": "Rome"})]
    refused = await vendor.chat("", messages=history)
    assert refused.message == (
        "Invalid type for 'messages[1].tool_calls[0].function.arguments': expected a string, but got an "
        "object instead."
    )


async def test_content_is_text_or_parts(vendor: Client) -> None:
    refused = await vendor.chat("", messages=[user(7)])
    assert refused.message == (
        "Invalid type for 'messages[0].content': expected one of a string or array of "
        "objects, but got an integer instead."
    )


async def test_a_file_is_no_part_of_chat(vendor: Client) -> None:
    file = {
        "type": "file",
        "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,"},
    }
    for model in ("gpt-4.1", "claude-sonnet-4.6", "gemini-3.1-pro-preview"):
        refused = await vendor.chat("", model, messages=[user([file])])
        assert refused.message == "type has to be either 'image_url' or 'text'"


async def test_a_picture_has_no_original_detail(vendor: Client) -> None:
    image = {"url": f"data:image/png;base64,{PNG}", "detail": "original"}
    messages = [user([{"type": "image_url", "image_url": image}])]
    body = {"model": "gpt-4.1", "messages": messages}
    refused = await vendor.post("/chat/completions", body, Copilot_Vision_Request="true")
    assert refused.message == (
        "Invalid value: 'original'. Supported values are: 'low', 'high', and 'auto'."
    )
    image["detail"] = "high"
    taken = await vendor.post("/chat/completions", body, Copilot_Vision_Request="true")
    assert taken.status == 200


async def test_a_body_packed_with_zstd_is_not_read(vendor: Client) -> None:
    url = f"{vendor.server.url}/chat/completions"
    headers = vendor.headers | {"Content-Type": "application/json", "Content-Encoding": "zstd"}
    async with vendor.session.post(url, data=b"\x28\xb5\x2f\xfd", headers=headers) as refused:
        assert refused.status == 400
