"""Parses a ``generateContent`` request into the canonical request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.canonical.request import (
    Context,
    DialectName,
    Reasoning,
    ReasoningMode,
    Request,
    ResponseFormat,
    Sampling,
)
from proxy_core.dialects.gemini.fields import named, optional_fields, optional_listed
from proxy_core.dialects.gemini.parse_contents import (
    ContentsParser,
    left_out_of_contents,
    system_texts,
)
from proxy_core.dialects.gemini.parse_schema import json_schema
from proxy_core.dialects.gemini.parse_tools import parse_tool_choice, parse_tools
from proxy_core.dialects.gemini.schema import (
    DYNAMIC_BUDGET,
    KNOWN_CONFIG,
    KNOWN_MEMBERS,
    KNOWN_THINKING,
)
from proxy_core.dialects.shared.json_members import (
    as_text,
    decode_raw,
    join,
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
from proxy_core.dialects.wrapped_answers import format_of

CONFIG = "generationConfig"
_THINKING = f"{CONFIG}.thinkingConfig"
_TEXT, _JSON = "text/plain", "application/json"
_ENUM = "text/x.enum"
_LEVELS = ("minimal", "low", "medium", "high")


def parse_request(body: Mapping[str, Any]) -> Request:
    """Parse a decoded body. ``model`` and ``stream`` are added to it from the path.

    Raises BadRequest naming the offending member.
    """
    members = named(body)
    contents = optional_listed(members, "contents", "")
    if not contents:
        refuse("contents", "contents is not specified")
    if members.get("cachedContent"):
        refuse("cachedContent", "cached contents are not kept here; send the whole conversation")
    config = optional_fields(members, CONFIG, CONFIG)
    return Request(
        model=required_text(members, "model"),
        context=Context(
            system_texts(members.get("systemInstruction"), "systemInstruction"),
            tuple(ContentsParser().parse(contents)),
            parse_tools(members),
        ),
        dialect=DialectName.GEMINI,
        stream=optional_bool(members, "stream") or False,
        sampling=_sampling(config),
        tool_choice=parse_tool_choice(members),
        reasoning=_reasoning(config),
        response_format=_response_format(config),
        include_usage=True,
        extra=dict(_left_out(members, config, contents)),
    )


def shows_thoughts(members: Mapping[str, Any]) -> bool:
    """Whether valid members, raw or decoded, ask for thoughts in the answer (``includeThoughts``)."""
    name = CONFIG if CONFIG in members else "generation_config"
    config = optional_fields({CONFIG: decode_raw(members, name)}, CONFIG, CONFIG)
    return optional_fields(config, "thinkingConfig", _THINKING).get("includeThoughts") is True


def _left_out(
    members: Mapping[str, Any], config: Mapping[str, Any], contents: list[Any]
) -> Iterator[tuple[str, Any]]:
    thinking = optional_fields(config, "thinkingConfig", _THINKING)
    for holder, known, place in (
        (members, KNOWN_MEMBERS, ""),
        (config, KNOWN_CONFIG, CONFIG),
        (thinking, KNOWN_THINKING, _THINKING),
    ):
        for name, value in holder.items():
            if name not in known and value not in (None, "", [], {}):
                yield join(place, name), value
    yield from left_out_of_contents(contents)


def _sampling(config: Mapping[str, Any]) -> Sampling:
    if (optional_int(config, "candidateCount", CONFIG, minimum=1) or 1) > 1:
        refuse(f"{CONFIG}.candidateCount", "only one candidate at a time is possible here")
    stops = optional_list(config, "stopSequences", CONFIG) or ()
    return Sampling(
        max_output_tokens=optional_int(config, "maxOutputTokens", CONFIG, minimum=1),
        temperature=optional_number(config, "temperature", CONFIG, minimum=0, maximum=2),
        top_p=optional_number(config, "topP", CONFIG, minimum=0, maximum=1),
        top_k=optional_int(config, "topK", CONFIG, minimum=0),
        stop=tuple(as_text(each, f"{CONFIG}.stopSequences[{n}]") for n, each in enumerate(stops)),
        seed=optional_int(config, "seed", CONFIG),
        frequency_penalty=optional_number(config, "frequencyPenalty", CONFIG),
        presence_penalty=optional_number(config, "presencePenalty", CONFIG),
    )


def _reasoning(config: Mapping[str, Any]) -> Reasoning | None:
    """Google's models think without being asked, so a request that only wants to see it asks for it."""
    thinking = optional_fields(config, "thinkingConfig", _THINKING)
    budget = optional_int(thinking, "thinkingBudget", _THINKING, minimum=DYNAMIC_BUDGET)
    level = (optional_text(thinking, "thinkingLevel", _THINKING) or "").lower()
    is_shown = optional_bool(thinking, "includeThoughts", _THINKING) or False
    if level and level != "thinking_level_unspecified":
        effort = one_of(level, _LEVELS, join(_THINKING, "thinkingLevel"))
        return Reasoning(ReasoningMode.EFFORT, effort)
    if budget == 0:
        return Reasoning(ReasoningMode.DISABLED)
    if budget is not None and budget != DYNAMIC_BUDGET:
        return Reasoning(ReasoningMode.BUDGET, budget_tokens=budget)
    return Reasoning(ReasoningMode.ADAPTIVE) if is_shown or budget is not None else None


def _response_format(config: Mapping[str, Any]) -> ResponseFormat | None:
    kind = optional_text(config, "responseMimeType", CONFIG) or _TEXT
    one_of(kind, (_TEXT, _JSON, _ENUM), join(CONFIG, "responseMimeType"))
    as_json = optional_object(config, "responseJsonSchema", CONFIG)
    stated = optional_object(config, "responseSchema", CONFIG)
    has_schema = as_json is not None or stated is not None
    if kind == _TEXT or (kind == _ENUM and not has_schema):
        return None
    if not has_schema:
        return ResponseFormat("json_object")
    schema = as_json if as_json is not None else json_schema(stated or {})
    return format_of(schema, "response", is_plain=kind == _ENUM)
