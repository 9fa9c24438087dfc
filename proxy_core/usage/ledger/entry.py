"""One line of the ledger: counts and names of one finished request, never content."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.usage.pricing import Charge

LONGEST_NAME = 100
LONGEST_REASON = 400
LONGEST = {"reason": LONGEST_REASON}
"""In characters, of texts that are no names."""
_LARGEST = 2**48
"""Larger than any real count; sums over 30,000 such rows still fit SQLite's integers, whose
overflow would fail the whole query.
"""

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """``ending`` is the record's last state. Times are seconds since 1970, durations seconds.

    ``model`` is the catalogue's id, empty if the request failed before it was resolved: the name a
    client sent is its own text and not stored. ``miss_reason`` says why the prompt cache did not
    help. ``initiator`` is the value sent to GitHub, ``user`` or ``agent``; empty where nothing was
    sent and in entries of before it was written down. ``reason`` says in our own words why it failed; it
    quotes neither the request nor upstream.
    """

    request_id: str
    started: float
    client: str = ""
    model: str = ""
    path: str = ""
    endpoint: str = ""
    translated: bool = False
    streamed: bool = False
    ending: str = ""
    error: str | None = None
    stop_reason: str | None = None
    http_status: int | None = None
    duration: float | None = None
    first_byte: float | None = None
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    nano_credits: int | None = None
    estimated: bool = False
    saved_nano_credits: int | None = None
    miss_reason: str | None = None
    initiator: str = ""
    reason: str = ""

    @property
    def key(self) -> tuple[str, float]:
        """The identity of an entry: writing it twice leaves one row."""
        return (self.request_id, self.started)

    @property
    def prompt_tokens(self) -> int:
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens


_TEXTS = attrgetter(
    *("request_id", "client", "model", "path", "endpoint", "ending"),
    *("error", "stop_reason", "miss_reason", "initiator"),
)
_COUNTS = attrgetter(
    *("attempts", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("reasoning_tokens", "nano_credits", "saved_nano_credits", "http_status"),
)
_TIMES = attrgetter("started", "duration", "first_byte")


def entry_from_record(
    record: RequestRecord, charge: Charge | None = None, miss_reason: str | None = None
) -> LedgerEntry:
    """Return the entry of a finished request; every value is made storable.

    ``charge`` is its price; without one the record's ``nano_credits`` count, which are upstream's.
    """
    nano = record.nano_credits if charge is None else charge.nano_credits
    return storable(
        LedgerEntry(
            request_id=record.request_id,
            started=record.started,
            client=record.client,
            model=record.model,
            path=record.path,
            endpoint=record.upstream_endpoint,
            translated=record.translated,
            streamed=record.streamed,
            ending=record.state.value,
            error=record.error,
            stop_reason=record.stop_reason,
            http_status=record.http_status,
            duration=record.duration,
            first_byte=record.first_byte,
            attempts=record.attempts,
            input_tokens=record.input_tokens,
            output_tokens=record.output_tokens,
            cache_read_tokens=record.cache_read_tokens,
            cache_write_tokens=record.cache_write_tokens,
            reasoning_tokens=record.reasoning_tokens,
            nano_credits=nano,
            estimated=charge is not None and charge.estimated,
            saved_nano_credits=None if charge is None else charge.saved_nano_credits,
            miss_reason=miss_reason,
            initiator=record.initiator if record.attempts else "",
            reason=record.reason,
        )
    )


def record_from_entry(entry: LedgerEntry) -> RequestRecord | None:
    """Return what the ledger holds of a finished request as its record; None for a strange ending.

    What a record has besides (notes, dropped members, the name asked for) was never stored.
    """
    try:
        state = RequestState(entry.ending)
    except ValueError:
        return None
    return RequestRecord(
        request_id=entry.request_id,
        client=entry.client,
        path=entry.path,
        model_asked=entry.model,
        started=entry.started,
        state=state,
        model=entry.model,
        upstream_endpoint=entry.endpoint,
        translated=entry.translated,
        streamed=entry.streamed,
        http_status=entry.http_status,
        duration=entry.duration,
        first_byte=entry.first_byte,
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        cache_read_tokens=entry.cache_read_tokens,
        cache_write_tokens=entry.cache_write_tokens,
        reasoning_tokens=entry.reasoning_tokens,
        nano_credits=entry.nano_credits,
        attempts=entry.attempts,
        stop_reason=entry.stop_reason,
        error=entry.error,
        initiator=entry.initiator,
        reason=entry.reason,
        estimated=entry.estimated,
        saved_nano_credits=entry.saved_nano_credits,
        cache_miss=entry.miss_reason,
        is_from_ledger=True,
    )


def storable(entry: LedgerEntry) -> LedgerEntry:
    """Return ``entry`` with texts clipped and cleaned, and numbers within what SQLite can hold.

    One value that cannot be stored would fail its whole batch.
    """
    if _is_storable(entry):
        return entry
    fitted = {
        each.name: _fit(getattr(entry, each.name), LONGEST.get(each.name, LONGEST_NAME))
        for each in fields(entry)
    }
    return replace(entry, **fitted)  # type: ignore[arg-type]  # _fit keeps every value's type


def _is_storable(entry: LedgerEntry) -> bool:
    """Whether every value can be stored as it is, as nearly always."""
    texts, counts, times = _TEXTS(entry), _COUNTS(entry), _TIMES(entry)
    return (
        "".join(filter(None, (*texts, entry.reason))).isprintable()
        and len(entry.reason) <= LONGEST_REASON
        and max(map(len, filter(None, texts)), default=0) <= LONGEST_NAME
        and all(type(each) is int for each in counts if each is not None)
        and max(filter(None, counts), default=0) <= _LARGEST
        and min(filter(None, counts), default=0) >= -_LARGEST
        and all(map(math.isfinite, filter(None, times)))
    )


def _fit(value: Value, longest: int) -> Value:
    if isinstance(value, str):
        printable = "".join(c for c in value[:longest] if unicodedata.category(c)[0] != "C")
        return printable.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return 0.0
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-_LARGEST, min(value, _LARGEST))
    return value
