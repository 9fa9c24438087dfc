"""The latest allowances, from GitHub's account response or from response headers.

Pure. The account response is read periodically; the headers of each response are newer and coarser.
"""

from __future__ import annotations

from collections.abc import Mapping

from proxy_core.status.status import QuotaStatus
from proxy_core.usage.quota.headers import LimitReading, parse_quota_headers, quota_headers
from proxy_core.usage.quota.quota import Allowances, Quota, QuotaSource, with_newer


class QuotaWatch:
    """Belongs to one thread."""

    def __init__(self) -> None:
        self._account = Allowances()
        self._readings: dict[str, Quota] = {}
        self._limits: dict[str, LimitReading] = {}
        self._latest: dict[str, str] = {}
        """The headers that were taken last: most answers repeat them."""

    @property
    def allowances(self) -> Allowances:
        """The newest of both."""
        return with_newer(self._account, self._readings.values())

    def note_account(self, allowances: Allowances) -> None:
        self._account = allowances
        self._latest = {}  # an answer's figures are newer again, though they say the same

    def note_headers(self, headers: Mapping[str, str], taken_at: float) -> bool:
        """Take the headers of a model's response; return whether they said anything new."""
        latest = quota_headers(headers)
        if latest == self._latest:
            return False
        self._latest = latest
        found = parse_quota_headers(latest, taken_at)
        self._readings.update({each.name: each for each in found.quotas})
        self._limits.update({each.name: each for each in found.limits})
        return bool(found)

    def forget(self) -> None:
        """Forget everything after a sign-out or another sign-in."""
        self._account = Allowances()
        self._readings.clear()
        self._limits.clear()
        self._latest = {}

    def statuses(self) -> tuple[QuotaStatus, ...]:
        return (
            *(_of_quota(each) for each in self.allowances.quotas),
            *(_of_limit(each) for each in self._limits.values()),
        )


def _of_quota(quota: Quota) -> QuotaStatus:
    return QuotaStatus(
        name=quota.name,
        entitlement=quota.entitlement,
        remaining=_remaining(quota),
        used=quota.used,
        percent_used=quota.percent_used,
        unlimited=quota.unlimited,
        overage=max(0.0, quota.overage_count),
        overage_permitted=quota.overage_permitted,
        resets=quota.resets_at,
        read_at=quota.taken_at,
        source=quota.source.value,
    )


def _of_limit(limit: LimitReading) -> QuotaStatus:
    return QuotaStatus(
        name=limit.name,
        percent_used=limit.percent_used,
        resets=limit.resets_at,
        read_at=limit.taken_at,
        source=QuotaSource.RESPONSE.value,
        is_rate_limit=True,
    )


def _remaining(quota: Quota) -> float | None:
    """Return the remainder, computed from the amount used: headers have only a percentage."""
    if quota.remaining is not None or quota.unlimited:
        return quota.remaining
    if quota.entitlement is None or quota.used is None:
        return None
    return quota.entitlement - quota.used
