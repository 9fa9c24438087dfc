"""What the bundle without a window starts. Must not reach Qt: PyInstaller follows every import."""

from __future__ import annotations

import sys

from proxy_core.app.updates.bundle_start import run_newest


def this_version() -> int:
    from proxy_core.cli.__main__ import main

    return main()


sys.exit(run_newest(this_version))
