"""Upstream's error codes and statuses, and what each means (protocol notes, 10.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxy_core.copilot_facts.causes import Cause
from proxy_core.copilot_facts.certainty import Certainty

_CATALOGUE = "protocol notes 10.2"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """``lasts_long``: a limit of hours or days, which repeating only prolongs. ``of_one_model``: a
    limit that leaves other models free. ``usual_wait`` is in seconds, where upstream names none.
    ``title`` is more exact than the cause's."""

    code: str
    cause: Cause
    certainty: Certainty = Certainty.CONFIRMED
    source: str = _CATALOGUE
    lasts_long: bool = False
    of_one_model: bool = False
    usual_wait: float | None = None
    title: str | None = None


_ROWS = (
    ErrorCode("model_not_supported", Cause.MODEL),
    ErrorCode("model_not_found", Cause.MODEL),
    ErrorCode("model_not_available_for_integrator", Cause.MODEL),
    ErrorCode("unsupported_api_for_model", Cause.WRONG_ENDPOINT),
    ErrorCode("model_max_prompt_tokens_exceeded", Cause.CONTEXT_OVERFLOW),
    ErrorCode("context_length_exceeded", Cause.CONTEXT_OVERFLOW),
    ErrorCode("quota_exceeded", Cause.QUOTA),
    ErrorCode("free_quota_exceeded", Cause.QUOTA, title="The free plan's requests are used up"),
    ErrorCode("overage_limit_reached", Cause.QUOTA, title="Your budget for extra use is spent"),
    ErrorCode("billing_not_configured", Cause.QUOTA, title="GitHub has no way to bill this use"),
    ErrorCode("insufficient_quota", Cause.QUOTA, source="OpenAI's error codes"),
    ErrorCode("rate_limited", Cause.RATE_LIMIT),
    ErrorCode("rate_limit_exceeded", Cause.RATE_LIMIT, source="OpenAI's error codes"),
    ErrorCode(
        "user_model_rate_limited",
        Cause.RATE_LIMIT,
        of_one_model=True,
        title="You reached GitHub's limit for this model",
    ),
    ErrorCode(
        "user_global_rate_limited",
        Cause.RATE_LIMIT,
        lasts_long=True,
        usual_wait=300.0,
        title="You reached GitHub's session limit",
    ),
    ErrorCode(
        "user_weekly_rate_limited",
        Cause.RATE_LIMIT,
        source=f"{_CATALOGUE}; earendil-works/pi#4551",
        lasts_long=True,
        usual_wait=3600.0,
        title="You reached GitHub's weekly limit",
    ),
    ErrorCode("integration_rate_limited", Cause.RATE_LIMIT, lasts_long=True),
    ErrorCode("agent_mode_limit_exceeded", Cause.RATE_LIMIT, lasts_long=True),
    ErrorCode("extension_blocked", Cause.RATE_LIMIT, lasts_long=True),
    ErrorCode("model_overloaded", Cause.OVERLOADED, of_one_model=True),
    ErrorCode("upstream_provider_rate_limit", Cause.OVERLOADED, of_one_model=True),
    ErrorCode("content_filter", Cause.CONTENT_FILTER),
    ErrorCode("cyber_policy", Cause.CONTENT_FILTER),
    ErrorCode("expired_token", Cause.STALE_TOKEN),
    ErrorCode("invalid_token", Cause.STALE_TOKEN),
    ErrorCode("token_expired", Cause.STALE_TOKEN),
    ErrorCode("user_request_timeout", Cause.REQUEST_TIMEOUT),
    ErrorCode("previous_response_not_found", Cause.BAD_REQUEST),
)

ERROR_CODES: Mapping[str, ErrorCode] = MappingProxyType({each.code: each for each in _ROWS})


@dataclass(frozen=True, slots=True)
class CodeFragment:
    """Codes and types that contain ``word``; vendors behind Copilot spell the same thing in several
    ways (``overloaded_error``, ``rate_limit_error``, ``invalid_prompt``)."""

    word: str
    cause: Cause
    certainty: Certainty = Certainty.CONFIRMED
    source: str = "Anthropic's and OpenAI's error types"


CODE_FRAGMENTS = (
    CodeFragment("overloaded", Cause.OVERLOADED),
    CodeFragment("provider_rate_limit", Cause.OVERLOADED, source=_CATALOGUE),
    CodeFragment("rate_limit", Cause.RATE_LIMIT),
    CodeFragment("too_many_requests", Cause.RATE_LIMIT),
    CodeFragment("quota", Cause.QUOTA, source=_CATALOGUE),
    CodeFragment("billing", Cause.QUOTA),
    CodeFragment("content_filter", Cause.CONTENT_FILTER),
    CodeFragment("content_policy", Cause.CONTENT_FILTER),
    CodeFragment("context_length", Cause.CONTEXT_OVERFLOW),
    CodeFragment("timeout", Cause.MODEL_TIMEOUT),
    CodeFragment("authentication", Cause.STALE_TOKEN),
    CodeFragment("unauthorized", Cause.STALE_TOKEN, source=_CATALOGUE),
    CodeFragment("permission", Cause.PERMISSION),
    CodeFragment("forbidden", Cause.PERMISSION, source=_CATALOGUE),
    CodeFragment("too_large", Cause.TOO_LARGE),
    CodeFragment("model_not_", Cause.MODEL, source=_CATALOGUE),
    CodeFragment("not_found", Cause.NOT_FOUND),
    CodeFragment("invalid_", Cause.BAD_REQUEST),
    CodeFragment("unsupported_", Cause.BAD_REQUEST, source=_CATALOGUE),
    CodeFragment("unknown_parameter", Cause.BAD_REQUEST),
)
"""The first word that fits counts."""


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    status: int
    cause: Cause
    certainty: Certainty = Certainty.CONFIRMED
    source: str = _CATALOGUE


_STATUSES = (
    StatusMeaning(401, Cause.STALE_TOKEN),
    StatusMeaning(402, Cause.QUOTA),
    StatusMeaning(404, Cause.NOT_FOUND),
    StatusMeaning(408, Cause.REQUEST_TIMEOUT),
    StatusMeaning(413, Cause.TOO_LARGE),
    StatusMeaning(424, Cause.DEPENDENCY),
    StatusMeaning(429, Cause.RATE_LIMIT),
    StatusMeaning(466, Cause.CLIENT_TOO_OLD, source="protocol notes 3.2"),
    StatusMeaning(499, Cause.DEPENDENCY),
    StatusMeaning(503, Cause.OVERLOADED),
    StatusMeaning(529, Cause.OVERLOADED, source="Anthropic's error types"),
)
STATUSES: Mapping[int, StatusMeaning] = MappingProxyType({e.status: e for e in _STATUSES})

CODES_ABOUT_A_PARAMETER = frozenset(
    {"unsupported_value", "unsupported_parameter", "unknown_parameter"}
)
"""Beside these, ``param`` names the member that is refused (protocol notes 10.2, OpenAI's codes)."""

QUOTA_CODE = "quota_exceeded"
LIMIT_CODE = "rate_limited"
"""What we call a limit or a spent allowance where upstream gave no code."""


def base_code(code: str) -> str:
    """Return the code without the plan that may follow a colon: ``user_global_rate_limited:pro``."""
    return code.split(":", 1)[0]


def known_code(code: str | None) -> ErrorCode | None:
    """Return the row of a code, with or without a plan behind it."""
    return ERROR_CODES.get(base_code(code)) if code else None


def cause_of_word(word: str | None) -> Cause | None:
    """Return what a code or a type means, exactly or by what it contains."""
    if not word:
        return None
    exact = known_code(word)
    if exact is not None:
        return exact.cause
    return next((each.cause for each in CODE_FRAGMENTS if each.word in word), None)
