"""What the bundle with the window starts."""

from __future__ import annotations

import sys

from desktop.__main__ import main

sys.exit(main())
