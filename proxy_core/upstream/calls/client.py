"""Calls to models: token, handlers, retries, and the parameters found to be refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.clock import Clock, Moment
from proxy_core.config.settings import Settings
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.measured import NOTHING_MEASURED, MeasuredFacts
from proxy_core.copilot_facts.plans import AUTO_ONLY_SKUS
from proxy_core.copilot_facts.wordings import SESSION_TOKEN_WORD, own_words
from proxy_core.errors import BadRequest, ErrorKind, ProxyError, UpstreamRefused, translatable
from proxy_core.routing.upstream_api import (
    AutomaticChoice,
    Initiator,
    MakeQuestion,
    UpstreamCall,
)
from proxy_core.upstream.calls.answer import CopilotAnswer
from proxy_core.upstream.calls.concurrency_limiter import ConcurrencyLimiter, Permit
from proxy_core.upstream.calls.error_mapping import to_error
from proxy_core.upstream.calls.error_response import BODY_LIMIT, UpstreamErrorResponse, read_failure
from proxy_core.upstream.calls.retry_policy import (
    RetryDecision,
    Step,
    after_connection_failure,
    after_refusal,
)
from proxy_core.upstream.calls.sending import CallSender, ModelCall
from proxy_core.upstream.calls.websocket import (
    WebSocketChoice,
)
from proxy_core.upstream.catalog.auto_mode import AutoMode
from proxy_core.upstream.catalog.catalog import ModelCatalog
from proxy_core.upstream.parameters.memory import RefusedParameter
from proxy_core.upstream.parameters.memory_file import ParameterStore
from proxy_core.upstream.parameters.policy import may_guess, prepare, repair
from proxy_core.upstream.parameters.repairs import RetryContext, optional_members, repair_by_guess
from proxy_core.upstream.sign_in.copilot_token import CopilotToken, CopilotTokens
from proxy_core.upstream.transport.body_pieces import json_pieces
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.hosts import GitHubHosts
from proxy_core.upstream.transport.interaction_ids import InteractionIds
from proxy_core.upstream.transport.request_handler import (
    OutboundResponse,
    RequestHandler,
)

MOST_REPAIRS = 16
"""Upstream often names one refused member at a time.

Each retry removes at least one, so they are finite; a request that needs more than this fails.
"""
QUOTA_REFRESH_SECONDS = 300.0
"""After a 402 the next call exchanges a new token, at most once in this many seconds:

VS Code's rule (field notes, section 2); the plan may have changed since the token was issued.
"""
RECENTLY_SECONDS = 600.0
_NO_ANSWER = (ErrorKind.UPSTREAM_UNREACHABLE, ErrorKind.TIMEOUT)
COUNT_TOKENS_PATH = "/v1/messages/count_tokens"
COUNT_TOKENS_MEMBERS = ("model", "messages", "system", "tools", "tool_choice", "thinking")
"""Members that the counting endpoint accepts; it refuses anything else."""


class CopilotClient:
    """Implements :class:`proxy_core.routing.upstream_api.Upstream`. Belongs to one event loop.

    ``random`` returns a number in [0, 1); ``new_id`` a new UUID; ``account`` an identifier of the
    signed-in account, for which refusals of betas are remembered; ``measured`` what a probe found of it.
    """

    def __init__(
        self,
        *,
        handler: RequestHandler,
        tokens: CopilotTokens,
        catalog: ModelCatalog,
        parameters: ParameterStore,
        hosts: Callable[[], GitHubHosts],
        settings: Callable[[], Settings],
        clock: Clock,
        random: Callable[[], float],
        new_id: Callable[[], str],
        gate: ConcurrencyLimiter | None = None,
        auto: AutoMode | None = None,
        account: Callable[[], str] = lambda: "",
        measured: Callable[[], MeasuredFacts] = lambda: NOTHING_MEASURED,
    ) -> None:
        self._tokens = tokens
        self._catalog = catalog
        self._parameters = parameters
        self._settings = settings
        self._clock = clock
        self._random = random
        self._new_id = new_id
        self._gate = gate or ConcurrencyLimiter(lambda: settings().upstream, clock)
        self._auto = auto
        self._interactions = InteractionIds(new_id)
        self._measured = measured
        websockets = WebSocketChoice(lambda: settings().upstream, clock, measured)
        self._sender = CallSender(handler, websockets, hosts, settings, new_id)
        self._account = account
        self._last_accepted: Moment | None = None
        self._quota_refreshed: Moment | None = None

    async def models(self) -> tuple[Model, ...]:
        return await self._catalog.models()

    async def automatic_choice(self, ask: MakeQuestion) -> AutomaticChoice:
        """Return the model GitHub chooses. Raises ProxyError."""
        if self._auto is None:
            raise BadRequest(
                translatable("There is no automatic choice of a model here."),
                code="model_not_found",
                param="model",
            )
        return await self._auto.choice(await ask())

    async def imposed_choice(self, ask: MakeQuestion) -> AutomaticChoice | None:
        """Return GitHub's choice if the plan imposes it, else None.

        Raises ProxyError. Free and Student cannot choose a model where the service offers ``POST
        /auto``; a service without it still serves them the named model, until it refuses one: then the
        older way of choosing serves them.
        """
        auto = self._auto
        if auto is None:
            return None
        token = self._tokens.in_force()
        if token is not None and token.sku not in AUTO_ONLY_SKUS:
            return None
        if not (auto.may_be_offered() or auto.refuses_names()):
            return None
        if (await self._tokens.current()).sku not in AUTO_ONLY_SKUS:
            return None
        if auto.refuses_names():
            return await auto.choice(await ask())
        return await auto.offered_choice(await ask())

    async def open_stream(self, call: UpstreamCall) -> CopilotAnswer:
        """Return once upstream accepted. Raises ProxyError; cancelling aborts the call."""
        permit = await self._gate.enter(call.client, call.model.id)
        try:
            exchange = await self._begin(call, call.endpoint.value, permit)
            if call.automatic_session is not None and self._auto is not None:
                self._auto.check(call.automatic_session)
            response = await self._accepted(exchange)
        except BaseException:
            permit.leave()
            raise
        return CopilotAnswer(
            response,
            exchange.prepared,
            exchange.cancel_event,
            exchange.attempt,
            exchange.notes,
            on_close=permit.leave,
            backend=exchange.backend,
        )

    async def count_tokens(self, model: Model, body: Mapping[str, Any]) -> int | None:
        """Return upstream's count; None if the model has no counting endpoint or the call failed."""
        if Endpoint.MESSAGES not in model.endpoints or self._gate.is_held(model.id):
            return None
        if self._measured().counts_tokens is False:
            return None
        call = UpstreamCall(
            endpoint=Endpoint.MESSAGES,
            model=model,
            body={name: body[name] for name in COUNT_TOKENS_MEMBERS if name in body},
            initiator=Initiator.AGENT,  # made by a program, not a person's turn
            has_images=False,
            request_id=self._new_id(),
        )
        try:
            # Free and fast, so it does not use one of the concurrent calls.
            permit = Permit(self._gate, call.client, model.id)
            exchange = await self._begin(call, COUNT_TOKENS_PATH, permit)
            exchange.body = json_pieces(exchange.prepared.body)
            exchange.attempt = 1
            response = await self._sender.send(exchange)
            answer = await response.read(BODY_LIMIT)
            content = msgspec.json.decode(answer) if response.status == 200 else None
        except (ProxyError, msgspec.DecodeError):
            # A failed count must not fail a client's turn: the caller has an estimate.
            return None
        count = content.get("input_tokens") if isinstance(content, dict) else None
        return count if isinstance(count, int) else None

    async def _begin(self, call: UpstreamCall, path: str, permit: Permit) -> ModelCall:
        mode = self._settings().upstream.parameter_policy
        refused = self._parameters.memory.refused_parameters(
            call.model.id, call.endpoint, self._clock.wall(), self._account()
        )
        return ModelCall(
            call=call,
            path=path,
            prepared=prepare(call, mode, refused, self._measured()),
            token=await self._tokens.current(),
            interaction_id=self._interactions.interaction_id(call.session_id, call.initiator),
            permit=permit,
        )

    async def _accepted(self, exchange: ModelCall) -> OutboundResponse:
        """Send until upstream accepts or a policy gives up."""
        while True:
            exchange.token.epoch.check()
            exchange.attempt += 1
            exchange.call.on_attempt()
            try:
                response = await self._sender.send(exchange)
                refused = await self._sender.refusal(exchange, response)
            except ConnectionFailed as error:
                await self._wait_or_raise(exchange, self._after_no_answer(exchange, error), error)
                continue
            if refused is None:
                self._note_accepted(exchange)
                return response
            status, body = refused
            failure = read_failure(status, response.headers, body, self._clock.wall())
            if await self._renew_automatic_session(exchange, failure):
                continue
            if self._repair(exchange, failure):
                exchange.permit.answered()
                continue
            await self._retry_or_raise(exchange, failure)

    async def _renew_automatic_session(
        self, exchange: ModelCall, failure: UpstreamErrorResponse
    ) -> bool:
        """Get a new session token if GitHub no longer accepts the old one; once per call."""
        session = exchange.call.automatic_session
        text = own_words(failure.message).lower()
        names_it = failure.status in (400, 401, 403) and SESSION_TOKEN_WORD in text
        if session is None or self._auto is None or exchange.renewed_session or not names_it:
            return False
        exchange.renewed_session = True
        choice = await self._auto.replace(session)
        if choice.model is not None and choice.model_id != exchange.call.model.id:
            return False  # another model: the request was rendered for this one
        exchange.call = replace(exchange.call, automatic_session=choice.session_token)
        return True

    def _note_accepted(self, exchange: ModelCall) -> None:
        self._last_accepted = self._clock.now()
        exchange.permit.answered()
        if exchange.guess is not None:
            self._learn(exchange, exchange.guess.refused, exchange.guess.note)
        self._parameters.memory.note_accepted(
            exchange.call.model.id,
            exchange.call.endpoint,
            optional_members(exchange.prepared),
            self._clock.wall(),
        )

    def _learn(self, exchange: ModelCall, refused: tuple[RefusedParameter, ...], note: str) -> None:
        for parameter in refused:
            self._parameters.learn(parameter)
        if note:
            exchange.notes += (note,)

    def _repair(self, exchange: ModelCall, failure: UpstreamErrorResponse) -> bool:
        """Change the request if a parameter may have caused the refusal; False if nothing is left
        to try.
        """
        exchange.guess = None
        if exchange.repairs >= MOST_REPAIRS:
            return False
        mode = self._settings().upstream.parameter_policy
        model, now = exchange.call.model.id, self._clock.wall()
        memory, endpoint = self._parameters.memory, exchange.call.endpoint
        account = self._account()
        context = RetryContext(
            model, now, account, memory.refused_parameters(model, endpoint, now, account)
        )
        repaired, was_named = repair(exchange.prepared, failure, context, mode)
        if repaired is not None:
            exchange.send_instead(repaired)
            self._learn(exchange, repaired.refused, repaired.note)
        if was_named or exchange.has_guessed or not may_guess(mode, failure):
            return repaired is not None
        accepted = memory.accepted(model, endpoint, now)
        guess = repair_by_guess(exchange.prepared, accepted, model, now)
        if guess is None:
            return False
        exchange.before_guess = exchange.prepared
        exchange.send_instead(guess)
        exchange.guess = guess
        exchange.has_guessed = True
        return True

    async def _retry_or_raise(self, exchange: ModelCall, failure: UpstreamErrorResponse) -> None:
        token = exchange.token
        decision = after_refusal(
            failure,
            exchange.state,
            longest_wait=self._settings().upstream.longest_retry_wait_seconds,
            can_refresh=not token.direct,
            random=self._random(),
        )
        if failure.cause is ErrorCause.MODEL and exchange.call.model.awaits_consent:
            failure = replace(failure, message=_with_consent_hint(failure, exchange.call.model))
        error = to_error(
            failure,
            recently_accepted=self._accepted_recently(),
            repeats_exhausted=exchange.state.waits > 0,
        )
        limit = error if _is_limit(error) else None
        if decision.step is Step.GIVE_UP:
            if limit is not None:
                exchange.permit.limited(failure, limit, wait=None)
            else:
                exchange.permit.answered()
            if isinstance(error, UpstreamRefused) and error.kind is ErrorKind.QUOTA:
                self._gate.note_quota_spent(error)
                self._refresh_quota_with_next_call(token)
            if failure.cause in (ErrorCause.MODEL, ErrorCause.WRONG_ENDPOINT):
                self._catalog.note_refused(exchange.call.model.id)
                self._note_name_refused(exchange, failure)
            if failure.cause is ErrorCause.STALE_TOKEN:
                self._tokens.reject(token, failure.message)
            raise error
        if decision.step is Step.REFRESH_TOKEN:
            exchange.state = exchange.state.after(decision)
            exchange.token = await self._tokens.replace(token)
            exchange.take_back_guess()
            return
        exchange.state = exchange.state.after(decision, failure)
        if limit is not None:
            exchange.permit.limited(failure, limit, wait=decision.wait)
            await token.epoch.guard(exchange.permit.again())
        else:
            exchange.permit.answered()
            await token.epoch.guard(self._clock.sleep(decision.wait))

    def _note_name_refused(self, exchange: ModelCall, failure: UpstreamErrorResponse) -> None:
        named = exchange.call.automatic_session is None and failure.cause is ErrorCause.MODEL
        is_theirs = exchange.token.sku in AUTO_ONLY_SKUS and not exchange.call.model.awaits_consent
        if named and is_theirs and self._auto is not None:
            self._auto.note_names_refused()

    def _after_no_answer(self, exchange: ModelCall, error: ConnectionFailed) -> RetryDecision:
        exchange.guess = None
        return after_connection_failure(
            error,
            exchange.state,
            longest_wait=self._settings().upstream.longest_retry_wait_seconds,
            random=self._random(),
        )

    async def _wait_or_raise(
        self, exchange: ModelCall, decision: RetryDecision, error: ConnectionFailed
    ) -> None:
        if decision.step is Step.GIVE_UP:
            if error.kind in _NO_ANSWER:
                self._gate.note_unreachable(error)
            if exchange.state.waits > 0:
                error.passed_headers = {**error.passed_headers, "x-should-retry": "false"}
            raise error
        exchange.state = exchange.state.after(decision)
        await exchange.token.epoch.guard(self._clock.sleep(decision.wait))

    def _refresh_quota_with_next_call(self, token: CopilotToken) -> None:
        """Have the next call use a new token; this call is not retried."""
        last = self._quota_refreshed
        if last is None or self._clock.elapsed(last) >= QUOTA_REFRESH_SECONDS:
            self._quota_refreshed = self._clock.now()
            self._tokens.renew_next(token)

    def _accepted_recently(self) -> bool:
        last = self._last_accepted
        return last is not None and self._clock.elapsed(last) < RECENTLY_SECONDS


def _with_consent_hint(failure: UpstreamErrorResponse, model: Model) -> str:
    return (
        f"{failure.message.rstrip('.')}. Its terms await your consent: run “g-copilot-proxy models "
        f"--enable {model.id}”, or accept them in the app's list of models."
    )


def _is_limit(error: ProxyError) -> TypeGuard[UpstreamRefused]:
    return isinstance(error, UpstreamRefused) and error.kind is ErrorKind.RATE_LIMIT
