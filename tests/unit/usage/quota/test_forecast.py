"""Runs out on: the present pace against what is left."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.usage.quota.forecast import Forecast, Outlook, forecast, month_before

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOON.date()
RESET = datetime(2026, 12, 1, tzinfo=UTC)


def each_day(amount: float, days: int = 20, today: float | None = None) -> dict[date, float]:
    past = {TODAY - timedelta(days=each): amount for each in range(1, days + 1)}
    return past | {TODAY: amount / 2 if today is None else today}


def test_a_steady_pace_within_the_plan() -> None:
    found = forecast(each_day(20), NOON, used=410, entitlement=1500, resets_at=RESET)
    assert found.outlook is Outlook.WITHIN
    assert found.per_day == pytest.approx(20)
    assert found.by_reset == pytest.approx(410 + 9.5 * 20)
    assert found.runs_out_on is None
    assert found.even_pace == pytest.approx(20.5 / 30)


def test_a_pace_too_high_names_the_day_it_ends() -> None:
    found = forecast(each_day(100), NOON, used=1200, entitlement=1500, resets_at=RESET)
    assert found.outlook is Outlook.RUNS_OUT
    assert found.runs_out_on == date(2026, 11, 24)


def test_it_may_end_today() -> None:
    found = forecast(each_day(100), NOON, used=1480, entitlement=1500, resets_at=RESET)
    assert found.runs_out_on == TODAY


def test_the_day_is_the_local_one() -> None:
    tokyo = NOON.astimezone(ZoneInfo("Asia/Tokyo"))  # 21:00
    used = {tokyo.date(): 50.0, tokyo.date() - timedelta(days=1): 50.0}
    found = forecast(used, tokyo, used=1490, entitlement=1500, resets_at=RESET)
    assert found.runs_out_on == date(2026, 11, 22)
    assert found.even_pace == pytest.approx(20.5 / 30)


def test_what_is_over_the_limit_is_over_and_still_projected() -> None:
    found = forecast(each_day(100), NOON, used=1725, entitlement=1500, resets_at=RESET)
    assert (found.outlook, found.runs_out_on) == (Outlook.OVER, None)
    assert found.by_reset == pytest.approx(1725 + 950)


def test_exactly_used_up_is_over() -> None:
    found = forecast(each_day(100), NOON, used=1500, entitlement=1500, resets_at=RESET)
    assert found.outlook is Outlook.OVER


def test_nothing_used_tells_nothing() -> None:
    assert forecast({}, NOON, entitlement=1500, resets_at=RESET).outlook is Outlook.NO_DATA
    nothing = forecast(each_day(0), NOON, used=0, entitlement=1500, resets_at=RESET)
    assert nothing == Forecast(Outlook.NO_DATA, even_pace=pytest.approx(20.5 / 30))


def test_an_allowance_of_nothing_is_not_over_before_anything_was_used() -> None:
    assert forecast({}, NOON, used=0, entitlement=0, resets_at=RESET).outlook is Outlook.NO_DATA
    assert forecast({}, NOON, used=1, entitlement=0, resets_at=RESET).outlook is Outlook.OVER


def test_without_a_limit_the_pace_is_told_all_the_same() -> None:
    found = forecast(each_day(20), NOON, used=410, resets_at=RESET)
    assert found.outlook is Outlook.NO_LIMIT
    assert found.by_reset == pytest.approx(600)


def test_without_a_reset_the_end_is_told_within_a_year() -> None:
    soon = forecast(each_day(10), NOON, used=1400, entitlement=1500)
    assert soon.runs_out_on == date(2026, 12, 1)
    assert soon.even_pace is None
    assert soon.by_reset is None
    assert forecast(each_day(1), NOON, used=0, entitlement=1500).outlook is Outlook.WITHIN


def test_a_reset_in_the_past_counts_as_not_known() -> None:
    found = forecast(
        each_day(10), NOON, used=1400, entitlement=1500, resets_at=NOON - timedelta(days=3)
    )
    assert found.even_pace is None
    assert found.runs_out_on == date(2026, 12, 1)


def test_days_before_the_first_use_do_not_dilute_the_pace() -> None:
    found = forecast(each_day(30, days=2), NOON, entitlement=1500, resets_at=RESET)
    assert found.per_day == pytest.approx(30)


def test_quiet_days_since_then_do() -> None:
    used = {TODAY - timedelta(days=10): 105.0}
    found = forecast(used, NOON, entitlement=1500, resets_at=RESET)
    assert found.per_day == pytest.approx(10)


def test_the_first_hour_of_the_first_day_is_not_the_pace_of_a_day() -> None:
    early = NOON.replace(hour=0, minute=30)
    found = forecast({TODAY: 10.0}, early, entitlement=1500, resets_at=RESET)
    assert found.per_day == 40


def test_only_the_last_two_weeks_make_the_pace() -> None:
    long_ago = {TODAY - timedelta(days=each): 500.0 for each in range(15, 40)}
    found = forecast(long_ago | each_day(10, days=14), NOON, used=10, entitlement=1500)
    assert found.per_day == pytest.approx(10)


def test_without_a_total_the_days_of_the_period_are_added_up() -> None:
    used = {date(2026, 10, 31): 1000.0, date(2026, 11, 2): 100.0, TODAY: 20.0}
    found = forecast(used, NOON, entitlement=1500, resets_at=RESET)
    assert found.by_reset == pytest.approx(120 + (found.per_day or 0) * 9.5)


@pytest.mark.parametrize(
    ("reset", "start"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2024, 3, 30, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_period_begins_a_calendar_month_before_its_reset(
    reset: datetime, start: datetime
) -> None:
    assert month_before(reset) == start


_ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)), ZoneInfo("Europe/Berlin")]
)
_MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 2),  # noqa: DTZ001  # the strategy adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=_ZONES,
)


@given(
    st.dictionaries(st.dates(), st.floats() | st.integers(-5, 10**9), max_size=30),
    _MOMENTS,
    st.none() | st.floats(),
    st.none() | st.floats(),
    st.none() | _MOMENTS,
    st.none() | _MOMENTS,
)
def test_no_figures_break_it(
    daily: dict[date, float],
    now: datetime,
    used: float | None,
    entitlement: float | None,
    resets_at: datetime | None,
    start: datetime | None,
) -> None:
    found = forecast(
        daily,
        now,
        used=used,
        entitlement=entitlement,
        resets_at=resets_at,
        period_start=start,
    )
    assert found.per_day is None or found.per_day >= 0
    assert found.even_pace is None or 0 <= found.even_pace <= 1
    assert (found.runs_out_on is not None) == (found.outlook is Outlook.RUNS_OUT)
    if found.runs_out_on is not None:
        assert found.runs_out_on >= now.date()
        if resets_at is not None and resets_at > now:
            assert found.runs_out_on <= resets_at.astimezone(now.tzinfo).date()
    assert found.by_reset is None or not math.isnan(found.by_reset)
