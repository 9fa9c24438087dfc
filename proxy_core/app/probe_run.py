"""``doctor --probe`` joined to the account: sends, asks the user's budget, and records each call."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from proxy_core import __version__
from proxy_core.clock import Clock
from proxy_core.config.settings import Settings
from proxy_core.doctor.probe.question import PlannedRequest, ProbeAnswer, ProbeRequest, Way
from proxy_core.doctor.probe.runner import ProbeReport, ProbeRun, ProbeStopped, expected_cost
from proxy_core.doctor.probe.sending import ProbeSender
from proxy_core.errors import ErrorKind, ProxyError, translatable
from proxy_core.routing.upstream_api import Initiator
from proxy_core.server.records.request_log import RequestLog
from proxy_core.status.own_requests import OWN_CLIENT, PROBE_PATH
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.upstream.assembly import UpstreamServices
from proxy_core.upstream.sign_in.token_kinds import TokenUse, token_use
from proxy_core.upstream.transport.transport import NetworkHandler
from proxy_core.usage.assembly import UsageServices
from proxy_core.usage.limits.budgets import BudgetVerdict

PROGRAM = f"{OWN_CLIENT} {__version__}"
_NOTE = "Asked by g-copilot-proxy itself, for “doctor --probe”; a refusal is an answer here."


@dataclass(frozen=True, slots=True)
class ProbeParts:
    """What a run needs of the engine."""

    side: UpstreamServices
    usage: UsageServices
    journal: RequestLog
    settings: Callable[[], Settings]
    clock: Clock
    make_id: Callable[[str], str]


async def run_probe(parts: ProbeParts, on_asked: Callable[[PlannedRequest], None]) -> ProbeReport:
    """Ask everything there is to ask. Raises ProxyError where nobody is signed in."""
    github_token = parts.side.account.github_token()
    sender = ProbeSender(
        handler=parts.side.handler,
        network=NetworkHandler(parts.side.transport),
        tokens=parts.side.tokens,
        hosts=lambda: parts.side.account.hosts,
        identity=lambda: parts.settings().identity,
        github_token=parts.side.account.github_token,
        clock=parts.clock,
        new_id=lambda: str(uuid.uuid4()),
        interaction_id=str(uuid.uuid4()),
    )
    run = ProbeRun(
        send=_Recorded(parts, sender).send,
        token_is_direct=token_use(github_token) is TokenUse.DIRECT,
        sleep=parts.clock.sleep,
        on_asked=on_asked,
    )
    return await run.run()


class _Recorded:
    """Sends what the user's pauses and budgets allow, and records what may cost something."""

    def __init__(self, parts: ProbeParts, sender: ProbeSender) -> None:
        self._parts = parts
        self._sender = sender

    async def send(
        self, request: ProbeRequest, initiator: Initiator, session_token: str | None
    ) -> ProbeAnswer:
        if not request.may_cost:
            return await self._sender.send(request, initiator, session_token)
        request_id = self._parts.make_id("req_")
        self._admit(request_id, request, initiator)
        model = "" if request.body is None else str(request.body.get("model", ""))
        entry = self._parts.journal.open(request_id, OWN_CLIENT, PROBE_PATH, shown=True)
        entry.update(
            model_asked=model,
            model=model,
            upstream_endpoint=request.path,
            streamed=request.way is Way.SOCKET or (request.body or {}).get("stream") is True,
            initiator=initiator.value,
            notes=(_NOTE,),
        )
        entry.waiting()
        entry.sending()
        try:
            answer = await self._sender.send(request, initiator, session_token)
        except ProxyError as error:
            entry.failed(error)
            entry.close(error.http_status)
            raise
        except BaseException:
            entry.cancelled()
            entry.close(499)
            raise
        if answer.broke:
            entry.update(error=ErrorKind.UPSTREAM.value)
        elif not answer.is_taken:
            entry.update(error=ErrorKind.INVALID_REQUEST.value)
        prompt, answered = answer.tokens
        entry.update(
            input_tokens=prompt,
            output_tokens=answered,
            nano_credits=answer.nano_credits,
            first_byte=answer.first_event_seconds,
        )
        entry.close(answer.status)
        return answer

    def _admit(self, request_id: str, request: ProbeRequest, initiator: Initiator) -> None:
        """Raise ProbeStopped where the user paused, or set a budget that this could pass.

        The person said yes to the whole list; a budget's end is another matter, and is not asked about.
        """
        guard = self._parts.usage.guard
        now = self._parts.clock.wall()
        pauses = guard.pauses
        if (
            pauses.everyone_until(now) is not None
            or pauses.paused_until(OWN_CLIENT, now) is not None
        ):
            raise ProbeStopped(translatable("requests are paused"))
        expected = expected_cost(request, initiator)
        decision = guard.begin(request_id, expected)
        if decision.verdict is not BudgetVerdict.SEND:
            limit = (decision.limit or 0) / NANO_PER_CREDIT
            raise ProbeStopped(
                translatable(
                    "your own budget of {limit} credits does not allow the next request",
                    limit=f"{limit:g}",
                )
            )
