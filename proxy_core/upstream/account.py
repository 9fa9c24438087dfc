"""Reads ``copilot_internal/user``: who is signed in, on which plan, and what is left. Pure.

Traps of this answer: ``entitlement`` is a number or a text, ``quota_remaining`` may be negative,
``has_quota`` is always false under token billing, the free plan has no snapshots but two lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PLAN_NAMES: Mapping[str, str] = {
    "free": "Free",
    "individual": "Pro",
    "individual_pro": "Pro+",
    "individual_max": "Max",
    "individual_edu": "Student",
    "business": "Business",
    "enterprise": "Enterprise",
}


@dataclass(frozen=True, slots=True)
class Quota:
    """One allowance of the month. ``remaining`` may be negative once it is overdrawn.

    ``entitlement`` and ``remaining`` count requests, or credits under token billing; None: not said.
    """

    name: str
    entitlement: float | None = None
    remaining: float | None = None
    percent_remaining: float | None = None
    unlimited: bool = False
    overage_count: float = 0.0
    overage_permitted: bool = False
    credits_used: float | None = None

    @property
    def percent_used(self) -> float | None:
        """Above 100 when overdrawn; None where there is no limit to measure by."""
        if self.unlimited or not self.entitlement:
            return None
        used = self.credits_used
        if used is None:
            if self.remaining is None:
                return None if self.percent_remaining is None else 100.0 - self.percent_remaining
            used = self.entitlement - self.remaining + max(0.0, self.overage_count)
        return 100.0 * used / self.entitlement


@dataclass(frozen=True, slots=True)
class CopilotAccount:
    """``plan`` is the name people know (``Pro``), ``plan_id`` GitHub's word. Dates are as sent."""

    login: str | None
    plan: str | None
    plan_id: str | None = None
    sku: str | None = None
    has_copilot: bool = True
    can_sign_up_for_free: bool = False
    token_based_billing: bool = False
    api_url: str | None = None
    quotas: tuple[Quota, ...] = ()
    reset_date: str | None = None
    organisations: tuple[str, ...] = ()


def parse_account(content: Mapping[str, Any]) -> CopilotAccount:
    """Return what the answer says; a member of the wrong type counts as absent."""
    plan_id = _text(content.get("copilot_plan"))
    sku = _text(content.get("access_type_sku"))
    endpoints = content.get("endpoints")
    logins = content.get("organization_login_list")
    return CopilotAccount(
        login=_text(content.get("login")),
        plan=PLAN_NAMES.get(plan_id, plan_id.replace("_", " ").capitalize()) if plan_id else None,
        plan_id=plan_id,
        sku=sku,
        has_copilot=_has_copilot(content, plan_id, sku),
        can_sign_up_for_free=content.get("can_signup_for_limited") is True,
        token_based_billing=content.get("token_based_billing") is True,
        api_url=_text(endpoints.get("api")) if isinstance(endpoints, Mapping) else None,
        quotas=_quotas(content),
        reset_date=_text(content.get("quota_reset_date_utc"))
        or _text(content.get("quota_reset_date"))
        or _text(content.get("limited_user_reset_date")),
        organisations=tuple(each for each in logins if isinstance(each, str))
        if isinstance(logins, list)
        else (),
    )


def _has_copilot(content: Mapping[str, Any], plan_id: str | None, sku: str | None) -> bool:
    if content.get("chat_enabled") is False:
        return False
    if sku in ("no_access", "no_auth_limited_copilot"):
        return False
    if plan_id is None and sku is None:
        return content.get("can_signup_for_limited") is not True
    return True


def _quotas(content: Mapping[str, Any]) -> tuple[Quota, ...]:
    snapshots = content.get("quota_snapshots")
    if isinstance(snapshots, Mapping):
        return tuple(
            _snapshot(str(name), each)
            for name, each in snapshots.items()
            if isinstance(each, Mapping)
        )
    left, monthly = content.get("limited_user_quotas"), content.get("monthly_quotas")
    if not isinstance(left, Mapping):
        return ()
    allowed = monthly if isinstance(monthly, Mapping) else {}
    return tuple(
        Quota(str(name), entitlement=_number(allowed.get(name)), remaining=_number(each))
        for name, each in left.items()
        if _number(each) is not None
    )


def _snapshot(name: str, content: Mapping[str, Any]) -> Quota:
    remaining = _number(content.get("quota_remaining"))
    return Quota(
        name=name,
        entitlement=_number(content.get("entitlement")),
        remaining=_number(content.get("remaining")) if remaining is None else remaining,
        percent_remaining=_number(content.get("percent_remaining")),
        unlimited=content.get("unlimited") is True,
        overage_count=_number(content.get("overage_count")) or 0.0,
        overage_permitted=content.get("overage_permitted") is True,
        credits_used=_number(content.get("credits_used")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None
