"""Adapts tool schemas: a single refused one fails the whole request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    VendorFamily,
    edit_items,
)
from proxy_core.dialects.vendor_rules.schemas import gemini_schemas
from proxy_core.dialects.vendor_rules.schemas.enforced_schemas import (
    CLAUDE,
    OPENAI,
    cannot_enforce,
    every_property_is_required,
    has_open_object,
    restrict,
)
from proxy_core.dialects.vendor_rules.schemas.json_schemas import Schema
from proxy_core.dialects.vendor_rules.schemas.schema_repairs import (
    object_at_the_top,
    well_formed,
    without_schema_keyword,
)

_ODD_TYPE = re.compile(rb'"type"\s*:\s*\[|"(?:items|required)"\s*:\s*[^{\[\s]|"items"\s*:\s*\[')
_ODD_BOUND = re.compile(rb'"exclusiveM\w+"\s*:\s*[tf]')
_SUSPECT = (b'"$ref"', b'"enum"', b'"anyOf"', b'"oneOf"', b'"allOf"', b'"not"')


def edit_schemas(body: OutgoingBody, edit: Callable[[Schema | None, dict[str, Any]], Any]) -> None:
    """Edit the schema of every function: ``edit`` gets the schema and its declaring object."""
    if body.target.endpoint is Endpoint.CHAT_COMPLETIONS:

        def tool_edit(tool: dict[str, Any]) -> dict[str, Any]:
            function = tool.get("function")
            if not isinstance(function, dict):
                return tool
            edited = _edit_member(function, "parameters", edit)
            return tool if edited is function else {**tool, "function": edited}

    elif body.target.endpoint is Endpoint.RESPONSES:

        def tool_edit(tool: dict[str, Any]) -> dict[str, Any]:
            inner = tool.get("tools")
            if tool.get("type") == "namespace" and isinstance(inner, list):
                edited = edit_items(inner, tool_edit)
                return tool if edited is inner else {**tool, "tools": edited}
            return (
                _edit_member(tool, "parameters", edit) if tool.get("type") == "function" else tool
            )

    else:

        def tool_edit(tool: dict[str, Any]) -> dict[str, Any]:
            if tool.get("type") not in (None, "custom") or "name" not in tool:
                return tool
            return _edit_member(tool, "input_schema", edit)

    tools = body.items("tools")
    edited = edit_items(tools, tool_edit)
    if edited is not tools:
        body.write("tools", edited)


def _edit_member(
    holder: dict[str, Any], member: str, edit: Callable[[Schema | None, dict[str, Any]], Any]
) -> dict[str, Any]:
    schema = holder.get(member)
    edited = edit(schema if isinstance(schema, dict) else None, holder)
    return holder if edited is schema else {**holder, member: edited}


class _Function(msgspec.Struct):
    parameters: msgspec.Raw = msgspec.Raw()


class _ToolHead(msgspec.Struct):
    type: str | None = None
    function: _Function | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    input_schema: msgspec.Raw = msgspec.Raw()


_tool_heads = msgspec.json.Decoder(list[_ToolHead])


def _lacks(text: bytes, *words: bytes) -> bool:
    """Whether any function's schema contains none of ``words``; its top level may lack them."""
    try:
        tools = _tool_heads.decode(text)
    except msgspec.DecodeError:
        return True
    for tool in tools:
        if tool.type not in (None, "function", "custom"):
            continue
        holder = tool.function.parameters if tool.function is not None else tool.parameters
        schema = bytes(holder) or bytes(tool.input_schema)
        if any(word not in schema for word in words):
            return True
    return False


def _looks_odd(body: OutgoingBody) -> bool:
    """Whether a schema may violate OpenAI's requirements."""
    text = body.text("tools")
    if text is None:
        return "tools" in body
    return (
        _may_be_malformed(text)
        or text.count(b'"array"') > text.count(b'"items"')
        or _lacks(text, b'"object"', b'"properties"')
    )


def _may_be_malformed(text: bytes) -> bool:
    return (
        any(word in text for word in _SUSPECT)
        or _ODD_TYPE.search(text) is not None
        or _ODD_BOUND.search(text) is not None
    )


def _tools_word(body: OutgoingBody) -> str:
    return client_field_name(body.target.client, "tool_schema")


def _note_merged(body: OutgoingBody, old: Any, new: Any) -> None:
    if isinstance(old, dict) and any(
        word in old and word not in new for word in ("anyOf", "oneOf", "allOf", "not", "enum")
    ):
        body.drop(f"{_tools_word(body)} (alternatives at the top, merged into one object)")


def openai_tools(body: OutgoingBody) -> None:
    """Apply OpenAI's requirements for a function's parameters.

    “object schema missing properties” (inboxapi/cli#106, spring-projects/spring-ai#4776), “array schema
    missing items”, “schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at
    the top level” (anomalyco/opencode#35516).
    """

    def edit(schema: Schema | None, _: dict[str, Any]) -> Any:
        fitted = object_at_the_top(schema)
        fitted = well_formed(fitted, needs_items=True)
        if "properties" not in fitted:
            fitted = {**fitted, "properties": {}}
        _note_merged(body, schema, fitted)
        return fitted

    edit_schemas(body, edit)


def claude_tools(body: OutgoingBody) -> None:
    """Apply Anthropic's requirements for ``input_schema``, on Messages and behind chat.

    “input_schema does not support oneOf, allOf, or anyOf at the top level” (claude-code#65896);
    “JSON schema is invalid. It must match JSON Schema draft 2020-12”: no tuples and bounds of older
    drafts, no ``$schema`` that names one (VS Code strips it, copilot-protocol.md 7.3).
    """

    def edit(schema: Schema | None, _: dict[str, Any]) -> Any:
        fitted = object_at_the_top(schema)
        fitted = without_schema_keyword(well_formed(fitted, needs_items=False))
        _note_merged(body, schema, fitted)
        return fitted

    edit_schemas(body, edit)


def _claude_looks_odd(body: OutgoingBody) -> bool:
    text = body.text("tools")
    if text is None:
        return "tools" in body
    return b'"$schema"' in text or _may_be_malformed(text) or _lacks(text, b'"object"')


def gemini_tools(body: OutgoingBody) -> None:
    """Reduce every schema to the subset of OpenAPI that Gemini behind Copilot accepts.

    Lists of types and enums of numbers (NousResearch/hermes-agent#30676, github/copilot-cli#4623),
    enums on arrays (github/copilot-cli#4835), ``not`` and lists of types (openclaw/openclaw#61206),
    references and unions with null (open-webui/computer#87) are each a bare 400 for the whole request.
    """

    def edit(schema: Schema | None, _: dict[str, Any]) -> Any:
        top = object_at_the_top(schema)
        fitted = gemini_schemas.subset(top)
        if "properties" not in fitted:
            fitted["properties"] = {}
        _note_merged(body, schema, fitted)
        return top if schema is top and fitted == top else fitted

    edit_schemas(body, edit)


def reduced_tools(body: OutgoingBody) -> None:
    """For a model that refused a schema: use the smallest subset, which every vendor accepts.

    A grammar needs more than the subset allows, so ``strict`` is removed.
    """
    _loosen(body, lambda _, holder: holder.get("strict") is True)
    gemini_tools(body)


def strict_tools(body: OutgoingBody) -> None:
    """Close the schema of a tool with ``strict``, or remove ``strict``.

    OpenAI: “'additionalProperties' is required to be supplied and to be false”, and every property
    must be required; making an optional one nullable would send tools an unexpected null, so such a
    tool is offered without ``strict``. Anthropic: the same without the second requirement.
    """
    subset = CLAUDE if body.target.family is VendorFamily.ANTHROPIC else OPENAI

    def edit(schema: Schema | None, holder: dict[str, Any]) -> Any:
        if holder.get("strict") is not True or schema is None or loosens(schema, holder):
            return schema
        return restrict(schema, subset)

    def loosens(schema: Schema | None, holder: dict[str, Any]) -> bool:
        if holder.get("strict") is not True or schema is None:
            return False
        if subset is CLAUDE:
            return cannot_enforce(schema)
        return has_open_object(schema) or not every_property_is_required(schema)

    edit_schemas(body, edit)
    _loosen(body, loosens)


def _loosen(body: OutgoingBody, loosens: Callable[[Schema | None, dict[str, Any]], bool]) -> None:
    member = "input_schema" if body.target.endpoint is Endpoint.MESSAGES else "parameters"

    def edit(tool: dict[str, Any]) -> dict[str, Any]:
        inner = tool.get("function")
        holder = inner if isinstance(inner, dict) else tool
        schema = holder.get(member)
        if not loosens(schema if isinstance(schema, dict) else None, holder):
            return tool
        body.drop("tools[].strict")
        loose = {**holder, "strict": False}
        if body.target.endpoint is Endpoint.MESSAGES:
            del loose["strict"]
        return {**tool, "function": loose} if holder is inner else loose

    tools = body.items("tools")
    edited = edit_items(tools, edit)
    if edited is not tools:
        body.write("tools", edited)


def _asks_strictness(body: OutgoingBody) -> bool:
    text = body.text("tools")
    return "tools" in body if text is None else _STRICT.search(text) is not None


_STRICT = re.compile(rb'"strict"\s*:\s*true')

_TOOLS = ("tools",)
OPENAI_TOOLS = Rule("tool schemas", openai_tools, _looks_odd, members=_TOOLS)
CLAUDE_TOOLS = Rule("tool schemas", claude_tools, _claude_looks_odd, members=_TOOLS)
GEMINI_TOOLS = Rule("tool schemas", gemini_tools, lambda body: "tools" in body, members=_TOOLS)
STRICT_TOOLS = Rule("strict tools", strict_tools, _asks_strictness, members=_TOOLS)
REDUCED_TOOLS = Rule("tool schemas reduced", reduced_tools, when_refused=True)
