"""The updates of the running program, put together from its bundle, folders and certificates."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from proxy_core import __version__
from proxy_core.app.updates.installed_versions import InstalledVersions
from proxy_core.app.updates.update_source import UpdateFailed, UpdateSource, bundled_source
from proxy_core.config.settings import SYSTEM
from proxy_core.errors import translatable

if TYPE_CHECKING:
    from proxy_core.app.updates.updates import Updates

_ELSEWHERE = translatable(
    "This installation is not updated by itself but by what installed it: the system's package manager, "
    "`pipx upgrade g-copilot-proxy` or `uv tool upgrade g-copilot-proxy`."
)


def required_source() -> UpdateSource:
    """Return where this bundle's newer versions come from. Raises UpdateFailed for others."""
    source = bundled_source()
    if source is None:
        raise UpdateFailed(_ELSEWHERE)
    return source


def updates_of(
    source: UpdateSource, folder: Path, certificates: ssl.SSLContext, proxy: str = SYSTEM
) -> Updates:
    """Return the updates kept below ``folder`` (``Paths.updates``); ``proxy``: ``upstream.proxy``."""
    # Imported here: only a look for updates needs tuf and archives, and every start loads this module.
    from proxy_core.app.updates.release_channel import HttpsFetcher, ReleaseChannel
    from proxy_core.app.updates.updates import Updates

    fetcher = HttpsFetcher(certificates, f"g-copilot-proxy/{__version__}", proxy)
    channel = ReleaseChannel(source, folder, fetcher)
    return Updates(channel, versions_of(source, folder), __version__)


def versions_of(source: UpdateSource, folder: Path) -> InstalledVersions:
    """Each edition has its own: the app is no newer version of the bundle without a window."""
    return InstalledVersions(folder / source.edition)
