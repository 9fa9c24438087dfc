"""The signed-in account: its plan, its usage, and how the service reports it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import asdict
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from proxy_core.simulator.behaviour.usage import Usage
from proxy_core.simulator.http.refusal import Refusal, coded
from proxy_core.simulator.model_calls.signing import hex_digest
from proxy_core.simulator.profiles import Plan, Profile

LOGIN = "octocat"
ORGANISATION = "octo-org"
_SKUS = {
    Plan.FREE: "free_limited_copilot",
    Plan.STUDENT: "free_educational_quota",
    Plan.SEAT: "copilot_for_business_seat_quota",
}
_PLAN_NAMES = {Plan.FREE: "free", Plan.SEAT: "business", Plan.STUDENT: "individual_edu"}
NANO_UNITS_PER_CREDIT = 1_000_000_000
# For entries of the catalogue whose prices are missing or broken.
FALLBACK_PRICES = {
    "input_price": 100,
    "cache_price": 10,
    "cache_write_price": 125,
    "output_price": 500,
}
FALLBACK_BATCH = 1_000_000


def sku_of(profile: Profile) -> str:
    return _SKUS.get(profile.plan, "monthly_subscriber_quota")


def prices_of(model: Mapping[str, Any]) -> tuple[Mapping[str, float], int]:
    """The model's default prices in credits per batch, and the size of a batch in tokens."""
    billing = model.get("billing")
    prices = billing.get("token_prices") if isinstance(billing, Mapping) else None
    if isinstance(prices, Mapping) and isinstance(prices.get("default"), Mapping):
        return prices["default"], int(prices["batch_size"])
    return FALLBACK_PRICES, FALLBACK_BATCH


def copilot_usage(model: Mapping[str, Any], usage: Usage) -> dict[str, Any]:
    """What a call cost, in the service's own form; ``total_nano_aiu`` is 1e-9 credits."""
    prices, batch = prices_of(model)
    counts = (
        ("input", usage.prompt - usage.cached - usage.cache_written, "input_price"),
        ("cache_read", usage.cached, "cache_price"),
        ("cache_write", usage.cache_written, "cache_write_price"),
        ("output", usage.output, "output_price"),
    )
    details = [
        {
            "batch_size": batch,
            "cost_per_batch": _nano_units(prices, price),
            "token_count": count,
            "token_type": kind,
        }
        for kind, count, price in counts
    ]
    total = sum(count * _nano_units(prices, price) // batch for _, count, price in counts)
    return {"token_details": details, "total_nano_aiu": total}


def _nano_units(prices: Mapping[str, float], price: str) -> int:
    return round(float(prices.get(price, 0)) * NANO_UNITS_PER_CREDIT)


class Account:
    """Counts what model calls use up. ``clock`` gives unix seconds."""

    def __init__(self, profile: Profile, clock: Callable[[], float]) -> None:
        self.profile = profile
        self._clock = clock
        self.used = profile.allowance.used

    @property
    def remaining(self) -> float:
        """Credits, premium requests or chats left; negative when overspent. Means nothing for a seat."""
        return self.profile.allowance.entitlement - self.used

    def refuse_if_spent(self, model: Mapping[str, Any], *, from_person: bool) -> None:
        """Raise the real 402 if this call exceeds the allowance."""
        if self.profile.plan is Plan.SEAT:
            return
        if self.remaining > 0 or self.profile.allowance.overage_permitted:
            return
        if self._price_of_call(model, from_person) == 0:
            return
        code = "free_quota_exceeded" if self.profile.plan is Plan.FREE else "quota_exceeded"
        raise no_quota(code, self._clock())

    def charge(
        self, model: Mapping[str, Any], cost: Mapping[str, Any], *, from_person: bool
    ) -> None:
        """Charge one answered call; ``cost`` is its ``copilot_usage``."""
        if self.profile.plan.bills_credits:
            self.used += cost["total_nano_aiu"] / NANO_UNITS_PER_CREDIT
        else:
            self.used += self._price_of_call(model, from_person)

    def _price_of_call(self, model: Mapping[str, Any], from_person: bool) -> float:
        """Per-call price; under token billing only whether it costs anything matters."""
        if self.profile.plan.bills_credits:
            return 1.0
        if not from_person:
            return 0.0
        if self.profile.plan is Plan.FREE:
            return 1.0
        billing = model.get("billing")
        multiplier = billing.get("multiplier", 1) if isinstance(billing, Mapping) else 0
        return float(multiplier) if isinstance(multiplier, int | float) else 1.0

    def user_answer(self, address: str) -> dict[str, Any]:
        """The body of ``/copilot_internal/user``."""
        plan = self.profile.plan
        answer: dict[str, Any] = {
            "login": LOGIN,
            "analytics_tracking_id": "0" * 32,
            "assigned_date": "2025-01-15T10:00:00+01:00",
            "can_signup_for_limited": False,
            "chat_enabled": True,
            "organization_login_list": [],
            "organization_list": [],
            "access_type_sku": sku_of(self.profile),
            "copilot_plan": _PLAN_NAMES.get(plan, "individual"),
        }
        reset = _next_month(self._clock())
        if plan is Plan.FREE:
            chats = max(0, round(self.remaining))
            return answer | {
                "limited_user_quotas": {"chat": chats, "completions": 3900},
                "monthly_quotas": {
                    "chat": round(self.profile.allowance.entitlement),
                    "completions": 4000,
                },
                "limited_user_reset_date": f"{reset:%Y-%m-%d}",
            }
        answer |= {
            "quota_reset_date": f"{reset:%Y-%m-%d}",
            "token_based_billing": plan.bills_credits,
            "endpoints": endpoints(address),
        }
        if self.profile.tells_quota:
            names = ("chat", "completions", "premium_interactions")
            answer["quota_snapshots"] = {name: self._snapshot(name) for name in names}
        if plan is Plan.SEAT:
            organisation = {"login": ORGANISATION, "name": "Octo Org"}
            return answer | {
                "organization_login_list": [ORGANISATION],
                "organization_list": [organisation],
                "codex_agent_enabled": True,
            }
        answer["quota_reset_date_utc"] = f"{reset:%Y-%m-%dT%H:%M:%S.000Z}"
        if plan is Plan.TOKEN:
            answer["can_upgrade_plan"] = True
        return answer

    def _snapshot(self, quota: str) -> dict[str, Any]:
        counted = quota == "premium_interactions"
        is_seat = self.profile.plan is Plan.SEAT
        limited = counted and not is_seat
        entitlement = self.profile.allowance.entitlement if limited else 0.0
        left = self.remaining if limited else 0.0
        now = datetime.datetime.fromtimestamp(self._clock(), datetime.UTC)
        snapshot: dict[str, Any] = {
            "quota_id": quota,
            # A number once, a string since token billing; both are on record.
            "entitlement": str(round(entitlement))
            if self.profile.plan.bills_credits
            else round(entitlement),
            "remaining": round(left),
            "quota_remaining": round(left, 2),
            "percent_remaining": self._percent() if limited else 100.0,
            "unlimited": not limited,
            "overage_count": max(0, round(-left)) if limited else 0,
            "overage_permitted": counted and self.profile.allowance.overage_permitted,
            "timestamp_utc": f"{now:%Y-%m-%dT%H:%M:%S.000Z}",
        }
        if is_seat and counted:
            # The one figure of a seat that is not made up of zeros.
            snapshot["credits_used"] = round(self.used)
        if self.profile.plan in (Plan.TOKEN, Plan.STUDENT):
            # Always false under token billing, whatever is left.
            snapshot["has_quota"] = False
            if limited:
                snapshot |= {
                    "overage_entitlement": "0",
                    "credits_used": round(self.used),
                    "quota_reset_at": int(_next_month(self._clock()).timestamp()),
                }
        return snapshot

    def _percent(self) -> float:
        if self.profile.plan is Plan.SEAT:
            return 100.0
        return max(0.0, round(100 * self.remaining / self.profile.allowance.entitlement, 1))

    def quota_headers(self) -> dict[str, str]:
        """``x-quota-snapshot-*`` and ``x-usage-ratelimit-*`` of every model answer."""
        if not self.profile.tells_quota:
            return {}
        now = self._clock()
        reset = _encoded(_next_month(now))
        session = _encoded(datetime.datetime.fromtimestamp(now + 5 * 3600, datetime.UTC))
        week = _encoded(datetime.datetime.fromtimestamp(now + 6 * 86400, datetime.UTC))
        allowance = self.profile.allowance
        permitted = str(allowance.overage_permitted).lower()
        unlimited = f"ent=-1&ov=0.0&ovPerm=false&rem=100.0&rst={reset}"
        limited = (
            f"ent={round(allowance.entitlement)}&ov={max(0.0, round(-self.remaining, 1))}"
            f"&ovPerm={permitted}&rem={self._percent()}&rst={reset}"
        )
        if self.profile.plan is Plan.SEAT:
            limited = f"ent=-1&ov=0.0&ovPerm={permitted}&rem=100.0&rst={reset}"
        headers = {
            "x-quota-snapshot-chat": limited if self.profile.plan is Plan.FREE else unlimited,
            "x-usage-ratelimit-session": f"rem=91.0&rst={session}",
            "x-usage-ratelimit-weekly": f"rem=77.5&rst={week}",
        }
        if self.profile.plan is not Plan.FREE:
            headers["x-quota-snapshot-premium_interactions"] = limited
            headers["x-quota-snapshot-premium_models"] = limited
        return headers

    def quota_frame(self) -> dict[str, Any]:
        """``copilot_quota_snapshots`` of a WebSocket frame."""
        if not self.profile.tells_quota:
            return {}
        is_seat = self.profile.plan is Plan.SEAT
        return {
            "premium_interactions": {
                "entitlement": "-1" if is_seat else str(round(self.profile.allowance.entitlement)),
                "percent_remaining": self._percent(),
                "overage_permitted": self.profile.allowance.overage_permitted,
                "overage_count": 0 if is_seat else max(0, round(-self.remaining)),
                "reset_date": f"{_next_month(self._clock()):%Y-%m-%dT%H:%M:%SZ}",
            }
        }

    def state(self) -> dict[str, Any]:
        """For ``/_sim``: the account's plan and usage."""
        return {
            "plan": self.profile.plan.value,
            "allowance": asdict(self.profile.allowance),
            "used": self.used,
            "remaining": self.remaining,
        }


def token_answer(
    profile: Profile, account: Account, session: tuple[str, int, int], address: str
) -> dict[str, Any]:
    """The body of ``/copilot_internal/v2/token``."""
    token, expires_at, refresh_in = session
    free = profile.plan is Plan.FREE
    is_seat = profile.plan is Plan.SEAT
    return {
        "token": token,
        "expires_at": expires_at,
        "refresh_in": refresh_in,
        "sku": sku_of(profile),
        "individual": not is_seat,
        "chat_enabled": True,
        "chat_jetbrains_enabled": True,
        "annotations_enabled": True,
        "agent_mode_auto_approval": True,
        "code_quote_enabled": True,
        "code_review_enabled": False,
        "codesearch": True,
        "copilotignore_enabled": False,
        "blackbird_clientside_indexing": False,
        "vsc_electron_fetcher_v2": False,
        "xcode": True,
        "xcode_chat": False,
        "public_suggestions": "disabled",
        "telemetry": "disabled",
        "prompt_8k": True,
        "snippy_load_test_enabled": False,
        "endpoints": endpoints(address),
        "enterprise_list": None,
        "organization_list": [hex_digest(ORGANISATION, size=16)] if is_seat else None,
        "limited_user_quotas": {"chat": max(0, round(account.remaining)), "completions": 3900}
        if free
        else None,
        "limited_user_reset_date": int(_next_month(expires_at).timestamp()) if free else None,
        "tracking_id": "0" * 32,
    }


def endpoints(address: str) -> dict[str, str]:
    """All of Copilot at one address: the simulator's own."""
    return {
        "api": address,
        "origin-tracker": address,
        "proxy": address,
        "telemetry": address,
    }


def no_quota(code: str, now: float) -> Refusal:
    """The 402; ``retry-after`` is an HTTP date here, seconds elsewhere, as recorded."""
    refusal = coded(402, code, "You have no quota")
    refusal.headers["retry-after"] = format_datetime(_next_month(now), usegmt=True)
    return refusal


def _next_month(now: float) -> datetime.datetime:
    today = datetime.datetime.fromtimestamp(now, datetime.UTC)
    year, month = (today.year + 1, 1) if today.month == 12 else (today.year, today.month + 1)
    return datetime.datetime(year, month, 1, tzinfo=datetime.UTC)


def _encoded(moment: datetime.datetime) -> str:
    return quote(f"{moment:%Y-%m-%dT%H:%M:%SZ}", safe="")
