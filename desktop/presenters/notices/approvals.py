"""Asking before a request is sent: one question at a time, the oldest first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from proxy_core.errors import ProxyError
from proxy_core.status.approvals import AskReason, Question, WaitingApproval
from proxy_core.status.totals import NANO_PER_CREDIT

UNUSUAL = 3.0
"""Multiple of the tool's usual request from which a warning is shown."""
SETTLE_SECONDS = 0.7
"""Seconds for which Send is disabled after the question changed, so that a click meant for the
previous one does not send this one.
"""


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """``expected`` is shown large, ``expected_unit`` next to it. Empty texts are not shown."""

    request_id: str
    client: str
    heading: str
    line: str
    model: str
    size: str
    expected: str
    expected_unit: str
    today: str
    warning: str
    stop_asking: str
    countdown: str
    position: str
    send_all: str
    can_send: bool


class ApprovalPresenter:
    """``now`` is in seconds since 1970, ``monotonic`` in seconds."""

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        *,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._monotonic = monotonic
        self._answered: set[str] = set()
        self._shown: str | None = None
        self._shown_since = 0.0

    def view(self) -> ApprovalView | None:
        """The question to ask now, or None."""
        waiting = self._waiting()
        if not waiting:
            self._shown = None
            return None
        first = waiting[0]
        if first.question.request_id != self._shown:
            self._shown = first.question.request_id
            self._shown_since = self._monotonic()
        tr, question = self._words.tr, first.question
        of_tool = sum(each.question.client == question.client for each in waiting)
        tool = question.client or tr("An unknown tool")
        return ApprovalView(
            request_id=question.request_id,
            client=question.client,
            heading=tr("{tool} wants to send a request").format(tool=tool),
            line=self._line(question),
            model=question.model,
            size=self._size(question),
            expected=self._expected(question),
            expected_unit=tr("credits") if question.expected is not None else "",
            today=self._today(question),
            warning=self._warning(question),
            stop_asking=self._stop_asking(question, tool),
            countdown=tr("Closes unsent in {time}").format(
                time=self._words.countdown(first.expires_at - self._now())
            ),
            position=tr("1 of {count}").format(count=len(waiting)) if len(waiting) > 1 else "",
            send_all=tr("Send all {count} of {tool}").format(count=of_tool, tool=tool)
            if of_tool > 1
            else "",
            can_send=self._monotonic() - self._shown_since >= SETTLE_SECONDS,
        )

    async def answer(self, request_id: str, *, send: bool, stop_asking: bool = False) -> None:
        """Answer one question. One that has expired meanwhile was not sent; that is not reported."""
        self._answered.add(request_id)
        await self._carry_out(
            self._commands.submit(
                lambda commands: commands.answer_approval(
                    request_id, send=send, stop_asking=stop_asking
                )
            )
        )

    async def send_all(self, client: str) -> None:
        self._answered.update(
            each.question.request_id for each in self._waiting() if each.question.client == client
        )
        await self._carry_out(
            self._commands.submit(lambda commands: commands.answer_approvals_of(client, send=True))
        )

    def _waiting(self) -> tuple[WaitingApproval, ...]:
        """Oldest first, without those answered here that the status still lists."""
        waiting = self._commands.status.approvals
        self._answered &= {each.question.request_id for each in waiting}
        now = self._now()
        return tuple(
            each
            for each in waiting
            if each.question.request_id not in self._answered and each.expires_at > now
        )

    def _line(self, question: Question) -> str:
        tr = self._words.tr
        if question.reason is AskReason.BUDGET:
            return tr("Your own budget is used up, and you want to be asked then.")
        if question.is_user_turn:
            return tr("Started by you, not by a tool loop.")
        return tr("Sent by the tool on its own, while it works.")

    def _stop_asking(self, question: Question, tool: str) -> str:
        """Return the text of the tick box: for which tool, and whether over a budget."""
        tr = self._words.tr
        if question.reason is AskReason.BUDGET:
            text = (
                tr("Let {tool} overspend until I quit")
                if question.is_authenticated
                else tr("Let all named {tool} overspend until I quit")
            )
        elif question.is_authenticated:
            text = tr("Don't ask again for {tool} until I quit")
        else:
            text = tr("Don't ask for all named {tool} until I quit")
        return text.format(tool=tool)

    def _size(self, question: Question) -> str:
        tr = self._words.tr
        if question.prompt_tokens is None:
            return tr("not known")
        tokens = self._words.locale.integer(question.prompt_tokens)
        if question.cached_share is None:
            return tr("about {tokens} tokens").format(tokens=tokens)
        return tr("{tokens} tokens, about {share} % in the cache").format(
            tokens=tokens, share=round(100 * question.cached_share)
        )

    def _expected(self, question: Question) -> str:
        if question.expected is None:
            return self._words.tr("price not known")
        low, high = (
            self._words.rough_credits(each)
            for each in (question.expected.low, question.expected.high)
        )
        if low == high:
            return low
        return self._words.tr("{low} to {high}").format(low=low, high=high)

    def _today(self, question: Question) -> str:
        tr, words = self._words.tr, self._words
        budget = self._commands.status.budget
        spent, limit = question.spent, question.limit
        if budget is not None:
            spent = budget.day_spent if spent is None else spent
            limit = budget.day_limit if limit is None else limit
        if spent is None:
            return ""
        if limit is None:
            return tr("{spent} credits, no budget set").format(spent=words.credits(spent))
        if question.expected is None:
            return tr("{spent} of {limit}").format(
                spent=words.credits(spent), limit=words.whole(limit / NANO_PER_CREDIT)
            )
        return tr("{spent} of {limit}, would be {low} to {high}").format(
            spent=words.credits(spent),
            limit=words.whole(limit / NANO_PER_CREDIT),
            low=words.rough_credits(spent + question.expected.low),
            high=words.rough_credits(spent + question.expected.high),
        )

    def _warning(self, question: Question) -> str:
        if question.times_usual is None or question.times_usual < UNUSUAL:
            return ""
        return self._words.tr("About {times} times your usual request.").format(
            times=self._words.locale.integer(round(question.times_usual))
        )

    async def _carry_out(self, future: Future[Any]) -> None:
        try:
            await asyncio.wrap_future(future)
        except ProxyError:
            # Without an answer it is not sent, and the status shows other problems.
            return
