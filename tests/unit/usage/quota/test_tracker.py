"""What GitHub says of the allowances, from its answer and from headers."""

from __future__ import annotations

import pytest

from proxy_core.status.status import QuotaStatus
from proxy_core.usage.quota.quota import parse_allowances
from proxy_core.usage.quota.tracker import QuotaWatch

NOW = 1_795_262_400.0
ACCOUNT = {
    "token_based_billing": True,
    "quota_reset_date": "2026-12-01",
    "quota_snapshots": {
        "premium_interactions": {
            "entitlement": "1500",
            "quota_remaining": 1296.4,
            "credits_used": 204,
            "overage_permitted": False,
        }
    },
}


def headers(percent: float, **more: str) -> dict[str, str]:
    said = f"ent=1500&ov=0.0&ovPerm=false&rem={percent}&rst=2026-12-01T00%3A00%3A00Z"
    return {"X-Quota-Snapshot-Premium_Interactions": said, "Date": "today", **more}


def premium(watch: QuotaWatch) -> QuotaStatus:
    return next(each for each in watch.statuses() if each.name == "premium_interactions")


def test_headers_are_newer_than_the_account_and_say_so() -> None:
    watch = QuotaWatch()
    watch.note_account(parse_allowances(ACCOUNT, NOW))
    assert premium(watch).remaining == 1296.4
    assert watch.note_headers(headers(80.0), NOW + 60)
    shown = premium(watch)
    assert (shown.source, shown.read_at) == ("response", NOW + 60)
    assert (shown.used, shown.remaining) == (300.0, 1200.0)
    assert shown.percent_used == pytest.approx(20.0)


def test_an_answer_about_the_account_that_is_newer_still_counts_again() -> None:
    watch = QuotaWatch()
    watch.note_headers(headers(80.0), NOW)
    watch.note_account(parse_allowances(ACCOUNT, NOW + 60))
    assert (premium(watch).source, premium(watch).remaining) == ("account", 1296.4)


def test_headers_alone_are_shown_too() -> None:
    watch = QuotaWatch()
    watch.note_headers(headers(80.0), NOW)
    assert premium(watch).percent_used == pytest.approx(20.0)


def test_rate_limits_are_no_allowances() -> None:
    watch = QuotaWatch()
    watch.note_headers({"x-usage-ratelimit-weekly": "rem=77.5&rst=2026-11-27T00%3A00%3A00Z"}, NOW)
    (shown,) = watch.statuses()
    assert (shown.name, shown.is_rate_limit, shown.percent_used) == ("weekly", True, 22.5)
    assert (shown.entitlement, shown.remaining) == (None, None)


def test_headers_that_say_nothing_change_nothing() -> None:
    watch = QuotaWatch()
    for odd in ({}, {"x-quota-snapshot-chat": ""}, {"x-quota-snapshot-": "ent=1"}, {"a": "b"}):
        assert not watch.note_headers(odd, NOW)
    assert watch.statuses() == ()


def test_nothing_is_left_of_an_account_that_signed_out() -> None:
    watch = QuotaWatch()
    watch.note_account(parse_allowances(ACCOUNT, NOW))
    watch.note_headers(headers(80.0) | {"x-usage-ratelimit-session": "rem=91.0"}, NOW)
    watch.forget()
    assert watch.statuses() == ()
