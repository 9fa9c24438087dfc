"""Asks the planned requests one after the other, within hard bounds, and reads their answers.

It never waits out a limit: 429 and 402 end it, as do the user's own budget and its two bounds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from proxy_core.canonical.model import Model
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.error_codes import ERROR_CODES
from proxy_core.doctor.probe.account_probes import AUTO, is_auto_only, plan_of
from proxy_core.doctor.probe.chosen_models import usable
from proxy_core.doctor.probe.entries import ENTRIES, requests_of
from proxy_core.doctor.probe.list_probes import LIST, entries_in
from proxy_core.doctor.probe.question import (
    NOT_ASKED,
    PlannedRequest,
    ProbeAnswer,
    ProbeEntry,
    ProbeRequest,
    Subject,
    Way,
    named,
)
from proxy_core.errors import ErrorKind, ProxyError
from proxy_core.routing.upstream_api import Initiator
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.upstream.catalog.parsing import parse_catalog
from proxy_core.usage.pricing import expected_charge

MOST_REQUESTS = 60
MOST_CREDITS = 5
SIGN_IN_REQUESTS = 5
"""What signing in may have asked before, and renewing the token may ask meanwhile: part of the bound."""
MOST_REPEATS = 8
REPEATS_OF_ONE = 3
REPEAT_SECONDS = 0.5
MOST_UNANSWERED = 3
"""Requests in a row without any answer: the network is gone, or GitHub is."""
_CREDITS_OF_A_PREMIUM_REQUEST = 4.0
"""0.04 USD (copilot-protocol.md 9.3)."""
_UNPRICED = NANO_PER_CREDIT // 20
"""What a short call may cost where no price is listed, in nano-credits: a guess, on the high side."""
FINISHED = "finished"
BROKE = "broke"


class Send(Protocol):
    """Sends one request. Raises ProxyError: no connection, or the user's own word against it."""

    def __call__(
        self, request: ProbeRequest, initiator: Initiator, session_token: str | None
    ) -> Awaitable[ProbeAnswer]: ...


class ProbeStopped(ProxyError):
    """The user's own limits do not allow the next request."""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """``ended`` is ``FINISHED`` or the reason in a sentence. ``first_events`` are seconds of answered
    model calls; ``calls`` has a word for each that was not refused, in their order: empty where it was
    answered, else the status, or ``broke``, of a failure without a reason in the request."""

    verdicts: Mapping[str, str]
    answers: Mapping[str, ProbeAnswer]
    ended: str
    requests: int
    nano_credits: int
    first_events: tuple[float, ...] = ()
    calls: tuple[str, ...] = ()

    @property
    def faults(self) -> int:
        return sum(1 for each in self.calls if each)

    @property
    def is_complete(self) -> bool:
        return self.ended == FINISHED


def expected_cost(request: ProbeRequest, initiator: Initiator = Initiator.AGENT) -> int:
    """Return what a request may cost at most, in nano-credits."""
    if not request.may_cost:
        return 0
    model = request.model
    charged = expected_charge(
        None if model is None else model.prices,
        prompt_tokens=request.prompt_tokens,
        output_tokens=(request.output_tokens, request.output_tokens),
    )
    nano = _UNPRICED if charged is None else charged.high
    multiplier = None if model is None else model.premium_multiplier
    if initiator is Initiator.USER and multiplier is not None:
        nano += round(multiplier * _CREDITS_OF_A_PREMIUM_REQUEST * NANO_PER_CREDIT)
    return nano


def subject_of(answers: Mapping[str, ProbeAnswer], *, token_is_direct: bool) -> Subject:
    """Return what is known of the account by the answers so far."""
    models: Sequence[Model] = parse_catalog(list(entries_in(answers.get(LIST.name))))
    found = usable(models, is_free=plan_of(answers) == "free")
    if is_auto_only(answers):
        chosen = named(answers[AUTO.name].content, "selected_model", "id")
        found = tuple(each for each in models if each.id == chosen)
    return Subject(found, token_is_direct, dict(answers))


@dataclass(slots=True)
class ProbeRun:
    """One run.

    ``on_asked`` is called with each request before it is sent; ``sleep`` waits some seconds.
    """

    send: Send
    token_is_direct: bool
    sleep: Callable[[float], Awaitable[object]]
    on_asked: Callable[[PlannedRequest], None] = lambda _: None
    entries: Sequence[ProbeEntry] = ENTRIES
    _answers: dict[str, ProbeAnswer] = field(default_factory=dict)
    _sent: int = 0
    _spent: int = 0
    _repeats: int = 0
    _has_looked_twice: bool = False
    _unanswered: int = 0
    _calls: list[str] = field(default_factory=list)
    _firsts: list[float] = field(default_factory=list)
    _initiator: Initiator = Initiator.USER
    """The person's one act begins with the first model call; what follows is the program's work."""

    async def run(self) -> ProbeReport:
        ended = FINISHED
        for planned in requests_of(self.entries):
            request = planned.build(self._subject())
            if request is None:
                continue
            self.on_asked(planned)
            stopped = await self._ask(planned.name, request)
            if stopped:
                ended = stopped
                break
        subject = self._subject()
        verdicts = {each.id: self._verdict(each, subject) for each in self.entries}
        return ProbeReport(
            verdicts,
            self._answers,
            ended,
            self._sent,
            self._spent,
            tuple(self._firsts),
            tuple(self._calls),
        )

    def _subject(self) -> Subject:
        return subject_of(self._answers, token_is_direct=self.token_is_direct)

    def _verdict(self, entry: ProbeEntry, subject: Subject) -> str:
        own = {
            each.name: self._answers[each.name]
            for each in entry.requests
            if each.name in self._answers
        }
        if entry.requests and not own and all(each.build(subject) for each in entry.requests):
            return NOT_ASKED
        return entry.judge(own, subject)

    async def _ask(self, name: str, request: ProbeRequest) -> str:
        """Ask until the answer says something; return why the run must end, else nothing."""
        for attempt in range(1 + REPEATS_OF_ONE):
            stopped = self._bound(request)
            if stopped:
                return stopped
            try:
                answer = await self._send(request)
            except ProbeStopped as error:
                return error.message
            except ProxyError as error:
                answer = ProbeAnswer(0, text=error.message, broke=True)
                self._unanswered += 1
                if error.kind is ErrorKind.SIGNED_OUT or self._unanswered == MOST_UNANSWERED:
                    return f"there was no answer: {error.message}"
            else:
                self._unanswered = 0
            self._note(request, answer, before=self._answers.get(name))
            self._answers[name] = answer
            stopped = _ends_the_run(request, answer)
            if stopped:
                del self._answers[name]
                return stopped
            if not request.may_cost or not self._is_asked_again(answer, attempt):
                break
            await self.sleep(REPEAT_SECONDS)
        return ""

    def _is_asked_again(self, answer: ProbeAnswer, attempt: int) -> bool:
        """A refusal without a reason is asked once more: it may have been something that passes. Where
        the service works steadily, one such look is enough for the run."""
        if answer.is_opaque_refusal:
            looks = attempt == 0 and (any(self._calls) or not self._has_looked_twice)
            self._has_looked_twice = True
            return looks
        if not answer.is_passing or attempt == REPEATS_OF_ONE or self._repeats == MOST_REPEATS:
            return False
        self._repeats += 1
        return True

    async def _send(self, request: ProbeRequest) -> ProbeAnswer:
        self._sent += 1
        token = None
        if request.may_cost and is_auto_only(self._answers):
            found = self._answers[AUTO.name].content.get("session_token")
            token = found if isinstance(found, str) else None
        return await self.send(request, self._initiator_of(request), token)

    def _initiator_of(self, request: ProbeRequest) -> Initiator:
        return self._initiator if request.may_cost else Initiator.AGENT

    def _bound(self, request: ProbeRequest) -> str:
        if self._sent >= MOST_REQUESTS - SIGN_IN_REQUESTS:
            return f"the bound of {MOST_REQUESTS} requests was reached"
        expected = expected_cost(request, self._initiator_of(request))
        if self._spent + expected > MOST_CREDITS * NANO_PER_CREDIT:
            return f"the next request could pass the bound of {MOST_CREDITS} credits"
        return ""

    def _note(self, request: ProbeRequest, answer: ProbeAnswer, before: ProbeAnswer | None) -> None:
        if not request.may_cost:
            return
        if before is not None and before.is_opaque_refusal and not answer.is_opaque_refusal:
            self._calls.append(str(before.status))  # it was no refusal of the request
        if answer.is_taken:
            self._calls.append("")
        elif answer.is_passing or answer.status == 429:
            self._calls.append(BROKE if answer.broke else str(answer.status))
        if answer.first_event_seconds is not None and answer.is_taken:
            self._firsts.append(answer.first_event_seconds)
        if not 200 <= answer.status < 300 and answer.nano_credits is None:
            return
        reported = answer.nano_credits
        worst = expected_cost(request, self._initiator)
        premium = worst - expected_cost(request)
        self._spent += worst if reported is None else reported + premium
        self._initiator = Initiator.AGENT


def _ends_the_run(request: ProbeRequest, answer: ProbeAnswer) -> str:
    known = ERROR_CODES.get(answer.code)
    cause = None if known is None else known.cause
    if cause is ErrorCause.RATE_LIMIT and answer.status != 429:
        return f"GitHub named a rate limit ({answer.code}); it was not tried again"
    if cause is ErrorCause.QUOTA and answer.status != 402:
        return f"nothing is left of the plan's allowance ({answer.code})"
    if answer.status == 429:
        return "GitHub named a rate limit (429); it was not tried again"
    if answer.status == 402:
        return "nothing is left of the plan's allowance (402)"
    if answer.status == 401 and request.way not in (Way.DIRECT, Way.GITHUB):
        return "GitHub ended the session (401)"
    if answer.status == 403 and "Terms of Service" in answer.text:
        return "GitHub refuses this way of using Copilot; nothing more was asked"
    return ""
