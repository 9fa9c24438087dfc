"""Records a finished request: price, cache result, ledger entry, budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from proxy_core.canonical.model import Prices
from proxy_core.canonical.usage import Bill, Usage
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.usage.ledger.entry import LedgerEntry, entry_from_record
from proxy_core.usage.ledger.writer import Ledger
from proxy_core.usage.limits.budget_guard import BudgetGuard
from proxy_core.usage.pricing import charge
from proxy_core.usage.prompt_cache.fingerprint import PromptFingerprint
from proxy_core.usage.prompt_cache.health import CacheHealth, CacheVerdict


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """What was sent, as hashes; ``session`` is the client's own conversation id, or None."""

    fingerprint: PromptFingerprint
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    entry: LedgerEntry
    cache: CacheVerdict | None = None


class UsageRecorder:
    """Belongs to one thread. ``keeps_ledger`` is the user's setting, read at every request."""

    def __init__(
        self,
        ledger: Ledger,
        guard: BudgetGuard,
        cache: CacheHealth,
        keeps_ledger: Callable[[], bool],
    ) -> None:
        self._ledger = ledger
        self._guard = guard
        self._cache = cache
        self._keeps_ledger = keeps_ledger

    def record(
        self,
        record: RequestRecord,
        prices: Prices | None = None,
        bill: Bill | None = None,
        sent: SentPrompt | None = None,
    ) -> Recorded:
        """Record a finished request once. Never blocks.

        ``prices`` are those of the model that responded; ``bill`` counts before the record's
        ``nano_credits``, which are its total.
        """
        usage = Usage(
            input_tokens=record.input_tokens,
            output_tokens=record.output_tokens,
            cache_read_tokens=record.cache_read_tokens,
            cache_write_tokens=record.cache_write_tokens,
            reasoning_tokens=record.reasoning_tokens,
        )
        if bill is None and record.nano_credits is not None:
            bill = Bill(record.nano_credits)
        price = charge(bill, usage, prices)
        verdict = None
        if sent is not None and record.state is RequestState.DONE and usage:
            verdict = self._cache.observe(
                record.client, sent.session, sent.fingerprint, usage, record.started
            )
        entry = entry_from_record(
            record, price, verdict.reason.value if verdict and verdict.reason else None
        )
        if self._keeps_ledger():
            self._ledger.record(entry)
        self._guard.end(record.request_id, entry.nano_credits)
        return Recorded(entry, verdict)
