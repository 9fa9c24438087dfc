"""The running proxy's look for newer versions, and the mark that this version works."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from proxy_core import __version__
from proxy_core.app.updates.assembly import required_source, updates_of, versions_of
from proxy_core.app.updates.start_newest import STARTED_VARIABLE
from proxy_core.app.updates.update_source import (
    Release,
    UpdateFailed,
    UpdateSource,
    bundled_source,
)
from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import Settings
from proxy_core.errors import translatable
from proxy_core.status.status import with_notice
from proxy_core.status.status_board import StatusBoard

if TYPE_CHECKING:
    from proxy_core.app.updates.updates import Updates

log = logging.getLogger("g_copilot_proxy.updates")


class UpdateWatch:
    """Publishes notices: ``update`` for a newer version, ``update_ready`` once it is fetched."""

    def __init__(
        self, settings: Callable[[], Settings], paths: Paths, board: StatusBoard, clock: Clock
    ) -> None:
        self._settings = settings
        self._paths = paths
        self._board = board
        self._clock = clock

    async def run(self) -> None:
        """Look once a day while ``updates.look_daily`` is on.

        Returns at once where this is no bundle that updates itself.
        """
        try:
            source = bundled_source()
        except UpdateFailed as error:
            log.warning("%s", error.message)
            return
        if source is None:
            return
        from proxy_core.app.updates.daily_look import look_daily  # with tuf, which few need

        def look() -> Release | None:
            return self._updates(source).unasked()

        clock = self._clock
        await look_daily(self._is_allowed, look, self._tell, clock.wall, clock.sleep)

    async def fetch(self) -> None:
        """Fetch the newest version and let the next start use it. Raises UpdateFailed or OSError."""
        source = required_source()

        def fetch() -> str:
            updates = self._updates(source)
            release = updates.look()
            if release is None:
                return __version__
            if not updates.is_ready(release):
                updates.prepare(release)
            return release.version

        version = await asyncio.to_thread(fetch)
        title = translatable("Version {version} is ready", version=version)
        text = translatable("It is used from the next start.")
        if version == __version__:
            title = translatable("Version {version} is the newest", version=version)
            text = translatable("There is nothing to fetch.")
        self._publish("update_ready", title, text)

    def _is_allowed(self) -> bool:
        return self._settings().updates.look_daily

    def _updates(self, source: UpdateSource) -> Updates:
        from proxy_core.upstream.transport.transport import system_certificates

        upstream = self._settings().upstream
        certificates = system_certificates(upstream.ca_file)
        return updates_of(source, self._paths.updates, certificates, upstream.proxy)

    def _tell(self, release: Release) -> None:
        title = translatable("Version {version} is available", version=release.version)
        text = translatable(
            "This is {version}. Fetch it here, or with: g-copilot-proxy update", version=__version__
        )
        self._publish("update", title, text)

    def _publish(self, code: str, title: str, text: str) -> None:
        at = self._clock.wall()
        self._board.change(lambda now: with_notice(now, at, code, title, text))


def confirm_this_version(paths: Paths, environ: Mapping[str, str] = os.environ) -> None:
    """Note that this program works, if another version started it to see. Never fails the caller."""
    if not environ.get(STARTED_VARIABLE):
        return
    try:
        source = bundled_source()
        if source is not None:
            versions_of(source, paths.updates).confirm(__version__)
    except (UpdateFailed, OSError) as error:
        log.warning("the new version could not be confirmed: %s", error)
