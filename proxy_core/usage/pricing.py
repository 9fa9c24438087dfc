"""The price of a request, actual or expected.

Pure. Upstream's own bill counts if there is one; otherwise the price is marked as an estimate from
the catalogue's prices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from proxy_core.canonical.model import Prices
from proxy_core.canonical.usage import Bill, Usage
from proxy_core.status.approvals import ExpectedCharge
from proxy_core.status.totals import NANO_PER_CREDIT

_HIGHEST_PRICE = 1e9
"""Credits per batch; a higher price is an error in the catalogue."""


@dataclass(frozen=True, slots=True)
class Charge:
    """The price of one answer, in nano-credits.

    ``saved_nano_credits`` is what the prompt cache saved against paying full input price for every
    token, minus the surcharge for writing to the cache; negative if that is larger, None if the
    model's prices are unknown.
    """

    nano_credits: int
    estimated: bool
    saved_nano_credits: int | None = None


def charge(bill: Bill | None, usage: Usage, prices: Prices | None) -> Charge | None:
    """Return the price of a response, or None if there is neither a bill nor prices.

    Without usage and bill the price is unknown: None.
    """
    known = _usable(prices)
    known = _tier(known, _prompt_tokens(usage)) if known is not None else None
    saved = _saved(usage, known) if known is not None else None
    billed = _billed(bill)
    if billed is not None:
        return Charge(billed, estimated=False, saved_nano_credits=saved)
    if known is None or not usage:
        return None
    return Charge(_price(usage, known), estimated=True, saved_nano_credits=saved)


def expected_charge(
    prices: Prices | None,
    *,
    prompt_tokens: int,
    cached_tokens: int = 0,
    output_tokens: tuple[int, int] = (0, 0),
) -> ExpectedCharge | None:
    """Return the likely price of a request, or None if the model's prices are unknown.

    ``prompt_tokens`` is the estimated size of the whole prompt, ``cached_tokens`` the part probably
    read from the cache, ``output_tokens`` a low and a high estimate of the response's length. The
    high end assumes that the rest is written to the cache, if that costs more.
    """
    known = _usable(prices)
    if known is None:
        return None
    prompt = max(0, prompt_tokens)
    known = _tier(known, prompt)
    cached = min(max(0, cached_tokens), prompt)
    fresh = prompt - cached
    few, many = sorted(max(0, each) for each in output_tokens)
    low = Usage(input_tokens=fresh, cache_read_tokens=cached, output_tokens=few)
    high = Usage(cache_write_tokens=fresh, cache_read_tokens=cached, output_tokens=many)
    if _cache_write(known) < known.input:
        high = Usage(input_tokens=fresh, cache_read_tokens=cached, output_tokens=many)
    return ExpectedCharge(_price(low, known), _price(high, known))


def _billed(bill: Bill | None) -> int | None:
    """Return the bill's total; if it has none, the sum of its lines."""
    if bill is None:
        return None
    if bill.total_nano_credits > 0:
        return bill.total_nano_credits
    return sum(
        each.token_count * each.cost_per_batch // each.batch_size
        for each in bill.details
        if each.batch_size > 0 and each.token_count > 0 and each.cost_per_batch > 0
    )


def _usable(prices: Prices | None) -> Prices | None:
    """Return ``prices``, or None if no price can be computed from them."""
    if prices is None or prices.batch_size <= 0:
        return None
    tiers = (prices, prices.long_context) if prices.long_context else (prices,)
    stated = [
        price
        for each in tiers
        for price in (each.input, each.output, each.cache_read or 0.0, each.cache_write or 0.0)
    ]
    return prices if all(0 <= each <= _HIGHEST_PRICE for each in stated) else None


def _tier(prices: Prices, prompt_tokens: int) -> Prices:
    """Return the prices that apply to a prompt of that length."""
    tier = prices.long_context
    if tier is None or prices.context_max is None or prompt_tokens <= prices.context_max:
        return prices
    return replace(
        prices,
        input=tier.input,
        output=tier.output,
        cache_read=tier.cache_read,
        cache_write=tier.cache_write,
    )


def _prompt_tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens


def _cache_read(prices: Prices) -> float:
    return prices.input if prices.cache_read is None else prices.cache_read


def _cache_write(prices: Prices) -> float:
    return prices.input if prices.cache_write is None else prices.cache_write


def _price(usage: Usage, prices: Prices) -> int:
    credits_by_batch = (
        usage.input_tokens * prices.input
        + usage.output_tokens * prices.output
        + usage.cache_read_tokens * _cache_read(prices)
        + usage.cache_write_tokens * _cache_write(prices)
    )
    return round(max(0.0, credits_by_batch) * NANO_PER_CREDIT / prices.batch_size)


def _saved(usage: Usage, prices: Prices) -> int:
    by_batch = usage.cache_read_tokens * (prices.input - _cache_read(prices))
    by_batch -= usage.cache_write_tokens * (_cache_write(prices) - prices.input)
    return round(by_batch * NANO_PER_CREDIT / prices.batch_size)
