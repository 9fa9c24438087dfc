"""One report of everything: days, forecast, JSON."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proxy_core.config.settings import BudgetAction
from proxy_core.errors import BadRequest
from proxy_core.status.status import BudgetStatus, QuotaStatus
from proxy_core.status.totals import NANO_PER_CREDIT as CREDIT
from proxy_core.usage.ledger.day_totals import DayFigures, totals_of
from proxy_core.usage.ledger.entry import LedgerEntry
from proxy_core.usage.ledger.queries import UsageQueries
from proxy_core.usage.local_zone import LocalDays
from proxy_core.usage.quota.forecast import Outlook
from proxy_core.usage.quota.quota import Billing, parse_allowances
from proxy_core.usage.report import Allowed, UsageReport, make_report, wanted_days
from proxy_core.usage.report_json import moment, report_json

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()


def entry(number: int, days_ago: float = 0.0, **more: Any) -> LedgerEntry:
    started = (NOW - timedelta(days=days_ago)).timestamp() - number
    given: dict[str, Any] = {"client": "aider", "model": "gpt-5.2", "ending": "done"}
    return LedgerEntry(f"r{number}", started, **(given | more))


def report(
    tmp_path: Path, *entries: LedgerEntry, account: Any = None, days: int = 30
) -> UsageReport:
    queries = UsageQueries(tmp_path / "none.sqlite3", lambda: entries)
    allowed = Allowed(parse_allowances(account, NOW.timestamp()))
    return make_report(queries, TODAY - timedelta(days=days - 1), TODAY, None, NOW, allowed)


def premium(**more: Any) -> dict[str, Any]:
    return {
        "quota_reset_date": "2026-12-01",
        "quota_snapshots": {"premium_interactions": {"entitlement": 300, **more}},
    }


def test_without_a_word_the_last_thirty_days_are_meant() -> None:
    assert wanted_days(None, None, TODAY) == (date(2026, 10, 23), TODAY)
    assert wanted_days(None, date(2026, 3, 30), TODAY) == (date(2026, 3, 1), date(2026, 3, 30))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 22), None),
        (date(1, 1, 1), None),
        (None, date.max),
        (date(2000, 1, 1), TODAY),
    ],
)
def test_days_that_make_no_sense_are_refused(first: date | None, last: date | None) -> None:
    with pytest.raises(BadRequest):
        wanted_days(first, last, TODAY)


def test_figures_of_one_moment_agree_with_each_other(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        entry(1, input_tokens=10, cache_read_tokens=30, nano_credits=CREDIT, miss_reason="too_old"),
        entry(2, 1, model="gpt-4.1", client="Codex", ending="failed"),
        entry(3, 400),
    )
    assert found.totals.requests == 2
    assert sum(each.totals.requests for each in found.days) == 2
    assert {each.name for each in found.models} == {"gpt-5.2", "gpt-4.1"}
    assert found.misses == (("too_old", 1),)
    assert found.cache_hit_rate == 0.75
    assert found.since == entry(3, 400).started


def test_credits_run_out_at_the_pace_of_the_ledger(tmp_path: Path) -> None:
    spent = [entry(each, each, nano_credits=20 * CREDIT) for each in range(14)]
    account = premium(quota_remaining=100.0) | {"token_based_billing": True}
    found = report(tmp_path, *spent, account=account)
    assert found.billing is Billing.CREDITS
    assert found.forecast.outlook is Outlook.RUNS_OUT
    assert found.forecast.per_day == pytest.approx(20, rel=0.1)
    assert found.forecast.runs_out_on == date(2026, 11, 26)


def test_premium_requests_run_out_at_the_mean_of_the_period(tmp_path: Path) -> None:
    """GitHub counts a person's turns by multiplier; the ledger counts credits."""
    spent = [entry(each, each, nano_credits=20 * CREDIT) for each in range(14)]
    found = report(tmp_path, *spent, account=premium(quota_remaining=75.0))
    assert found.billing is Billing.PREMIUM_REQUESTS
    assert found.forecast.per_day == pytest.approx(225 / 20.5, rel=0.01)
    assert found.forecast.outlook is Outlook.RUNS_OUT
    assert found.forecast.runs_out_on == date(2026, 11, 28)


def test_a_reset_that_was_never_renewed_says_nothing(tmp_path: Path) -> None:
    stale = premium(quota_remaining=95.0) | {"quota_reset_date": "2019-01-01"}
    assert report(tmp_path, account=stale).forecast.outlook is Outlook.NO_DATA


def test_a_seat_without_a_limit_has_no_end(tmp_path: Path) -> None:
    account = premium(unlimited=True, credits_used=500) | {"token_based_billing": True}
    found = report(tmp_path, entry(1, nano_credits=CREDIT), account=account)
    assert found.forecast.outlook is Outlook.NO_LIMIT


@pytest.mark.parametrize("account", [None, {}, [], "x", {"quota_snapshots": 3}])
def test_without_a_word_of_github_s_the_ledger_speaks_alone(tmp_path: Path, account: Any) -> None:
    found = report(tmp_path, entry(1, nano_credits=CREDIT), account=account)
    assert (found.billing, found.quotas) == (Billing.UNKNOWN, ())
    assert json.dumps(report_json(found))


def test_json_counts_credits_and_says_when(tmp_path: Path) -> None:
    queries = UsageQueries(
        tmp_path / "none.sqlite3", lambda: (entry(1, nano_credits=2_500_000_000),)
    )
    quota = QuotaStatus("premium_interactions", 300, 95.0, 205.0, 68.3, resets=NOW.timestamp())
    budget = BudgetStatus(CREDIT, 3 * CREDIT, CREDIT, None, BudgetAction.STOP)
    allowed = Allowed(parse_allowances(None, 0), (quota,), budget, "The disk is full.")
    shown = report_json(make_report(queries, TODAY, TODAY, None, NOW, allowed))
    assert shown["totals"]["credits"] == 2.5
    assert shown["made_at"] == "2026-11-21T12:00:00Z"
    assert shown["quotas"][0]["resets"] == "2026-11-21T12:00:00Z"
    assert shown["budget"] == {
        "day_spent": 1.0,
        "day_limit": 3.0,
        "month_spent": 1.0,
        "month_limit": None,
        "action": "stop",
    }
    assert shown["ledger_problem"] == "The disk is full."


@pytest.mark.parametrize("seconds", [math.inf, -1e18, 1e18])
def test_a_time_no_calendar_has_is_none(seconds: float) -> None:
    assert moment(seconds) is None


def test_the_day_s_figures_are_those_the_ledger_sums_up(tmp_path: Path) -> None:
    entries = (
        entry(1, input_tokens=7, output_tokens=3, nano_credits=5, estimated=True),
        entry(2, ending="failed", cache_read_tokens=11, cache_write_tokens=2),
        entry(3, ending="cancelled", reasoning_tokens=1, saved_nano_credits=-4),
    )
    figures = DayFigures(LocalDays(UTC).of)
    for each in (*entries, entry(4, 1)):
        figures.add(each, TODAY)
    summed = UsageQueries(tmp_path / "none.sqlite3", lambda: entries).totals()
    assert figures.of(TODAY) == summed == sum(map(totals_of, entries), type(summed)())


def test_a_new_day_begins_at_nothing_and_takes_nothing_of_the_old_one() -> None:
    figures = DayFigures(LocalDays(UTC).of)
    figures.add(entry(1), TODAY)
    tomorrow = TODAY + timedelta(days=1)
    assert figures.of(tomorrow).requests == 0
    figures.add(entry(2), tomorrow)
    figures.add_before(totals_of(entry(3)), TODAY, tomorrow)
    assert figures.of(tomorrow).requests == 0
