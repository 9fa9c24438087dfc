"""Asks the user before a request is sent, and holds the request until the answer.

Requests wait in the engine's loop; answers come from any thread: the tray, the window, a command.
Without an answer in time it is not sent: an unseen question must not cost anything.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from enum import StrEnum
from typing import Any

from proxy_core.clock import Clock
from proxy_core.status.approvals import AskReason, Question, WaitingApproval

ANSWER_SECONDS = 60.0
MOST_WAITING = 100
"""More questions at once are refused: a person cannot answer them."""


class ApprovalDecision(StrEnum):
    SEND = "send"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    TOO_MANY = "too_many"
    CLOSED = "closed"
    """The program is ending."""


class ApprovalQueue:
    """``ask`` in one event loop; everything else in any thread.

    ``on_change`` is called with all waiting questions, oldest first, in the thread that changed
    them, and must not block.
    """

    def __init__(
        self,
        clock: Clock,
        on_change: Callable[[tuple[WaitingApproval, ...]], None],
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._clock = clock
        self._on_change = on_change
        self._answer_seconds = answer_seconds
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[WaitingApproval, Future[ApprovalDecision]]] = {}
        self._not_asked: set[tuple[str, bool, AskReason]] = set()
        self._closed = False

    @property
    def waiting(self) -> tuple[WaitingApproval, ...]:
        """Oldest first."""
        with self._lock:
            return tuple(each for each, _ in self._waiting.values())

    async def ask(self, question: Question) -> ApprovalDecision:
        """Wait for the user's answer. Cancelling withdraws the question."""
        with self._lock:
            at_once = self._answer_without_asking(question)
            if at_once is not None:
                return at_once
            now = self._clock.wall()
            waiting = WaitingApproval(question, now, now + self._answer_seconds)
            future: Future[ApprovalDecision] = Future()
            self._waiting[question.request_id] = (waiting, future)
        self._changed()
        answered = asyncio.wrap_future(future)
        timer: asyncio.Future[None] = asyncio.ensure_future(self._clock.sleep(self._answer_seconds))
        first_of: set[asyncio.Future[Any]] = {answered, timer}
        try:
            await asyncio.wait(first_of, return_when=asyncio.FIRST_COMPLETED)
            return answered.result() if answered.done() else ApprovalDecision.TIMED_OUT
        finally:
            answered.cancel()
            timer.cancel()
            with self._lock:
                withdrawn = self._waiting.pop(question.request_id, None) is not None
            if withdrawn:
                self._changed()

    def answer(self, request_id: str, *, send: bool, stop_asking: bool = False) -> bool:
        """Answer one question; return whether it was still waiting.

        ``stop_asking`` with ``send``: that tool's requests are sent without this question until the
        program ends, including those waiting now (``what_is_allowed``).
        """
        with self._lock:
            found = self._waiting.get(request_id)
            if found is None:
                return False
            question = found[0].question
            chosen = [request_id]
            if send and stop_asking:
                about = question.subject
                self._not_asked.add(about)
                chosen = [
                    each.question.request_id
                    for each, _ in self._waiting.values()
                    if each.question.subject == about
                ]
        return (
            self._settle(chosen, ApprovalDecision.SEND if send else ApprovalDecision.DECLINED) > 0
        )

    def answer_all(self, client: str, *, send: bool) -> int:
        """Answer every question about that tool; return how many there were."""
        with self._lock:
            chosen = [
                each.question.request_id
                for each, _ in self._waiting.values()
                if each.question.client == client
            ]
        return self._settle(chosen, ApprovalDecision.SEND if send else ApprovalDecision.DECLINED)

    def turn_away(self) -> None:
        """Refuse all waiting requests, because the server stops."""
        with self._lock:
            chosen = list(self._waiting)
        self._settle(chosen, ApprovalDecision.CLOSED)

    def close(self) -> None:
        """End: refuse all waiting requests and ask nothing more."""
        with self._lock:
            self._closed = True
        self.turn_away()

    def _answer_without_asking(self, question: Question) -> ApprovalDecision | None:
        if self._closed:
            return ApprovalDecision.CLOSED
        if question.subject in self._not_asked:
            return ApprovalDecision.SEND
        if len(self._waiting) >= MOST_WAITING:
            return ApprovalDecision.TOO_MANY
        return None

    def _settle(self, chosen: list[str], answer: ApprovalDecision) -> int:
        settled = 0
        for request_id in chosen:
            with self._lock:
                found = self._waiting.pop(request_id, None)
            if found is None:
                continue
            try:
                found[1].set_result(answer)
            except InvalidStateError:
                continue  # the client disconnected at this moment
            settled += 1
        if chosen:
            self._changed()
        return settled

    def _changed(self) -> None:
        self._on_change(self.waiting)


def what_is_allowed(question: Question) -> str:
    """Return a sentence on what ``stop_asking`` allows until the program ends."""
    who = (
        f"the key “{question.client}”"
        if question.is_authenticated
        else f"every program that calls itself {question.client}"
    )
    if question.reason is AskReason.BUDGET:
        return (
            f"Until the program ends, {who} may spend over your used-up budget, whatever it costs."
        )
    return f"Until the program ends, {who} sends without asking; budgets still hold."
