"""The endpoints that ask a model, the same for every dialect: read, plan, exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from proxy_core.conversation import DialectName
from proxy_core.dialects.interface import Dialect
from proxy_core.errors import ProxyError
from proxy_core.model import Model
from proxy_core.server.call_planning import PlannedCall, model_name, plan_call
from proxy_core.server.client_stream import ClientStream
from proxy_core.server.exchange import Exchange
from proxy_core.server.guest_tokens import parts_for
from proxy_core.server.in_flight import Ticket
from proxy_core.server.parts import INFO, ServerParts
from proxy_core.server.request_body import read_members
from proxy_core.server.request_journal import JournalEntry
from proxy_core.server.token_estimates import TokenEstimates
from proxy_core.upstream_call import AutomaticChoice, Initiator
from proxy_core.usage.admission import Outgoing

BYTES_A_TOKEN = 4
AUTOMATIC = "auto"
"""The name under which GitHub chooses the model."""


class ModelCalls:
    def __init__(self, parts: ServerParts, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    async def answer(self, request: web.Request, dialect: Dialect) -> web.StreamResponse:
        """Answer one POST in ``dialect``. Raises ProxyError while nothing has been sent."""
        entry = request[INFO].entry
        settings = self._parts.settings()
        with (
            self._parts.in_flight.ticket(entry.record.request_id) as ticket,
            ticket.interruptible(),
        ):
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
        """Return the exchange for a body of raw ``members`` that may be sent. Raises ProxyError.

        While the user is asked, the client hears nothing (docs/decisions/silence-while-asking.md).
        """
        parts = parts_for(self._parts, headers, entry)
        trace = parts.tracer.begin(entry.record.request_id, members) if parts.tracer else None
        if dialect.name is DialectName.ANTHROPIC_MESSAGES:
            members = parts.desk.stabilise(members)
        entry.note(model_asked=model_name(members))
        catalogue = await parts.upstream.models()
        aliases, choice = await self._automatic(parts, members, catalogue)
        planned = plan_call(
            members,
            headers,
            dialect,
            parts.dialects,
            catalogue,
            entry.record.request_id,
            aliases,
        )
        call = replace(planned.call, client=entry.record.client)
        if choice is not None and planned.model.id == choice.model_id:
            call = replace(call, automatic_session=choice.session_token)
        planned = replace(planned, call=call)
        entry.note(
            model=planned.model.id,
            upstream_endpoint=planned.route.endpoint.value,
            translated=planned.route.translated,
            streamed=planned.facts.stream,
            dropped=planned.dropped,
            initiator=planned.asked_by.initiator.value,
            initiator_reason=planned.asked_by.why,
        )
        entry.waiting()
        if planned.own_answer is None:
            await self._admit(parts, planned, entry)
        return Exchange(parts, planned, entry, ticket, self._estimates, trace)

    async def _automatic(
        self, parts: ServerParts, members: Mapping[str, Any], catalogue: Sequence[Model]
    ) -> tuple[Mapping[str, str], AutomaticChoice | None]:
        """Return what names stand for in this request, and GitHub's choice where it asks for “auto”.

        The user's own “auto”, or a model GitHub lists under that name, comes first.
        """
        aliases = parts.model_aliases()
        if model_name(members).strip().lower() != AUTOMATIC or AUTOMATIC in aliases:
            return aliases, None
        if any(each.id == AUTOMATIC for each in catalogue):
            return aliases, None
        choice = await parts.upstream.automatic_choice()
        return {**aliases, AUTOMATIC: choice.model_id}, choice

    async def _admit(self, parts: ServerParts, planned: PlannedCall, entry: JournalEntry) -> None:
        """Return once the call may be sent; its repeats need no further word. Raises ProxyError."""
        desk = parts.desk
        outgoing = Outgoing(
            request_id=planned.call.request_id,
            client=entry.record.client,
            model=planned.model,
            prompt_tokens=self._prompt_tokens(planned) if desk.wants_size else 0,
            is_authenticated=entry.is_authenticated,
            is_user_turn=planned.asked_by.initiator is Initiator.USER,
        )
        try:
            await desk.admit(outgoing, entry.asking)
        finally:
            entry.answered()

    def _prompt_tokens(self, planned: PlannedCall) -> int:
        try:
            return self._estimates.prompt(planned.parsed(), planned.model).tokens
        except ProxyError:
            # Passed through, upstream may take what our stricter parser does not.
            return planned.size // BYTES_A_TOKEN
