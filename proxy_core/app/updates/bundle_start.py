"""How a bundle starts: the newer version that was fetched and chosen, else this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from proxy_core import __version__
from proxy_core.app.updates.assembly import versions_of
from proxy_core.app.updates.start_newest import start_newest
from proxy_core.app.updates.update_source import UpdateFailed, bundled_source
from proxy_core.app.updates.update_watch import confirm_this_version
from proxy_core.config.paths import find_paths


def run_newest(this_version: Callable[[], int]) -> int:
    """Return the exit code. A command that came to its end shows that its version works."""
    try:
        source = bundled_source()
    except UpdateFailed:  # `update` says so; the program runs without
        source = None
    if source is not None:
        versions = versions_of(source, find_paths().updates)
        code = start_newest(versions, __version__, sys.argv[1:], os.environ)
        if code is not None:
            return code
    try:
        code = this_version()
    except SystemExit:  # of the command line: wrong usage, or --help
        confirm_this_version(find_paths())
        raise
    confirm_this_version(find_paths())
    return code
