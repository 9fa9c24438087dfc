"""Counts a request's tokens: upstream's own count if it offers one, else the estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import Request
from proxy_core.dialects.client_traits import COUNTS_UPSTREAM
from proxy_core.dialects.conversation_outline import Outline
from proxy_core.dialects.interface import Dialect
from proxy_core.dialects.shared.json_members import decode_fully
from proxy_core.dialects.vendor_rules import Target, fit_request
from proxy_core.errors import ProxyError
from proxy_core.routing.model_names import resolve_model
from proxy_core.routing.upstream_api import Upstream
from proxy_core.server.calls.automatic_model import ModelChoice, automatic_model
from proxy_core.server.calls.body_threads import is_heavy
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
from proxy_core.server.parts import ServerContext

COUNTED_MEMBERS = ("model", "messages", "system", "tools", "tool_choice", "thinking")
"""What upstream's endpoint takes; clients send whole requests."""


class TokenCounting:
    """Counts requests of any dialect. One per server."""

    def __init__(self, parts: ServerContext, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    async def count(
        self,
        members: dict[str, Any],
        dialect: Dialect,
        upstream: Upstream | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Model, int]:
        """Return the model and the prompt's tokens for a body of raw ``members``.

        ``upstream`` is the caller's own, if it is a guest; ``headers`` are case-insensitive.

        Raises BadRequest or ModelNotFound; never because GitHub is slow or unreachable, since
        clients size their next turn by the count.
        """
        threads, heavy = self._parts.threads, is_heavy(members)
        facts = await threads.run(lambda: dialect.inspect_request(members), heavy=heavy)
        upstream = upstream or self._parts.upstream
        parts = replace(self._parts, upstream=upstream)
        names = await _names(parts, dialect, headers, members)
        model = resolve_model(facts.model, names.catalogue, names.aliases)
        request: Request | None = None
        if Endpoint.MESSAGES in model.endpoints:
            body, request = await threads.run(
                lambda: self._messages_body(members, dialect, model, facts.outline), heavy=heavy
            )
            tokens = await _ask_upstream(upstream, model, body)
            if tokens is not None:
                return model, tokens
        parsed = request

        def estimate() -> int:
            prompt = parsed or dialect.parse_request(decode_fully(members))
            return self._estimates.prompt(prompt, model).tokens

        return model, await threads.run(estimate, heavy=heavy)

    def _messages_body(
        self,
        members: dict[str, Any],
        dialect: Dialect,
        model: Model,
        outline: Outline | None,
    ) -> tuple[Mapping[str, Any], Request | None]:
        """Return the body for upstream, and the request if it had to be parsed."""
        messages = self._parts.dialects[COUNTS_UPSTREAM]
        request: Request | None = None
        if dialect.name is messages.name:
            body: Mapping[str, Any] = dialect.pass_through_request(members, model, outline).body
        else:
            request = dialect.parse_request(decode_fully(members))
            body = messages.render_request(request, model).body
        target = Target(model, Endpoint.MESSAGES, dialect.name, outline=outline)
        return fit_request(body, target).body, request


async def _names(
    parts: ServerContext, dialect: Dialect, headers: Mapping[str, str], members: Mapping[str, Any]
) -> ModelChoice:
    """What names stand for; as listed, where GitHub cannot be asked for its choice."""
    catalogue = await parts.upstream.models()
    try:
        return await automatic_model(parts, dialect, headers, members, catalogue)
    except ProxyError:
        return ModelChoice(parts.model_aliases(), catalogue)


async def _ask_upstream(upstream: Upstream, model: Model, body: Mapping[str, Any]) -> int | None:
    counted = {name: body[name] for name in COUNTED_MEMBERS if name in body}
    try:
        return await upstream.count_tokens(model, counted)
    except ProxyError:
        return None
