"""Credits of the month and of the day, and the last minutes; plain data, no Qt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from desktop.presenters.usage.credits import CreditsView, credits_line, credits_view, today_view
from desktop.presenters.usage.sparkline import sparkline
from desktop.presenters.words import Locale, Words
from proxy_core.status.status import BudgetStatus, QuotaStatus, RequestState, Status
from proxy_core.status.totals import Totals
from tests.desktop.fake_service import record

CREDIT = 1_000_000_000
NOW = datetime(2026, 11, 21, 14, 32, tzinfo=UTC).timestamp()
RESET = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
QUOTA = QuotaStatus(
    "premium_interactions", entitlement=1500, used=412.6, resets=RESET, read_at=NOW - 240
)
WORDS = Words(locale=Locale(day=lambda _: "1 Dec"))


def view_of(quota: QuotaStatus | None, month: int | None = None) -> CreditsView:
    budget = None if month is None else BudgetStatus(month_spent=month)
    status = Status(quotas=() if quota is None else (quota,), budget=budget)
    view = credits_view(status, NOW, WORDS)
    assert view is not None
    return view


def test_the_month_says_used_of_how_many_the_pace_and_both_sources() -> None:
    view = view_of(QUOTA, 398_200_000_000)
    assert (view.used, view.of, view.percent) == ("412.6", "of 1,500 used", "28 %")
    assert view.resets == "Resets 1 Dec, in 9 days"
    assert view.forecast == "At this pace: about 600 by the reset"
    assert view.even_pace == "even pace, 69 %"
    assert view.github == "GitHub says 412.6, 4 min ago"
    assert view.counted == "counted here 398.2, live"
    assert view.meter.share == pytest.approx(412.6 / 1500)
    assert view.meter.tick == pytest.approx(0.687, abs=0.01)
    assert view.meter.text == "412.6 of 1,500 used 28 %"


def test_an_old_reading_says_that_it_is_old() -> None:
    view = view_of(replace(QUOTA, read_at=NOW - 3 * 3600))
    assert view.github == "The last reading, 412.6, is 3 h 0 min old"
    assert view.is_old


def test_over_the_limit_the_tick_moves_to_the_limit_and_the_percent_goes_on() -> None:
    view = view_of(replace(QUOTA, used=1725.0))
    assert (view.percent, view.even_pace) == ("115 %", "")
    assert view.meter.is_over
    assert view.meter.share == 1.0
    assert view.meter.tick == pytest.approx(1 / 1.15)


def test_without_a_limit_there_is_no_percent() -> None:
    view = view_of(replace(QUOTA, entitlement=0, unlimited=True))
    assert (view.of, view.percent, view.forecast) == ("used, no limit", "", "")
    assert view.meter.share is None


def test_while_github_is_silent_our_own_count_stays() -> None:
    view = view_of(None, 96 * CREDIT)
    assert (view.used, view.of) == ("96.0", "credits, no limit known")
    assert view.github == "GitHub did not tell yet"
    assert credits_view(Status(), NOW, WORDS) is None


def test_a_first_hour_has_no_forecast() -> None:
    begun = replace(QUOTA, resets=NOW + 30 * 86_400 - 3600, used=5.0)
    assert view_of(begun).forecast == ""


def test_a_rate_limit_is_no_allowance() -> None:
    session = QuotaStatus("session", percent_used=80, is_rate_limit=True)
    assert credits_view(Status(quotas=(session,)), NOW, WORDS) is None


def test_the_trays_line() -> None:
    assert credits_line(Status(quotas=(QUOTA,)), WORDS) == ("412.6 of 1,500 credits, resets 1 Dec")
    unlimited = replace(QUOTA, unlimited=True)
    assert credits_line(Status(quotas=(unlimited,)), WORDS) == "412.6 credits, no limit"
    assert credits_line(Status(), WORDS) == ""


def test_today_against_the_budget_and_without_one() -> None:
    today = Totals(requests=23, nano_credits=31_400_000_000, input_tokens=11, cache_read_tokens=89)
    budget = BudgetStatus(day_spent=31_400_000_000, day_limit=60 * CREDIT)
    view = today_view(Status(today=today, budget=budget), WORDS)
    assert (view.spent, view.of, view.cache_hits) == ("31.4", "of 60 (your budget)", "89 %")
    assert view.meter is not None
    assert view.meter.share == pytest.approx(31.4 / 60)
    bare = today_view(Status(today=today), WORDS)
    assert (bare.of, bare.meter) == ("credits, no budget set", None)
    assert today_view(Status(), WORDS).cache_hits == "–"


def test_the_last_minutes_count_beginnings_by_half_minutes() -> None:
    begun = [record(n, started=NOW - age) for n, age in enumerate((5, 20, 35, 100, 899, 901))]
    running = record(9, started=NOW - 1, state=RequestState.STREAMING)
    status = Status(active=(running,), recent=tuple(begun), today=Totals(requests=23))
    view = sparkline(status, NOW, WORDS)
    assert len(view.values) == 30
    assert view.values[-1] == 3
    assert view.values[-2] == 1
    assert view.values[0] == 1
    assert sum(view.values) == 6, "older ones are not shown"
    assert (view.today, view.busiest) == ("23 today", "busiest minute: 4")
    assert len(view.labels) == 30
    assert view.sentence == "Requests of the last 15 minutes: 6, busiest minute: 4"
