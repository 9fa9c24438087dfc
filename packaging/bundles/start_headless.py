"""What the bundle without a window starts. Must not reach Qt: PyInstaller follows every import."""

from __future__ import annotations

import sys

from proxy_core.cli.__main__ import main

sys.exit(main())
