"""How many tokens a request has: upstream's own count where it offers one, else the estimate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.conversation import DialectName, Request
from proxy_core.dialects.interface import Dialect
from proxy_core.dialects.vendor_rules import Target, fit_request
from proxy_core.errors import ProxyError
from proxy_core.model import Endpoint, Model
from proxy_core.model_names import resolve_model
from proxy_core.server.parts import ServerParts
from proxy_core.server.request_body import decode_fully
from proxy_core.server.token_estimates import TokenEstimates
from proxy_core.upstream_call import Upstream

COUNTED_MEMBERS = ("model", "messages", "system", "tools", "tool_choice", "thinking")
"""What upstream's endpoint takes; clients send whole requests."""


class TokenCounting:
    """Counts requests of any dialect. One per server."""

    def __init__(self, parts: ServerParts, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    async def count(
        self, members: dict[str, Any], dialect: Dialect, upstream: Upstream | None = None
    ) -> tuple[Model, int]:
        """Return the model and the prompt's tokens for a body of raw ``members``.

        ``upstream`` is the caller's own way, where it has one.

        Raises BadRequest or ModelNotFound; never because GitHub is slow or away, since clients size
        their next turn by the count.
        """
        facts = dialect.inspect_request(members)
        upstream = upstream or self._parts.upstream
        model = resolve_model(facts.model, await upstream.models(), self._parts.model_aliases())
        request: Request | None = None
        if Endpoint.MESSAGES in model.endpoints:
            messages = self._parts.dialects[DialectName.ANTHROPIC_MESSAGES]
            if dialect.name is messages.name:
                body: Mapping[str, Any] = dialect.pass_through_request(members, model).body
            else:
                request = dialect.parse_request(decode_fully(members))
                body = messages.render_request(request, model).body
            target = Target(model, Endpoint.MESSAGES, dialect.name)
            tokens = await _ask_upstream(upstream, model, fit_request(body, target).body)
            if tokens is not None:
                return model, tokens
        if request is None:
            request = dialect.parse_request(decode_fully(members))
        return model, self._estimates.prompt(request, model).tokens


async def _ask_upstream(upstream: Upstream, model: Model, body: Mapping[str, Any]) -> int | None:
    counted = {name: body[name] for name in COUNTED_MEMBERS if name in body}
    try:
        return await upstream.count_tokens(model, counted)
    except ProxyError:
        return None
