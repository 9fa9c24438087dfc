"""What Anthropic refuses on Messages, sent raw; and the legal twin of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Client, Received
from tests.simulator.vendor_rules.requests import (
    JPEG,
    OBJECT,
    PNG,
    assistant,
    claude_history,
    claude_picture,
    claude_tool,
    closed,
    properties,
    user,
)

OUTPUT = "output_config.format.schema: "
TOOLS = [claude_tool()]


def wanted(schema: Any) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def said(*blocks: Any) -> dict[str, Any]:
    """A conversation whose one turn holds ``blocks``."""
    return {"messages": [user(list(blocks))]}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a union at the top of a tool": (
        {"tools": [claude_tool(OBJECT | {"allOf": [{}]})]},
        (
            "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or "
            "anyOf at the top level"
        ),
    ),
    "the name of a schema's dialect": (
        {"tools": [claude_tool(OBJECT | {"$schema": "http://json-schema.org/draft-07/schema#"})]},
        "tools.0.custom.input_schema.$schema: Extra inputs are not permitted",
    ),
    "a property with a blank in its name": (
        {"tools": [claude_tool(properties(**{"a b": {"type": "string"}}))]},
        (
            "tools.0.custom.input_schema.properties: Property keys should match pattern "
            "'^[a-zA-Z0-9_.-]{1,64}$'"
        ),
    ),
    "a strict tool that is open": (
        {"tools": [claude_tool(OBJECT, strict=True)]},
        "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    "an open object in the output": (
        wanted(closed(home=properties(city={"type": "string"}))),
        OUTPUT + "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    "bounds of a number in the output": (
        wanted(closed(age={"type": "integer", "minimum": 0, "maximum": 150})),
        OUTPUT + "For 'integer' type, properties maximum, minimum are not supported",
    ),
    "the length of a text in the output": (
        wanted(closed(name={"type": "string", "minLength": 1})),
        OUTPUT + "For 'string' type, property 'minLength' is not supported",
    ),
    "two items at least in the output": (
        wanted(closed(tags={"type": "array", "items": {"type": "string"}, "minItems": 2})),
        OUTPUT + "For 'array' type, 'minItems' values other than 0 or 1 are not supported",
    ),
    "oneOf in the output": (
        wanted(closed(a={"oneOf": [{"type": "string"}]})),
        OUTPUT + "Schema type 'oneOf' is not supported",
    ),
    "recursion in the output": (
        wanted(
            closed(child={"$ref": "#/$defs/Node"})
            | {"$defs": {"Node": closed(n={"$ref": "#/$defs/Node"})}}
        ),
        OUTPUT + "Recursive schemas are not supported",
    ),
    "the old name of structured output": (
        {"output_format": {"type": "json_schema", "schema": closed()}},
        "output_format: Extra inputs are not permitted",
    ),
    "an id of another provider": (
        {"messages": claude_history("call_1|fc_2"), "tools": TOOLS},
        "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ),
    "an id of a result that is none": (
        {"messages": claude_history("a", results=("a:1",)), "tools": TOOLS},
        "messages.2.content.0.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ),
    "an id of 65 characters": (
        {"messages": claude_history("t" * 65), "tools": TOOLS},
        "messages.1.content.0.tool_use.id: String should have at most 64 characters",
    ),
    "an id twice": (
        {"messages": claude_history("a", "a"), "tools": TOOLS},
        "messages.1.content.1: `tool_use` ids must be unique",
    ),
    "two results of one call": (
        {"messages": claude_history("a", results=("a", "a")), "tools": TOOLS},
        (
            "messages.2.content.1: each tool_use must have a single result. Found "
            "multiple `tool_result` blocks with id: a"
        ),
    ),
    "a call without a result": (
        {"messages": claude_history("a", "b", results=("a",)), "tools": TOOLS},
        (
            "messages.1: `tool_use` ids were found without `tool_result` blocks "
            "immediately after: b. Each `tool_use` block must have a corresponding "
            "`tool_result` block in the next message."
        ),
    ),
    "tools in the history alone": (
        {"messages": claude_history("a")},
        "Requests which include `tool_use` or `tool_result` blocks must define tools",
    ),
    "the assistant last": (
        {"messages": [user(), assistant("{")]},
        (
            "This model does not support assistant message prefill. The conversation "
            "must end with a user message."
        ),
    ),
    "jpg": (
        said(claude_picture("image/jpg", JPEG)),
        (
            "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', "
            "'image/png', 'image/gif' or 'image/webp'"
        ),
    ),
    "a JPEG called a PNG": (
        said(claude_picture("image/png", JPEG)),
        (
            "messages.0.content.0.image.source.base64: The image was specified using the "
            "image/png media type, but the image appears to be a image/jpeg image"
        ),
    ),
    "a text without text": (
        said({"type": "text"}),
        "messages.0.content.0.text.text: Field required",
    ),
    "a text that is a number": (
        said({"type": "text", "text": 7}),
        "messages.0.content.0.text.text: Input should be a valid string",
    ),
    "blank text": (
        said({"type": "text", "text": "\n"}),
        "messages: text content blocks must be non-empty",
    ),
    "an e-mail address": (
        {"metadata": {"user_id": "ada@example.com"}},
        (
            "metadata.user_id: user_id appears to contain an email address. Please send "
            "a uuid or hash value instead."
        ),
    ),
    "a long user": (
        {"metadata": {"user_id": "u" * 257}},
        "metadata.user_id: String should have at most 256 characters",
    ),
    "a hot temperature": ({"temperature": "hot"}, "temperature: Input should be a valid number"),
    "a temperature of two": (
        {"temperature": 2},
        "temperature: Input should be less than or equal to 1",
    ),
    "temperature and top_p": (
        {"temperature": 0.5, "top_p": 0.5},
        "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
    ),
    "a stop that is no list": (
        {"stop_sequences": "x"},
        "stop_sequences: Input should be a valid list",
    ),
    "a turn that is a number": (
        {"messages": [user(7)]},
        "messages.0.content: Input should be a valid list",
    ),
    "five marks": (
        said(
            *(
                {"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}}
                for _ in "12345"
            )
        ),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "a result of the assistant's": (
        {
            "messages": [
                user(),
                assistant([{"type": "tool_result", "tool_use_id": "a", "content": "x"}]),
                user(),
            ],
            "tools": TOOLS,
        },
        "messages.1: `tool_result` blocks can only be in `user` messages",
    ),
}
TAKEN: dict[str, dict[str, Any]] = {
    "a tool without properties": {"tools": [claude_tool({"type": "object"})]},
    "a union further in": {"tools": [claude_tool(properties(a={"anyOf": [{"type": "string"}]}))]},
    "a strict tool that is closed": {
        "tools": [claude_tool(closed(a={"type": "string"}), strict=True)]
    },
    "an optional property in the output": wanted(
        closed(a={"type": "string"}, b={"type": "string"}) | {"required": ["a"]}
    ),
    "a shared definition in the output": wanted(
        closed(a={"$ref": "#/$defs/A"}, b={"$ref": "#/$defs/A"})
        | {"$defs": {"A": {"type": "string"}}}
    ),
    "a known text format in the output": wanted(closed(day={"type": "string", "format": "date"})),
    "one item at least in the output": wanted(
        closed(tags={"type": "array", "items": {"type": "string"}, "minItems": 1})
    ),
    "an id of 64 characters": {"messages": claude_history("t" * 64), "tools": TOOLS},
    "two calls": {"messages": claude_history("a", "b"), "tools": TOOLS},
    "a PNG": said(claude_picture("image/png", PNG)),
    "a hash of a user": {"metadata": {"user_id": "user_" + "0" * 200}},
    "one of the two samplings": {"temperature": 0.5},
}


async def send(vendor: Client, members: dict[str, Any], **more: Any) -> Received:
    body = {
        "model": "claude-sonnet-4.6",
        "max_tokens": 4000,
        "messages": [user()],
        **members,
        **more,
    }
    return await vendor.post("/v1/messages", body, Copilot_Vision_Request="true")


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused(vendor: Client, name: str) -> None:
    members, sentence = REFUSED[name]
    refused = await send(vendor, members)
    assert (refused.status, refused.message) == (400, sentence)


@pytest.mark.parametrize("name", TAKEN)
async def test_its_legal_twin_is_taken(vendor: Client, name: str) -> None:
    answer = await send(vendor, TAKEN[name])
    assert answer.status == 200, answer.text


async def test_effort_wants_thinking_on_opus_5(vendor: Client) -> None:
    members = {"thinking": {"type": "disabled"}, "output_config": {"effort": "xhigh"}}
    refused = await send(vendor, members, model="claude-opus-5")
    assert refused.message == (
        "output_config.effort 'xhigh' is not supported when thinking is disabled on this model. Use "
        "effort 'high' or below, or enable thinking."
    )
    members["output_config"] = {"effort": "high"}
    assert (await send(vendor, members, model="claude-opus-5")).status == 200
    members = {"thinking": {"type": "disabled"}, "output_config": {"effort": "xhigh"}}
    assert (await send(vendor, members, model="claude-opus-4.8")).status == 200


async def test_haiku_knows_neither_adaptive_thinking_nor_effort(vendor: Client) -> None:
    adaptive = {"thinking": {"type": "adaptive"}}
    refused = await send(vendor, adaptive, model="claude-haiku-4.5")
    assert refused.message == "adaptive thinking is not supported on this model"
    refused = await send(vendor, {"output_config": {"effort": "low"}}, model="claude-haiku-4.5")
    assert refused.json()["error"]["code"] == "invalid_reasoning_effort"
    budget = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    assert (await send(vendor, budget, model="claude-haiku-4.5")).status == 200


async def test_system_messages_in_mid_conversation(vendor: Client) -> None:
    beta = "mid-conversation-system-2026-04-07"
    turns = [user(), {"role": "system", "content": "Be short."}, user()]
    refused = await vendor.messages("", "claude-opus-4.8", beta, messages=turns)
    assert refused.message == "role 'system' is not supported on this model"
    assert (await vendor.messages("", "claude-opus-5", beta, messages=turns)).status == 200
    refused = await vendor.messages("", "claude-opus-5", beta, messages=turns[1:])
    assert refused.message.startswith("messages.0: use the top-level 'system' parameter")


async def test_counting_tokens_meets_the_same_rules(vendor: Client) -> None:
    body = {"model": "claude-sonnet-4.6", "messages": claude_history("a.b"), "tools": TOOLS}
    refused = await vendor.post("/v1/messages/count_tokens", body)
    assert refused.message.startswith("messages.1.content.0.tool_use.id:")
