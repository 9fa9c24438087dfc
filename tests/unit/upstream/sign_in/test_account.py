"""What ``copilot_internal/user`` says, traps included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proxy_core.upstream.sign_in.account import parse_account
from proxy_core.usage.quota.quota import Quota

EXAMPLES = Path(__file__).parents[5] / "shared/reference/copilot-examples/copilot_user.json"


def test_a_pro_account_under_token_billing() -> None:
    account = parse_account(
        {
            "login": "octocat",
            "copilot_plan": "individual_pro",
            "access_type_sku": "monthly_subscriber_quota",
            "chat_enabled": True,
            "token_based_billing": True,
            "quota_reset_date_utc": "2026-12-01T00:00:00.000Z",
            "organization_login_list": ["octo-org", 7],
            "endpoints": {"api": "https://api.individual.githubcopilot.com"},
            "quota_snapshots": {
                "premium_interactions": {
                    "entitlement": "1500",
                    "remaining": -1,
                    "quota_remaining": -1.25,
                    "percent_remaining": 0.0,
                    "unlimited": False,
                    "overage_count": 3,
                    "has_quota": False,
                    "credits_used": 1725,
                },
                "chat": {"unlimited": True, "entitlement": 0},
                "odd": 7,
            },
        }
    )
    assert (account.login, account.plan, account.plan_id) == ("octocat", "Pro+", "individual_pro")
    assert account.has_copilot
    premium, chat = account.quotas
    assert premium.remaining == -1.25
    assert premium.percent_used == 115.0
    assert chat.percent_used is None


def test_the_free_plan_has_two_lists_instead_of_snapshots() -> None:
    account = parse_account(
        {
            "login": "octocat",
            "copilot_plan": "free",
            "access_type_sku": "free_limited_copilot",
            "limited_user_quotas": {"chat": 450, "completions": "3900", "odd": None},
            "monthly_quotas": {"chat": 500},
            "limited_user_reset_date": "2026-12-05",
        }
    )
    assert account.plan == "Free"
    assert [each.name for each in account.quotas] == ["chat", "completions"]
    assert account.quotas[0].percent_used == 10.0
    assert account.quotas[1].percent_used is None


@pytest.mark.parametrize(
    "content",
    [
        {"chat_enabled": False, "copilot_plan": "individual"},
        {"can_signup_for_limited": True},
        {"copilot_plan": "individual", "access_type_sku": "no_access"},
    ],
)
def test_an_account_without_copilot_is_known(content: dict[str, Any]) -> None:
    assert not parse_account(content).has_copilot


def test_members_of_the_wrong_type_count_as_absent() -> None:
    account = parse_account(
        {
            "login": 7,
            "copilot_plan": ["x"],
            "endpoints": "x",
            "organization_login_list": "x",
            "quota_snapshots": [1],
            "limited_user_quotas": 3,
        }
    )
    assert account.login is None
    assert account.plan is None
    assert account.quotas == ()


def test_a_plan_nobody_told_us_about_keeps_its_word() -> None:
    assert parse_account({"copilot_plan": "team_plus"}).plan == "Team plus"


@pytest.mark.parametrize(
    ("quota", "used"),
    [
        (Quota("q", entitlement=300, remaining=212), pytest.approx(29.33, abs=0.01)),
        (Quota("q", entitlement=300, remaining=0, overage_count=45), 115.0),
        (Quota("q", entitlement=300, percent_remaining=70.0), 30.0),
        (Quota("q", entitlement=300), None),
        (Quota("q", entitlement=0, remaining=5), None),
        (Quota("q", entitlement=300, remaining=5, unlimited=True), None),
    ],
)
def test_use_may_pass_a_hundred_percent(quota: Quota, used: Any) -> None:
    assert quota.percent_used == used


@pytest.mark.skipif(
    not EXAMPLES.exists(), reason="the recorded accounts are not beside the repository"
)
def test_every_recorded_account_has_a_plan_and_quotas() -> None:
    for name, content in json.loads(EXAMPLES.read_text()).items():
        if "login" in content:
            account = parse_account(content)
            assert account.has_copilot, name
            assert account.plan, name
            assert account.quotas, name
