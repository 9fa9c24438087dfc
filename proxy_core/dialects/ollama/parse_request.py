"""Parses the requests of ``/api/chat`` and ``/api/generate`` into the canonical request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    Context,
    DialectName,
    Opaque,
    Reasoning,
    ReasoningMode,
    Request,
    ResponseFormat,
    Sampling,
    ServerTool,
    TextPart,
    Tool,
    UserMessage,
)
from proxy_core.dialects.ollama.parse_messages import (
    MessageParser,
    left_out_of_messages,
    user_content,
)
from proxy_core.dialects.ollama.schema import KNOWN_CHAT, KNOWN_GENERATE, KNOWN_OPTIONS, LATEST
from proxy_core.dialects.shared.json_members import (
    as_object,
    as_text,
    join,
    optional_bool,
    optional_int,
    optional_list,
    optional_number,
    optional_object,
    optional_text,
    refuse,
    required_list,
    required_text,
    wrong_type,
)
from proxy_core.dialects.wrapped_answers import format_of

_OPTIONS = "options"
_KNOWN_FUNCTION = ("name", "description", "parameters")
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "max": "max"}


def parse_chat(body: Mapping[str, Any]) -> Request:
    """Parse a decoded body. Raises BadRequest naming the offending member."""
    items = required_list(body, "messages")
    if not items:
        refuse("messages", "at least one message is required")
    system, messages = MessageParser().parse(items)
    extra = dict(_left_out(body, KNOWN_CHAT))
    extra.update(left_out_of_messages(items))
    return _request(body, Context(system, tuple(messages), _tools(body)), extra)


def parse_generate(body: Mapping[str, Any]) -> Request:
    """Parse a decoded body. Raises BadRequest naming the offending member."""
    if optional_text(body, "suffix"):
        refuse("suffix", "inserting text before a suffix is not possible with this model")
    text = optional_text(body, "prompt") or ""
    stated = optional_text(body, "system")
    system = (TextPart(stated),) if stated else ()
    message = UserMessage(user_content(text, body, ""))
    return _request(body, Context(system, (message,)), dict(_left_out(body, KNOWN_GENERATE)))


def plain_model(name: str) -> str:
    """Return a model's name without the tag that every name has."""
    return name.removesuffix(LATEST)


def _request(body: Mapping[str, Any], context: Context, extra: Mapping[str, Any]) -> Request:
    return Request(
        model=plain_model(required_text(body, "model")),
        context=context,
        dialect=DialectName.OLLAMA,
        stream=streams(body),
        sampling=_sampling(body),
        reasoning=_reasoning(body),
        response_format=_response_format(body),
        include_usage=True,
        extra=extra,
    )


def streams(body: Mapping[str, Any]) -> bool:
    """Answers stream unless a request says otherwise."""
    return optional_bool(body, "stream") is not False


def _left_out(body: Mapping[str, Any], known: frozenset[str]) -> Iterator[tuple[str, Any]]:
    options = optional_object(body, _OPTIONS) or {}
    for holder, names, place in ((body, known, ""), (options, KNOWN_OPTIONS, _OPTIONS)):
        for name, value in holder.items():
            if name not in names and value not in (None, "", [], {}):
                yield join(place, name), value


def _sampling(body: Mapping[str, Any]) -> Sampling:
    options = optional_object(body, _OPTIONS) or {}
    limit = optional_int(options, "num_predict", _OPTIONS)
    return Sampling(
        # -1 is without an end, -2 as long as the context allows.
        max_output_tokens=limit if limit is not None and limit > 0 else None,
        temperature=optional_number(options, "temperature", _OPTIONS, minimum=0, maximum=2),
        top_p=optional_number(options, "top_p", _OPTIONS, minimum=0, maximum=1),
        top_k=optional_int(options, "top_k", _OPTIONS),
        stop=_stop(options.get("stop")),
        seed=optional_int(options, "seed", _OPTIONS),
        frequency_penalty=optional_number(options, "frequency_penalty", _OPTIONS),
        presence_penalty=optional_number(options, "presence_penalty", _OPTIONS),
        logprobs=optional_bool(body, "logprobs"),
        top_logprobs=optional_int(body, "top_logprobs", minimum=0),
    )


def _stop(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        wrong_type(f"{_OPTIONS}.stop", "a string or an array", value)
    return tuple(as_text(each, f"{_OPTIONS}.stop[{n}]") for n, each in enumerate(value))


def _reasoning(body: Mapping[str, Any]) -> Reasoning | None:
    think = body.get("think")
    if think is None or think == "":
        return None
    if think is True:
        return Reasoning(ReasoningMode.ADAPTIVE)
    if think is False:
        return Reasoning(ReasoningMode.DISABLED)
    if not isinstance(think, str):
        wrong_type("think", "a boolean or a string", think)
    if think not in _EFFORTS:
        refuse("think", f"must be true, false, {', '.join(_EFFORTS)}, got {think!r}")
    return Reasoning(ReasoningMode.EFFORT, _EFFORTS[think])


def _response_format(body: Mapping[str, Any]) -> ResponseFormat | None:
    stated = body.get("format")
    if stated is None or stated == "":
        return None
    if stated == "json":
        return ResponseFormat("json_object")
    if not isinstance(stated, dict):
        refuse("format", "must be json or a JSON Schema")
    return format_of(stated, "response")


def _tools(body: Mapping[str, Any]) -> tuple[Tool | ServerTool, ...]:
    tools: list[Tool | ServerTool] = []
    for position, item in enumerate(optional_list(body, "tools") or ()):
        path = f"tools[{position}]"
        tool = as_object(item, path)
        kind = optional_text(tool, "type", path) or "function"
        if kind == "function":
            tools.append(_function(tool.get("function"), join(path, "function")))
        else:
            text = msgspec.json.encode(tool).decode()
            tools.append(ServerTool(kind, Opaque(DialectName.OLLAMA, "tool", text)))
    return tuple(tools)


def _function(item: Any, path: str) -> Tool:
    function = as_object(item, path)
    return Tool(
        required_text(function, "name", path),
        optional_text(function, "description", path),
        optional_object(function, "parameters", path),
        extra={
            f"function.{name}": value
            for name, value in function.items()
            if name not in _KNOWN_FUNCTION and value not in (None, [], {})
        },
    )
