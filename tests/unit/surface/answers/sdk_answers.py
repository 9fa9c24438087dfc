"""Reads what an answer may hold, with an example of each, out of the installed SDKs' types.

Blocks, items, parts, stream events and deltas are told apart by a member; chunks and whole answers are
read member by member.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from anthropic.types.beta import BetaContentBlock, BetaMessage, BetaRawMessageStreamEvent
from anthropic.types.beta.beta_raw_content_block_delta import BetaRawContentBlockDelta
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import (
    Response,
    ResponseOutputItem,
    ResponseOutputMessage,
    ResponseStreamEvent,
)
from pydantic import BaseModel

from tests.unit.surface.sdk_surface import TEXTS, Named, alternatives, literals

UNIONS: dict[str, Any] = {
    "messages block": BetaContentBlock,
    "messages delta": BetaRawContentBlockDelta,
    "messages event": BetaRawMessageStreamEvent,
    "responses item": ResponseOutputItem,
    "responses part": ResponseOutputMessage.model_fields["content"].annotation,
    "responses event": ResponseStreamEvent,
}
"""Kinds that a member ``type`` tells apart."""
OBJECTS: dict[str, type[BaseModel]] = {
    "messages member": BetaMessage,
    "chat member": ChatCompletion,
    "chat chunk": ChatCompletionChunk,
    "responses member": Response,
}
"""Objects of which each member is a name, with the members of what is in them."""
BELOW = {"messages member": ("content",), "responses member": ("output",)}
"""Members whose parts are kinds of their own."""
DEEPEST = 3
_FUNCTION = {"name": "look", "arguments": "{}"}
_PAGE = {"url": "https://example.com/x", "title": "X", "start_index": 0, "end_index": 5}
EXAMPLES: dict[str, Any] = {
    "tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": _FUNCTION}],
    "function_call": _FUNCTION,
    "finish_reason": "length",
    "stop_reason": "max_tokens",
    "annotations": [{"type": "url_citation", "url_citation": _PAGE}],
    "output_tokens": 7,
    "logprobs": {"content": [{"token": "a", "logprob": -0.1, "bytes": [97], "top_logprobs": []}]},
}
"""Values that say something else than the scene says anyway."""
REPEATED = frozenset(
    {"instructions", "metadata", "model", "prompt", "reasoning", "text", "tool_choice", "tools"}
)
"""Of a Responses object: the request, said again; its parts are the request's."""


def answers() -> dict[str, dict[str, Named]]:
    """Return the names by area: what an answer may hold."""
    found = {area: dict(_kinds(area, union)) for area, union in UNIONS.items()}
    return found | {area: dict(_members(area, listed)) for area, listed in OBJECTS.items()}


def _kinds(area: str, union: Any) -> Iterator[tuple[str, Named]]:
    for each in alternatives(_inner(union)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            for name in literals(each.model_fields["type"].annotation):
                example = {**model_example(each), "type": name}
                if "annotation" in example:
                    example["annotation"] = {"type": "url_citation", **_PAGE}
                yield name, Named(area, name, example)


def _inner(union: Any) -> Any:
    """Return the union within a list of it."""
    return get_args(union)[0] if get_origin(union) is list else union


def _members(area: str, listed: type[BaseModel]) -> Iterator[tuple[str, Named]]:
    for path, example in _paths(listed, BELOW.get(area, ()), 1, area == "responses member"):
        yield path, Named(area, path, EXAMPLES.get(path.split(".")[-1], example))


def _paths(
    listed: type[BaseModel], below: tuple[str, ...], depth: int, repeats: bool
) -> Iterator[tuple[str, Any]]:
    for name, field in sorted(listed.model_fields.items()):
        if name in below:
            continue
        yield name, _saying(field.annotation, name)
        if (repeats and name in REPEATED) or depth == DEEPEST:
            continue
        seen: set[str] = set()
        for each in alternatives(field.annotation):
            each = _inner(each)
            for inner in alternatives(each):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    for path, example in _paths(inner, (), depth + 1, False):
                        if path not in seen:
                            seen.add(path)
                            yield f"{name}.{path}", example


def _saying(hint: Any, name: str) -> Any:
    """Return an example that says something: an empty object is like none."""
    value = model_value(hint, name)
    first = next(each for each in alternatives(hint) if each is not type(None))
    if value == {} and isinstance(first, type) and issubclass(first, BaseModel):
        inner, field = next(iter(first.model_fields.items()))
        return {inner: model_value(field.annotation, inner)}
    return value


def model_example(listed: type[BaseModel], depth: int = 0) -> dict[str, Any]:
    """Return the smallest value of a model: its required members alone."""
    return {
        name: model_value(field.annotation, name, depth + 1)
        for name, field in listed.model_fields.items()
        if field.is_required() and depth < 8
    }


def model_value(hint: Any, name: str, depth: int = 0) -> Any:
    choices = [each for each in alternatives(hint) if each is not type(None)]
    hint = choices[0] if choices else type(None)
    origin = get_origin(hint)
    if origin is Literal:
        values = get_args(hint)
        return "completed" if "completed" in values else values[0]
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return model_example(hint, depth)
    if origin is list and name in ("annotations", "logprobs"):
        return []
    if origin is list:
        return [model_value(get_args(hint)[0], name, depth)]
    if origin is dict or hint in (dict, object, Any):
        return {"key": "sample"}
    return {bool: True, int: 1, float: 0.5}.get(hint, TEXTS.get(name, "sample"))
