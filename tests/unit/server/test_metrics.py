"""The text of ``/metrics``: escaped labels, no lost digits, nothing where nothing is known."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from proxy_core.server.admin.metrics import render_metrics
from proxy_core.server.admin.readiness import why_not_ready
from proxy_core.server.admin.usage_totals import ModelTotals
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    BudgetStatus,
    QuotaStatus,
    ServerState,
    ServerStatus,
    Status,
)


def rendered(status: Status, totals: dict[str, ModelTotals] | None = None) -> str:
    return render_metrics(
        status, totals or {}, version="1.2", since=1000.5, is_ready=True, now=2000.0
    )


def test_a_label_with_quotes_backslashes_and_line_breaks_stays_one_line() -> None:
    text = rendered(Status(), {'odd"\\\nname': ModelTotals(requests=1)})
    assert 'g_copilot_proxy_requests_total{model="odd\\"\\\\\\nname"} 1\n' in text


def test_large_counts_and_fractions_keep_every_digit() -> None:
    totals = {"m": ModelTotals(input_tokens=12_345_678_901_234_567, nano_credits=1_500_000_001)}
    text = rendered(Status(), totals)
    assert 'tokens_total{model="m",kind="input"} 12345678901234567\n' in text
    assert 'credits_total{model="m"} 1.500000001\n' in text
    assert "g_copilot_proxy_start_time_seconds 1000.5\n" in text


def test_what_is_not_known_is_left_out() -> None:
    assert "quota" not in rendered(Status())
    assert "budget" not in rendered(Status())
    unlimited = QuotaStatus("chat", entitlement=0, remaining=0, unlimited=True)
    partly = QuotaStatus("premium_interactions", remaining=-3.0)
    text = rendered(replace(Status(), quotas=(unlimited, partly), budget=BudgetStatus(day_spent=5)))
    assert '"chat"' not in text
    assert 'quota_remaining{quota="premium_interactions"} -3\n' in text
    assert "quota_entitlement" not in text
    assert 'budget_spent_credits{period="day"} 5e-09\n' in text
    assert "budget_limit" not in text


def running(account: AccountState, **more: float) -> Status:
    server = ServerStatus(ServerState.RUNNING)
    return replace(Status(), server=server, account=AccountStatus(account), **more)


@pytest.mark.parametrize(
    ("status", "accepts_guests", "reason"),
    [
        (running(AccountState.SIGNED_IN), False, None),
        (running(AccountState.SIGNED_OUT), True, None),
        (running(AccountState.SIGNED_OUT), False, "account_signed_out"),
        (running(AccountState.WAITING_FOR_KEYCHAIN), False, "account_waiting_for_keychain"),
        (running(AccountState.NO_PLAN), False, "account_no_plan"),
        (running(AccountState.SIGNED_IN, paused_until=2001.0), False, "paused"),
        (running(AccountState.SIGNED_IN, paused_until=float("inf")), True, "paused"),
        (running(AccountState.SIGNED_IN, paused_until=1999.0), False, None),
        (
            replace(running(AccountState.SIGNED_IN), server=ServerStatus(ServerState.STOPPING)),
            True,
            "server_stopping",
        ),
    ],
)
def test_ready_means_that_a_call_would_be_served(
    status: Status, accepts_guests: bool, reason: str | None
) -> None:
    assert why_not_ready(status, 2000.0, accepts_guests=accepts_guests) == reason
