"""Parses the quota headers of a response (copilot-protocol.md 9.2). Pure, never raises.

``x-quota-snapshot-<name>: ent=1500&ov=0.0&ovPerm=false&rem=86.4&rst=2026-12-01T00%3A00%3A00Z`` and
``x-usage-ratelimit-<session|weekly>: rem=91.0&rst=...``. ``rem`` is a percentage; ``ent=-1`` means no
limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from msgspec import Struct

from proxy_core.usage.quota.quota import Quota, QuotaSource, first_time, number

_QUOTA = "x-quota-snapshot-"
_LIMIT = "x-usage-ratelimit-"
_MAY_BEGIN = ("x-", "X-")
_LONGEST = 2_000
_LONGEST_NAME = 40


class LimitReading(Struct, frozen=True):
    """The remainder of GitHub's limit for a ``session`` (about five hours) or a week.

    Times are seconds since 1970.
    """

    name: str
    percent_remaining: float | None
    resets_at: float | None
    taken_at: float

    @property
    def percent_used(self) -> float | None:
        return None if self.percent_remaining is None else 100.0 - self.percent_remaining

    def age(self, now: float) -> float:
        return max(0.0, now - self.taken_at)


class HeaderReadings(Struct, frozen=True):
    quotas: tuple[Quota, ...] = ()
    limits: tuple[LimitReading, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.quotas or self.limits)


def quota_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``headers`` that ``parse_quota_headers`` reads."""
    return {
        name: value
        for name, value in headers.items()
        if name[:2] in _MAY_BEGIN and name.lower().startswith((_QUOTA, _LIMIT))
    }


def parse_quota_headers(headers: Mapping[str, str], taken_at: float) -> HeaderReadings:
    """Parse ``headers``; an unreadable header counts as absent.

    ``taken_at`` is when they arrived, in seconds since 1970.
    """
    quotas: list[Quota] = []
    limits: list[LimitReading] = []
    for name, value in headers.items():
        lowered = name.lower()
        if lowered.startswith(_QUOTA) and _fits(lowered, _QUOTA, value):
            quota = _quota(lowered.removeprefix(_QUOTA), _members(value), taken_at)
            quotas += [quota] if quota is not None else []
        elif lowered.startswith(_LIMIT) and _fits(lowered, _LIMIT, value):
            limit = _limit(lowered.removeprefix(_LIMIT), _members(value), taken_at)
            limits += [limit] if limit is not None else []
    return HeaderReadings(tuple(quotas), tuple(limits))


def _fits(name: str, prefix: str, value: str) -> bool:
    return 0 < len(name) - len(prefix) <= _LONGEST_NAME and len(value) <= _LONGEST


def _quota(name: str, members: Mapping[str, str], taken_at: float) -> Quota | None:
    entitlement, percent = number(members.get("ent")), number(members.get("rem"))
    if entitlement is None and percent is None:
        return None
    unlimited = entitlement is not None and entitlement < 0
    return Quota(
        name=name,
        entitlement=None if unlimited else entitlement,
        percent_remaining=percent,
        unlimited=unlimited,
        overage_count=number(members.get("ov")) or 0.0,
        overage_permitted=members.get("ovperm", "").lower() == "true",
        resets_at=first_time(members.get("rst")),
        source=QuotaSource.RESPONSE,
        taken_at=taken_at,
    )


def _limit(name: str, members: Mapping[str, str], taken_at: float) -> LimitReading | None:
    percent, resets_at = number(members.get("rem")), first_time(members.get("rst"))
    if percent is None and resets_at is None:
        return None
    return LimitReading(name, percent, resets_at, taken_at)


def _members(value: str) -> dict[str, str]:
    """``a=1&b=x%3Ay`` as a mapping. A bare plus is not decoded: here it is a time zone's sign."""
    members: dict[str, str] = {}
    for pair in value.split("&"):
        key, _, text = pair.partition("=")
        members.setdefault(key.strip().lower(), unquote(text).strip())
    return members
