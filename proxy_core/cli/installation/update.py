"""``g-copilot-proxy update``: asks the release page, and fetches what is newer if you agree."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping

from proxy_core import __version__
from proxy_core.app.updates.assembly import required_source, updates_of
from proxy_core.app.updates.update_source import Release
from proxy_core.app.updates.updates import Updates
from proxy_core.cli.command_engine import asked
from proxy_core.cli.exit_codes import DONE
from proxy_core.config.paths import find_paths
from proxy_core.config.settings_store import open_settings
from proxy_core.status.logging import set_up_logging
from proxy_core.upstream.transport.transport import system_certificates


def update(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Raises UpdateFailed. Asking for it is the consent to ask the release page this once."""
    paths = find_paths(environ)
    set_up_logging(paths)
    source = required_source()
    upstream = open_settings(paths).settings.upstream
    certificates = system_certificates(upstream.ca_file)
    updates = updates_of(source, paths.updates, certificates, upstream.proxy)
    release = updates.look()
    if parsed.json:
        return _as_json(updates, release, parsed)
    if release is None:
        print(f"{__version__} is the newest version.")
        return DONE
    if updates.is_ready(release):
        print(f"Version {release.version} is ready; it is used from the next start.")
        return DONE
    megabytes = release.size / 1e6
    print(f"Version {release.version} can be had ({megabytes:.1f} MB); this is {__version__}.")
    if updates.did_not_start(release):
        print("It was tried before and did not start on this computer.")
    if parsed.check:
        return DONE
    if not parsed.yes:
        if not sys.stdin.isatty():
            print("Nothing was fetched. Add --yes to fetch it.")
            return DONE
        if not asked("Fetch it, and use it from the next start? [y/N] "):
            print("Nothing was fetched.")
            return DONE
    updates.prepare(release)
    print(f"Version {release.version} was verified and tried; it is used from the next start.")
    return DONE


def _as_json(updates: Updates, release: Release | None, parsed: argparse.Namespace) -> int:
    """Fetches only with ``--yes``: a program cannot be asked."""
    fetch = release is not None and parsed.yes and not parsed.check
    if fetch and release is not None and not updates.is_ready(release):
        updates.prepare(release)
    said = {
        "version": __version__,
        "newest": __version__ if release is None else release.version,
        "ready": release is not None and updates.is_ready(release),
    }
    print(json.dumps(said, indent=2))
    return DONE
