"""One call of a model, from its body to its record: read, plan, admit, send, relay, record.

The same for every dialect, and for HTTP and WebSocket alike; only reading the body and writing the
response differ. A request is parsed at most once, and settled exactly once: success, refusal, a
break in the middle, a cancellation, or a stop of the server. The client waits for reading,
planning, admission and sending; calibration and the end of upstream's body come after its last
byte.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from proxy_core.canonical.events import Usage
from proxy_core.dialects.interface import StreamOutcome
from proxy_core.dialects.openai_responses.session.stored_state import wants_storage
from proxy_core.dialects.shared.thinking_replay import ThinkingWatch
from proxy_core.errors import ErrorKind, ProxyError, UpstreamRefused
from proxy_core.routing.call_plan import AskedFor, PlannedCall, model_name, plan_call
from proxy_core.routing.client_programs import client_by_instructions
from proxy_core.routing.initiator import codex_turn
from proxy_core.routing.upstream_api import Initiator, UpstreamAnswer
from proxy_core.server.access.guest_tokens import parts_for
from proxy_core.server.calls.answer_form import AnswerForm, answer_headers, is_json
from proxy_core.server.calls.automatic_model import automatic_model
from proxy_core.server.calls.body_threads import is_heavy
from proxy_core.server.calls.call_opening import OpenedCall, open_call
from proxy_core.server.calls.incoming_call import IncomingCall, ReadMembers, Respond
from proxy_core.server.calls.memory.answered_turns import continued
from proxy_core.server.calls.memory.stored_items import StoredItems
from proxy_core.server.calls.relay.broken_answers import reported_by_cut
from proxy_core.server.calls.relay.enforced_limits import LocalLimits, limits_of
from proxy_core.server.calls.relay.relay_stream import WholeAnswer, read_all, relay_stream
from proxy_core.server.calls.relay.transcoding import (
    Transcoder,
    TranslatingTranscoder,
    watch_events,
)
from proxy_core.server.calls.response_writer import ResponseWriter
from proxy_core.server.calls.settlement import answer_notes, settle, with_estimated_usage
from proxy_core.server.calls.tokens.prompt_size import PromptSize
from proxy_core.server.calls.tokens.token_estimates import PromptEstimate, TokenEstimates
from proxy_core.server.calls.whole_response import WholeResponse
from proxy_core.server.http.responses import error_status, message_to_client
from proxy_core.server.parts import ServerContext, fitter_of
from proxy_core.server.records.tracing import OpenTrace, TracedSink
from proxy_core.status.request_trace import TracePlace
from proxy_core.usage.limits.admission import Outgoing
from proxy_core.usage.request_accounting import SentCall

log = logging.getLogger("g_copilot_proxy.server")


class CallRunner:
    """Runs one call. One object per request."""

    def __init__(
        self, parts: ServerContext, estimates: TokenEstimates, incoming: IncomingCall
    ) -> None:
        self._parts = parts
        self._estimates = estimates
        self._incoming = incoming
        self._entry = incoming.entry
        self._is_heavy = False
        self._trace: OpenTrace | None = None
        self._planned: PlannedCall | None = None
        self._chosen_by = ""
        """Why GitHub chose the model; empty where it did not."""
        self._turn = ""
        """Codex's turn that the request belongs to."""
        self._asked: Mapping[str, Any] = {}
        """The client's members, for a plan made anew."""
        self._prompt = PromptSize(estimates)
        self._answer: UpstreamAnswer | None = None
        """Upstream's open response, until it is handed over to ``UpstreamTails``."""
        self._has_answer = False
        self._limits: LocalLimits | None = None
        self._transcoder: Transcoder | None = None
        self._whole: WholeAnswer | None = None
        self._reported: ProxyError | None = None
        """The failure reported to the client inside its response."""

    async def run(self, read: ReadMembers, respond: Respond) -> None:
        """Run all stages.

        Raises ProxyError only while nothing has been sent to the client. While the user is asked,
        nothing is sent to the client (docs/decisions/silence-while-asking.md).
        """
        failure: BaseException | None = None
        try:
            with self._incoming.ticket.interruptible():
                members = await read()
                await self._plan(members)
                await self._admit()
                client = respond(self._plan_made)
                if isinstance(client, WholeResponse):
                    await self._send()
                    await self._relay_whole(client)
                else:
                    await self._send_and_relay(client)
        except BaseException as error:
            failure = error
            raise
        finally:
            await self._close_upstream()
            self._record(failure)

    # Plan

    async def _plan(self, members: Mapping[str, Any]) -> None:
        entry, incoming = self._entry, self._incoming
        self._parts = parts = parts_for(self._parts, incoming.headers, entry)
        self._is_heavy = is_heavy(members)
        if parts.tracer is not None:
            self._trace = parts.tracer.begin(entry.request_id, members)
        if incoming.dialect.traits.has_billing_line:
            members = parts.usage_hooks.stabilise(members)
        entry.update(model_asked=model_name(members))
        entry.named_by(client_by_instructions(incoming.headers, members))
        self._asked = members
        await self._plan_with_model(members)

    async def _plan_with_model(self, members: Mapping[str, Any]) -> None:
        """Find out what the model's name stands for, and plan the call for it. Raises ProxyError."""
        parts, entry, incoming = self._parts, self._entry, self._incoming
        catalogue = await parts.upstream.models()
        chosen = await automatic_model(
            parts, incoming.dialect, incoming.headers, members, catalogue
        )
        make = functools.partial(self._make_plan, members, chosen.catalogue, chosen.aliases)
        planned, self._prompt.estimate = (
            await parts.threads.run(make, heavy=True) if self._is_heavy else make()
        )
        self._turn = codex_turn(incoming.headers, members)
        planned = continued(planned, self._turn, parts.turns)
        self._planned = planned = chosen.put_into(planned)
        self._chosen_by = chosen.by if planned.call.automatic_session is not None else ""
        entry.update(
            model=planned.model.id,
            upstream_endpoint=planned.route.endpoint.value,
            translated=planned.route.translated,
            streamed=planned.facts.stream,
            dropped=planned.dropped,
            initiator=planned.asked_by.initiator.value,
            initiator_reason=planned.asked_by.why,
        )
        entry.waiting()

    def _make_plan(
        self, members: Mapping[str, Any], catalogue: Any, aliases: Mapping[str, str]
    ) -> tuple[PlannedCall, PromptEstimate | None]:
        """Plan the call; with a prompt estimate for the dialect that reports the prompt's size first."""
        incoming, parts = self._incoming, self._parts
        stored = None
        if incoming.dialect.traits.stores_items:
            stored = StoredItems(parts, incoming.headers, self._entry)
            members = stored.resolve(members)
        planned = plan_call(
            members,
            incoming.headers,
            incoming.dialect,
            parts.dialects,
            catalogue,
            self._entry.request_id,
            aliases,
            AskedFor(self._entry.client, self._entry.sending),
        )
        planned = fitter_of(parts).fit(planned)
        if stored is not None and wants_storage(members):
            planned = replace(planned, keep_item=stored.keep)
        if planned.request is None or not planned.client.traits.states_prompt_size:
            return planned, None
        return planned, self._estimates.prompt(planned.request, planned.model)

    @property
    def _plan_made(self) -> PlannedCall:
        assert self._planned is not None, "the call is planned by now"
        return self._planned

    # Admit

    async def _admit(self) -> None:
        """Return once the call may be sent; retries need no further approval. Raises ProxyError."""
        planned, entry, usage_hooks = self._plan_made, self._entry, self._parts.usage_hooks
        shared = self._incoming.shared
        if planned.own_answer is not None:
            return
        if shared is not None and not shared.is_asked_by(planned.call.request_id):
            await shared.wait()
            return
        outgoing = Outgoing(
            request_id=planned.call.request_id,
            client=entry.client,
            model=planned.model,
            prompt_tokens=await self._measured_prompt() if usage_hooks.needs_cost_estimate else 0,
            is_authenticated=entry.is_authenticated,
            is_user_turn=planned.asked_by.initiator is Initiator.USER,
            calls=1 if shared is None else shared.calls,
        )
        try:
            await usage_hooks.admit(outgoing, entry.asking)
        finally:
            entry.answered()
        if shared is not None:
            shared.admitted()

    async def _measured_prompt(self) -> int:
        await self._parts.threads.run(self._measure_prompt, heavy=self._is_heavy)
        return self._prompt_tokens

    def _measure_prompt(self) -> None:
        self._planned = self._prompt.measure(self._plan_made)

    @property
    def _prompt_tokens(self) -> int:
        return self._prompt.tokens(self._plan_made)

    # Send

    async def _send(self) -> UpstreamAnswer:
        """Return once upstream accepted. Raises ProxyError."""
        self._note_sent()
        try:
            opened = await open_call(self._parts, self._plan_made, heavy=self._is_heavy)
        except UpstreamRefused as refusal:
            opened = await self._open_by_choice(refusal)
        self._planned = planned = opened.planned
        self._answer = answer = opened.answer
        self._has_answer = True
        if planned.call.initiator is Initiator.USER:
            self._parts.turns.note(self._turn)
        self._note_sent(is_repaired=True)
        self._parts.usage_hooks.note_headers(answer.headers)
        self._entry.update(
            dropped=tuple(dict.fromkeys((*planned.dropped, *answer.dropped))),
            notes=(*planned.notes, *answer.notes),
            backend=answer.backend,
        )
        enforced = {*planned.enforced_locally, *answer.enforced_locally}
        if enforced:
            # From the raw members: upstream accepted the request, so our parser must not refuse it.
            wanted = planned.client.output_limits(planned.members)
            self._limits = limits_of(enforced, wanted, self._prompt_tokens)
        return answer

    async def _open_by_choice(self, refusal: UpstreamRefused) -> OpenedCall:
        """Send the call to the model GitHub chooses, where the refusal showed that the plan lets nobody
        name one. Raises ``refusal`` otherwise."""
        if refusal.kind is not ErrorKind.MODEL_NOT_FOUND or self._chosen_by:
            raise refusal
        refused = self._plan_made
        if not await self._plan_by_choice():
            self._planned = refused
            raise refusal
        self._note_sent()
        return await open_call(self._parts, self._plan_made, heavy=self._is_heavy)

    async def _plan_by_choice(self) -> bool:
        """Plan once more; return whether GitHub chose the model this time."""
        await self._plan_with_model(self._asked)
        return bool(self._chosen_by)

    def _note_sent(self, *, is_repaired: bool = False) -> None:
        """Note what is sent, for the record; a repaired call was traced as it was first sent."""
        planned = self._plan_made
        if planned.own_answer is not None:
            return
        call = planned.call
        self._entry.sent(SentCall(call.model, call.body, call.session_id))
        if self._trace is not None and not is_repaired:
            self._trace.replace(TracePlace.UPSTREAM_REQUEST, call.body)

    def _chunks(self, answer: UpstreamAnswer) -> AsyncIterator[bytes]:
        chunks = answer.chunks()
        return chunks if self._trace is None else self._trace.watch(chunks)

    # Relay

    async def _relay_whole(self, client: WholeResponse) -> None:
        """Send one JSON body. Raises ProxyError."""
        planned, answer = self._plan_made, self._answer
        assert answer is not None
        form = self._form()
        self._whole = whole = WholeAnswer(
            planned.reader(), self._limits, form.event_repair(), client=planned.client.name
        )
        chunks = self._chunks(answer)
        ended = True
        if is_json(answer):
            whole.take(planned.read_whole(await read_all(chunks)))
        else:
            ended = await whole.collect(chunks)
        if (keep := form.keep()) is not None:
            watch_events(whole.events, ThinkingWatch(), keep)
        content = planned.client.write_whole(whole.events, form.context())
        if self._trace is not None:
            self._trace.replace(TracePlace.CLIENT_ANSWER, content)
        self._entry.first_byte()
        client.answer(content, self._headers())
        await self._leave_tail(chunks, ended=ended)

    async def _send_and_relay(self, client: ResponseWriter) -> None:
        """Stream the response to ``client``. Raises ProxyError only while nothing was sent."""
        if self._trace is not None:
            client = TracedSink(client, self._trace)
        try:
            with self._incoming.ticket.interruptible():
                client.note_headers(self._headers())
                answer = await self._send()
                client.note_headers(self._headers())
                await self._relay_events(answer, client)
        except ConnectionError:
            raise
        except Exception as error:
            # Once headers were sent, failures must be reported inside the stream.
            if not client.began:
                raise
            await self._report_failure(client, error)
        finally:
            client.abandon()

    async def _relay_events(self, answer: UpstreamAnswer, client: ResponseWriter) -> None:
        self._transcoder = transcoder = self._form().transcoder(answer)
        chunks = self._chunks(answer)
        if is_json(answer):
            assert isinstance(transcoder, TranslatingTranscoder)
            last, ended = transcoder.write(self._plan_made.read_whole(await read_all(chunks))), True
        else:
            last, ended = await relay_stream(chunks, transcoder, client)
        if transcoder.broken is not None:
            if last:
                await client.send(last)
            raise transcoder.broken.error
        await client.finish(last)
        await self._leave_tail(chunks, ended=ended)

    async def _report_failure(self, client: ResponseWriter, error: Exception) -> None:
        """Report a failure inside a response that has begun (docs/decisions/broken-answers.md)."""
        planned = self._plan_made
        if isinstance(error, ProxyError):
            failure = error
        else:
            log.error("%s broke", planned.call.request_id, exc_info=error)
            failure = ProxyError("The proxy failed while it was answering.")
        self._reported = failure
        if reported_by_cut(failure, planned.client.traits) and client.cut_off():
            return
        transcoder = self._transcoder
        if transcoder is not None:
            transcoder.fail(failure)
            frames = () if transcoder.broken is None else transcoder.broken.frames
        else:
            frames = tuple(planned.client.error_frames(failure, planned.call.request_id))
        await client.finish(frames)

    def _form(self) -> AnswerForm:
        tokens = self._prompt_tokens if self._prompt.estimate else 0
        return AnswerForm(self._parts, self._plan_made, self._limits, tokens)

    def _headers(self) -> dict[str, str]:
        return answer_headers(self._plan_made, self._answer, self._chosen_by)

    async def _leave_tail(self, chunks: AsyncIterator[bytes], *, ended: bool) -> None:
        """Hand the rest over: the client has its whole response, and its connection must be free."""
        answer, outcome = self._answer, self._outcome()
        if answer is None or not outcome.finished or self._is_cut_here:
            return  # the rest of upstream's stream is not needed
        self._answer = None
        learn = self._learn_later(outcome.usage) if outcome.usage else None
        if learn is None and answer.has_arrived:
            await answer.close()  # nothing is left to wait for
            return
        self._parts.tails.take(answer, None if ended else chunks, learn)

    def _learn_later(self, usage: Usage) -> Callable[[], Awaitable[None]] | None:
        """Calibrate the prompt estimate with upstream's count; return what must be done for it first."""
        planned, prompt = self._plan_made, self._prompt
        if prompt.estimate is not None:
            prompt.learn(planned, usage)
            return None
        if not prompt.is_to_be_measured(planned):
            return None
        return functools.partial(self._measure_and_learn, usage)

    async def _measure_and_learn(self, usage: Usage) -> None:
        await self._measured_prompt()
        self._prompt.learn(self._plan_made, usage)

    async def _close_upstream(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            await answer.close()

    # Record

    @property
    def _is_cut_here(self) -> bool:
        return self._limits is not None and self._limits.finished

    def _outcome(self) -> StreamOutcome:
        """Return the response's outcome so far."""
        if self._transcoder is not None:
            return self._transcoder.outcome()
        if self._whole is not None:
            return self._whole.outcome()
        return StreamOutcome(finished=False)

    def _record(self, failure: BaseException | None) -> None:
        error = self._reported if failure is None else failure
        outcome = self._outcome()
        if self._has_answer and not outcome.finished:
            sent = self._transcoder.units_sent if self._transcoder is not None else 0
            sent += self._whole.units_got if self._whole is not None else 0
            outcome = with_estimated_usage(outcome, self._prompt_tokens, sent)
        if notes := answer_notes(outcome):
            self._entry.update(notes=(*self._entry.record.notes, *notes))
        dialect, status, message = self._incoming.dialect, 500, None
        if isinstance(error, ProxyError):
            status = error_status(error, dialect)
            message = message_to_client(error, dialect, self._entry.request_id)
        settled = settle(outcome, status, error, reported=self._reported is not None)
        self._entry.settle(settled, message)
