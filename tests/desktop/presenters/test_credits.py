"""Credits of the month and of the day, and the last minutes; plain data, no Qt."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from desktop.presenters.usage.credits import CreditsView, credits_line, credits_view, today_view
from desktop.presenters.usage.sparkline import sparkline
from desktop.presenters.words import Locale, Words
from proxy_core.status.status import HALF_MINUTE, BudgetStatus, QuotaStatus, Status
from proxy_core.status.totals import Totals
from proxy_core.usage.quota.forecast import Forecast, Outlook
from tests.desktop.fake_service import record

CREDIT = 1_000_000_000
NOW = datetime(2026, 11, 21, 14, 32, tzinfo=UTC).timestamp()
RESET = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
QUOTA = QuotaStatus(
    "premium_interactions", entitlement=1500, used=412.6, resets=RESET, read_at=NOW - 240
)
WORDS = Words(locale=Locale(day=lambda _: "1 Dec"))
FORECAST = Forecast(Outlook.WITHIN, per_day=20.0, by_reset=603.2)


def view_of(quota: QuotaStatus | None, month: int | None = None) -> CreditsView:
    budget = None if month is None else BudgetStatus(month_spent=month)
    status = Status(quotas=() if quota is None else (quota,), budget=budget)
    view = credits_view(status, NOW, WORDS, FORECAST)
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
    assert view.github == "no figure from GitHub yet"
    assert not view.has_two, "nobody is asked why there are two figures"
    assert credits_view(Status(), NOW, WORDS) is None


def test_without_a_forecast_none_is_shown_and_running_out_is_told() -> None:
    assert credits_of(None) == ""
    assert credits_of(Forecast(Outlook.NO_DATA)) == ""
    runs_out = Forecast(Outlook.RUNS_OUT, 99.0, 1_900.0, date(2026, 11, 28))
    assert credits_of(runs_out).startswith("At this pace used up on ")


def credits_of(forecast: Forecast | None) -> str:
    view = credits_view(Status(quotas=(QUOTA,)), NOW, WORDS, forecast)
    assert view is not None
    return view.forecast


def test_a_rate_limit_is_no_allowance() -> None:
    session = QuotaStatus("session", percent_used=80, is_rate_limit=True)
    assert credits_view(Status(quotas=(session,)), NOW, WORDS) is None


def test_the_trays_line() -> None:
    assert credits_line(Status(quotas=(QUOTA,)), WORDS) == (
        "1,087.4 of 1,500 credits left, resets 1 Dec"
    )
    unlimited = replace(QUOTA, unlimited=True)
    assert credits_line(Status(quotas=(unlimited,)), WORDS) == "412.6 credits used, no limit"
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


def test_the_last_minutes_count_every_start_however_many_requests_are_listed() -> None:
    now = int(NOW // HALF_MINUTE)
    lately = ((now - 30, 7), (now - 29, 1), (now - 3, 1), (now - 1, 250), (now, 300))
    status = Status(
        recent=tuple(record(n, started=NOW - 1) for n in range(200)),
        started_lately=lately,
        today=Totals(requests=4_300),
    )
    view = sparkline(status, NOW, WORDS)
    assert len(view.values) == 30
    assert (view.values[-1], view.values[-2], view.values[-4], view.values[0]) == (300, 250, 1, 1)
    assert sum(view.values) == 552, "older ones are not shown"
    assert (view.today, view.busiest) == ("4,300 today", "busiest minute: 550")
    assert len(view.labels) == 30
    assert view.sentence == "Requests of the last 15 minutes: 552, busiest minute: 550"


def test_requests_that_run_count_today_as_they_do_in_the_busiest_minute() -> None:
    """Home said "6 today" beside "busiest minute: 8" while two of the eight ran."""
    status = Status(
        active=(record(7, started=NOW - 2), record(8, started=NOW - 1)),
        started_lately=((int(NOW // HALF_MINUTE), 8),),
        today=Totals(requests=6),
    )
    view = sparkline(status, NOW, WORDS)
    assert (view.today, view.busiest) == ("8 today", "busiest minute: 8")


def test_a_guest_s_request_and_one_of_yesterday_that_still_runs_are_not_of_today() -> None:
    words = Words(locale=Locale(day=lambda seconds: str(int(seconds // 86_400))))
    midnight = NOW // 86_400 * 86_400
    status = Status(
        active=(
            record(7, started=midnight - 1),
            record(8, started=midnight + 1),
            record(9, started=midnight + 1, client="guest", is_guests=True),
        ),
        today=Totals(requests=6),
    )
    assert sparkline(status, midnight + 5, words).today == "7 today"


@pytest.mark.parametrize(
    ("by_reset", "used", "said"),
    [
        (204.3, 204.0, "about 205"),
        (150.0, 204.6, "about 205"),
        (1_049.0, 1_020.0, "about 1,049"),
        (380.0, 204.0, "about 380"),
        (3.0, 7.2, "about 7.2"),
    ],
)
def test_a_forecast_is_never_below_what_is_used_already(
    by_reset: float, used: float, said: str
) -> None:
    forecast = Forecast(Outlook.WITHIN, per_day=1.0, by_reset=by_reset)
    status = Status(quotas=(replace(QUOTA, used=used),))
    view = credits_view(status, NOW, WORDS, forecast)
    assert view is not None
    assert said in view.forecast


def test_the_busiest_minute_is_the_same_half_a_minute_later() -> None:
    """It was counted by pairs that began anew each half minute, and fell from 10 to 7 and back."""
    now = int(NOW // HALF_MINUTE)
    status = Status(started_lately=((now - 5, 7), (now - 4, 3)))
    said = {sparkline(status, NOW + later, WORDS).busiest for later in (0, 30, 60, 90)}
    assert said == {"busiest minute: 10"}


def test_small_credits_are_no_zero() -> None:
    shown = [WORDS.credits(nano) for nano in (0, 1_000_000, 20_000_000, 60_000_000, CREDIT)]
    assert shown == ["0.0", "<0.01", "0.02", "0.1", "1.0"]
