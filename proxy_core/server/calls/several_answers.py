"""A chat request for several whole answers (``n``): as many calls, and one body of all their choices.

Upstream gives one answer to a call, whatever it is asked for (docs/decisions/several-answers.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy_core.dialects.interface import Dialect
from proxy_core.dialects.shared.json_members import decode_raw, refuse
from proxy_core.errors import ProxyError
from proxy_core.server.calls.call_runner import CallRunner
from proxy_core.server.calls.incoming_call import IncomingCall
from proxy_core.server.calls.shared_admission import SharedAdmission
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
from proxy_core.server.calls.whole_response import WholeResponse
from proxy_core.server.parts import ServerContext
from proxy_core.server.records.in_flight import Ticket
from proxy_core.server.records.request_log import RequestLogEntry

MOST_ANSWERS = 16
"""Calls that one request may set off; OpenAI's own bound is 128."""


def answers_wanted(members: Mapping[str, Any]) -> int:
    """Return how many calls a chat request needs: more than one for ``n`` whole answers.

    What is no number here, and a stream, is judged where every request is. Raises BadRequest.
    """
    wanted = decode_raw(members, "n")
    if type(wanted) is not int or wanted < 2 or decode_raw(members, "stream"):
        return 1
    if wanted > MOST_ANSWERS:
        refuse("n", f"must be at most {MOST_ANSWERS} here: each answer is a call of its own")
    return wanted


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What the calls have in common. ``members`` are the client's."""

    dialect: Dialect
    headers: Mapping[str, str]
    members: Mapping[str, Any]


class SeveralAnswers:
    """Runs the calls of one request: each has its own record, and none outlives another's failure."""

    def __init__(
        self,
        parts: ServerContext,
        estimates: TokenEstimates,
        asked: AskedFor,
        entry_of: Callable[[], RequestLogEntry],
    ) -> None:
        """``entry_of`` opens one more record of the same client's."""
        self._parts = parts
        self._estimates = estimates
        self._asked = asked
        self._entry_of = entry_of

    async def answer(self, count: int, first: RequestLogEntry) -> WholeResponse:
        """Return the answer of ``count`` choices; ``first`` is the record of the request itself.

        Raises ProxyError, of the call that failed first.
        """
        shared = SharedAdmission(first.request_id, count)
        entries = [first, *(self._entry_of() for _ in range(count - 1))]
        try:
            async with asyncio.TaskGroup() as group:
                calls = [group.create_task(self._one(entry, shared)) for entry in entries]
        except BaseExceptionGroup as failed:
            raise _first(failed) from None
        answers = [call.result() for call in calls]
        whole = WholeResponse()
        whole.answer(merged([each.content for each in answers]), answers[0].headers)
        return whole

    async def _one(self, entry: RequestLogEntry, shared: SharedAdmission) -> WholeResponse:
        members = {name: value for name, value in self._asked.members.items() if name != "n"}
        client = WholeResponse()

        async def read() -> Mapping[str, Any]:
            return members

        with self._parts.in_flight.ticket(entry.request_id) as ticket:
            await self._run(entry, ticket, shared, read, client)
        return client

    async def _run(
        self,
        entry: RequestLogEntry,
        ticket: Ticket,
        shared: SharedAdmission,
        read: Callable[[], Any],
        client: WholeResponse,
    ) -> None:
        asked = self._asked
        incoming = IncomingCall(asked.dialect, asked.headers, entry, ticket, shared)
        await CallRunner(self._parts, self._estimates, incoming).run(read, lambda _: client)


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the client's error: a ProxyError before any other."""
    reportable = [each for each in failed.exceptions if isinstance(each, ProxyError)]
    return reportable[0] if reportable else failed.exceptions[0]


def merged(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one completion with the choice of each, numbered, and the usage of all."""
    choices = [{**each["choices"][0], "index": place} for place, each in enumerate(answers)]
    return {**answers[0], "choices": choices, "usage": _sum([each["usage"] for each in answers])}


def _sum(usages: Sequence[Any]) -> Any:
    """Add up counts, also those in details; one that an answer does not have counts as zero."""
    stated = [each for each in usages if each is not None]
    if not stated:
        return None
    if isinstance(stated[0], dict):
        names = dict.fromkeys(name for each in stated for name in each)
        return {name: _sum([each.get(name) for each in stated]) for name in names}
    return sum(stated) if isinstance(stated[0], int) else stated[0]
