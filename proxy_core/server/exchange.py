"""One call and its answer: asks upstream, carries what it says to the client, ends both properly."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from proxy_core.conversation import DialectName, Request
from proxy_core.dialects.interface import StreamOutcome, WriterContext
from proxy_core.dialects.thinking_replay import ThinkingWatch
from proxy_core.errors import ProxyError
from proxy_core.request_trace import TracePlace
from proxy_core.server.answer_sink import AnswerSink
from proxy_core.server.answers import (
    MODEL_HEADER,
    REASONING_INCLUDED,
    dropped_header,
    json_answer,
    upstream_headers,
)
from proxy_core.server.call_opening import open_call
from proxy_core.server.call_planning import PlannedCall
from proxy_core.server.in_flight import Ticket
from proxy_core.server.kept_limits import KeptLimits
from proxy_core.server.parts import ServerParts, fitter_of
from proxy_core.server.pump import collect, pump, read_all
from proxy_core.server.request_journal import JournalEntry
from proxy_core.server.token_estimates import PromptEstimate, TokenEstimates
from proxy_core.server.tracing import OpenTrace, TracedSink
from proxy_core.server.transcoding import (
    KeepThinking,
    PassThroughTranscoder,
    Transcoder,
    TranslatingTranscoder,
    events_outcome,
    watch_events,
)
from proxy_core.stream_events import StreamEvent
from proxy_core.upstream_call import UpstreamAnswer
from proxy_core.usage.desk import SentCall

log = logging.getLogger("g_copilot_proxy.server")

LAST_BYTES_SECONDS = 1.0
"""How long upstream may take to end the body after its last event. A body that was read to its end
leaves a connection for the next call; a new one costs a TLS handshake."""

LARGEST_PARSED_TO_LEARN = 200_000
"""Bytes. A body that was passed through is parsed only to learn from it; no stream may wait for that."""

_STOP_MEMBERS = frozenset({"stop", "stop_sequences"})
"""What stop sequences are called among the limits kept here; every other name is a token limit."""


class Exchange:
    """Serves one planned call. One object per request."""

    def __init__(
        self,
        parts: ServerParts,
        planned: PlannedCall,
        entry: JournalEntry,
        ticket: Ticket,
        estimates: TokenEstimates,
        trace: OpenTrace | None = None,
    ) -> None:
        self._parts = parts
        self._trace = trace
        self._planned = planned
        self._entry = entry
        self._ticket = ticket
        self._estimates = estimates
        self._answer: UpstreamAnswer | None = None
        self._limits: KeptLimits | None = None
        self._prompt: PromptEstimate | None = None

    @property
    def planned(self) -> PlannedCall:
        return self._planned

    async def whole(self) -> web.StreamResponse:
        """Return the answer as one JSON body. Raises ProxyError."""
        planned = self._planned
        events: list[StreamEvent] = []
        try:
            answer = await self._open()
            chunks = self._chunks(answer)
            if _is_json(answer):
                body = await read_all(chunks)
                events = planned.read_whole(body)
                if self._limits is not None:
                    events = [kept for event in events for kept in self._limits.feed(event)]
            else:
                await collect(chunks, planned.reader(), self._limits, events)
                await self._read_to_end(chunks)
            if (keep := self._keep()) is not None:
                watch_events(events, ThinkingWatch(), keep)
            outcome = events_outcome(events)
            self._entry.outcome(outcome)
            content = planned.client.write_whole(events, self._context())
            self._learn(outcome)
        except BaseException:
            self._entry.broken_off(events_outcome(events))
            raise
        finally:
            await self._close()
        if self._trace is not None:
            self._trace.replace(TracePlace.CLIENT_ANSWER, content)
        self._entry.first_byte()
        return json_answer(content, headers=self._headers())

    async def streamed(self, client: AnswerSink) -> None:
        """Send the answer to ``client`` as it arrives. Raises ProxyError only while nothing was sent."""
        transcoder: Transcoder | None = None
        if self._trace is not None:
            client = TracedSink(client, self._trace)
        try:
            with self._ticket.interruptible():
                client.note_headers(self._headers())
                answer = await self._open()
                client.note_headers(self._headers())
                transcoder = self._transcoder(answer)
                chunks = self._chunks(answer)
                if _is_json(answer):
                    assert isinstance(transcoder, TranslatingTranscoder)
                    body = await read_all(chunks)
                    events = self._planned.read_whole(body)
                    await client.send(transcoder.write(events))
                    ended = True
                else:
                    ended = await pump(chunks, transcoder, client)
            outcome = transcoder.outcome()
            self._entry.outcome(outcome)
            await client.finish()
            if outcome.finished and not ended:
                await self._read_to_end(chunks)
            self._learn(outcome)
        except (asyncio.CancelledError, ConnectionError):
            if transcoder is not None and transcoder.outcome().finished:
                # Clients leave as soon as they have read the last event.
                self._entry.outcome(transcoder.outcome())
                self._entry.delivered()
            elif transcoder is not None:
                self._entry.broken_off(transcoder.outcome())
            raise
        except Exception as error:
            if transcoder is not None:
                self._entry.broken_off(transcoder.outcome())
            # Once headers have left, whatever breaks must be told inside the stream.
            if not client.began:
                raise
            await self._fail(client, transcoder, error)
        finally:
            client.abandon()
            await self._close()

    async def _open(self) -> UpstreamAnswer:
        self._note_sent(self._planned)
        opened = await open_call(self._parts.upstream, self._planned, fitter_of(self._parts))
        self._planned = planned = opened.planned
        self._answer = answer = opened.answer
        self._note_sent(planned)
        self._parts.desk.note_headers(answer.headers)
        self._entry.note(
            attempts=answer.attempts + opened.refused,
            dropped=tuple(dict.fromkeys((*planned.dropped, *answer.dropped))),
            notes=(*planned.notes, *answer.notes),
        )
        kept = {*self._planned.kept_locally, *answer.kept_locally}
        if kept:
            request = self._planned.parsed()
            sampling = request.sampling
            self._limits = KeptLimits(
                sampling.max_output_tokens if kept - _STOP_MEMBERS else None,
                sampling.stop if kept & _STOP_MEMBERS else (),
                self._prompt_tokens(request),
            )
        return answer

    def _note_sent(self, planned: PlannedCall) -> None:
        if planned.own_answer is None:
            call = planned.call
            self._entry.sent(SentCall(call.model, call.body, call.session_id))
            if self._trace is not None:
                self._trace.replace(TracePlace.UPSTREAM_REQUEST, call.body)

    def _chunks(self, answer: UpstreamAnswer) -> AsyncIterator[bytes]:
        chunks = answer.chunks()
        return chunks if self._trace is None else self._trace.watch(chunks)

    def _learn(self, outcome: StreamOutcome) -> None:
        """Compare the estimate of the prompt with what upstream counted."""
        cut_here = self._limits is not None and self._limits.finished
        if not outcome.usage or cut_here:
            return
        planned = self._planned
        if self._prompt is None:
            if planned.size > LARGEST_PARSED_TO_LEARN or not self._estimates.is_due(planned.model):
                return
            # Upstream took the request: what our stricter parser says of it is nobody's concern.
            with contextlib.suppress(ProxyError):
                self._prompt_tokens(planned.parsed())
        if self._prompt is not None:
            self._estimates.learn(planned.model, self._prompt, outcome.usage)

    async def _close(self) -> None:
        if self._answer is not None:
            await self._answer.close()

    async def _read_to_end(self, chunks: AsyncIterator[bytes]) -> None:
        """Read what follows the last event, unless we cut the answer ourselves."""
        if self._limits is not None and self._limits.finished:
            return
        with contextlib.suppress(TimeoutError, ProxyError):
            async with asyncio.timeout(LAST_BYTES_SECONDS):
                async for _ in chunks:
                    pass

    async def _fail(
        self, client: AnswerSink, transcoder: Transcoder | None, error: Exception
    ) -> None:
        """Tell the client inside its stream, then close the connection."""
        if isinstance(error, ProxyError):
            failure = error
        else:
            log.error("%s broke", self._planned.call.request_id, exc_info=error)
            failure = ProxyError("The proxy failed while it was answering.")
        self._entry.failed(failure)
        if transcoder is not None:
            frames = transcoder.fail(failure)
        else:
            frames = self._planned.client.error_frames(failure, self._planned.call.request_id)
        if frames:
            await client.send(frames)
        await client.finish()

    def _prompt_tokens(self, request: Request) -> int:
        if self._prompt is None:
            planned = self._planned
            self._prompt = self._estimates.prompt(request, planned.model)
        return self._prompt.tokens

    def _transcoder(self, answer: UpstreamAnswer) -> Transcoder:
        planned = self._planned
        context = self._context()
        if planned.route.translated or self._limits is not None or _is_json(answer):
            reader = planned.reader()
            writer = planned.client.writer(context)
            return TranslatingTranscoder(reader, writer, self._limits, self._keep())
        return PassThroughTranscoder(planned.client.pass_through(context), self._keep())

    def _keep(self) -> KeepThinking | None:
        """Return what keeps a turn's thinking; only one endpoint wants it back from clients that
        cannot return it."""
        if self._planned.route.upstream is not DialectName.OPENAI_CHAT:
            return None
        return functools.partial(self._parts.thinking.keep, self._planned.model.id)

    def _context(self) -> WriterContext:
        planned = self._planned
        request = planned.request
        # Only this dialect states the size of the prompt before upstream does.
        is_messages = planned.client.name is DialectName.ANTHROPIC_MESSAGES
        return WriterContext(
            model=planned.model.id,
            make_id=self._parts.make_id,
            created=int(self._parts.clock.wall()),
            include_usage=planned.facts.include_usage,
            input_tokens_estimate=self._prompt_tokens(request) if request and is_messages else 0,
            request=request,
            members=planned.members,
            is_translated=planned.route.translated,
            keep_item=planned.keep_item,
            request_id=planned.call.request_id,
        )

    def _headers(self) -> dict[str, str]:
        planned = self._planned
        headers: dict[str, str] = {}
        dropped = planned.dropped
        if self._answer is not None:
            headers |= upstream_headers(self._answer)
            dropped = (*dropped, *self._answer.dropped)
        if planned.client.name is DialectName.OPENAI_RESPONSES:
            headers |= REASONING_INCLUDED
        headers |= dropped_header(dropped)
        if planned.facts.model != planned.model.id:
            headers[MODEL_HEADER] = planned.model.id
        return headers


def _is_json(answer: UpstreamAnswer) -> bool:
    """Whether upstream sent the answer whole although it was asked to stream."""
    return answer.content_type.partition(";")[0].strip().lower() == "application/json"
