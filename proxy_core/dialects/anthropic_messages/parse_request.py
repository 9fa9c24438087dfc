"""Parses a Messages request into the canonical request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    CacheMark,
    Context,
    DialectName,
    Opaque,
    Reasoning,
    ReasoningMode,
    Request,
    ResponseFormat,
    Sampling,
    ServerTool,
    Tool,
    ToolChoice,
    ToolChoiceKind,
)
from proxy_core.copilot_facts.member_rules import BETWEEN_TOOLS, THINKING_TYPES
from proxy_core.copilot_facts.members import REFUSED_MESSAGE_MEMBERS
from proxy_core.dialects.anthropic_messages.left_out import left_out_members
from proxy_core.dialects.anthropic_messages.parse_messages import parse_messages, parse_system
from proxy_core.dialects.anthropic_messages.schema import (
    BILLING_LINE,
    KNOWN_MEMBERS,
    THINKING_MEMBERS,
)
from proxy_core.dialects.shared.json_members import (
    as_object,
    as_text,
    join,
    members_beyond,
    one_of,
    optional_bool,
    optional_int,
    optional_list,
    optional_number,
    optional_object,
    optional_text,
    refuse,
    required_list,
    required_text,
)

MESSAGES = DialectName.ANTHROPIC_MESSAGES
_DATE = re.compile(r"_\d{8}$")
_CHOICE_KINDS = {
    "auto": ToolChoiceKind.AUTO,
    "any": ToolChoiceKind.REQUIRED,
    "none": ToolChoiceKind.NONE,
    "tool": ToolChoiceKind.TOOL,
}
_NESTED = {
    "thinking": THINKING_MEMBERS,
    "tool_choice": frozenset({"type", "name", "disable_parallel_tool_use"}),
}
_TOOL_MEMBERS = ("type", "name", "description", "input_schema", "strict", "cache_control")


def parse_request(body: Mapping[str, Any]) -> Request:
    """Parse a body of ``/v1/messages`` or ``/v1/messages/count_tokens``.

    ``max_tokens`` may be missing: the second of the two has none.
    """
    model = required_text(body, "model")
    items = required_list(body, "messages")
    if not items:
        refuse("messages", "at least one message is required")
    output_config = dict(optional_object(body, "output_config") or {})
    metadata = dict(optional_object(body, "metadata") or {})
    user = optional_text(metadata, "user_id", "metadata")
    response_format = _response_format(body, output_config)
    choice, parallel = _tool_choice(body)
    extra = {
        name: value
        for name, value in body.items()
        if name not in KNOWN_MEMBERS and value is not None
    }
    extra.update(_left_over("output_config", output_config, ("effort", "format")))
    extra.update(_left_over("metadata", metadata, ("user_id",)))
    system = parse_system(body.get("system"))
    if system and BILLING_LINE.fullmatch(system[0].text):
        extra["system[0] (billing line)"] = system[0].text
        system = system[1:]
    for item in items:
        if isinstance(item, dict) and not REFUSED_MESSAGE_MEMBERS.isdisjoint(item):
            for name in REFUSED_MESSAGE_MEMBERS & item.keys():
                extra[f"messages[].{name}"] = item[name]
    extra.update(left_out_members(items))
    if (optional_object(body, "thinking") or {}).get("type") == BETWEEN_TOOLS:
        extra["thinking.type (adaptive instead)"] = BETWEEN_TOOLS
    for name, known in _NESTED.items():
        extra.update(members_beyond(optional_object(body, name) or {}, known, name))
    return Request(
        model=model,
        context=Context(system, tuple(parse_messages(items)), _tools(body)),
        dialect=MESSAGES,
        stream=optional_bool(body, "stream") or False,
        sampling=Sampling(
            max_output_tokens=optional_int(body, "max_tokens", minimum=0),
            temperature=optional_number(body, "temperature", minimum=0, maximum=1),
            top_p=optional_number(body, "top_p", minimum=0, maximum=1),
            top_k=optional_int(body, "top_k", minimum=0),
            stop=tuple(
                as_text(each, f"stop_sequences.{n}")
                for n, each in enumerate(optional_list(body, "stop_sequences") or ())
            ),
            parallel_tool_calls=parallel,
        ),
        tool_choice=choice,
        reasoning=parse_reasoning(body),
        response_format=response_format,
        include_usage=True,
        user=user,
        extra=extra,
    )


def _left_over(member: str, value: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    rest = {name: each for name, each in value.items() if name not in known}
    return {member: rest} if rest else {}


def _tools(body: Mapping[str, Any]) -> tuple[Tool | ServerTool, ...]:
    tools: list[Tool | ServerTool] = []
    for position, item in enumerate(optional_list(body, "tools") or ()):
        path = f"tools.{position}"
        tools.append(_tool(as_object(item, path), path))
    return tuple(tools)


def _tool(tool: dict[str, Any], path: str) -> Tool | ServerTool:
    kind = optional_text(tool, "type", path)
    if kind not in (None, "custom"):
        assert kind is not None
        family = _DATE.sub("", kind)
        return ServerTool(family, Opaque(MESSAGES, "tool", msgspec.json.encode(tool).decode()))
    mark = tool.get("cache_control")
    schema = tool.get("input_schema")
    if schema is None:  # as passed through: a tool without parameters
        schema = {"type": "object", "properties": {}}
    return Tool(
        required_text(tool, "name", path),
        optional_text(tool, "description", path),
        as_object(schema, join(path, "input_schema")),
        strict=optional_bool(tool, "strict", path),
        cache=CacheMark(optional_text(mark, "ttl")) if isinstance(mark, dict) else None,
        extra={name: value for name, value in tool.items() if name not in _TOOL_MEMBERS},
    )


def _tool_choice(body: Mapping[str, Any]) -> tuple[ToolChoice | None, bool | None]:
    """Return the choice and the negation of ``disable_parallel_tool_use``."""
    choice = optional_object(body, "tool_choice")
    if choice is None:
        return None, None
    kind = one_of(
        required_text(choice, "type", "tool_choice"), tuple(_CHOICE_KINDS), "tool_choice.type"
    )
    disabled = optional_bool(choice, "disable_parallel_tool_use", "tool_choice")
    parallel = None if disabled is None else not disabled
    names = (required_text(choice, "name", "tool_choice"),) if kind == "tool" else ()
    return ToolChoice(_CHOICE_KINDS[kind], names), parallel


def parse_reasoning(body: Mapping[str, Any]) -> Reasoning | None:
    """Read ``thinking`` and ``output_config.effort``."""
    output_config = optional_object(body, "output_config") or {}
    effort = optional_text(output_config, "effort", "output_config")
    thinking = optional_object(body, "thinking")
    if thinking is None:
        return None if effort is None else Reasoning(ReasoningMode.EFFORT, effort)
    kind = required_text(thinking, "type", "thinking")
    one_of(kind, THINKING_TYPES, "thinking.type")
    display = optional_text(thinking, "display", "thinking")
    if kind == "disabled":
        return Reasoning(ReasoningMode.DISABLED, effort)
    if kind in ("adaptive", BETWEEN_TOOLS):
        return Reasoning(ReasoningMode.ADAPTIVE, effort, display=display)
    budget = optional_int(thinking, "budget_tokens", "thinking", minimum=0)
    if budget is None:
        refuse("thinking.budget_tokens", "this member is required")
    return Reasoning(ReasoningMode.BUDGET, effort, budget, display)


def _response_format(
    body: Mapping[str, Any], output_config: dict[str, Any]
) -> ResponseFormat | None:
    path = "output_config.format"
    wanted = optional_object(output_config, "format", "output_config")
    if wanted is None:
        # The member's name while structured outputs were a beta.
        path = "output_format"
        wanted = optional_object(body, "output_format")
    if wanted is None:
        return None
    one_of(required_text(wanted, "type", path), ("json_schema",), join(path, "type"))
    return ResponseFormat(
        "json_schema",
        optional_text(wanted, "name", path),
        as_object(wanted.get("schema"), join(path, "schema")),
    )
