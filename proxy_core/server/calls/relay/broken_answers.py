"""How a client is told that its answer broke in the middle (docs/decisions/broken-answers.md). Pure."""

from __future__ import annotations

from proxy_core.canonical.request import DialectName
from proxy_core.errors import ProxyError, UpstreamBroke

BREAKS_WITHOUT_REASON = frozenset({None, "upstream_broke", "upstream_silent"})
"""Codes of a connection that was lost, fell silent, or ended early: nobody said why."""
CUT_DIALECTS = frozenset({DialectName.OPENAI_CHAT})
"""Dialects without an error event of their own. Agents repeat a request whose connection was lost, and
give up (pi, Cline, Continue, AI SDK) or act on half a tool call when a chunk tells of an error."""


def told_by_a_cut(error: ProxyError, dialect: DialectName) -> bool:
    """Whether the connection is to be cut in place of telling ``error`` inside the answer."""
    is_without_reason = isinstance(error, UpstreamBroke) and error.code in BREAKS_WITHOUT_REASON
    return is_without_reason and dialect in CUT_DIALECTS
