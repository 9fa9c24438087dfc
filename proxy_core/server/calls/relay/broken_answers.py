"""How a failure is reported after a response has begun (docs/decisions/broken-answers.md). Pure."""

from __future__ import annotations

from proxy_core.canonical.request import DialectName
from proxy_core.errors import ProxyError, UpstreamBroke

BREAKS_WITHOUT_REASON = frozenset({None, "upstream_broke", "upstream_silent"})
"""Codes of a connection that was lost, timed out, or ended early, without a stated reason."""
CUT_DIALECTS = frozenset({DialectName.OPENAI_CHAT})
"""Dialects without an error event of their own.

Agents retry a request whose connection was lost; after an error in a chunk they give up (pi, Cline,
Continue, AI SDK) or act on half a tool call.
"""


def reported_by_cut(error: ProxyError, dialect: DialectName) -> bool:
    """Whether to cut the connection instead of reporting ``error`` inside the response."""
    is_without_reason = isinstance(error, UpstreamBroke) and error.code in BREAKS_WITHOUT_REASON
    return is_without_reason and dialect in CUT_DIALECTS
