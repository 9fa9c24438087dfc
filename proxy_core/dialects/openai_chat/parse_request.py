"""Parses a chat completion request into the canonical request."""

from __future__ import annotations

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
    ToolKind,
)
from proxy_core.dialects.openai_chat.left_out import left_out_members, left_out_of_tools
from proxy_core.dialects.openai_chat.parse_messages import MessageParser, parse_stop
from proxy_core.dialects.openai_chat.schema import KNOWN_MEMBERS, VERBOSITIES
from proxy_core.dialects.shared.json_members import (
    as_object,
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

_CHOICE_WORDS = {
    "auto": ToolChoiceKind.AUTO,
    "none": ToolChoiceKind.NONE,
    "required": ToolChoiceKind.REQUIRED,
    # Gemini's value: the model decides, and its calls are validated. Copilot CLI sends it.
    "validated": ToolChoiceKind.AUTO,
    # Mistral's value for required, sent by clients that support both.
    "any": ToolChoiceKind.REQUIRED,
}


_NESTED = {
    "response_format": frozenset({"type", "json_schema"}),
    "tool_choice": frozenset({"type", "name", "function", "custom", "allowed_tools"}),
}


def parse_request(body: Mapping[str, Any]) -> Request:
    model = required_text(body, "model")
    items = required_list(body, "messages")
    if not items:
        refuse("messages", "at least one message is required")
    system, role, messages = MessageParser().parse(items)
    stream_options = optional_object(body, "stream_options") or {}
    extra = {
        name: value
        for name, value in body.items()
        if name not in KNOWN_MEMBERS and value is not None
    }
    if more := {name: each for name, each in stream_options.items() if name != "include_usage"}:
        extra["stream_options"] = more
    extra.update(left_out_members(items))
    extra.update(left_out_of_tools(body.get("tools")))
    for name, known in _NESTED.items():
        stated = body.get(name)
        extra.update(members_beyond(stated, known, name) if isinstance(stated, dict) else ())
    return Request(
        model=model,
        context=Context(system, tuple(messages), _tools(body), role),
        dialect=DialectName.OPENAI_CHAT,
        stream=optional_bool(body, "stream") or False,
        sampling=_sampling(body),
        tool_choice=_tool_choice(body),
        reasoning=_reasoning(body),
        response_format=_response_format(body),
        include_usage=optional_bool(stream_options, "include_usage", "stream_options") or False,
        user=optional_text(body, "user"),
        extra=extra,
    )


def _sampling(body: Mapping[str, Any]) -> Sampling:
    limit = optional_int(body, "max_completion_tokens", minimum=0)
    if limit is None:
        limit = optional_int(body, "max_tokens", minimum=0)
    verbosity = optional_text(body, "verbosity")
    return Sampling(
        max_output_tokens=limit,
        temperature=optional_number(body, "temperature", minimum=0, maximum=2),
        top_p=optional_number(body, "top_p", minimum=0, maximum=1),
        top_k=optional_int(body, "top_k"),
        stop=parse_stop(body.get("stop")),
        seed=optional_int(body, "seed"),
        n=optional_int(body, "n", minimum=1),
        frequency_penalty=optional_number(body, "frequency_penalty", minimum=-2, maximum=2),
        presence_penalty=optional_number(body, "presence_penalty", minimum=-2, maximum=2),
        logprobs=optional_bool(body, "logprobs"),
        top_logprobs=optional_int(body, "top_logprobs", minimum=0),
        verbosity=verbosity and one_of(verbosity, VERBOSITIES, "verbosity"),
        parallel_tool_calls=_parallel_calls(body),
    )


def _parallel_calls(body: Mapping[str, Any]) -> bool | None:
    """The form of 2023 (``functions``) allows one call per response."""
    stated = optional_bool(body, "parallel_tool_calls")
    if stated is None and body.get("functions") and not body.get("tools"):
        return False
    return stated


def _tools(body: Mapping[str, Any]) -> tuple[Tool | ServerTool, ...]:
    tools: list[Tool | ServerTool] = []
    for position, item in enumerate(optional_list(body, "tools") or ()):
        path = f"tools[{position}]"
        tools.append(_tool(as_object(item, path), path))
    for position, item in enumerate(optional_list(body, "functions") or ()):
        path = f"functions[{position}]"
        tools.append(_function(as_object(item, path), path, None))
    return tuple(tools)


def _tool(tool: dict[str, Any], path: str) -> Tool | ServerTool:
    kind = required_text(tool, "type", path)
    if kind == "function":
        where = join(path, "function")
        return _function(as_object(tool.get("function"), where), where, _cache(tool))
    if kind == "custom":
        where = join(path, "custom")
        custom = as_object(tool.get("custom"), where)
        return Tool(
            required_text(custom, "name", where),
            optional_text(custom, "description", where),
            kind=ToolKind.CUSTOM,
            grammar=optional_object(custom, "format", where),
        )
    return ServerTool(
        kind, Opaque(DialectName.OPENAI_CHAT, "tool", msgspec.json.encode(tool).decode())
    )


def _function(function: dict[str, Any], path: str, cache: CacheMark | None) -> Tool:
    known = ("name", "description", "parameters", "strict")
    return Tool(
        required_text(function, "name", path),
        optional_text(function, "description", path),
        optional_object(function, "parameters", path),
        strict=optional_bool(function, "strict", path),
        cache=cache,
        extra={name: value for name, value in function.items() if name not in known},
    )


def _cache(tool: dict[str, Any]) -> CacheMark | None:
    mark = tool.get("copilot_cache_control") or tool.get("cache_control")
    return CacheMark() if isinstance(mark, dict) else None


def _tool_choice(body: Mapping[str, Any]) -> ToolChoice | None:
    member = "tool_choice" if body.get("tool_choice") is not None else "function_call"
    choice = body.get(member)
    if choice is None:
        return None
    if isinstance(choice, str):
        if choice not in _CHOICE_WORDS:
            refuse(member, f"must be one of none, auto, required or an object, got {choice!r}")
        return ToolChoice(_CHOICE_WORDS[choice])
    choice = as_object(choice, member)
    if member == "function_call":
        return ToolChoice(ToolChoiceKind.TOOL, (required_text(choice, "name", member),))
    kind = required_text(choice, "type", member)
    if kind in ("function", "custom"):
        return ToolChoice(ToolChoiceKind.TOOL, (_tool_name(choice, member),))
    if kind != "allowed_tools":
        refuse("tool_choice.type", f"must be function, custom or allowed_tools, got {kind!r}")
    path = "tool_choice.allowed_tools"
    allowed = as_object(choice.get("allowed_tools"), path)
    mode = one_of(required_text(allowed, "mode", path), ("auto", "required"), f"{path}.mode")
    names = tuple(
        _tool_name(as_object(tool, f"{path}.tools[{position}]"), f"{path}.tools[{position}]")
        for position, tool in enumerate(required_list(allowed, "tools", path))
    )
    return ToolChoice(ToolChoiceKind.ALLOWED, names, required=mode == "required")


def _tool_name(tool: dict[str, Any], path: str) -> str:
    kind = required_text(tool, "type", path)
    where = join(path, kind)
    if kind not in tool:  # Responses' flat form, sent by several clients.
        return required_text(tool, "name", path)
    return required_text(as_object(tool[kind], where), "name", where)


def _reasoning(body: Mapping[str, Any]) -> Reasoning | None:
    effort = optional_text(body, "reasoning_effort")
    if effort is None:
        return None
    if effort == "none":
        return Reasoning(ReasoningMode.DISABLED)
    return Reasoning(ReasoningMode.EFFORT, effort)


def _response_format(body: Mapping[str, Any]) -> ResponseFormat | None:
    wanted = optional_object(body, "response_format")
    if wanted is None:
        return None
    kind = required_text(wanted, "type", "response_format")
    one_of(kind, ("text", "json_object", "json_schema"), "response_format.type")
    if kind == "text":
        return None
    if kind == "json_object":
        return ResponseFormat(kind)
    path = "response_format.json_schema"
    schema = as_object(wanted.get("json_schema"), path)
    return ResponseFormat(
        kind,
        required_text(schema, "name", path),
        optional_object(schema, "schema", path),
        optional_bool(schema, "strict", path),
        optional_text(schema, "description", path),
    )
