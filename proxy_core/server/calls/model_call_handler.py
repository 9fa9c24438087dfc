"""POST to an endpoint that asks a model, the same for every dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from proxy_core.dialects.interface import Dialect
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.server.calls.call_runner import CallRunner
from proxy_core.server.calls.incoming_call import IncomingCall
from proxy_core.server.calls.relay.client_stream import ClientStream
from proxy_core.server.calls.response_writer import ResponseWriter
from proxy_core.server.calls.several_answers import AskedFor, SeveralAnswers, answers_wanted
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
from proxy_core.server.calls.whole_response import WholeResponse
from proxy_core.server.http.request_body import read_members
from proxy_core.server.parts import INFO, ServerContext
from proxy_core.server.records.request_log import RequestLogEntry


class ModelCallHandler:
    def __init__(self, parts: ServerContext, estimates: TokenEstimates) -> None:
        self._parts = parts
        self._estimates = estimates

    async def answer(
        self, request: web.Request, dialect: Dialect, given: Mapping[str, Any] | None = None
    ) -> web.StreamResponse:
        """Answer one POST in ``dialect``; ``given`` are its members, if they were read already.

        Raises ProxyError while nothing has been sent.
        """
        parts, entry = self._parts, request[INFO].entry
        settings = parts.settings()
        client: ClientStream | WholeResponse | None = None

        def respond(planned: PlannedCall) -> ResponseWriter | WholeResponse:
            nonlocal client
            if not planned.facts.stream:
                client = WholeResponse()
            else:
                client = ClientStream(
                    request,
                    stream_type=planned.client.traits.stream_type,
                    keep_alive=planned.client.keep_alive(),
                    heartbeat_seconds=settings.heartbeat_seconds,
                    on_first_byte=entry.first_byte,
                )
            return client

        async def read() -> dict[str, object]:
            if given is not None:
                return dict(given)
            return await read_members(request, settings.max_body_megabytes, parts.threads)

        with parts.in_flight.ticket(entry.request_id) as ticket:
            if dialect.traits.counts_by_n:
                with ticket.interruptible():
                    members = await read()
                    count = answers_wanted(members)
                    if count > 1:
                        asked = AskedFor(dialect, request.headers, members)
                        return (await self._several(request, asked, count)).response

                async def read() -> dict[str, object]:
                    return members

            incoming = IncomingCall(dialect, request[INFO].headers, entry, ticket)
            await CallRunner(parts, self._estimates, incoming).run(read, respond)
        assert client is not None, "the call was answered"
        if isinstance(client, ClientStream):
            client.leave()
        return client.response

    async def _several(self, request: web.Request, asked: AskedFor, count: int) -> WholeResponse:
        """Answer with ``count`` choices. Raises ProxyError."""
        parts, first = self._parts, request[INFO].entry
        record = first.record

        def entry_of() -> RequestLogEntry:
            entry = parts.journal.open(
                parts.make_id("req_"), record.client, record.path, shown=True
            )
            entry.is_authenticated = first.is_authenticated
            if first.is_guests:
                entry.paid_by_guest(record.client)
            return entry

        several = SeveralAnswers(parts, self._estimates, asked, entry_of)
        return await several.answer(count, first)
