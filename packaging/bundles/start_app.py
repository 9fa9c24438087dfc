"""What the bundle with the window starts: the newer version that was fetched, else this one."""

from __future__ import annotations

import sys

from proxy_core.app.updates.bundle_start import run_newest


def this_version() -> int:
    from desktop.__main__ import main

    return main()


sys.exit(run_newest(this_version))
