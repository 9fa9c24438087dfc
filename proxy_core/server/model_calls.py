"""The endpoints that ask a model, the same for every dialect: read, plan, exchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from proxy_core.dialects.interface import Dialect
from proxy_core.server.call_planning import model_name, plan_call
from proxy_core.server.client_stream import ClientStream
from proxy_core.server.exchange import Exchange
from proxy_core.server.in_flight import Ticket
from proxy_core.server.parts import INFO, ServerParts
from proxy_core.server.request_body import read_members
from proxy_core.server.request_journal import JournalEntry
from proxy_core.server.token_estimates import TokenEstimates


class ModelCalls:
    def __init__(self, parts: ServerParts, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    async def answer(self, request: web.Request, dialect: Dialect) -> web.StreamResponse:
        """Answer one POST in ``dialect``. Raises ProxyError while nothing has been sent."""
        entry = request[INFO].entry
        settings = self._parts.settings()
        with self._parts.in_flight.ticket() as ticket, ticket.interruptible():
            members = await read_members(request, settings.max_body_megabytes)
            exchange = await self.begin(members, request.headers, dialect, entry, ticket)
            if not exchange.planned.facts.stream:
                return await exchange.whole()
            client = ClientStream(
                request,
                keep_alive=exchange.planned.client.keep_alive(),
                heartbeat_seconds=settings.heartbeat_seconds,
                on_first_byte=entry.first_byte,
            )
            await exchange.streamed(client)
            return client.response

    async def begin(
        self,
        members: Mapping[str, Any],
        headers: Mapping[str, str],
        dialect: Dialect,
        entry: JournalEntry,
        ticket: Ticket,
    ) -> Exchange:
        """Return the exchange for a body of raw ``members``. Raises ProxyError."""
        parts = self._parts
        entry.note(model_asked=model_name(members))
        catalogue = await parts.upstream.models()
        planned = plan_call(
            members,
            headers,
            dialect,
            parts.dialects,
            catalogue,
            entry.record.request_id,
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
        return Exchange(parts, planned, entry, ticket, self._estimates)
