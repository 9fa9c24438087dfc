"""A decoded Responses body becomes the canonical request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.conversation import (
    Context,
    DialectName,
    Message,
    Reasoning,
    ReasoningMode,
    Request,
    ResponseFormat,
    Sampling,
    SystemMessage,
    SystemRole,
    TextPart,
)
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.checked_values import (
    array,
    missing,
    optional_flag,
    optional_number,
    optional_table,
    optional_text,
    optional_whole,
    required_text,
    text,
    wrong_value,
)
from proxy_core.dialects.openai_responses.input_parser import parse_input
from proxy_core.dialects.openai_responses.stored_state import refuse_stored_state
from proxy_core.dialects.openai_responses.tool_parser import (
    is_plain_choice,
    parse_tool_choice,
    parse_tools,
)

_PARSED_MEMBERS = {
    "input",
    "instructions",
    "max_output_tokens",
    "model",
    "parallel_tool_calls",
    "reasoning",
    "stream",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
}
"""Members that have a place of their own in the canonical request; all others are ``extra``."""

_REASONING_MEMBERS = {"effort", "summary", "generate_summary"}
_FORMATS = ("text", "json_object", "json_schema")
_VERBOSITIES = ("low", "medium", "high")
_SUMMARIES = ("auto", "concise", "detailed", "none")


def parse_request(body: Mapping[str, Any]) -> Request:
    """Parse a decoded body.

    ``extra`` keeps what only this dialect says, also below ``reasoning`` and ``tool_choice`` where
    the canonical form has no room for it.

    Raises:
        BadRequest: a member is missing, of the wrong type or value, or needs stored state.
    """
    model = required_text(body, "model", "")
    refuse_stored_state(body)
    if body.get("input") is None:
        raise missing("input")
    parsed = parse_input(body["input"])
    system_prompt, system_role, messages = _split_system(body, parsed.messages)
    response_format, verbosity = _parse_text(body)
    include = _parse_include(body)
    return Request(
        model=model,
        context=Context(
            system_prompt=system_prompt,
            messages=messages,
            tools=(*parse_tools(body.get("tools")), *parsed.tools),
            system_role=system_role,
        ),
        dialect=DialectName.OPENAI_RESPONSES,
        stream=optional_flag(body, "stream") or False,
        sampling=Sampling(
            max_output_tokens=optional_whole(body, "max_output_tokens", least=0),
            temperature=optional_number(body, "temperature", least=0, most=2),
            top_p=optional_number(body, "top_p", least=0, most=1),
            logprobs=True if schema.LOGPROBS in include else None,
            top_logprobs=optional_whole(body, "top_logprobs", least=0, most=20),
            verbosity=verbosity,
            parallel_tool_calls=optional_flag(body, "parallel_tool_calls"),
        ),
        tool_choice=parse_tool_choice(body.get("tool_choice")),
        reasoning=_parse_reasoning(body),
        response_format=response_format,
        user=optional_text(body, "user"),
        extra=_parse_extra(body, include),
    )


def _split_system(
    body: Mapping[str, Any], messages: tuple[Message, ...]
) -> tuple[tuple[TextPart, ...], SystemRole, tuple[Message, ...]]:
    """Return the system prompt, its role, and what is left of the messages.

    The prompt is ``instructions`` and all leading messages that are text alone: the other dialects
    expect the whole of it in one place (Codex sends several developer messages). It is the
    developer's where any of it was.
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
    stated = optional_table(body, "text")
    if stated is None:
        return None, None
    verbosity = optional_text(stated, "verbosity", "text")
    if verbosity is not None and verbosity not in _VERBOSITIES:
        raise wrong_value("text.verbosity", verbosity, _VERBOSITIES)
    return _parse_format(optional_table(stated, "format", "text")), verbosity


def _parse_format(stated: dict[str, Any] | None) -> ResponseFormat | None:
    if stated is None:
        return None
    kind = required_text(stated, "type", "text.format")
    if kind == "text":
        return None
    if kind == "json_object":
        return ResponseFormat(kind)
    if kind != "json_schema":
        raise wrong_value("text.format.type", kind, _FORMATS)
    if stated.get("schema") is None:
        raise missing("text.format.schema")
    return ResponseFormat(
        kind=kind,
        name=required_text(stated, "name", "text.format"),
        schema=optional_table(stated, "schema", "text.format"),
        strict=optional_flag(stated, "strict", "text.format"),
        description=optional_text(stated, "description", "text.format"),
    )


def _parse_reasoning(body: Mapping[str, Any]) -> Reasoning | None:
    stated = optional_table(body, "reasoning")
    if not stated:
        return None
    effort = optional_text(stated, "effort", "reasoning")
    if effort is not None and effort not in schema.EFFORTS:
        raise wrong_value("reasoning.effort", effort, schema.EFFORTS)
    summary = optional_text(stated, "summary", "reasoning") or optional_text(
        stated, "generate_summary", "reasoning"
    )
    if summary is not None and summary not in _SUMMARIES:
        raise wrong_value("reasoning.summary", summary, _SUMMARIES)
    if effort == "none":
        return Reasoning(ReasoningMode.DISABLED, summary=summary)
    return Reasoning(ReasoningMode.EFFORT, effort=effort, summary=summary)


def _parse_include(body: Mapping[str, Any]) -> list[str]:
    stated = body.get("include")
    if stated is None:
        return []
    return [text(each, f"include[{i}]") for i, each in enumerate(array(stated, "include"))]


def _parse_extra(body: Mapping[str, Any], include: list[str]) -> dict[str, Any]:
    extra = {
        name: value
        for name, value in body.items()
        if name not in _PARSED_MEMBERS and value is not None
    }
    if include:
        extra["include"] = include
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict):
        more = {name: each for name, each in reasoning.items() if name not in _REASONING_MEMBERS}
        if more:
            extra["reasoning"] = more
    if not is_plain_choice(body.get("tool_choice")):
        extra["tool_choice"] = body["tool_choice"]
    return extra
