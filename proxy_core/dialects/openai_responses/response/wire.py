"""The response object of a terminal event or a whole answer, as far as it is read."""

from __future__ import annotations

import msgspec

from proxy_core.canonical.events import StopReason, Usage
from proxy_core.dialects.shared.upstream_errors import upstream_failure
from proxy_core.errors import Cancelled, ProxyError


class _InputDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _OutputDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class WireUsage(msgspec.Struct):
    input_tokens: int | None = None
    input_tokens_details: _InputDetails | None = None
    output_tokens: int | None = None
    output_tokens_details: _OutputDetails | None = None


class WireError(msgspec.Struct):
    code: str | int | None = None
    message: str | None = None
    param: str | None = None


class _IncompleteDetails(msgspec.Struct):
    reason: str | None = None


class WireResponse(msgspec.Struct):
    """``error`` and ``output`` may be null or absent."""

    id: str = ""
    model: str | None = None
    created_at: float | None = None
    status: str | None = None
    output: list[msgspec.Raw] | None = None
    usage: WireUsage | None = None
    error: WireError | None = None
    incomplete_details: _IncompleteDetails | None = None


def read_usage(usage: WireUsage | None) -> Usage:
    """Return the counts; upstream's ``input_tokens`` includes cached tokens."""
    if usage is None:
        return Usage()
    inputs = usage.input_tokens_details or _InputDetails()
    outputs = usage.output_tokens_details or _OutputDetails()
    cached = inputs.cached_tokens or 0
    written = inputs.cache_write_tokens or 0
    return Usage(
        input_tokens=max(0, (usage.input_tokens or 0) - cached - written),
        output_tokens=usage.output_tokens or 0,
        cache_read_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=outputs.reasoning_tokens or 0,
    )


def is_stated(raw: msgspec.Raw) -> bool:
    """False for a member that is absent (an empty ``Raw``) or null."""
    return bytes(raw) not in (b"", b"null")


def read_stop_reason(response: WireResponse, *, has_call: bool) -> StopReason:
    """Return why a response that did not fail ended."""
    if response.status == "incomplete":
        details = response.incomplete_details
        if details is not None and details.reason == "content_filter":
            return StopReason.CONTENT_FILTER
        return StopReason.LENGTH
    return StopReason.TOOL_USE if has_call else StopReason.STOP


def read_failure(response: WireResponse) -> ProxyError | None:
    """Return the error of a response that failed or was cancelled, None for any other."""
    if response.status == "cancelled":
        return Cancelled("GitHub Copilot cancelled the response.")
    if response.status != "failed" and response.error is None:
        return None
    return wire_failure(response.error)


def wire_failure(error: WireError | None) -> ProxyError:
    if error is None:
        return upstream_failure("GitHub Copilot failed without saying why.")
    code = None if error.code is None else str(error.code)
    return upstream_failure(error.message or "", code)


def created_seconds(response: WireResponse) -> int | None:
    return None if response.created_at is None else int(response.created_at)
