"""Reads from a 400 which part of the request was refused. Pure.

Only texts that name the part exactly; any other 400 is the caller's to see, unretried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from proxy_core.model import Endpoint
from proxy_core.upstream.failure import Cause, Failure
from proxy_core.upstream.json_paths import Path, parse_path


@dataclass(frozen=True, slots=True)
class RefusedMember:
    """A member to leave out; ``path`` as upstream named it."""

    path: Path


@dataclass(frozen=True, slots=True)
class RenamedMember:
    """A top-level member to send under another name."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RefusedBeta:
    """A value of ``anthropic-beta`` to leave out."""

    name: str


@dataclass(frozen=True, slots=True)
class RefusedItemId:
    """The ``id`` of one input item: Copilot's own ids are longer than it accepts on replay."""

    index: int


Refusal = RefusedMember | RenamedMember | RefusedBeta | RefusedItemId

ESSENTIAL_MEMBERS = frozenset(
    {"model", "messages", "input", "instructions", "system", "tools", "prompt", "stream"}
    | {"previous_response_id", "conversation", "tool_choice", "response_format", "n"}
    | {"output_format"}
)
"""What makes the request or the form of its answer; never left out to please upstream."""
_REQUIRED_BY_ENDPOINT = {Endpoint.MESSAGES: frozenset({"max_tokens"})}
_STRUCTURAL_MEMBERS = frozenset(
    {"arguments", "call_id", "content", "data", "function", "id", "image_url", "input"}
    | {"input_schema", "name", "output", "parameters", "role", "source", "text", "thinking"}
    | {"tool_call_id", "tool_calls", "tool_use_id", "type", "url", "format", "schema"}
)
"""Members inside a message, tool or block that carry its meaning."""

_RENAMED = re.compile(
    r"Unsupported parameter: '([^']+)' is not supported with this model\.? Use '([^']+)' instead"
)
_UNSUPPORTED = re.compile(r"Unsupported (?:parameter|value): '([^']+)'")
_UNKNOWN = re.compile(r"Unknown parameter: '([^']+)'")
_UNRECOGNISED = re.compile(r"Unrecognized request arguments? supplied: ([\w, ]+)")
_EXTRA = re.compile(r"([A-Za-z_][\w.\[\]-]*): Extra inputs are not permitted")
_BETAS = re.compile(r"unsupported beta header\(s\): ([^\n]+)")
_ITEM_ID = re.compile(r"Invalid 'input\[(\d+)\]\.id'")
_CODES_ABOUT_A_PARAMETER = ("unsupported_value", "unsupported_parameter", "unknown_parameter")
_BETA_NAME = re.compile(r"[\w.-]+")


def read_refusals(failure: Failure, endpoint: Endpoint) -> tuple[Refusal, ...]:
    """Return what to change before the one repeat, or nothing."""
    if failure.status != 400 or failure.cause is not Cause.BAD_REQUEST:
        return ()
    text = failure.message
    betas = _BETAS.search(text)
    if betas is not None:
        return tuple(RefusedBeta(name) for name in _BETA_NAME.findall(betas[1]))
    item = _ITEM_ID.search(text)
    if item is not None:
        return (RefusedItemId(int(item[1])),)
    renamed = _RENAMED.search(text)
    if renamed is not None and _is_optional_member(renamed[1]):
        return (RenamedMember(renamed[1], renamed[2]),)
    named = [match[1] for match in _UNSUPPORTED.finditer(text)]
    named += [match[1] for match in _UNKNOWN.finditer(text)]
    named += [match[1] for match in _EXTRA.finditer(text)]
    for match in _UNRECOGNISED.finditer(text):
        named += [each.strip() for each in match[1].split(",")]
    if not named and failure.code in _CODES_ABOUT_A_PARAMETER and failure.param is not None:
        named.append(failure.param)
    paths = [parse_path(each) for each in named]
    return tuple(RefusedMember(path) for path in paths if _may_leave_out(path, endpoint))


def _is_optional_member(name: str) -> bool:
    return len(parse_path(name)) == 1 and name not in ESSENTIAL_MEMBERS


def _may_leave_out(path: Path, endpoint: Endpoint) -> bool:
    if not path:
        return False
    if len(path) == 1:
        required = _REQUIRED_BY_ENDPOINT.get(endpoint, frozenset())
        return path[0] not in ESSENTIAL_MEMBERS | required
    return path[-1] not in _STRUCTURAL_MEMBERS
