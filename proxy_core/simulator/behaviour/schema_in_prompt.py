"""A JSON Schema that somebody wrote into the prompt, where JSON mode was asked for without one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.prompt import Prompt

# Long prompts end with what is wanted.
_LOOKED_AT = 100_000
_DECODER = json.JSONDecoder()


def schema_in(prompt: Prompt) -> Mapping[str, Any] | None:
    """The last schema in the last turn that holds one: libraries put an example before their own."""
    for turn in reversed(prompt.turns):
        if turn.role in ("system", "user"):
            found = [each for each in _objects_in(turn.text[-_LOOKED_AT:]) if _is_schema(each)]
            if found:
                return found[-1]
    return None


def _objects_in(text: str) -> Iterator[Mapping[str, Any]]:
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _is_schema(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("properties"), Mapping) and all(
        isinstance(each, Mapping | bool) for each in value["properties"].values()
    )
