"""Reads the names of the vendors' surface, with an example of each, out of the installed SDKs' types.

Nothing is written down here but where each list begins; what an SDK adds appears by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

from anthropic.types.anthropic_beta_param import AnthropicBetaParam
from anthropic.types.beta import (
    BetaContentBlockParam,
    BetaImageBlockParam,
    BetaMessageParam,
    BetaRequestDocumentBlockParam,
    BetaThinkingConfigParam,
    BetaToolChoiceParam,
    BetaToolUnionParam,
)
from anthropic.types.beta.message_create_params import MessageCreateParamsStreaming
from openai.types.chat import (
    ChatCompletionContentPartParam,
    ChatCompletionMessageParam,
    ChatCompletionToolChoiceOptionParam,
    ChatCompletionToolUnionParam,
)
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from openai.types.responses import ResponseInputItemParam, ResponseTextConfigParam, ToolParam
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from openai.types.responses.response_input_content_param import ResponseInputContentParam
from typing_extensions import get_type_hints, is_typeddict

from tests.unit.surface.examples import EXAMPLES

MAX_DEPTH = 12
"""Deeper than any required member of the SDKs; ends types that contain themselves."""
TEXTS = {
    "media_type": "image/png",
    "data": "aGVsbG8=",
    "file_data": "data:application/pdf;base64,aGVsbG8=",
    "image_url": "data:image/png;base64,aGVsbG8=",
    "url": "https://example.com/x",
    "arguments": "{}",
    "model": "claude-sonnet-4.6",
}
"""Texts that have a form; every other one is ``sample``."""


PARAMETERS: dict[str, Any] = {
    "messages parameter": MessageCreateParamsStreaming,
    "chat parameter": CompletionCreateParamsStreaming,
    "responses parameter": ResponseCreateParamsStreaming,
}
KINDS: dict[str, tuple[Any, str, str]] = {
    "messages block": (BetaContentBlockParam, "type", ""),
    "messages role": (BetaMessageParam, "role", ""),
    "messages choice": (BetaToolChoiceParam, "type", ""),
    "messages thinking": (BetaThinkingConfigParam, "type", ""),
    "messages image": (get_type_hints(BetaImageBlockParam)["source"], "type", ""),
    "messages document": (get_type_hints(BetaRequestDocumentBlockParam)["source"], "type", ""),
    "messages tool": (BetaToolUnionParam, "type", "custom"),
    "chat role": (ChatCompletionMessageParam, "role", ""),
    "chat part": (ChatCompletionContentPartParam, "type", ""),
    "chat choice": (ChatCompletionToolChoiceOptionParam, "type", ""),
    "chat format": (get_type_hints(CompletionCreateParamsStreaming)["response_format"], "type", ""),
    "chat tool": (ChatCompletionToolUnionParam, "type", ""),
    "responses item": (ResponseInputItemParam, "type", "message"),
    "responses part": (ResponseInputContentParam, "type", ""),
    "responses choice": (
        get_type_hints(ResponseCreateParamsStreaming)["tool_choice"],
        "type",
        "",
    ),
    "responses format": (get_type_hints(ResponseTextConfigParam)["format"], "type", ""),
    "responses tool": (ToolParam, "type", ""),
}
"""The unions of a request: type, the member that tells kinds apart, and the kind that may lack it."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name of the surface with the smallest value that the SDK's types allow for it."""

    area: str
    name: str
    example: Any
    base: Any = None
    """For a member of a kind: the same example without the member. None for a kind itself."""

    @property
    def kind(self) -> str:
        return self.name.partition(".")[0]

    @property
    def path(self) -> list[str]:
        """Where a member stands below its kind's example."""
        return self.name.split(".")[1:]


def requests() -> dict[str, dict[str, Named]]:
    """Return the names by area: what a request may say."""
    areas = {
        **{area: _members(listed) for area, listed in PARAMETERS.items()},
        **{area: kinds(*told) for area, told in KINDS.items()},
    }
    return {
        area: {
            name: Named(area, name, EXAMPLES.get((area, name), example)) for name, example in found
        }
        for area, found in areas.items()
    }


def betas() -> tuple[str, ...]:
    """Return the values of ``anthropic-beta`` that the SDK knows."""
    literals = (each for each in get_args(AnthropicBetaParam) if get_origin(each) is Literal)
    return tuple(name for each in literals for name in get_args(each))


def _members(listed: Any) -> Iterator[tuple[str, Any]]:
    for name, hint in sorted(get_type_hints(listed, include_extras=True).items()):
        yield name, example_of(hint, name)


def kinds(union: Any, member: str, unnamed: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each kind of a union once, told apart by ``member``; ``unnamed`` is what may lack it."""
    seen: set[str] = set()
    for each in alternatives(union):
        if not is_typeddict(each):
            continue
        hints = get_type_hints(each, include_extras=True)
        names = literals(hints.get(member)) or ((unnamed,) if unnamed else ())
        for name in names:
            if name not in seen:
                seen.add(name)
                example = example_of(each)
                yield name, {**example, member: name} if member in hints else example


def alternatives(hint: Any) -> Iterator[Any]:
    hint = _bare(hint)
    if get_origin(hint) in (Union, UnionType):
        for each in get_args(hint):
            yield from alternatives(each)
    else:
        yield hint


def _bare(hint: Any) -> Any:
    while get_origin(hint) in (Annotated, Required, NotRequired):
        hint = get_args(hint)[0]
    return hint


def literals(hint: Any) -> tuple[str, ...]:
    found = (get_args(each) for each in alternatives(hint) if get_origin(each) is Literal)
    return tuple(name for names in found for name in names if isinstance(name, str))


def is_required(listed: Any, hint: Any) -> bool:
    """Tell by the hint: ``__required_keys__`` is wrong where a module's annotations are texts."""
    origin = get_origin(hint)
    return origin is Required or (origin is not NotRequired and bool(listed.__total__))


def example_of(hint: Any, name: str = "", depth: int = 0) -> Any:
    """Return the smallest value of a type: required members alone, the first of a union."""
    choices = [each for each in alternatives(hint) if each is not type(None)]
    hint = choices[0] if choices else type(None)
    origin = get_origin(hint)
    if origin is Literal:
        values = get_args(hint)
        return "completed" if "completed" in values else values[0]
    if is_typeddict(hint):
        if depth > MAX_DEPTH:
            return {}
        hints = get_type_hints(hint, include_extras=True)
        required = (each for each in sorted(hints) if is_required(hint, hints[each]))
        return {each: example_of(hints[each], each, depth + 1) for each in required}
    if hint in (dict, object, Any) or origin in (dict, Mapping):
        return {"type": "object", "properties": {}} if "schema" in name else {"key": "sample"}
    if origin is not None:
        return [example_of(get_args(hint)[0], name, depth + 1)]
    return {bool: True, int: 1, float: 0.5}.get(hint, TEXTS.get(name, "sample"))
