"""Refusals in the vendors' own words, and those that only quote a client's."""

from __future__ import annotations

import json

import pytest

from proxy_core.canonical.request import (
    AssistantMessage,
    Context,
    DialectName,
    Opaque,
    Request,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    UserMessage,
)
from proxy_core.dialects.shared.conversation_repair import repair
from proxy_core.dialects.vendor_rules.complaints import (
    DEMANDED_RULES,
    Complaint,
    ComplaintKind,
    read_complaint,
)
from proxy_core.dialects.vendor_rules.tables import TABLE

WORDS = [
    (
        "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        ComplaintKind.TWO_SAMPLINGS,
    ),
    ("`temperature` is deprecated for this model.", ComplaintKind.SAMPLING),
    ("`top_k` must be unset when thinking is enabled.", ComplaintKind.SAMPLING),
    (
        "`temperature` may only be set to 1 when thinking is enabled.",
        ComplaintKind.SAMPLING,
    ),
    ("tools: Tool names must be unique.", ComplaintKind.SAME_TOOLS),
    ("Duplicate function declaration found: read", ComplaintKind.SAME_TOOLS),
    (
        "Invalid schema for function 'find': In context=('properties', 'a'), array schema missing items",
        ComplaintKind.TOOL_SCHEMA,
    ),
    (
        "Invalid schema for function 'f': object schema missing properties",
        ComplaintKind.TOOL_SCHEMA,
    ),
    (
        (
            "tools.3.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the "
            "top level"
        ),
        ComplaintKind.TOOL_SCHEMA,
    ),
    (
        "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12",
        ComplaintKind.TOOL_SCHEMA,
    ),
    (
        (
            'Invalid JSON payload received. Unknown name "exclusiveMinimum" at '
            "'tools[0].function_declarations[6].parameters.properties[3].value': Cannot find field."
        ),
        ComplaintKind.TOOL_SCHEMA,
    ),
    (
        (
            "Invalid schema for response_format 'p': In context=(), 'additionalProperties' is required "
            "to be supplied and to be false."
        ),
        ComplaintKind.OUTPUT_SCHEMA,
    ),
    (
        (
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly "
            "set to false"
        ),
        ComplaintKind.OUTPUT_SCHEMA,
    ),
    (
        "output_format.schema: For 'integer' type, property 'minimum' is not supported",
        ComplaintKind.OUTPUT_SCHEMA,
    ),
    (
        "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
        ComplaintKind.CALL_ID,
    ),
    (
        (
            "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum "
            "length 40, but got a string with length 60 instead."
        ),
        ComplaintKind.CALL_ID,
    ),
    (
        "Invalid 'input[2].call_id': string too long. Expected a string with maximum length 64",
        ComplaintKind.CALL_ID,
    ),
    (
        (
            "This model does not support assistant message prefill. The conversation must end with a "
            "user message."
        ),
        ComplaintKind.PREFILL,
    ),
    (
        "messages: final assistant content cannot end with trailing whitespace",
        ComplaintKind.PREFILL,
    ),
    (
        "type has to be either 'image_url' or 'text'",
        ComplaintKind.DOCUMENT,
    ),
    ("Invalid value: 'input_file'. Supported values are: 'input_text'.", ComplaintKind.DOCUMENT),
    (
        "Unsupported value: 'messages[0].role' does not support 'developer' with this model.",
        ComplaintKind.DEVELOPER_ROLE,
    ),
    ("This model does not support the effort parameter.", ComplaintKind.EFFORT),
    ("Thinking may not be enabled when tool_choice forces tool use.", ComplaintKind.FORCED_TOOL),
    ("Invalid value: 'allowed_tools'. Supported values are: 'auto'.", ComplaintKind.TOOL_CHOICE),
    (
        (
            "Function call is missing a thought_signature in functionCall parts. This is required for "
            "tools to work correctly"
        ),
        ComplaintKind.THOUGHT_SIGNATURE,
    ),
    (
        "messages[1].reasoning_opaque: Thought signature is not valid.",
        ComplaintKind.THOUGHT_SIGNATURE,
    ),
    (
        "messages.3.content.0: thinking block is bound to a different conversation",
        ComplaintKind.SIGNATURE,
    ),
    (
        (
            "messages.0.content.1.image.source.base64: The image was specified using the image/png "
            "media type, but the image appears to be a image/jpeg image"
        ),
        ComplaintKind.UNREADABLE_IMAGE,
    ),
    ("messages.1.content.0: each thinking block must contain thinking", ComplaintKind.SIGNATURE),
    ("Could not process image", ComplaintKind.UNREADABLE_IMAGE),
]


@pytest.mark.parametrize(("message", "kind"), WORDS)
def test_a_vendor_s_words_name_the_complaint(message: str, kind: ComplaintKind) -> None:
    assert read_complaint(400, message) == Complaint(kind)
    wrapped = json.dumps({"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}})
    assert read_complaint(400, wrapped) == Complaint(kind)
    assert read_complaint(500, message) is None


@pytest.mark.parametrize(("message", "kind"), WORDS)
def test_the_same_words_within_a_quotation_are_the_client_s(
    message: str, kind: ComplaintKind
) -> None:
    plain = message.replace("'", "").replace('"', "")
    for quoted in (
        f"Invalid value: '{plain}'.",
        f'Unknown text "{plain}" here',
        f"“{plain}” is odd",
    ):
        assert read_complaint(400, quoted) is None


@pytest.mark.parametrize(
    "message",
    [
        "prompt is too long: 300000 tokens > 200000 maximum",
        "The requested model is not supported.",
        "Unknown parameter: 'input[2].content'.",
        "max_tokens: 64001 > 64000",
    ],
)
def test_other_refusals_are_not_about_these(message: str) -> None:
    assert read_complaint(400, message) is None


def test_every_demanded_rule_stands_in_the_table_as_one_to_wait_for() -> None:
    waiting = {rule.name for rules in TABLE.values() for rule in rules if rule.when_refused}
    demanded = {name for names in DEMANDED_RULES.values() for name in names}
    assert demanded == waiting


def test_refused_proofs_go_from_the_thinking_and_from_the_calls() -> None:
    chat = DialectName.OPENAI_CHAT
    proof = Opaque(chat, "thought_signature", "sig")
    turn = AssistantMessage((ThinkingPart("hm"), ToolCallPart("c", "f", "{}", opaque=proof)))
    asked = Request("m", Context((), (UserMessage((TextPart("a"),)), turn)), chat)
    repaired = repair(asked, Complaint(ComplaintKind.THOUGHT_SIGNATURE))
    assert repaired is not None
    assert repaired.request.context.messages[1].content == (ToolCallPart("c", "f", "{}"),)
