"""Which ``anthropic-beta`` values go on to upstream (protocol notes, section 7.2)."""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.dialects.interface import RenderedHeaders
from proxy_core.model import Model

ALLOWED_BETAS = frozenset(
    {
        "interleaved-thinking-2025-05-14",
        "context-management-2025-06-27",
        "advanced-tool-use-2025-11-20",
        "extended-cache-ttl-2025-04-11",
        "compact-2026-01-12",
        "computer-use-2025-11-24",
        "mid-conversation-system-2026-04-07",
    }
)
"""Upstream answers any other value with 400 "unsupported beta header(s)"."""

INTERLEAVED_THINKING = "interleaved-thinking-2025-05-14"


def allowed_betas(value: str, model: Model) -> tuple[list[str], list[str]]:
    """Cut the header's value (comma-separated) into what goes on and what stays here.

    Both lists keep the client's order without repetitions. A model that thinks adaptively
    interleaves unasked, and upstream wants the beta left out for it.
    """
    allowed: list[str] = []
    refused: list[str] = []
    for each in value.split(","):
        beta = each.strip()
        if not beta or beta in allowed or beta in refused:
            continue
        redundant = beta == INTERLEAVED_THINKING and model.supports.adaptive_thinking
        (allowed if beta in ALLOWED_BETAS and not redundant else refused).append(beta)
    return allowed, refused


def pass_through_headers(headers: Mapping[str, str], model: Model) -> RenderedHeaders:
    """Return the version and the betas upstream takes; a refused beta is named as dropped."""
    kept = {name: headers[name] for name in ("anthropic-version",) if headers.get(name)}
    allowed, refused = allowed_betas(headers.get("anthropic-beta", ""), model)
    if allowed:
        kept["anthropic-beta"] = ",".join(allowed)
    return RenderedHeaders(kept, tuple(f"anthropic-beta: {each}" for each in refused))
