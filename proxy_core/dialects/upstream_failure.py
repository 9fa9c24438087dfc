"""Failures that upstream reports inside an answer of status 200, as errors of our tree.

The codes are those of protocol notes 10.2, shared by all three endpoints, and Anthropic's types.
"""

from __future__ import annotations

from proxy_core.errors import Actor, ErrorKind, ProxyError, UpstreamRefused

_KINDS: tuple[tuple[tuple[str, ...], ErrorKind, int, Actor], ...] = (
    (
        ("model_max_prompt_tokens_exceeded", "context_length_exceeded"),
        ErrorKind.CONTEXT_OVERFLOW,
        400,
        Actor.CALLER,
    ),
    (
        ("quota_exceeded", "overage_limit_reached", "billing_not_configured", "insufficient_quota"),
        ErrorKind.QUOTA,
        402,
        Actor.USER,
    ),
    (("overloaded", "upstream_provider_rate_limit"), ErrorKind.OVERLOADED, 503, Actor.GITHUB),
    (
        ("rate_limit", "agent_mode_limit_exceeded", "extension_blocked"),
        ErrorKind.RATE_LIMIT,
        429,
        Actor.USER,
    ),
    (
        ("content_filter", "content_policy", "cyber_policy"),
        ErrorKind.CONTENT_FILTER,
        422,
        Actor.CALLER,
    ),
    (("timeout",), ErrorKind.TIMEOUT, 408, Actor.GITHUB),
    (
        ("authentication", "invalid_token", "expired_token", "token_expired", "unauthorized"),
        ErrorKind.AUTHENTICATION,
        401,
        Actor.USER,
    ),
    (("permission", "forbidden"), ErrorKind.PERMISSION, 403, Actor.USER),
    (("model_not_",), ErrorKind.MODEL_NOT_FOUND, 404, Actor.CALLER),
    (("not_found",), ErrorKind.NOT_FOUND, 404, Actor.CALLER),
    (("invalid_request", "invalid_", "unsupported_"), ErrorKind.INVALID_REQUEST, 400, Actor.CALLER),
)
_OVERFLOW_WORDS = (
    "prompt is too long",
    "exceeds the context window",
    "prompt token count of",
    "maximum context length",
)


def upstream_failure(message: str, code: str | None = None, kind: str | None = None) -> ProxyError:
    """Return the error for what upstream said: its words, its ``code`` and its ``type``."""
    said = message or code or kind or "upstream reported an error without saying which"
    if any(words in said for words in _OVERFLOW_WORDS):
        return UpstreamRefused(said, kind=ErrorKind.CONTEXT_OVERFLOW, http_status=400, code=code)
    for word in (code, kind):
        for needles, error_kind, status, actor in _KINDS:
            if word and any(needle in word for needle in needles):
                return UpstreamRefused(
                    said, kind=error_kind, http_status=status, code=code or kind, actor=actor
                )
    return UpstreamRefused(said, code=code or kind, actor=Actor.GITHUB)
