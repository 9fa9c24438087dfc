"""The response format that a client requests: fulfilled or refused, never dropped."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.tool_names import wire_name
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule, VendorFamily
from proxy_core.dialects.vendor_rules.schemas import gemini_schemas
from proxy_core.dialects.vendor_rules.schemas.enforced_schemas import (
    CLAUDE,
    OPENAI,
    cannot_enforce,
    has_open_object,
    restrict,
)
from proxy_core.dialects.vendor_rules.schemas.json_schemas import Schema
from proxy_core.dialects.vendor_rules.schemas.schema_repairs import object_at_the_top, well_formed

_FORMAT_MEMBERS = ("type", "schema")
"""All members of ``output_config.format``; a name or ``strict`` is refused (copilot-protocol.md 7.1)."""
ONE_OBJECT = "Answer with one JSON object and nothing else."


def claude_format(body: OutgoingBody) -> None:
    """``output_config.format`` in the subset Anthropic enforces.

    ``output_format`` was the member's name while it was a beta, and SDKs of 2025 still send it
    (juspay/neurolink#1691). A schema that cannot be enforced is put into an instruction.
    """
    config = body.read("output_config")
    config = dict(config) if isinstance(config, dict) else {}
    if "output_format" in body:
        old = body.read("output_format")
        body.remove("output_format")
        if old is not None and config.get("format") is None:
            config["format"] = old
            body.write("output_config", config)
    wanted = config.get("format")
    if not isinstance(wanted, dict):
        return
    inner = wanted.get("json_schema")
    stated = inner if isinstance(inner, dict) else wanted
    schema = stated.get("schema")
    if not isinstance(schema, dict) or wanted.get("type") != "json_schema":
        return
    if cannot_enforce(schema):
        rest = {name: value for name, value in config.items() if name != "format"}
        if rest:
            body.write("output_config", rest)
        else:
            body.remove("output_config")
        _ask_in_words(body, schema)
        return
    fitted = restrict(schema, CLAUDE)
    if fitted is schema and wanted.keys() == set(_FORMAT_MEMBERS):
        return
    config["format"] = {"type": "json_schema", "schema": fitted}
    body.write("output_config", config)


def chat_format(body: OutgoingBody) -> None:
    """``response_format`` of a chat completion, for whichever vendor is behind it."""
    wanted = body.read("response_format")
    stated = wanted.get("json_schema") if isinstance(wanted, dict) else None
    if not isinstance(stated, dict) or not isinstance(stated.get("schema"), dict):
        return
    fitted = _fitted(body, stated)
    if fitted is None:
        body.write("response_format", {"type": "json_object"})
        _ask_in_words(body, stated["schema"])
    elif fitted is not stated:
        body.write("response_format", {**wanted, "json_schema": fitted})


def responses_format(body: OutgoingBody) -> None:
    """``text.format`` of a Responses request."""
    text = body.read("text")
    stated = text.get("format") if isinstance(text, dict) else None
    if not isinstance(stated, dict) or not isinstance(stated.get("schema"), dict):
        return
    fitted = _fitted(body, stated)
    if fitted is None:
        body.write("text", {**text, "format": {"type": "json_object"}})
        _ask_in_words(body, stated["schema"])
    elif fitted is not stated:
        body.write("text", {**text, "format": fitted})


def _fitted(body: OutgoingBody, stated: dict[str, Any]) -> dict[str, Any] | None:
    """Return the format with its schema restricted, itself if unchanged, None if not enforceable."""
    schema: Schema = stated["schema"]
    family = body.target.family
    if family is VendorFamily.GOOGLE:
        new: Schema = gemini_schemas.subset(schema)
        new = schema if new == schema else new
    elif family is VendorFamily.ANTHROPIC:
        if cannot_enforce(schema):
            return None
        new = restrict(schema, CLAUDE)
    elif stated.get("strict") is True and not has_open_object(schema):
        new = restrict(schema, OPENAI)
    else:
        if stated.get("strict") is True:
            # Strict mode has no maps; a schema with them is sent without ``strict``.
            body.drop(f"{client_field_name(body.target.client, 'response_format')}.strict")
            stated = {**stated, "strict": False}
        new = well_formed(object_at_the_top(schema), needs_items=True)
    name = stated.get("name")
    legal = wire_name(name) if isinstance(name, str) and name else name
    if new is schema and legal == name:
        return stated
    return {**stated, "schema": new, **({"name": legal} if legal != name else {})}


def in_words(body: OutgoingBody) -> None:
    """Ask for the format in an instruction, for a model that refused the schema."""
    if body.target.endpoint is Endpoint.MESSAGES:
        config = body.read("output_config")
        wanted = config.get("format") if isinstance(config, dict) else None
        if not isinstance(wanted, dict) or not isinstance(wanted.get("schema"), dict):
            return
        rest = {name: value for name, value in config.items() if name != "format"}
        if rest:
            body.write("output_config", rest)
        else:
            body.remove("output_config")
        _ask_in_words(body, wanted["schema"])
        return
    member = "response_format" if body.target.endpoint is Endpoint.CHAT_COMPLETIONS else "text"
    holder = body.read(member)
    name = "json_schema" if member == "response_format" else "format"
    stated = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(stated, dict) or not isinstance(stated.get("schema"), dict):
        return
    if member == "response_format":
        body.write(member, {"type": "json_object"})
    else:
        body.write(member, {**holder, "format": {"type": "json_object"}})
    _ask_in_words(body, stated["schema"])


def _ask_in_words(body: OutgoingBody, schema: Schema) -> None:
    words = msgspec.json.encode(schema).decode()
    instruction = f"{ONE_OBJECT} It matches this JSON Schema:\n{words}"
    body.drop(f"{client_field_name(body.target.client, 'response_format')} (asked for in words)")
    if body.target.endpoint is Endpoint.MESSAGES:
        system = body.read("system")
        blocks = (
            [{"type": "text", "text": system}] if isinstance(system, str) and system else system
        )
        blocks = blocks if isinstance(blocks, list) else []
        body.write("system", [*blocks, {"type": "text", "text": instruction}])
    elif body.target.endpoint is Endpoint.CHAT_COMPLETIONS:
        messages = body.items("messages")
        leading = 0
        while leading < len(messages) and _is_instruction(messages[leading]):
            leading += 1
        instruction_message = {"role": "system", "content": instruction}
        body.write("messages", [*messages[:leading], instruction_message, *messages[leading:]])
    else:
        stated = body.read("instructions")
        body.write("instructions", f"{stated}\n\n{instruction}" if stated else instruction)


def _is_instruction(message: object) -> bool:
    return isinstance(message, dict) and message.get("role") in ("system", "developer")


CLAUDE_FORMAT = Rule(
    "structured output",
    claude_format,
    lambda body: "output_format" in body or body.holds("output_config", b'"format"'),
    members=("output_format", "output_config"),
)
CHAT_FORMAT = Rule(
    "structured output",
    chat_format,
    lambda body: body.holds("response_format", b'"json_schema"'),
    members=("response_format",),
)
RESPONSES_FORMAT = Rule(
    "structured output",
    responses_format,
    lambda body: body.holds("text", b'"json_schema"'),
    members=("text",),
)
FORMAT_IN_WORDS = Rule("structured output in words", in_words, when_refused=True)
