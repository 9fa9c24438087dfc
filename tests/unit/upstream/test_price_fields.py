"""The catalogue's price fields under their old and new names, and what a long prompt costs."""

from __future__ import annotations

from typing import Any

import pytest

from proxy_core.canonical.events import Usage
from proxy_core.canonical.model import LongContextPrices, Prices, Promotion
from proxy_core.upstream.catalog.parsing import parse_model
from proxy_core.usage.pricing import charge, expected_charge

TIER = {"input_price": 500, "output_price": 2500, "context_max": 200_000}
LONG = {"input_price": 1000, "output_price": 5000, "cache_read_price": 100}


def prices(default: dict[str, Any], **billing: Any) -> Prices:
    token_prices = {"batch_size": 1_000_000, "default": {**TIER, **default}, "long_context": LONG}
    entry = {
        "id": "m",
        "capabilities": {"type": "chat"},
        "billing": {"token_prices": token_prices, **billing},
    }
    model = parse_model(entry)
    assert model is not None
    assert model.prices is not None
    return model.prices


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({"cache_price": 50}, 50),
        ({"cache_read_price": 40}, 40),
        ({"cache_price": 50, "cache_read_price": 40}, 40),
        ({"cache_read_price": None, "cache_price": 50}, 50),
        ({}, None),
    ],
)
def test_the_cache_price_is_read_under_both_names(fields: dict[str, Any], read: int | None) -> None:
    assert prices(fields).cache_read == read


def test_discounts_promotions_and_the_long_tier_are_read() -> None:
    promo = {"discount_percent": 50, "ends_at": "2026-12-31"}
    read = prices({}, auto_discount=10, promo=promo)
    assert read.auto_discount == 10
    assert read.promotion == Promotion(50, "2026-12-31")
    assert read.long_context == LongContextPrices(1000, 5000, cache_read=100)
    assert read.context_max == 200_000
    odd = prices({}, auto_discount="much", promo="soon")
    assert (odd.auto_discount, odd.promotion) == (None, None)


def test_a_prompt_beyond_the_first_tier_costs_the_long_tiers_price() -> None:
    read = prices({"cache_price": 50})
    short = charge(None, Usage(input_tokens=200_000), read)
    long = charge(None, Usage(input_tokens=1, cache_read_tokens=200_000), read)
    assert short is not None
    assert long is not None
    assert short.nano_credits == 100 * 10**9
    assert long.nano_credits == round((1000 + 100 * 200_000) * 10**9 / 1_000_000)
    expected = expected_charge(read, prompt_tokens=300_000)
    assert expected is not None
    assert expected.low == 300 * 10**9


def test_models_that_are_listed_but_never_served_are_not_offered() -> None:
    for name, offered in (("copilot-search-1", False), ("exec-agent-x", False), ("gpt-5", True)):
        model = parse_model({"id": name, "capabilities": {"type": "chat"}})
        assert model is not None
        assert model.in_picker is offered
