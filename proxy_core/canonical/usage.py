"""What an answer used and what upstream bills for it: what the usage of a day needs of the events."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one answer.

    ``input_tokens`` counts only what was neither read from nor written to the prompt cache, so the
    prompt's full size is the sum of the three input figures (``prompt_tokens``).
    ``reasoning_tokens`` is the part of ``output_tokens`` that was spent on thinking.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def prompt_tokens(self) -> int:
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.output_tokens

    def __bool__(self) -> bool:
        """False for the all-zero usage that some models put on every chunk."""
        return self.total_tokens > 0


@dataclass(frozen=True, slots=True)
class BilledTokens:
    """One line of upstream's own bill (``copilot_usage.token_details[]``)."""

    token_type: str
    token_count: int
    cost_per_batch: int
    batch_size: int


@dataclass(frozen=True, slots=True)
class Bill:
    """Upstream's price of one answer; 1 credit is 10**9 nano-units (copilot-protocol.md 9.3)."""

    total_nano_credits: int
    details: tuple[BilledTokens, ...] = ()
