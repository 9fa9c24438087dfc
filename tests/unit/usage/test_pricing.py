"""What a request cost, billed or estimated, and what it may cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.events import Bill, BilledTokens, Usage
from proxy_core.canonical.model import Prices
from proxy_core.status.approvals import ExpectedCharge
from proxy_core.status.totals import NANO_PER_CREDIT as CREDIT
from proxy_core.usage.pricing import Charge, charge, expected_charge

SONNET = Prices(1_000_000, input=300, output=1500, cache_read=30, cache_write=375)
MILLION = 1_000_000


def nano(amount: float) -> int:
    return round(amount * CREDIT)


def test_upstream_s_bill_counts() -> None:
    found = charge(Bill(1_234_567_890), Usage(input_tokens=10), SONNET)
    assert found == Charge(1_234_567_890, estimated=False, saved_nano_credits=0)


def test_a_bill_counts_without_prices_and_without_usage() -> None:
    assert charge(Bill(7), Usage(), None) == Charge(7, estimated=False)


def test_a_bill_without_a_total_is_the_sum_of_its_lines() -> None:
    lines = (
        BilledTokens("input", 1_000, 300 * CREDIT, MILLION),
        BilledTokens("cache_read", 10_000, 30 * CREDIT, MILLION),
        BilledTokens("broken", 10_000, 30 * CREDIT, 0),
    )
    found = charge(Bill(0, lines), Usage(input_tokens=1_000), None)
    assert found == Charge(nano(0.3 + 0.3), estimated=False)


def test_a_bill_of_nothing_is_a_price_of_nothing() -> None:
    found = charge(Bill(0), Usage(input_tokens=1_000), SONNET)
    assert found is not None
    assert (found.nano_credits, found.estimated) == (0, False)


def test_without_a_bill_the_price_is_estimated_and_says_so() -> None:
    usage = Usage(
        input_tokens=4_824, cache_read_tokens=35_376, cache_write_tokens=1_000, output_tokens=655
    )
    expected = (4_824 * 300 + 35_376 * 30 + 1_000 * 375 + 655 * 1500) / MILLION
    found = charge(None, usage, SONNET)
    assert found is not None
    assert found.estimated
    assert found.nano_credits == nano(expected)
    assert found.saved_nano_credits == nano((35_376 * 270 - 1_000 * 75) / MILLION)


def test_writing_a_cache_nobody_reads_saves_less_than_nothing() -> None:
    found = charge(None, Usage(cache_write_tokens=MILLION), SONNET)
    assert found is not None
    assert found.saved_nano_credits == nano(-75)


def test_unknown_cache_prices_count_as_input() -> None:
    plain = Prices(MILLION, input=300, output=1500)
    found = charge(None, Usage(cache_read_tokens=500_000, cache_write_tokens=500_000), plain)
    assert found == Charge(nano(300), estimated=True, saved_nano_credits=0)


def test_reasoning_is_part_of_the_output_and_not_paid_twice() -> None:
    found = charge(None, Usage(output_tokens=MILLION, reasoning_tokens=900_000), SONNET)
    assert found is not None
    assert found.nano_credits == nano(1500)


@pytest.mark.parametrize(
    "prices",
    [
        None,
        Prices(0, 300, 1500),
        Prices(MILLION, float("nan"), 1500),
        Prices(MILLION, 300, float("inf")),
        Prices(MILLION, -1, 1500),
        Prices(MILLION, 1e300, 1500),
    ],
)
def test_prices_that_say_nothing_give_no_estimate(prices: Prices | None) -> None:
    assert charge(None, Usage(input_tokens=10), prices) is None
    assert expected_charge(prices, prompt_tokens=10) is None


def test_an_answer_without_any_count_has_no_estimate() -> None:
    assert charge(None, Usage(), SONNET) is None


def test_what_a_request_may_cost_lies_between_a_short_and_a_long_answer() -> None:
    found = expected_charge(
        SONNET, prompt_tokens=182_400, cached_tokens=111_264, output_tokens=(500, 4_000)
    )
    fresh, cached = 182_400 - 111_264, 111_264 * 30
    assert found == ExpectedCharge(
        low=nano((fresh * 300 + cached + 500 * 1500) / MILLION),
        high=nano((fresh * 375 + cached + 4_000 * 1500) / MILLION),
    )


def test_more_cannot_be_cached_than_there_is() -> None:
    found = expected_charge(SONNET, prompt_tokens=100, cached_tokens=MILLION)
    assert found is not None
    assert found.low == found.high == nano(100 * 30 / MILLION)


_COUNTS = st.integers(-10, 10**9)
_PRICES = st.none() | st.builds(
    Prices,
    st.integers(-1, 10**7),
    st.floats(),
    st.floats(),
    st.none() | st.floats(),
    st.none() | st.floats(),
)
_BILLS = st.none() | st.builds(
    Bill,
    st.integers(-5, 10**15),
    st.lists(st.builds(BilledTokens, st.text(), _COUNTS, _COUNTS, _COUNTS)).map(tuple),
)


@given(_BILLS, st.builds(Usage, _COUNTS, _COUNTS, _COUNTS, _COUNTS, _COUNTS), _PRICES)
def test_no_figures_break_it(bill: Bill | None, usage: Usage, prices: Prices | None) -> None:
    found = charge(bill, usage, prices)
    assert found is None or found.nano_credits >= 0
    assert bill is None or (found is not None and not found.estimated)


@given(_PRICES, _COUNTS, _COUNTS, st.tuples(_COUNTS, _COUNTS))
def test_low_never_exceeds_high(
    prices: Prices | None, prompt: int, cached: int, output: tuple[int, int]
) -> None:
    found = expected_charge(
        prices, prompt_tokens=prompt, cached_tokens=cached, output_tokens=output
    )
    assert found is None or 0 <= found.low <= found.high
