"""Failures that upstream reports inside an answer of status 200, as errors of our tree.

Codes, types and sentences mean what they mean in an answer of their own (``copilot_facts``).
"""

from __future__ import annotations

from proxy_core.copilot_facts.causes import OUTCOMES
from proxy_core.copilot_facts.error_codes import cause_of_word
from proxy_core.copilot_facts.wordings import says_overflow
from proxy_core.errors import Actor, ErrorKind, ProxyError, UpstreamRefused


def upstream_failure(message: str, code: str | None = None, kind: str | None = None) -> ProxyError:
    """Return the error for what upstream said: its words, its ``code`` and its ``type``."""
    said = message or code or kind or "upstream reported an error without saying which"
    if says_overflow(said):
        return UpstreamRefused(said, kind=ErrorKind.CONTEXT_OVERFLOW, http_status=400, code=code)
    cause = cause_of_word(code) or cause_of_word(kind)
    if cause is None:
        return UpstreamRefused(said, code=code or kind, actor=Actor.GITHUB)
    outcome = OUTCOMES[cause]
    return UpstreamRefused(
        said,
        kind=outcome.kind,
        http_status=outcome.status or outcome.upstream_status,
        code=code or kind,
        actor=outcome.actor,
    )
