"""Parses ``copilot_internal/user``: login and plan.

Pure. Quotas are parsed by ``proxy_core.usage.quota.quota``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proxy_core.usage.quota.quota import Allowances, Quota, parse_allowances

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
class CopilotAccount:
    """``plan`` is the display name (``Pro``), ``plan_id`` GitHub's identifier."""

    login: str | None
    plan: str | None
    plan_id: str | None = None
    sku: str | None = None
    has_copilot: bool = True
    token_based_billing: bool = False
    api_url: str | None = None
    allowances: Allowances = field(default_factory=Allowances)

    @property
    def quotas(self) -> tuple[Quota, ...]:
        return self.allowances.quotas


def parse_account(content: Mapping[str, Any], read_at: float = 0.0) -> CopilotAccount:
    """Parse the response; a member of the wrong type counts as absent.

    ``read_at`` is when it was received, in seconds since 1970.
    """
    plan_id = _text(content.get("copilot_plan"))
    sku = _text(content.get("access_type_sku"))
    endpoints = content.get("endpoints")
    return CopilotAccount(
        login=_text(content.get("login")),
        plan=PLAN_NAMES.get(plan_id, plan_id.replace("_", " ").capitalize()) if plan_id else None,
        plan_id=plan_id,
        sku=sku,
        has_copilot=_has_copilot(content, plan_id, sku),
        token_based_billing=content.get("token_based_billing") is True,
        api_url=_text(endpoints.get("api")) if isinstance(endpoints, Mapping) else None,
        allowances=parse_allowances(content, read_at),
    )


def _has_copilot(content: Mapping[str, Any], plan_id: str | None, sku: str | None) -> bool:
    if content.get("chat_enabled") is False:
        return False
    if sku in ("no_access", "no_auth_limited_copilot"):
        return False
    if plan_id is None and sku is None:
        return content.get("can_signup_for_limited") is not True
    return True


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
