"""Converts errors that upstream reports inside a response of status 200.

Codes, types and wordings mean the same as in an error response (``copilot_facts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.copilot_facts.causes import OUTCOMES
from proxy_core.copilot_facts.error_codes import cause_of_word
from proxy_core.copilot_facts.wordings import says_overflow
from proxy_core.errors import Actor, ErrorKind, ProxyError, UpstreamRefused


def upstream_failure(message: str, code: str | None = None, kind: str | None = None) -> ProxyError:
    """Return the error for upstream's message, ``code`` and ``type``."""
    text = message or code or kind or "upstream reported an error without saying which"
    if says_overflow(text):
        return UpstreamRefused(text, kind=ErrorKind.CONTEXT_OVERFLOW, http_status=400, code=code)
    cause = cause_of_word(code) or cause_of_word(kind)
    if cause is None:
        return UpstreamRefused(text, code=code or kind, actor=Actor.GITHUB)
    outcome = OUTCOMES[cause]
    return UpstreamRefused(
        text,
        kind=outcome.kind,
        http_status=outcome.status or outcome.upstream_status,
        code=code or kind,
        actor=outcome.actor,
    )


def is_anthropic_error(body: Mapping[str, Any]) -> bool:
    """Whether an error body of upstream's has Anthropic's form."""
    inner = body.get("error")
    typed = isinstance(inner, dict) and isinstance(inner.get("type"), str)
    return typed and body.get("type") == "error"


def is_openai_error(body: Mapping[str, Any]) -> bool:
    """Whether an error body of upstream's has OpenAI's form, with all its members."""
    inner = body.get("error")
    whole = isinstance(inner, dict) and {"type", "param", "code"} <= inner.keys()
    return whole and not is_anthropic_error(body)
