"""Every query of the ledger that the window and the commands make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from proxy_core.status.status import RECENT_REQUESTS
from proxy_core.usage.ledger.queries import Range, UsageQueries
from proxy_core.usage.ledger.search import LedgerSearch, Outcome, SearchWord
from tests.benchmarks.ledger_rows import RARE

PAGE = 200
"""As many as Activity reads at once."""
_HALF_DAY = 12 * 3600.0


def queries_of(
    queries: UsageQueries, now: float, days: int, page: int = PAGE
) -> dict[str, Callable[[], object]]:
    """Return the queries by name; requests began in the ``days`` before ``now``, seconds since 1970."""
    today = datetime.fromtimestamp(now - 1, UTC).date()

    def overview(last_days: int, zone: tzinfo = UTC, client: str | None = None) -> object:
        return queries.overview(today - timedelta(last_days - 1), today, zone, client)

    def found(before: float = now, **wanted: object) -> object:
        return queries.before(before, page, LedgerSearch(**wanted))  # type: ignore[arg-type]  # named below

    def words(text: str, **wanted: object) -> object:
        return found(words=tuple(map(SearchWord, text.split())), **wanted)

    return {
        "usage, 30 days": lambda: overview(30),
        "usage, all days": lambda: overview(days),
        "usage, all days, one tool": lambda: overview(days, client="Codex"),
        "usage, 30 days, Kathmandu": lambda: overview(30, ZoneInfo("Asia/Kathmandu")),
        "usage, all days, Kathmandu": lambda: overview(days, ZoneInfo("Asia/Kathmandu")),
        "usage, all days, New York": lambda: overview(days, ZoneInfo("America/New_York")),
        "forecast, 62 days by day": lambda: queries.by_day(today - timedelta(61), today, UTC),
        "budget, today": lambda: queries.totals(Range(now - _HALF_DAY, now)),
        "budget, this month": lambda: queries.totals(Range(now - 30.3 * 86_400, now)),
        "all as one sum": queries.totals,
        "start: the latest": lambda: queries.latest(RECENT_REQUESTS),
        "start: half minutes": lambda: queries.starts(now - 900, now, 30.0),
        "tools by name": queries.clients,
        "the first request": queries.first_start,
        "usual of a tool": lambda: queries.habits("Codex"),
        "usual of a tool and model": lambda: queries.habits("Codex", "gpt-5.2"),
        "activity, next page": lambda: found(now - 3600),
        "activity, page in the middle": lambda: found(now - days * 43_200),
        "activity, a tool": lambda: found(client="Codex"),
        "activity, failed": lambda: found(outcome=Outcome.FAILED),
        "activity, a tool's failed": lambda: found(client="Codex", outcome=Outcome.FAILED),
        "activity, sent again": lambda: found(outcome=Outcome.SENT_AGAIN),
        "activity, kept back (none)": lambda: found(outcome=Outcome.NOT_SENT),
        "search, in every request": lambda: words("messages"),
        "search, a model": lambda: words("opus"),
        "search, a tool's model": lambda: words("gemini", client="aider"),
        "search, an error": lambda: words("quota failed"),
        "search, rare": lambda: words(RARE),
        "search, two words, rare": lambda: words(f"codex {RARE}"),
        "search, in none": lambda: words("nothing-like-it"),
        "search, one of two in none": lambda: words("opus nothing-like-it"),
        "search, not ASCII, in none": lambda: words("größe"),
        "search, an id's beginning": lambda: words("req_0123abc"),
    }


def searches_of_ids(queries: UsageQueries, now: float) -> dict[str, Callable[[], object]]:
    """Return the searches that read more the more requests there are.

    Few digits are in so many ids that a page is soon full, which are read with their rows; more digits
    from anywhere in an id are looked for in all ids.
    """
    return {
        f"search, {digits} inside an id": lambda digits=digits: queries.before(  # type: ignore[misc]  # of this turn
            now, PAGE, LedgerSearch(words=(SearchWord(digits),))
        )
        for digits in ("0a1", "0123abcd")
    }
