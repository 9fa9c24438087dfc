"""Why upstream refuses, and what each cause maps to for a caller: error kind, HTTP status, actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from proxy_core.errors import Actor, ErrorKind, translatable


class ErrorCause(StrEnum):
    """Why upstream refused, as far as its response says."""

    BAD_REQUEST = "bad_request"
    MODEL = "model"
    WRONG_ENDPOINT = "wrong_endpoint"
    CONTEXT_OVERFLOW = "context_overflow"
    CONTENT_FILTER = "content_filter"
    IDENTITY = "identity"
    STALE_TOKEN = "stale_token"  # noqa: S105 - a cause, not a secret
    OPAQUE_FORBIDDEN = "opaque_forbidden"
    """403 without a reason: a parameter, a stale token or a hidden rate limit."""
    PERMISSION = "permission"
    ABUSE = "abuse"
    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    REQUEST_TIMEOUT = "request_timeout"
    """The body took too long on its way to GitHub."""
    MODEL_TIMEOUT = "model_timeout"
    """A model backend behind GitHub timed out; reported inside a response, not by its status."""
    TOO_LARGE = "too_large"
    CLIENT_TOO_OLD = "client_too_old"
    DEPENDENCY = "dependency"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``status`` is the HTTP status a caller gets (None:

    upstream's own); ``upstream_status`` is upstream's HTTP status, and the one assumed for an error
    inside a response of status 200.
    """

    kind: ErrorKind
    status: int | None
    upstream_status: int
    actor: Actor
    title: str


OUTCOMES: Mapping[ErrorCause, Outcome] = MappingProxyType(
    {
        ErrorCause.BAD_REQUEST: Outcome(
            ErrorKind.INVALID_REQUEST,
            400,
            400,
            Actor.CALLER,
            translatable("GitHub Copilot did not accept the request"),
        ),
        ErrorCause.MODEL: Outcome(
            ErrorKind.MODEL_NOT_FOUND,
            404,
            400,
            Actor.USER,
            translatable("Your plan does not offer this model here"),
        ),
        ErrorCause.WRONG_ENDPOINT: Outcome(
            ErrorKind.INVALID_REQUEST,
            400,
            400,
            Actor.CALLER,
            translatable("The model is not served in this form"),
        ),
        ErrorCause.CONTEXT_OVERFLOW: Outcome(
            ErrorKind.CONTEXT_OVERFLOW,
            400,
            400,
            Actor.CALLER,
            translatable("The conversation is too long for the model"),
        ),
        ErrorCause.CONTENT_FILTER: Outcome(
            ErrorKind.CONTENT_FILTER,
            400,
            422,
            Actor.CALLER,
            translatable("GitHub's content filter refused this"),
        ),
        ErrorCause.IDENTITY: Outcome(
            ErrorKind.UPSTREAM,
            502,
            400,
            Actor.USER,
            translatable("GitHub did not accept how we present ourselves"),
        ),
        ErrorCause.STALE_TOKEN: Outcome(
            ErrorKind.AUTHENTICATION, 401, 401, Actor.USER, translatable("GitHub ended the session")
        ),
        ErrorCause.OPAQUE_FORBIDDEN: Outcome(
            ErrorKind.PERMISSION,
            403,
            403,
            Actor.USER,
            translatable("GitHub refused without a reason"),
        ),
        ErrorCause.PERMISSION: Outcome(
            ErrorKind.PERMISSION, 403, 403, Actor.USER, translatable("Your account may not do this")
        ),
        ErrorCause.ABUSE: Outcome(
            ErrorKind.PERMISSION,
            403,
            403,
            Actor.USER,
            translatable("GitHub blocked this way of using Copilot"),
        ),
        ErrorCause.RATE_LIMIT: Outcome(
            ErrorKind.RATE_LIMIT,
            429,
            429,
            Actor.USER,
            translatable("You reached GitHub's rate limit"),
        ),
        ErrorCause.OVERLOADED: Outcome(
            ErrorKind.OVERLOADED,
            None,
            503,
            Actor.GITHUB,
            translatable("The model is overloaded at GitHub"),
        ),
        ErrorCause.QUOTA: Outcome(
            ErrorKind.QUOTA, 402, 402, Actor.USER, translatable("Your Copilot credits are used up")
        ),
        ErrorCause.NOT_FOUND: Outcome(
            ErrorKind.NOT_FOUND,
            404,
            404,
            Actor.NOBODY,
            translatable("GitHub Copilot does not know this address"),
        ),
        ErrorCause.REQUEST_TIMEOUT: Outcome(
            ErrorKind.TIMEOUT,
            408,
            408,
            Actor.CALLER,
            translatable("The request took too long to reach GitHub"),
        ),
        ErrorCause.MODEL_TIMEOUT: Outcome(
            ErrorKind.TIMEOUT, 408, 408, Actor.GITHUB, translatable("The model took too long")
        ),
        ErrorCause.TOO_LARGE: Outcome(
            ErrorKind.TOO_LARGE,
            413,
            413,
            Actor.CALLER,
            translatable("The request is too large for GitHub Copilot"),
        ),
        ErrorCause.CLIENT_TOO_OLD: Outcome(
            ErrorKind.UPSTREAM,
            502,
            466,
            Actor.USER,
            translatable("GitHub no longer accepts this version"),
        ),
        ErrorCause.DEPENDENCY: Outcome(
            ErrorKind.UPSTREAM,
            502,
            424,
            Actor.GITHUB,
            translatable("GitHub Copilot could not finish the request"),
        ),
        ErrorCause.TRANSIENT: Outcome(
            ErrorKind.UPSTREAM, 502, 502, Actor.GITHUB, translatable("GitHub Copilot has a problem")
        ),
    }
)
