"""Parses the account's allowances from ``copilot_internal/user``.

Pure, never raises. The response has three forms (copilot-protocol.md 9.1): premium requests (annual
plans), AI credits (``token_based_billing``), and the free plan with two plain counts. An
organisation's seat uses one of the first two, mostly without a limit and sometimes without any
figures. Known quirks, all seen: ``entitlement`` was a number and later a text; ``quota_remaining``
is a float and negative once overdrawn, while ``percent_remaining`` stops at 0; ``has_quota`` is
always false under token billing; a seat without a limit has entitlement 0 and still counts
``credits_used``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

PREMIUM = "premium_interactions"
"""The only billed snapshot; ``chat`` and ``completions`` count only on the free plan."""
_FREE_MAIN = "chat"
_MILLISECONDS_FROM = 1e11
"""Larger times are in milliseconds: seconds reach this value in the year 5138, milliseconds in 1973."""

_DAY_SECONDS = 86_400.0


class Billing(StrEnum):
    CREDITS = "credits"
    PREMIUM_REQUESTS = "premium_requests"
    FREE = "free"
    UNKNOWN = "unknown"


class QuotaSource(StrEnum):
    ACCOUNT = "account"
    """GitHub's account response, read periodically."""
    RESPONSE = "response"
    """Headers of a model's response: newer, but only a percentage."""


class Quota(Struct, frozen=True):
    """One monthly allowance, with the source and time of its figures.

    ``entitlement``, ``remaining`` and ``credits_used`` are in the billing's unit; None: unknown.
    ``remaining`` is negative once overdrawn. Times are seconds since 1970.
    """

    name: str
    entitlement: float | None = None
    remaining: float | None = None
    percent_remaining: float | None = None
    unlimited: bool = False
    overage_count: float = 0.0
    overage_permitted: bool = False
    credits_used: float | None = None
    overage_entitlement: float | None = None
    resets_at: float | None = None
    source: QuotaSource = QuotaSource.ACCOUNT
    taken_at: float | None = None

    @property
    def used(self) -> float | None:
        """The amount used, including overage; None if unknown."""
        if self.credits_used is not None:
            return self.credits_used
        if self.entitlement is None or self.unlimited:
            return None
        # An overdraft is reported as a negative remainder or as overage, which must not be added.
        overage = max(0.0, self.overage_count)
        if self.remaining is not None:
            return self.entitlement - self.remaining + (overage if self.remaining >= 0 else 0.0)
        if self.percent_remaining is None:
            return None
        return self.entitlement * (100.0 - self.percent_remaining) / 100.0 + overage

    @property
    def percent_used(self) -> float | None:
        """The percentage used, above 100 when overdrawn; None if there is no limit."""
        if self.unlimited or (self.entitlement is not None and self.entitlement <= 0):
            return None
        if self.entitlement is not None and self.used is not None:
            return 100.0 * self.used / self.entitlement
        return None if self.percent_remaining is None else 100.0 - self.percent_remaining

    def age(self, now: float) -> float | None:
        """Return the figures' age in seconds; None if unknown."""
        return None if self.taken_at is None else max(0.0, now - self.taken_at)


class Allowances(Struct, frozen=True):
    """All allowances of the response. ``main`` names the quota to show."""

    billing: Billing = Billing.UNKNOWN
    quotas: tuple[Quota, ...] = ()
    resets_at: float | None = None
    read_at: float = 0.0

    @property
    def main(self) -> Quota | None:
        wanted = _FREE_MAIN if self.billing is Billing.FREE else PREMIUM
        return self.named(wanted)

    def named(self, name: str) -> Quota | None:
        return next((each for each in self.quotas if each.name == name), None)


def parse_allowances(content: Any, read_at: float) -> Allowances:
    """Parse ``copilot_internal/user``; a member of the wrong type counts as absent.

    ``read_at`` is when the response arrived, in seconds since 1970.
    """
    answer = content if isinstance(content, Mapping) else {}
    resets_at = first_time(
        answer.get("quota_reset_date_utc"),
        answer.get("quota_reset_date"),
        answer.get("limited_user_reset_date"),
    )
    by_token = answer.get("token_based_billing") is True
    snapshots = answer.get("quota_snapshots")
    if isinstance(snapshots, Mapping) and snapshots:
        quotas = tuple(
            _snapshot(str(name), each, resets_at, read_at)
            for name, each in snapshots.items()
            if isinstance(each, Mapping)
        )
        billing = Billing.CREDITS if by_token else Billing.PREMIUM_REQUESTS
    else:
        quotas = _free_quotas(answer, resets_at, read_at)
        without_figures = Billing.CREDITS if by_token else Billing.UNKNOWN
        billing = Billing.FREE if quotas else without_figures
    return Allowances(billing, quotas, resets_at, read_at)


def with_newer(allowances: Allowances, readings: Iterable[Quota]) -> Allowances:
    """Return ``allowances`` with every quota replaced by a newer reading of the same name.

    A reading from response headers has only a percentage with one decimal and stops at 100, so the
    amount used never decreases within one period; members it lacks are taken from the older one.
    """
    quotas = {each.name: each for each in allowances.quotas}
    for reading in readings:
        known = quotas.get(reading.name)
        if known is None:
            quotas[reading.name] = reading
        elif (reading.taken_at or 0.0) > (known.taken_at or 0.0):
            quotas[reading.name] = _updated(known, reading)
    return replace(allowances, quotas=tuple(quotas.values()))


def _updated(known: Quota, reading: Quota) -> Quota:
    used = reading.used
    if _same_period(known, reading) and known.used is not None:
        used = known.used if used is None else max(used, known.used)
    return replace(
        reading,
        entitlement=_either(reading.entitlement, known.entitlement),
        credits_used=used,
        overage_entitlement=_either(reading.overage_entitlement, known.overage_entitlement),
        resets_at=_either(reading.resets_at, known.resets_at),
    )


def _same_period(known: Quota, reading: Quota) -> bool:
    if known.resets_at is None or reading.resets_at is None:
        return True
    return reading.resets_at - known.resets_at < _DAY_SECONDS


def number(value: Any) -> float | None:
    """Return a finite number, also from a text such as ``"1500"`` or ``"1,500"``; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip().replace(",", "")
    if not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def first_time(*values: Any) -> float | None:
    """Return the first of ``values`` that is a time, in seconds since 1970.

    Accepts ISO dates with or without a time (midnight UTC), and seconds or milliseconds.
    """
    for value in values:
        found = _time(value)
        if found is not None:
            return found
    return None


def _snapshot(
    name: str, content: Mapping[str, Any], resets_at: float | None, read_at: float
) -> Quota:
    entitlement = number(content.get("entitlement"))
    unlimited = content.get("unlimited") is True or (entitlement is not None and entitlement < 0)
    remaining = number(content.get("quota_remaining"))
    return Quota(
        name=name,
        entitlement=entitlement,
        remaining=number(content.get("remaining")) if remaining is None else remaining,
        percent_remaining=number(content.get("percent_remaining")),
        unlimited=unlimited,
        overage_count=number(content.get("overage_count")) or 0.0,
        overage_permitted=content.get("overage_permitted") is True,
        credits_used=number(content.get("credits_used")),
        overage_entitlement=number(content.get("overage_entitlement")),
        resets_at=_either(first_time(content.get("quota_reset_at")), resets_at),
        source=QuotaSource.ACCOUNT,
        taken_at=_either(first_time(content.get("timestamp_utc")), read_at),
    )


def _free_quotas(
    answer: Mapping[str, Any], resets_at: float | None, read_at: float
) -> tuple[Quota, ...]:
    left, monthly = answer.get("limited_user_quotas"), answer.get("monthly_quotas")
    allowed = monthly if isinstance(monthly, Mapping) else {}
    counts = left.items() if isinstance(left, Mapping) else ()
    return tuple(
        Quota(
            name=str(name),
            entitlement=number(allowed.get(name)),
            remaining=remaining,
            resets_at=resets_at,
            source=QuotaSource.ACCOUNT,
            taken_at=read_at,
        )
        for name, each in counts
        if (remaining := number(each)) is not None
    )


def _time(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            pass
        else:
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return moment.timestamp()
    found = number(value)
    if found is None or found <= 0:
        return None
    return found / 1000 if found >= _MILLISECONDS_FROM else found


def _either(first: float | None, second: float | None) -> float | None:
    return second if first is None else first
