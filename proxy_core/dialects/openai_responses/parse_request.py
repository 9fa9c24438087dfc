"""Parses a decoded Responses body into the canonical request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.canonical.request import (
    Context,
    DialectName,
    Message,
    Reasoning,
    ReasoningMode,
    Request,
    ResponseFormat,
    Sampling,
    ServerTool,
    SystemMessage,
    SystemRole,
    TextPart,
    Tool,
)
from proxy_core.copilot_facts.efforts import EFFORTS
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.left_out import (
    left_out_members,
    left_out_of_tools,
)
from proxy_core.dialects.openai_responses.parse_input import parse_input
from proxy_core.dialects.openai_responses.session.stored_state import refuse_stored_state
from proxy_core.dialects.openai_responses.tools.parse_tools import (
    is_plain_choice,
    parse_tool_choice,
    parse_tools,
)
from proxy_core.dialects.shared.json_members import (
    as_text,
    members_beyond,
    one_of,
    optional_bool,
    optional_int,
    optional_list,
    optional_number,
    optional_object,
    optional_text,
    refuse,
    required_text,
)

_UNDERSTOOD_INCLUDES = (schema.ENCRYPTED_REASONING, schema.LOGPROBS)
_FORMAT = frozenset({"type", "name", "schema", "strict", "description"})
_REASONING_MEMBERS = {"effort", "summary", "generate_summary"}


def parse_request(body: Mapping[str, Any]) -> Request:
    """Parse a decoded body.

    ``extra`` holds members specific to this dialect, also those below ``reasoning`` and
    ``tool_choice`` that the canonical form lacks.

    Raises:
        BadRequest: a member is missing, of the wrong type or value, or needs stored state.
    """
    model = required_text(body, "model")
    refuse_stored_state(body)
    if body.get("input") is None:
        refuse("input", "this member is required")
    parsed = parse_input(body["input"])
    system_prompt, system_role, messages = _split_system(body, parsed.messages)
    response_format, verbosity = _parse_text(body)
    include = _parse_include(body)
    return Request(
        model=model,
        context=Context(
            system_prompt=system_prompt,
            messages=messages,
            tools=_all_tools(parse_tools(body.get("tools")), parsed.tools),
            system_role=system_role,
        ),
        dialect=DialectName.OPENAI_RESPONSES,
        stream=optional_bool(body, "stream") or False,
        sampling=Sampling(
            max_output_tokens=optional_int(body, "max_output_tokens", minimum=0),
            temperature=optional_number(body, "temperature", minimum=0, maximum=2),
            top_p=optional_number(body, "top_p", minimum=0, maximum=1),
            logprobs=True if schema.LOGPROBS in include else None,
            top_logprobs=optional_int(body, "top_logprobs", minimum=0),
            verbosity=verbosity,
            parallel_tool_calls=optional_bool(body, "parallel_tool_calls"),
        ),
        tool_choice=parse_tool_choice(body.get("tool_choice")),
        reasoning=_parse_reasoning(body),
        response_format=response_format,
        user=optional_text(body, "user"),
        extra=_parse_extra(body, include),
    )


def _all_tools(
    stated: list[Tool | ServerTool], added: tuple[Tool | ServerTool, ...]
) -> tuple[Tool | ServerTool, ...]:
    """Return the tools of the request and of its conversation, without duplicates."""
    names = {(each.name, each.namespace) for each in stated if isinstance(each, Tool)}
    new = (
        each
        for each in added
        if not (isinstance(each, Tool) and each.is_found and (each.name, each.namespace) in names)
    )
    return (*stated, *new)


def _split_system(
    body: Mapping[str, Any], messages: tuple[Message, ...]
) -> tuple[tuple[TextPart, ...], SystemRole, tuple[Message, ...]]:
    """Return the system prompt, its role, and the remaining messages.

    The prompt is ``instructions`` and all leading messages that are only text: the other dialects
    have one place for it (Codex sends several developer messages). Its role is ``developer`` if any
    part's was.
    """
    instructions = optional_text(body, "instructions")
    prompt = [] if instructions is None else [TextPart(instructions)]
    role = SystemRole.SYSTEM
    taken = 0
    for message in messages:
        if not isinstance(message, SystemMessage):
            break
        texts = [each for each in message.content if isinstance(each, TextPart)]
        if len(texts) != len(message.content):
            break
        if texts and message.role is SystemRole.DEVELOPER:
            role = SystemRole.DEVELOPER
        prompt.extend(texts)
        taken += 1
    return tuple(prompt), role, messages[taken:]


def _parse_text(body: Mapping[str, Any]) -> tuple[ResponseFormat | None, str | None]:
    stated = optional_object(body, "text")
    if stated is None:
        return None, None
    verbosity = optional_text(stated, "verbosity", "text")
    if verbosity is not None:
        one_of(verbosity, schema.VERBOSITIES, "text.verbosity")
    return _parse_format(optional_object(stated, "format", "text")), verbosity


def _parse_format(stated: dict[str, Any] | None) -> ResponseFormat | None:
    if stated is None:
        return None
    kind = required_text(stated, "type", "text.format")
    one_of(kind, schema.TEXT_FORMATS, "text.format.type")
    if kind == "text":
        return None
    if kind == "json_object":
        return ResponseFormat(kind)
    if stated.get("schema") is None:
        refuse("text.format.schema", "this member is required")
    return ResponseFormat(
        kind=kind,
        name=required_text(stated, "name", "text.format"),
        schema=optional_object(stated, "schema", "text.format"),
        strict=optional_bool(stated, "strict", "text.format"),
        description=optional_text(stated, "description", "text.format"),
    )


def _parse_reasoning(body: Mapping[str, Any]) -> Reasoning | None:
    stated = optional_object(body, "reasoning")
    if not stated:
        return None
    effort = optional_text(stated, "effort", "reasoning")
    if effort is not None:
        one_of(effort, EFFORTS, "reasoning.effort")
    summary = optional_text(stated, "summary", "reasoning") or optional_text(
        stated, "generate_summary", "reasoning"
    )
    if summary is not None:
        one_of(summary, schema.SUMMARIES, "reasoning.summary")
    if effort == "none":
        return Reasoning(ReasoningMode.DISABLED, summary=summary)
    return Reasoning(ReasoningMode.EFFORT, effort=effort, summary=summary)


def _parse_include(body: Mapping[str, Any]) -> list[str]:
    stated = optional_list(body, "include") or []
    return [as_text(each, f"include[{i}]") for i, each in enumerate(stated)]


def _parse_extra(body: Mapping[str, Any], include: list[str]) -> dict[str, Any]:
    extra = {
        name: value
        for name, value in body.items()
        if name not in schema.PARSED_MEMBERS and value is not None
    }
    # Values that every request has anyway, or that are stated elsewhere, are not kept.
    extra.pop("include", None)
    if more_included := [each for each in include if each not in _UNDERSTOOD_INCLUDES]:
        extra["include"] = more_included
    if extra.get("store") is False:
        del extra["store"]
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict):
        more = {name: each for name, each in reasoning.items() if name not in _REASONING_MEMBERS}
        if more:
            extra["reasoning"] = more
    if not is_plain_choice(body.get("tool_choice")):
        extra["tool_choice"] = body["tool_choice"]
    extra.update(left_out_members(body.get("input")))
    extra.update(left_out_of_tools(body.get("tools")))
    text = optional_object(body, "text") or {}
    extra.update(members_beyond(text, frozenset({"format", "verbosity"}), "text"))
    form = optional_object(text, "format", "text") or {}
    extra.update(members_beyond(form, _FORMAT, "text.format"))
    return extra
