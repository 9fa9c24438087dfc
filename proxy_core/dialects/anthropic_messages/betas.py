"""The headers of a Messages request that are forwarded to upstream, including all betas.

Unknown betas are forwarded: an allow-list would disable new features of Claude Code (its gateway
protocol). ``upstream.parameters.policy`` removes those known or seen to be refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.copilot_facts.betas import HEADER
from proxy_core.dialects.interface import RenderedHeaders


def pass_through_headers(headers: Mapping[str, str]) -> RenderedHeaders:
    """Return the version and the betas, in the client's order without repetitions."""
    forwarded = {name: headers[name] for name in ("anthropic-version",) if headers.get(name)}
    betas = [each.strip() for each in headers.get(HEADER, "").split(",")]
    named = ",".join(dict.fromkeys(each for each in betas if each))
    if named:
        forwarded[HEADER] = named
    return RenderedHeaders(forwarded)
