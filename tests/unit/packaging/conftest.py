"""The modules of ``packaging/`` can be imported; behind everything else, so that they shadow nothing."""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
for each in (PACKAGING, PACKAGING / "bundles"):
    if str(each) not in sys.path:
        sys.path.append(str(each))
