"""What GitHub says of the allowances: the three worlds of its answer, its headers, its traps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.usage.quota.headers import parse_quota_headers
from proxy_core.usage.quota.quota import (
    Allowances,
    Billing,
    Quota,
    QuotaSource,
    first_time,
    number,
    parse_allowances,
    with_newer,
)

NOW = 1_795_262_400.0  # 2026-11-21T12:00:00Z
DECEMBER = 1_796_083_200.0  # 2026-12-01T00:00:00Z
EXAMPLES = (
    Path(__file__).resolve().parents[5] / "shared/reference/copilot-examples/copilot_user.json"
)


def credits_account(**premium: Any) -> dict[str, Any]:
    snapshot = {"unlimited": False, "has_quota": False, **premium}
    return {
        "token_based_billing": True,
        "quota_reset_date": "2026-12-01",
        "quota_reset_date_utc": "2026-12-01T00:00:00.000Z",
        "quota_snapshots": {
            "chat": {"entitlement": "0", "unlimited": True},
            "premium_interactions": snapshot,
        },
    }


def main_quota(content: Any) -> Quota:
    quota = parse_allowances(content, NOW).main
    assert quota is not None
    return quota


# -- the account ---------------------------------------------------------------------------------


def test_premium_requests_are_counted_as_requests() -> None:
    allowances = parse_allowances(
        {
            "token_based_billing": False,
            "quota_reset_date": "2026-12-01",
            "quota_snapshots": {
                "premium_interactions": {
                    "entitlement": 300,
                    "remaining": 212,
                    "quota_remaining": 212.0,
                    "percent_remaining": 70.7,
                    "overage_permitted": True,
                    "timestamp_utc": "2026-11-21T07:00:00.000Z",
                }
            },
        },
        NOW,
    )
    assert allowances.billing is Billing.PREMIUM_REQUESTS
    quota = allowances.main
    assert quota is not None
    assert (quota.entitlement, quota.used, quota.overage_permitted) == (300, 88, True)
    assert quota.percent_used == pytest.approx(29.333, abs=0.001)
    assert quota.resets_at == DECEMBER
    assert quota.age(NOW) == 5 * 3600


@pytest.mark.parametrize("entitlement", [1500, "1500", "1,500", 1500.0, " 1500 "])
def test_the_entitlement_may_be_a_number_or_a_text(entitlement: Any) -> None:
    quota = main_quota(credits_account(entitlement=entitlement, credits_used=412.6))
    assert quota.entitlement == 1500
    assert quota.percent_used == pytest.approx(27.507, abs=0.001)


def test_an_overdraft_is_shown_as_it_is() -> None:
    quota = main_quota(
        credits_account(
            entitlement="1500",
            remaining=-1,
            quota_remaining=-225.0,
            percent_remaining=0.0,
            overage_count=225,
        )
    )
    assert quota.remaining == -225.0
    assert quota.used == 1725, "the overdraft must not be counted twice"
    assert quota.percent_used == pytest.approx(115.0)


def test_overage_beyond_nothing_left_is_added() -> None:
    quota = main_quota(credits_account(entitlement=1500, quota_remaining=0, overage_count=45))
    assert quota.used == 1545


def test_has_quota_tells_nothing() -> None:
    with_it = credits_account(entitlement=1500, credits_used=1, has_quota=True)
    without = credits_account(entitlement=1500, credits_used=1, has_quota=False)
    assert parse_allowances(with_it, NOW) == parse_allowances(without, NOW)


def test_a_seat_without_a_limit_still_tells_what_it_used() -> None:
    quota = main_quota(credits_account(entitlement="0", unlimited=True, credits_used=412))
    assert quota.unlimited
    assert quota.used == 412
    assert quota.percent_used is None


def test_a_negative_entitlement_means_no_limit() -> None:
    assert main_quota(credits_account(entitlement=-1)).unlimited


def test_the_free_plan_has_counts_of_what_is_left() -> None:
    allowances = parse_allowances(
        {
            "limited_user_quotas": {"chat": 450, "completions": 3900},
            "monthly_quotas": {"chat": 500, "completions": "4000"},
            "limited_user_reset_date": "2026-12-05",
        },
        NOW,
    )
    assert allowances.billing is Billing.FREE
    assert allowances.main is not None
    assert (allowances.main.name, allowances.main.used) == ("chat", 50)
    assert allowances.resets_at == DECEMBER + 4 * 86400
    completions = allowances.named("completions")
    assert completions is not None
    assert completions.percent_used == 2.5


def test_the_quota_s_own_reset_counts_before_the_account_s() -> None:
    quota = main_quota(credits_account(entitlement=1500, quota_reset_at=DECEMBER + 3600))
    assert quota.resets_at == DECEMBER + 3600


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-12-01", DECEMBER),
        ("2026-12-01T00:00:00Z", DECEMBER),
        ("2026-12-01T00:00:00.000Z", DECEMBER),
        ("2026-12-01T01:00:00+01:00", DECEMBER),
        (1796083200, DECEMBER),
        ("1796083200", DECEMBER),
        (1796083200000, DECEMBER),
        ("soon", None),
        ("", None),
        (None, None),
        (0, None),
        (True, None),
        ([], None),
    ],
)
def test_times_come_in_many_forms(value: Any, seconds: float | None) -> None:
    assert first_time(value) == seconds


@pytest.mark.parametrize("value", ["nan", "inf", float("nan"), float("inf"), 10**400, "x", True])
def test_what_is_no_finite_number_counts_as_absent(value: Any) -> None:
    assert number(value) is None


# -- headers -------------------------------------------------------------------------------------


def test_headers_of_an_answer_tell_a_percentage_and_the_reset() -> None:
    readings = parse_quota_headers(
        {
            "X-Quota-Snapshot-Premium_Interactions": "ent=1500&ov=0.0&ovPerm=false&rem=86.4"
            "&rst=2026-12-01T00%3A00%3A00Z",
            "x-quota-snapshot-chat": "ent=-1&ov=0.0&ovPerm=false&rem=100.0",
            "x-usage-ratelimit-session": "rem=91.0&rst=2026-11-21T12%3A30%3A00Z",
            "x-usage-ratelimit-weekly": "rem=77.5",
            "content-type": "application/json",
        },
        NOW,
    )
    premium, chat = readings.quotas
    assert (premium.name, premium.entitlement, premium.source) == (
        "premium_interactions",
        1500,
        QuotaSource.RESPONSE,
    )
    assert premium.used == pytest.approx(204)
    assert premium.resets_at == DECEMBER
    assert premium.taken_at == NOW
    assert chat.unlimited
    assert chat.percent_used is None
    session, weekly = readings.limits
    assert (session.name, session.percent_used, session.resets_at) == ("session", 9.0, NOW + 1800)
    assert (weekly.name, weekly.percent_remaining, weekly.resets_at) == ("weekly", 77.5, None)


def test_a_plus_in_a_header_s_time_is_the_sign_of_its_zone() -> None:
    readings = parse_quota_headers(
        {"x-quota-snapshot-chat": "ent=5&rem=50&rst=2026-12-01T01:00:00+01:00"}, NOW
    )
    assert readings.quotas[0].resets_at == DECEMBER


def test_overage_in_headers_goes_beyond_a_hundred_percent() -> None:
    readings = parse_quota_headers(
        {"x-quota-snapshot-premium_interactions": "ent=300&ov=45.0&ovPerm=true&rem=0.0"}, NOW
    )
    assert readings.quotas[0].percent_used == 115.0
    assert readings.quotas[0].overage_permitted


@pytest.mark.parametrize("value", ["", "&&&", "ent", "ent=x&rem=y", "=", "x" * 5000])
def test_a_header_that_says_nothing_counts_as_absent(value: str) -> None:
    headers = {"x-quota-snapshot-chat": value, "x-usage-ratelimit-session": value}
    assert not parse_quota_headers(headers, NOW)


# -- both together -------------------------------------------------------------------------------


def test_the_newer_reading_counts_and_keeps_what_only_the_older_knew() -> None:
    allowances = parse_allowances(
        credits_account(entitlement=1500, credits_used=200, overage_entitlement="500"), NOW
    )
    headers = {"x-quota-snapshot-premium_interactions": "ent=1500&rem=80"}
    quota = with_newer(allowances, parse_quota_headers(headers, NOW + 60).quotas).main
    assert quota is not None
    assert (quota.used, quota.source, quota.taken_at) == (300, QuotaSource.RESPONSE, NOW + 60)
    assert quota.overage_entitlement == 500
    assert quota.resets_at == DECEMBER


def test_an_older_reading_changes_nothing() -> None:
    allowances = parse_allowances(credits_account(entitlement=1500, credits_used=200), NOW)
    headers = {"x-quota-snapshot-premium_interactions": "ent=1500&rem=10"}
    assert with_newer(allowances, parse_quota_headers(headers, NOW - 60).quotas) == allowances


def test_headers_that_stop_at_a_hundred_percent_do_not_hide_an_overdraft() -> None:
    allowances = parse_allowances(credits_account(entitlement=1500, credits_used=1725), NOW)
    headers = {"x-quota-snapshot-premium_interactions": "ent=1500&ov=0.0&rem=0.0"}
    quota = with_newer(allowances, parse_quota_headers(headers, NOW + 60).quotas).main
    assert quota is not None
    assert quota.percent_used == pytest.approx(115.0)


def test_a_new_month_begins_at_nothing() -> None:
    allowances = parse_allowances(credits_account(entitlement=1500, credits_used=1725), NOW)
    headers = {
        "x-quota-snapshot-premium_interactions": "ent=1500&rem=99.0&rst=2027-01-01T00%3A00%3A00Z"
    }
    quota = with_newer(allowances, parse_quota_headers(headers, DECEMBER + 60).quotas).main
    assert quota is not None
    assert quota.used == pytest.approx(15)


# -- anything ------------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_MEMBERS = st.sampled_from(
    [
        "entitlement",
        "remaining",
        "quota_remaining",
        "percent_remaining",
        "unlimited",
        "overage_count",
        "overage_entitlement",
        "credits_used",
        "quota_reset_at",
        "timestamp_utc",
    ]
)
_ACCOUNT = st.fixed_dictionaries(
    {},
    optional={
        "token_based_billing": _JSON,
        "quota_reset_date": _JSON,
        "quota_reset_date_utc": st.text(max_size=30) | _JSON,
        "quota_snapshots": st.dictionaries(
            st.sampled_from(["chat", "premium_interactions"]),
            st.dictionaries(_MEMBERS, _JSON) | _JSON,
        ),
        "limited_user_quotas": st.dictionaries(st.sampled_from(["chat", "x"]), _JSON) | _JSON,
        "monthly_quotas": st.dictionaries(st.sampled_from(["chat", "x"]), _JSON) | _JSON,
        "limited_user_reset_date": _JSON,
    },
)


def every_figure(allowances: Allowances) -> None:
    for quota in allowances.quotas:
        for figure in (quota.used, quota.percent_used, quota.age(NOW), quota.resets_at):
            assert figure is None or isinstance(figure, float)


@given(_ACCOUNT | _JSON)
def test_no_account_answer_breaks_the_reading(content: Any) -> None:
    every_figure(parse_allowances(content, NOW))


@given(
    st.dictionaries(
        st.sampled_from(["x-quota-snapshot-chat", "X-Usage-RateLimit-Session", "other"]),
        st.text(max_size=80)
        | st.builds(
            "ent={}&ov={}&ovPerm={}&rem={}&rst={}".format,
            *(st.text(max_size=12) | st.floats() | st.integers() for _ in range(5)),
        ),
    ),
    _ACCOUNT,
)
def test_no_header_breaks_the_reading(headers: dict[str, str], content: Any) -> None:
    readings = parse_quota_headers(headers, NOW + 1)
    every_figure(with_newer(parse_allowances(content, NOW), readings.quotas))


@pytest.mark.skipif(
    not EXAMPLES.exists(), reason="the recorded accounts are not beside the repository"
)
def test_every_recorded_account_is_read_as_what_it_is() -> None:
    recorded = json.loads(EXAMPLES.read_text())
    figures = {
        name: (found.billing, found.main.used, found.main.percent_used)
        for name, content in recorded.items()
        if name not in ("_provenance", "response_headers_on_model_calls")
        and (found := parse_allowances(content, NOW)).main is not None
    }
    assert figures == {
        "legacy_premium_pro": (Billing.PREMIUM_REQUESTS, 88, pytest.approx(29.33, abs=0.01)),
        "token_billed_pro": (Billing.CREDITS, 1501, pytest.approx(100.07, abs=0.01)),
        "business_unlimited": (Billing.CREDITS, 412, None),
        "free": (Billing.FREE, 50, 10.0),
    }
    readings = parse_quota_headers(recorded["response_headers_on_model_calls"], NOW)
    assert len(readings.quotas) == 3
    assert {each.name for each in readings.limits} == {"session", "weekly"}
