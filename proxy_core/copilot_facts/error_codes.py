"""Upstream's error codes and statuses, and what each means (copilot-protocol.md 10.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.certainty import Certainty
from proxy_core.errors import translatable

_CATALOGUE = "copilot-protocol.md 10.2"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """``lasts_long``:

    a limit of hours or days, which retries only prolong. ``of_one_model``: a limit that leaves
    other models free. ``usual_wait`` is in seconds, where upstream names none. ``title`` replaces
    the cause's where it is more exact.
    """

    code: str
    cause: ErrorCause
    certainty: Certainty = Certainty.CONFIRMED
    source: str = _CATALOGUE
    lasts_long: bool = False
    of_one_model: bool = False
    usual_wait: float | None = None
    title: str | None = None


_ROWS = (
    ErrorCode("model_not_supported", ErrorCause.MODEL),
    ErrorCode("model_not_found", ErrorCause.MODEL),
    ErrorCode("model_not_available_for_integrator", ErrorCause.MODEL),
    ErrorCode("unsupported_api_for_model", ErrorCause.WRONG_ENDPOINT),
    ErrorCode("model_max_prompt_tokens_exceeded", ErrorCause.CONTEXT_OVERFLOW),
    ErrorCode("context_length_exceeded", ErrorCause.CONTEXT_OVERFLOW),
    ErrorCode("quota_exceeded", ErrorCause.QUOTA),
    ErrorCode(
        "free_quota_exceeded",
        ErrorCause.QUOTA,
        title=translatable("The free plan's requests are used up"),
    ),
    ErrorCode(
        "overage_limit_reached",
        ErrorCause.QUOTA,
        title=translatable("Your budget for extra use is spent"),
    ),
    ErrorCode(
        "billing_not_configured",
        ErrorCause.QUOTA,
        title=translatable("GitHub has no way to bill this use"),
    ),
    ErrorCode("insufficient_quota", ErrorCause.QUOTA, source="OpenAI's error codes"),
    ErrorCode("rate_limited", ErrorCause.RATE_LIMIT),
    ErrorCode("rate_limit_exceeded", ErrorCause.RATE_LIMIT, source="OpenAI's error codes"),
    ErrorCode(
        "user_model_rate_limited",
        ErrorCause.RATE_LIMIT,
        of_one_model=True,
        title=translatable("You reached GitHub's limit for this model"),
    ),
    ErrorCode(
        "user_global_rate_limited",
        ErrorCause.RATE_LIMIT,
        lasts_long=True,
        usual_wait=300.0,
        title=translatable("You reached GitHub's session limit"),
    ),
    ErrorCode(
        "user_weekly_rate_limited",
        ErrorCause.RATE_LIMIT,
        source=f"{_CATALOGUE}; earendil-works/pi#4551",
        lasts_long=True,
        usual_wait=3600.0,
        title=translatable("You reached GitHub's weekly limit"),
    ),
    ErrorCode("integration_rate_limited", ErrorCause.RATE_LIMIT, lasts_long=True),
    ErrorCode("agent_mode_limit_exceeded", ErrorCause.RATE_LIMIT, lasts_long=True),
    ErrorCode("extension_blocked", ErrorCause.RATE_LIMIT, lasts_long=True),
    ErrorCode("model_overloaded", ErrorCause.OVERLOADED, of_one_model=True),
    ErrorCode("upstream_provider_rate_limit", ErrorCause.OVERLOADED, of_one_model=True),
    ErrorCode("content_filter", ErrorCause.CONTENT_FILTER),
    ErrorCode("cyber_policy", ErrorCause.CONTENT_FILTER),
    ErrorCode("expired_token", ErrorCause.STALE_TOKEN),
    ErrorCode("invalid_token", ErrorCause.STALE_TOKEN),
    ErrorCode("token_expired", ErrorCause.STALE_TOKEN),
    ErrorCode("user_request_timeout", ErrorCause.REQUEST_TIMEOUT),
    ErrorCode("previous_response_not_found", ErrorCause.BAD_REQUEST),
)

ERROR_CODES: Mapping[str, ErrorCode] = MappingProxyType({each.code: each for each in _ROWS})


@dataclass(frozen=True, slots=True)
class CodeFragment:
    """Codes and types that contain ``word``; vendors behind Copilot spell the same thing in several
    ways (``overloaded_error``, ``rate_limit_error``, ``invalid_prompt``)."""

    word: str
    cause: ErrorCause
    certainty: Certainty = Certainty.CONFIRMED
    source: str = "Anthropic's and OpenAI's error types"


CODE_FRAGMENTS = (
    CodeFragment("overloaded", ErrorCause.OVERLOADED),
    CodeFragment("provider_rate_limit", ErrorCause.OVERLOADED, source=_CATALOGUE),
    CodeFragment("rate_limit", ErrorCause.RATE_LIMIT),
    CodeFragment("too_many_requests", ErrorCause.RATE_LIMIT),
    CodeFragment("quota", ErrorCause.QUOTA, source=_CATALOGUE),
    CodeFragment("billing", ErrorCause.QUOTA),
    CodeFragment("content_filter", ErrorCause.CONTENT_FILTER),
    CodeFragment("content_policy", ErrorCause.CONTENT_FILTER),
    CodeFragment("context_length", ErrorCause.CONTEXT_OVERFLOW),
    CodeFragment("timeout", ErrorCause.MODEL_TIMEOUT),
    CodeFragment("authentication", ErrorCause.STALE_TOKEN),
    CodeFragment("unauthorized", ErrorCause.STALE_TOKEN, source=_CATALOGUE),
    CodeFragment("permission", ErrorCause.PERMISSION),
    CodeFragment("forbidden", ErrorCause.PERMISSION, source=_CATALOGUE),
    CodeFragment("too_large", ErrorCause.TOO_LARGE),
    CodeFragment("model_not_", ErrorCause.MODEL, source=_CATALOGUE),
    CodeFragment("not_found", ErrorCause.NOT_FOUND),
    CodeFragment("invalid_", ErrorCause.BAD_REQUEST),
    CodeFragment("unsupported_", ErrorCause.BAD_REQUEST, source=_CATALOGUE),
    CodeFragment("unknown_parameter", ErrorCause.BAD_REQUEST),
)
"""In order of precedence: the first match counts."""


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    status: int
    cause: ErrorCause
    certainty: Certainty = Certainty.CONFIRMED
    source: str = _CATALOGUE


_STATUSES = (
    StatusMeaning(401, ErrorCause.STALE_TOKEN),
    StatusMeaning(402, ErrorCause.QUOTA),
    StatusMeaning(404, ErrorCause.NOT_FOUND),
    StatusMeaning(408, ErrorCause.REQUEST_TIMEOUT),
    StatusMeaning(413, ErrorCause.TOO_LARGE),
    StatusMeaning(424, ErrorCause.DEPENDENCY),
    StatusMeaning(429, ErrorCause.RATE_LIMIT),
    StatusMeaning(466, ErrorCause.CLIENT_TOO_OLD, source="copilot-protocol.md 3.2"),
    StatusMeaning(499, ErrorCause.DEPENDENCY),
    StatusMeaning(503, ErrorCause.OVERLOADED),
    StatusMeaning(529, ErrorCause.OVERLOADED, source="Anthropic's error types"),
)
STATUSES: Mapping[int, StatusMeaning] = MappingProxyType({e.status: e for e in _STATUSES})

CODES_ABOUT_A_PARAMETER = frozenset(
    {"unsupported_value", "unsupported_parameter", "unknown_parameter"}
)
"""Beside these, ``param`` names the member that is refused (copilot-protocol.md 10.2)."""

QUOTA_CODE = "quota_exceeded"
LIMIT_CODE = "rate_limited"
"""The code given to a limit or a spent allowance for which upstream sent none."""


def base_code(code: str) -> str:
    """Return the code without the plan that may follow a colon: ``user_global_rate_limited:pro``."""
    return code.split(":", 1)[0]


def known_code(code: str | None) -> ErrorCode | None:
    """Return the row of a code, with or without a plan behind it."""
    return ERROR_CODES.get(base_code(code)) if code else None


def cause_of_word(word: str | None) -> ErrorCause | None:
    """Return what a code or a type means, exactly or by what it contains."""
    if not word:
        return None
    exact = known_code(word)
    if exact is not None:
        return exact.cause
    return next((each.cause for each in CODE_FRAGMENTS if each.word in word), None)
