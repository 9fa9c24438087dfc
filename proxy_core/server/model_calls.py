"""The endpoints that ask a model, the same for every dialect: read, plan, exchange."""

from __future__ import annotations

from aiohttp import web

from proxy_core.dialects.interface import Dialect
from proxy_core.server.call_planning import PlannedCall, model_name, plan_call
from proxy_core.server.exchange import Exchange
from proxy_core.server.parts import INFO, RequestInfo, ServerParts
from proxy_core.server.request_body import read_members
from proxy_core.server.token_estimates import TokenEstimates


class ModelCalls:
    def __init__(self, parts: ServerParts, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    async def answer(self, request: web.Request, dialect: Dialect) -> web.StreamResponse:
        """Answer one POST in ``dialect``. Raises ProxyError while nothing has been sent."""
        info = request[INFO]
        with self._parts.in_flight.ticket() as ticket, ticket.interruptible():
            planned = await self._plan(request, dialect, info)
            exchange = Exchange(self._parts, planned, info.entry, ticket, self._estimates)
            if planned.facts.stream:
                return await exchange.streamed(request)
            return await exchange.whole()

    async def _plan(self, request: web.Request, dialect: Dialect, info: RequestInfo) -> PlannedCall:
        parts = self._parts
        members = await read_members(request, parts.settings().max_body_megabytes)
        entry = info.entry
        entry.note(model_asked=model_name(members))
        catalogue = await parts.upstream.models()
        planned = plan_call(
            members,
            request.headers,
            dialect,
            parts.dialects,
            catalogue,
            info.request_id,
            parts.model_aliases(),
        )
        entry.note(
            model=planned.model.id,
            upstream_endpoint=planned.route.endpoint.value,
            translated=planned.route.translated,
            streamed=planned.facts.stream,
            dropped=planned.dropped,
        )
        entry.waiting()
        return planned
