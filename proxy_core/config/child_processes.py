"""What holds for every program that this one starts."""

from __future__ import annotations

import subprocess

NO_CONSOLE: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""``creationflags`` of a program of the command line: Windows opens a console for one that is started by
the app, which has none."""
