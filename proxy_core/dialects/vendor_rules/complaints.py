"""Reads the cause of a refused conversation from upstream's message. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from proxy_core.dialects.vendor_rules import (
    call_ids,
    client_items,
    content_parts,
    conversation_end,
    sampling,
    thinking,
    thought_signatures,
    tool_choice,
)
from proxy_core.dialects.vendor_rules.schemas import structured_output, tool_schemas, unique_tools


class ComplaintKind(StrEnum):
    """The known causes of a refusal."""

    TOOL_TURNS = "tool_turns"
    SIGNATURE = "signature"
    MISSING_THINKING = "missing_thinking"
    """With a thinking budget, the turn whose tools have results must begin with its thinking."""
    ONLY_ADAPTIVE = "only_adaptive"
    ONLY_BUDGET = "only_budget"
    """The model's entry lists a form of thinking that its endpoint refuses."""
    ENCRYPTED_CONTENT = "encrypted_content"
    NO_VISION = "no_vision"
    TOO_MANY_IMAGES = "too_many_images"
    BODY_TOO_LARGE = "body_too_large"
    BLANK_TEXT = "blank_text"
    OUTPUT_ROOM = "output_room"
    UNREADABLE_IMAGE = "unreadable_image"
    TOOL_SCHEMA = "tool_schema"
    OUTPUT_SCHEMA = "output_schema"
    CALL_ID = "call_id"
    PREFILL = "prefill"
    DOCUMENT = "document"
    DEVELOPER_ROLE = "developer_role"
    EFFORT = "effort"
    FORCED_TOOL = "forced_tool"
    TOOL_CHOICE = "tool_choice"
    TWO_SAMPLINGS = "two_samplings"
    SAMPLING = "sampling"
    SAME_TOOLS = "same_tools"
    ADDITIONAL_TOOLS = "additional_tools"
    NAMESPACE = "namespace"
    RESULT_IMAGE = "result_image"
    """An image in a tool's result, where the endpoint accepts only text."""
    VENDOR_TOOLS = "vendor_tools"
    """A kind of tool or item of OpenAI's own, which this model does not know."""
    THOUGHT_SIGNATURE = "thought_signature"
    """Gemini requires a thought signature in a tool loop that another model began, or rejects it."""


DEMANDED_RULES: Mapping[ComplaintKind, frozenset[str]] = {
    kind: frozenset(rule.name for rule in rules)
    for kind, rules in (
        (ComplaintKind.TOOL_SCHEMA, (tool_schemas.REDUCED_TOOLS,)),
        (ComplaintKind.OUTPUT_SCHEMA, (structured_output.FORMAT_IN_WORDS,)),
        (ComplaintKind.CALL_ID, (call_ids.PLAIN_IDS,)),
        (ComplaintKind.PREFILL, (conversation_end.USER_END,)),
        (ComplaintKind.DOCUMENT, (content_parts.DOCUMENTS_IN_WORDS,)),
        (ComplaintKind.DEVELOPER_ROLE, (content_parts.SYSTEM_ROLE,)),
        (ComplaintKind.EFFORT, (thinking.NO_EFFORT,)),
        (ComplaintKind.FORCED_TOOL, (thinking.NO_THINKING,)),
        (ComplaintKind.TOOL_CHOICE, (tool_choice.PLAIN_TOOL_CHOICE,)),
        (ComplaintKind.TWO_SAMPLINGS, (sampling.ONE_SAMPLING,)),
        (ComplaintKind.SAME_TOOLS, (unique_tools.UNIQUE_TOOLS,)),
        (ComplaintKind.SAMPLING, (sampling.NO_SAMPLING,)),
        (ComplaintKind.ADDITIONAL_TOOLS, (client_items.HOISTED_TOOLS,)),
        (ComplaintKind.NAMESPACE, (client_items.FLAT_NAMESPACES,)),
        (ComplaintKind.RESULT_IMAGE, (client_items.RESULT_IMAGES,)),
        (ComplaintKind.THOUGHT_SIGNATURE, (thought_signatures.CALLS_IN_WORDS,)),
    )
}
"""Complaints about the form of a request: handled by rules of the vendor's table, on the body as
sent, and remembered for the model. All others are about one conversation's history.
"""


_TEXTS: tuple[tuple[ComplaintKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for kind, pattern in (
        (
            ComplaintKind.TOOL_TURNS,
            (
                r"`?tool_use`? ids (?:were found without|must be unique)|unexpected `tool_use_id` found"
                r"|must be followed by tool messages responding to|must be a response to a prece"
                r"|No tool (?:output|call) found for function call"
                r"|each `?tool_use`? (?:block )?must have a (?:single|corresponding)"
            ),
        ),
        (
            ComplaintKind.SIGNATURE,
            (
                r"Invalid `?(?:signature|data)`? in `?(?:redacted_)?thinking`? block"
                r"|thinking\.signature: Field required"
                r"|`?thinking`? (?:or `redacted_thinking` )?blocks .{0,60}cannot be modified"
                # A gateway rewrote what the signature covers (Claude Code's gateway document).
                r"|bound to a different conversation"
                # Empty thinking with a signature (github/CopilotForXcode#703).
                r"|each thinking block must contain thinking"
            ),
        ),
        (
            ComplaintKind.MISSING_THINKING,
            r"Expected `thinking` or `redacted_thinking`, but found",
        ),
        (ComplaintKind.ONLY_ADAPTIVE, r"thinking\.type\.enabled\W{0,3} is not supported"),
        (ComplaintKind.ONLY_BUDGET, r"adaptive thinking is not supported"),
        (
            ComplaintKind.ENCRYPTED_CONTENT,
            (
                r"Encrypted content .{0,80}could not be (?:decrypted|verified|parsed)"
                r"|Encrypted content item_id did not match"
            ),
        ),
        (
            ComplaintKind.NO_VISION,
            (
                r"vision is not (?:enabled|supported)|not supported for vision"
                r"|does not support (?:vision|image)|image input is not supported"
            ),
        ),
        (ComplaintKind.TOO_MANY_IMAGES, r"too many images"),
        (
            ComplaintKind.BLANK_TEXT,
            r"text content blocks must (?:be non-empty|contain non-whitespace)",
        ),
        (
            ComplaintKind.UNREADABLE_IMAGE,
            (
                r"could not process image|does not represent a valid image|invalid image data"
                r"|the image appears to be an? "
            ),
        ),
        (
            ComplaintKind.SAME_TOOLS,
            r"tool names must be unique|duplicate function (?:declaration|name)",
        ),
        (
            ComplaintKind.OUTPUT_SCHEMA,
            (
                r"Invalid schema for response_format|output_(?:config\.)?format\b"
                r"|'additionalProperties' must be explicitly set to false"
                r"|For '\w+' type, property '\w+' is not supported|Invalid schema for text\.format"
            ),
        ),
        (
            ComplaintKind.TOOL_SCHEMA,
            (
                r"input_schema does not support|Invalid schema for function|JSON schema is invalid"
                r"|(?:array|object) schema missing (?:items|properties)|schema must have type"
                r"|function_declarations\[\d+\]|tools\.\d+\.(?:custom\.)?input_schema"
            ),
        ),
        (
            ComplaintKind.CALL_ID,
            (
                r"should match pattern '\^\[a-zA-Z0-9_-\]"
                r"|(?:tool_calls\[\d+\]\.id|tool_call_id|call_id)'?: string too long"
            ),
        ),
        (
            ComplaintKind.PREFILL,
            (
                r"does not support assistant message prefill|must end with a user (?:message|role|turn)"
                r"|assistant content cannot end with trailing whitespace|ends? with a user role"
            ),
        ),
        (
            ComplaintKind.DOCUMENT,
            (
                r"type has to be either 'image_url' or 'text'|Invalid value: '(?:input_)?file'"
                r"|documents? (?:is|are|input is) not supported|Input tag 'document'"
                r"|does not support (?:PDF|file|document)"
            ),
        ),
        (
            ComplaintKind.DEVELOPER_ROLE,
            r"does not support 'developer'|Invalid value: 'developer'|Unexpected role .developer",
        ),
        (ComplaintKind.ADDITIONAL_TOOLS, r"Invalid value: 'additional_tools'"),
        (
            ComplaintKind.NAMESPACE,
            (
                r"Invalid value: 'namespace'|Unknown parameter: 'input\[\d+\]\.namespace'"
                r"|namespace tools? .{0,40}not supported"
            ),
        ),
        (ComplaintKind.RESULT_IMAGE, r"Invalid value: 'input_(?:image|file)'"),
        (
            ComplaintKind.FORCED_TOOL,
            r"thinking may not be enabled when tool_choice forces|thinking .{0,40}forced tool",
        ),
        (
            ComplaintKind.EFFORT,
            (
                r"not support the (?:reasoning.)?effort parameter|effort.{0,40}is not supported"
                r"|effort .{0,40}when thinking is disabled"
            ),
        ),
        (
            ComplaintKind.TOOL_CHOICE,
            r"Invalid value: '(?:allowed_tools|validated)'|tool_choice.{0,20}allowed_tools",
        ),
        (
            ComplaintKind.TWO_SAMPLINGS,
            r"`?temperature`? and `?top_p`? cannot both be specified",
        ),
        (
            ComplaintKind.SAMPLING,
            (
                r"`?(?:temperature|top_p|top_k)`? (?:is deprecated for this model"
                r"|may only be set to 1 when|must be (?:unset|greater .{0,40}) when thinking)"
            ),
        ),
        (
            ComplaintKind.THOUGHT_SIGNATURE,
            r"missing a `?thought_signature|thought.signature is not valid",
        ),
        (
            ComplaintKind.VENDOR_TOOLS,
            (
                r"Invalid value: '(?:(?:local_)?shell|apply_patch|tool_search|computer|mcp|program"
                r"|image_generation|file_search|code_interpreter|configuration_update|compaction_sum)"
            ),
        ),
        (ComplaintKind.OUTPUT_ROOM, r"input length and `?max_tokens`? exceed context limit"),
    )
)
_CODES = {
    "invalid_encrypted_content": ComplaintKind.ENCRYPTED_CONTENT,
    "vision_not_supported": ComplaintKind.NO_VISION,
    "invalid_reasoning_effort": ComplaintKind.EFFORT,
}
_DEEPEST_WRAPPING = 3
_QUOTED = re.compile(r"(?<!\w)'[^'\n]*'(?!\w)|\"[^\"]*\"|“[^”]*”|`[^`]*`")
_SPACE = re.compile(r"\s")
_IMAGE_LIMIT = re.compile(r"(\d+)\s*>\s*(\d+)|maximum[^\d]{0,30}(\d+)", re.IGNORECASE)
_ROOM = re.compile(r"(\d+) \+ (\d+) > (\d+)")


@dataclass(frozen=True, slots=True)
class Complaint:
    """The cause of a refusal. ``limit``: images allowed, or tokens left, if stated."""

    kind: ComplaintKind
    limit: int | None = None


def read_complaint(status: int, message: str, code: str | None = None) -> Complaint | None:
    """Return the cause of a refusal about the conversation; None for any other text."""
    if status == 413:
        return Complaint(ComplaintKind.BODY_TOO_LARGE)
    if status not in (400, 403, 422):
        return None
    known = _CODES.get(code or "")
    if known is not None:
        return Complaint(known)
    own_text = _own_words(message)
    for kind, pattern in _TEXTS:
        if pattern.search(own_text):
            return Complaint(kind, _limit(kind, own_text))
    return None


def _own_words(message: str) -> str:
    """Return a refusal without text it may quote from the request, which must not be matched.

    Quoted names are the vendor's own; quotes with a space are not. Google's errors are nested JSON.
    """
    for _ in range(_DEEPEST_WRAPPING):
        if not message.lstrip().startswith("{"):
            break
        try:
            inner = msgspec.json.decode(message)
        except msgspec.DecodeError:
            break
        inner = inner.get("error", inner) if isinstance(inner, dict) else None
        inner = inner.get("message") if isinstance(inner, dict) else None
        if not isinstance(inner, str):
            break
        message = inner
    return _QUOTED.sub(lambda quote: "''" if _SPACE.search(quote[0]) else quote[0], message)


def _limit(kind: ComplaintKind, message: str) -> int | None:
    if kind is ComplaintKind.TOO_MANY_IMAGES and (found := _IMAGE_LIMIT.search(message)):
        return int(found[2] or found[3])
    if kind is ComplaintKind.OUTPUT_ROOM and (found := _ROOM.search(message)):
        return int(found[3]) - int(found[1])
    return None
