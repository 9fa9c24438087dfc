"""Decides once, at a call's end, how it ended, for record, ledger and log."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from msgspec.structs import replace

from proxy_core.canonical.usage import Usage
from proxy_core.dialects.interface import StreamOutcome
from proxy_core.errors import KEPT_BACK, Cancelled, ErrorKind, ProxyError, translatable

REPAIRED_NOTE = translatable("a tool call that the model wrote as text was turned into a real one")


class Ending(StrEnum):
    SUCCESS = "success"
    REFUSED = "refused"
    """Not sent, or refused by upstream before the first byte."""
    BROKEN = "broken"
    """Reported inside the response: upstream or the proxy failed after it had begun."""
    CANCELLED = "cancelled"
    """The client disconnected, or its user ended the request."""
    NOT_SENT = "not_sent"
    """The user's own rule or answer kept it from being sent."""
    STOPPED = "stopped"
    """The server was stopped while the call ran."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """``http_status`` is the client's status, or the one it would have over HTTP."""

    ending: Ending
    outcome: StreamOutcome
    http_status: int
    error: ErrorKind | None = None
    failure: ProxyError | None = None


def settle(
    outcome: StreamOutcome, status_of_error: int, error: BaseException | None, *, reported: bool
) -> Settlement:
    """Return how a call with the stream's ``outcome`` and ``error`` ended.

    ``status_of_error`` is the status of ``error`` in the client's dialect; ``reported``: it was
    reported inside a response that had begun.
    """
    if isinstance(error, (asyncio.CancelledError, ConnectionError)):
        if outcome.finished:
            # Clients disconnect as soon as they have read the last event.
            return Settlement(Ending.SUCCESS, outcome, 200)
        return Settlement(Ending.CANCELLED, outcome, Cancelled.http_status, ErrorKind.CANCELLED)
    failure = error if error is not None else outcome.error
    if failure is None:
        return Settlement(Ending.SUCCESS, outcome, 200)
    known = failure if isinstance(failure, ProxyError) else None
    return Settlement(
        _ending(failure, reported=reported),
        outcome,
        200 if reported else status_of_error,
        ErrorKind.INTERNAL if known is None else known.kind,
        known,
    )


def _ending(failure: BaseException, *, reported: bool) -> Ending:
    if isinstance(failure, Cancelled):
        return Ending.CANCELLED
    if isinstance(failure, ProxyError) and failure.kind is ErrorKind.STOPPED:
        return Ending.STOPPED
    if isinstance(failure, ProxyError) and failure.kind in KEPT_BACK:
        return Ending.NOT_SENT
    return Ending.BROKEN if reported else Ending.REFUSED


def answer_notes(outcome: StreamOutcome) -> tuple[str, ...]:
    """Return the sentences about what the client got otherwise than upstream said it."""
    notes: tuple[str, ...] = (REPAIRED_NOTE,) if outcome.repaired_calls else ()
    if outcome.left_out:
        names = ", ".join(outcome.left_out)
        notes += (translatable("left out of the answer: {names}", names=names),)
    return notes


def with_estimated_usage(
    outcome: StreamOutcome, prompt_tokens: int, tokens_sent: int
) -> StreamOutcome:
    """Return the outcome of an interrupted response, with its approximate cost.

    Upstream reports usage at the end, and bills generated tokens in any case. Nothing is estimated
    if nothing arrived.
    """
    if outcome.finished or outcome.bill is not None or not (tokens_sent or outcome.usage):
        return outcome
    usage = outcome.usage or Usage(input_tokens=prompt_tokens)
    return replace(
        outcome,
        usage=dataclasses.replace(usage, output_tokens=max(usage.output_tokens, tokens_sent)),
    )
