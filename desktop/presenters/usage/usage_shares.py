"""Usage by model and by tool, and why the prompt cache did not help, as rows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.presenters.usage.usage_chart import LEAST_SHOWN, series_of
from desktop.presenters.words import Words
from proxy_core.status.status import QuotaStatus
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.usage.ledger.queries import Share
from proxy_core.usage.prompt_cache.health import MISS_WORDS, MissReason
from proxy_core.usage.quota.quota import Billing
from proxy_core.usage.report import UsageReport

MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class ShareRow:
    """``share`` of the largest, 0 to 1, is drawn as a small bar in ``token``; None: beyond its scale."""

    key: str
    name: str
    share: float | None
    token: str
    middle: str
    credits: str
    sentence: str


@dataclass(frozen=True, slots=True)
class MissRow:
    reason: str
    count: str


def model_rows(report: UsageReport, words: Words) -> tuple[ShareRow, ...]:
    tr = words.tr
    most = _largest(report.models)

    def row(share: Share) -> ShareRow:
        rate = share.totals.cache_hit_rate
        cached = "–" if rate is None else tr("{percent} %").format(percent=round(100 * rate))
        name = share.name or tr("No model")
        used = words.credits(share.totals.nano_credits)
        return ShareRow(
            share.name,
            name,
            share.totals.nano_credits / most if most else 0.0,
            "chart1",
            cached,
            used,
            tr("{model}, {credits} credits, {cached} cached").format(
                model=name, credits=used, cached=cached
            ),
        )

    return tuple(row(share) for share in report.models[:MOST_ROWS])


def client_rows(
    report: UsageReport, quota: QuotaStatus | None, words: Words
) -> tuple[ShareRow, ...]:
    """``quota``: GitHub's own count of the same days, if there is one."""
    tr = words.tr
    outside = _outside_credits(report, quota)
    # What others used is told and does not scale the bars: it may be a hundred times as much.
    most = _largest(report.clients)
    tokens = {each.key: each.token for each in series_of(report.clients, words)}
    rows = []
    for share in report.clients[:MOST_ROWS]:
        name = words.client(share.name)
        used = words.credits(share.totals.nano_credits)
        count = words.locale.integer(share.totals.requests)
        sentence = tr("{tool}, {credits} credits, {count} requests").format(
            tool=name, credits=used, count=count
        )
        if share.totals.asked_by_user or share.totals.asked_by_agent:
            yours = words.locale.integer(share.totals.asked_by_user)
            sentence = tr("{sentence}, {yours} of them told to GitHub as yours").format(
                sentence=sentence, yours=yours
            )
        rows.append(
            ShareRow(
                f"={share.name}",
                name,
                share.totals.nano_credits / most if most else 0.0,
                tokens.get(share.name, "chart4"),
                count,
                used,
                sentence,
            )
        )
    if outside is not None:
        used = words.amount(outside)
        name = tr("Outside this app")
        sentence = tr("{name}, {credits} credits").format(name=name, credits=used)
        # A full bar beside a tool's full bar would say that both used the same.
        share_of_most = outside * NANO_PER_CREDIT / most if most else None
        if share_of_most is not None and share_of_most > 1.0:
            share_of_most = None
        rows.append(ShareRow("outside", name, share_of_most, "chart4", "–", used, sentence))
    return tuple(rows)


def _outside_credits(report: UsageReport, quota: QuotaStatus | None) -> float | None:
    """Return the credits GitHub counted this month and we did not (an editor, another computer)."""
    if quota is None or quota.used is None:
        return None
    more = quota.used - report.totals.credits
    return more if report.billing is Billing.CREDITS and more >= LEAST_SHOWN else None


def miss_rows(report: UsageReport, words: Words) -> tuple[MissRow, ...]:
    known = {each.value: MISS_WORDS[each] for each in MissReason}
    return tuple(
        MissRow(words.declared(known.get(reason, reason)), words.locale.integer(count))
        for reason, count in report.misses
        if count > 0
    )


def _largest(shares: tuple[Share, ...]) -> int:
    return max((share.totals.nano_credits for share in shares), default=0)
