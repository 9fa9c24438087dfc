"""Once a day, if the user allows it: whether there is a newer version. Nothing is fetched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from proxy_core.app.updates.update_source import Release
from proxy_core.errors import ProxyError

log = logging.getLogger("g_copilot_proxy.updates")

DAY_SECONDS = 86_400.0
WAIT_SECONDS = 300.0
"""Seconds between two looks at the setting; also before the first: a start has better things to do."""


async def look_daily(
    is_allowed: Callable[[], bool],
    look: Callable[[], Release | None],
    tell: Callable[[Release], None],
    wall: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Run until cancelled. ``tell`` gets each release once.

    ``look`` blocks; raises ProxyError, or OSError where the updates' folder cannot be read.
    """
    told: Release | None = None
    looked_at: float | None = None
    while True:
        await sleep(WAIT_SECONDS)
        now = wall()
        if not is_allowed() or (looked_at is not None and 0 <= now - looked_at < DAY_SECONDS):
            continue
        looked_at = now
        try:
            found = await asyncio.to_thread(look)
        except ProxyError as error:  # also certificates or a proxy that cannot be used
            log.warning("%s", error.message)
            continue
        except OSError as error:
            log.warning("the folder of updates cannot be read: %s", error)
            continue
        if found is not None and found != told:
            told = found
            tell(found)
