"""How a failure is reported after a response has begun (docs/decisions/broken-answers.md). Pure."""

from __future__ import annotations

from proxy_core.dialects.interface import ClientTraits
from proxy_core.errors import ProxyError, UpstreamBroke

BREAKS_WITHOUT_REASON = frozenset({None, "upstream_broke", "upstream_silent"})
"""Codes of a connection that was lost, timed out, or ended early, without a stated reason."""


def reported_by_cut(error: ProxyError, client: ClientTraits) -> bool:
    """Whether to cut the connection instead of reporting ``error`` inside the response.

    Agents retry a request whose connection was lost; after an error in a chunk of a dialect without an
    error event they give up (pi, Cline, Continue, AI SDK) or act on half a tool call.
    """
    is_without_reason = isinstance(error, UpstreamBroke) and error.code in BREAKS_WITHOUT_REASON
    return is_without_reason and client.breaks_by_cut
