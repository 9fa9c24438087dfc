"""Shows the latest requests of earlier runs, from the ledger."""

from __future__ import annotations

import asyncio
import logging

from proxy_core.server.records.request_log import RequestLog
from proxy_core.status.status import HALF_MINUTE, HALF_MINUTES_COUNTED, RECENT_REQUESTS
from proxy_core.usage.ledger.entry import record_from_entry
from proxy_core.usage.ledger.queries import UsageQueries
from proxy_core.usage.ledger.reader import LedgerUnreadable

log = logging.getLogger("g_copilot_proxy.engine")


async def show_latest_requests(queries: UsageQueries, journal: RequestLog) -> None:
    """Show what the ledger holds below the requests of this run; one that cannot be read shows none."""
    try:
        entries = await asyncio.to_thread(queries.latest, RECENT_REQUESTS)
        until = journal.opened_at
        since = until - HALF_MINUTES_COUNTED * HALF_MINUTE
        starts = await asyncio.to_thread(queries.starts, since, until, HALF_MINUTE)
    except LedgerUnreadable as error:
        log.warning("the latest requests cannot be read: %s", error.message)
        return
    records = (record_from_entry(each) for each in entries)
    journal.show_history((each for each in records if each is not None), starts)
