"""POST embeddings: one upstream call for each batch of inputs, one response."""

from __future__ import annotations

import contextlib

import msgspec
from aiohttp import web

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.dialects import embeddings
from proxy_core.dialects.embeddings import EmbeddingsRequest
from proxy_core.dialects.interface import StreamOutcome
from proxy_core.dialects.shared.json_members import decode_fully
from proxy_core.errors import BadRequest
from proxy_core.routing.call_plan import model_name
from proxy_core.routing.client_programs import session_id
from proxy_core.routing.model_names import resolve_model
from proxy_core.routing.upstream_api import Initiator, UpstreamCall
from proxy_core.server.access.guest_tokens import parts_for
from proxy_core.server.calls.body_threads import is_heavy, members_size
from proxy_core.server.calls.relay.relay_stream import read_all
from proxy_core.server.calls.tokens.prompt_size import BYTES_A_TOKEN
from proxy_core.server.http.request_body import read_members
from proxy_core.server.http.responses import MODEL_HEADER, dropped_header, json_answer
from proxy_core.server.parts import INFO, ServerContext
from proxy_core.server.records.request_log import RequestLogEntry
from proxy_core.usage.limits.admission import Outgoing
from proxy_core.usage.request_accounting import SentCall


class EmbeddingsHandler:
    def __init__(self, parts: ServerContext) -> None:
        self._parts = parts

    async def embed(self, request: web.Request) -> web.Response:
        """Raises ProxyError."""
        entry = request[INFO].entry
        parts = parts_for(self._parts, request.headers, entry)
        with parts.in_flight.ticket(entry.request_id) as ticket, ticket.interruptible():
            members = await read_members(
                request, parts.settings().max_body_megabytes, parts.threads
            )
            entry.update(model_asked=model_name(members))
            asked = await parts.threads.run(
                lambda: embeddings.parse_request(decode_fully(members)), heavy=is_heavy(members)
            )
            model = resolve_model(asked.model, await parts.upstream.models(), parts.model_aliases())
            if Endpoint.EMBEDDINGS not in model.endpoints:
                raise BadRequest(
                    f"The model {model.id} makes no embeddings.",
                    code="unsupported_api_for_model",
                    param="model",
                )
            entry.update(model=model.id, upstream_endpoint=Endpoint.EMBEDDINGS.value)
            entry.waiting()
            outgoing = Outgoing(
                request_id=entry.request_id,
                client=entry.client,
                model=model,
                prompt_tokens=members_size(members) // BYTES_A_TOKEN,
                is_user_turn=False,
            )
            try:
                await parts.usage_hooks.admit(outgoing, entry.asking)
            finally:
                entry.answered()
            entry.update(initiator=Initiator.AGENT.value)
            entry.sent(SentCall(model))
            answers: list[bytes] = []
            try:
                await self._ask(parts, asked, model, entry, session_id(request.headers), answers)
                content = embeddings.write_answer(asked, answers)
            except BaseException:
                # GitHub bills the answered batches, even if others failed.
                with contextlib.suppress(msgspec.MsgspecError):
                    entry.broken_off(_outcome(answers))
                raise
        entry.outcome(_outcome(answers))
        entry.first_byte()
        headers = dropped_header(entry.record.dropped)
        if asked.model != model.id:
            headers[MODEL_HEADER] = model.id
        return json_answer(content, headers=headers)

    async def _ask(
        self,
        parts: ServerContext,
        asked: EmbeddingsRequest,
        model: Model,
        entry: RequestLogEntry,
        session: str | None,
        bodies: list[bytes],
    ) -> None:
        """Append upstream's responses to ``bodies`` in the order of the inputs; calls are
        sequential, so that a client with thousands of texts does not hit GitHub's limits sooner.
        """
        dropped: list[str] = []
        for rendered in embeddings.render_requests(asked, model):
            call = UpstreamCall(
                endpoint=Endpoint.EMBEDDINGS,
                model=model,
                body=rendered.body,
                initiator=Initiator.AGENT,  # made by a program, not a person's turn
                has_images=False,
                request_id=entry.request_id,
                session_id=session,
                client=entry.client,
                on_attempt=entry.sending,
            )
            answer = await parts.upstream.open_stream(call)
            parts.usage_hooks.note_headers(answer.headers)
            try:
                bodies.append(await read_all(answer.chunks()))
            finally:
                await answer.close()
            dropped += (*rendered.dropped, *answer.dropped)
            entry.update(dropped=tuple(dict.fromkeys(dropped)))


def _outcome(answers: list[bytes]) -> StreamOutcome:
    usage, bill = embeddings.read_costs(answers)
    return StreamOutcome(finished=True, usage=usage, bill=bill)
