"""Sums over ledger entries. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields

NANO_PER_CREDIT = 1_000_000_000
"""1 AI credit is 0.01 USD and 10**9 nano-credits (copilot-protocol.md 9.3)."""


@dataclass(frozen=True, slots=True)
class Totals:
    """``nano_credits`` includes ``estimated_nano_credits``, the part that upstream did not bill.

    ``unpriced`` counts answers with tokens whose price is not known at all. ``asked_by_user`` and
    ``asked_by_agent`` count requests by the ``X-Initiator`` sent to GitHub; those never sent are in
    neither.
    """

    requests: int = 0
    failed: int = 0
    cancelled: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    nano_credits: int = 0
    estimated_nano_credits: int = 0
    saved_nano_credits: int = 0
    unpriced: int = 0
    asked_by_user: int = 0
    asked_by_agent: int = 0

    @property
    def credits(self) -> float:
        return self.nano_credits / NANO_PER_CREDIT

    @property
    def saved_credits(self) -> float:
        return self.saved_nano_credits / NANO_PER_CREDIT

    @property
    def prompt_tokens(self) -> int:
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def cache_hit_rate(self) -> float | None:
        """The share of all prompt tokens that came from the cache, 0 to 1; None without any."""
        return self.cache_read_tokens / self.prompt_tokens if self.prompt_tokens > 0 else None

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, n) + getattr(other, n) for n in FIELDS))


FIELDS = tuple(each.name for each in fields(Totals))
