"""The running proxy's look for newer versions, and the mark that this version works."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping

from proxy_core import __version__
from proxy_core.app.updates.start_newest import STARTED_VARIABLE
from proxy_core.app.updates.update_source import UpdateFailed, bundled_source
from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import Settings
from proxy_core.status.status import with_notice
from proxy_core.status.status_board import StatusBoard

log = logging.getLogger("g_copilot_proxy.updates")


async def watch_for_updates(
    settings: Callable[[], Settings], paths: Paths, board: StatusBoard, clock: Clock
) -> None:
    """Publish a notice for each newer version, while ``updates.look_daily`` is on.

    Returns at once where this is no bundle that updates itself.
    """
    try:
        source = bundled_source()
    except UpdateFailed as error:
        log.warning("%s", error.message)
        return
    if source is None:
        return
    # Imported here: they load what only updates need.
    from proxy_core.app.updates.assembly import updates_of
    from proxy_core.app.updates.daily_look import look_daily
    from proxy_core.app.updates.release_channel import Release
    from proxy_core.upstream.transport.transport import system_certificates

    def look() -> Release | None:
        certificates = system_certificates(settings().upstream.ca_file)
        updates = updates_of(source, paths.updates, certificates)
        found = updates.look()
        return None if found is None or updates.is_ready(found) else found

    def tell(release: Release) -> None:
        title = f"Version {release.version} is available"
        text = f"This is {__version__}. Fetch it with: g-copilot-proxy update"
        board.change(lambda now: with_notice(now, clock.wall(), "update", title, text))

    await look_daily(lambda: settings().updates.look_daily, look, tell, clock.wall, clock.sleep)


def confirm_this_version(paths: Paths, environ: Mapping[str, str] = os.environ) -> None:
    """Note that this program works, if another version started it to see. Never fails the caller."""
    if not environ.get(STARTED_VARIABLE):
        return
    from proxy_core.app.updates.assembly import versions_of

    try:
        source = bundled_source()
        if source is not None:
            versions_of(source, paths.updates).confirm(__version__)
    except (UpdateFailed, OSError) as error:
        log.warning("the new version could not be confirmed: %s", error)
