"""``python -m proxy_core``: the headless commands alone, where the desktop part is not installed."""

from __future__ import annotations

import sys

from proxy_core.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
