"""What the start of the app does not do: read source code, and build pages nobody opened."""

from __future__ import annotations

import os
import subprocess
import sys

LOADED = """
import linecache, sys
clear, read = linecache.clearcache, []
linecache.clearcache = lambda: (read.extend(linecache.cache), clear())
from desktop.app import load
load()
import gc
pages = [name for name in sys.modules if name.startswith("desktop.views.pages.")]
print(sum("proxy_core" in each for each in read), len(linecache.cache), gc.isenabled(), *sorted(pages))
"""


def test_the_core_is_there_before_qt_which_reads_the_source_of_all_that_comes_after_it() -> None:
    """18 MB of source lines were kept in memory, and a fifth of the start went into reading them."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    read, kept, collects, *pages = done.stdout.split()
    # Those that a module with Qt names are read all the same.
    assert int(read) < 60, "modules of the core were imported after PySide"
    assert (kept, collects) == ("0", "False")
    assert "desktop.views.pages.settings_page" not in pages, "a page is imported when it is opened"
