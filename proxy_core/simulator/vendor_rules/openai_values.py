"""Types, ranges and lengths of OpenAI's plain members, the same on chat and Responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import members
from proxy_core.simulator.http.refusal import Refusal, coded

LONGEST_USER = 64
MOST_METADATA = 16
LONGEST_METADATA_KEY = 64
LONGEST_METADATA_VALUE = 512
MOST_STOPS = 4


@dataclass(frozen=True, slots=True)
class _Number:
    least: float | None = None
    most: float | None = None
    is_integer: bool = False

    @property
    def word(self) -> str:
        return "integer" if self.is_integer else "decimal"


_NUMBERS: Mapping[str, _Number] = {
    "temperature": _Number(0, 2),
    "top_p": _Number(0, 1),
    "presence_penalty": _Number(-2, 2),
    "frequency_penalty": _Number(-2, 2),
    "max_tokens": _Number(1, is_integer=True),
    "max_completion_tokens": _Number(1, is_integer=True),
    "max_output_tokens": _Number(16, is_integer=True),
    "max_tool_calls": _Number(1, is_integer=True),
    "n": _Number(1, 128, is_integer=True),
    "seed": _Number(is_integer=True),
    "top_logprobs": _Number(0, 20, is_integer=True),
}
_BOOLEANS = ("stream", "parallel_tool_calls", "logprobs", "store")
_SHORT_TEXTS = ("user", "safety_identifier", "prompt_cache_key")


def invalid(message: str, param: str) -> Refusal:
    return coded(400, "invalid_request_body", message, param=param)


def wrong_type(param: str, expected: str, value: Any) -> Refusal:
    return invalid(
        f"Invalid type for '{param}': expected {expected}, but got {got(value)} instead.", param
    )


def got(value: Any) -> str:
    """A JSON value's type as OpenAI's sentences name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    for kind, word in ((str, "a string"), (int, "an integer"), (float, "a decimal number")):
        if isinstance(value, kind):
            return word
    return "an array" if isinstance(value, list) else "an object"


def check_values(body: Mapping[str, Any]) -> None:
    """Raise for the first plain member of a wrong type or out of its range; null counts as absent."""
    for name, number in _NUMBERS.items():
        if body.get(name) is not None:
            _check_number(name, number, body[name])
    for name in _BOOLEANS:
        if body.get(name) is not None and not isinstance(body[name], bool):
            raise wrong_type(name, "a boolean", body[name])
    for name in _SHORT_TEXTS:
        if body.get(name) is not None:
            check_length(name, body[name], LONGEST_USER)
    _check_stop(body.get("stop"))
    _check_metadata(body.get("metadata"))


def _check_number(name: str, number: _Number, value: Any) -> None:
    right = isinstance(value, int) if number.is_integer else isinstance(value, int | float)
    if isinstance(value, bool) or not right:
        raise wrong_type(name, f"a{'n' * number.is_integer} {number.word}", value)
    if number.most is not None and value > number.most:
        raise _out_of_range(name, number, "above maximum", f"<= {number.most:g}", value)
    if number.least is not None and value < number.least:
        raise _out_of_range(name, number, "below minimum", f">= {number.least:g}", value)


def _out_of_range(name: str, number: _Number, side: str, wanted: str, value: Any) -> Refusal:
    return invalid(
        f"Invalid '{name}': {number.word} {side} value. Expected a value {wanted}, but got {value} "
        "instead.",
        name,
    )


def check_length(param: str, value: Any, most: int) -> None:
    """Raise unless ``value`` is a string of at most ``most`` characters."""
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    if len(value) > most:
        raise invalid(
            f"Invalid '{param}': string too long. Expected a string with maximum length {most}, but "
            f"got a string with length {len(value)} instead.",
            param,
        )


def _check_stop(stop: Any) -> None:
    if stop is None or isinstance(stop, str):
        return
    if not isinstance(stop, list) or not all(isinstance(each, str) for each in stop):
        raise wrong_type("stop", "one of an array of strings or string", stop)
    if len(stop) > MOST_STOPS:
        raise invalid(
            f"Invalid 'stop': array too long. Expected an array with maximum length {MOST_STOPS}, but "
            f"got an array with length {len(stop)} instead.",
            "stop",
        )


def _check_metadata(metadata: Any) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, Mapping):
        raise wrong_type("metadata", "an object", metadata)
    if len(metadata) > MOST_METADATA:
        raise invalid(
            f"Invalid 'metadata': too many properties. Expected an object with at most {MOST_METADATA} "
            f"properties, but got an object with {len(metadata)} properties instead.",
            "metadata",
        )
    for key, value in metadata.items():
        if len(key) > LONGEST_METADATA_KEY:
            raise invalid(
                "Invalid 'metadata': property name too long. Expected a string with maximum length "
                f"{LONGEST_METADATA_KEY}, but got a string with length {len(key)} instead.",
                "metadata",
            )
        check_length(f"metadata.{key}", value, LONGEST_METADATA_VALUE)


def check_format_type(param: str, wanted: Any) -> None:
    """``response_format`` or ``text.format``: one of three types."""
    if wanted is None:
        return
    if not isinstance(wanted, Mapping):
        raise wrong_type(param, "an object", wanted)
    kind = members(wanted).get("type")
    if kind not in ("text", "json_object", "json_schema"):
        raise invalid(
            f"Invalid value: '{kind}'. Supported values are: 'json_object', 'json_schema', and 'text'.",
            f"{param}.type",
        )
