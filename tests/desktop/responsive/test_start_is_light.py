"""What the start of the app does not do: read source code, and build pages nobody opened."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.pages.declared import load_all
from desktop.system import memory

LOADED = """
import linecache, sys
read = []
update = linecache.updatecache
linecache.updatecache = lambda name, *rest: (read.append(name), update(name, *rest))[1]
from desktop.app import load
load()
import gc
pages = [name for name in sys.modules if name.startswith("desktop.views.pages.")]
late = ("yaml", "tomlkit", "plistlib", "configparser", "importlib.metadata")
print(len(read), gc.isenabled(), len([each for each in late if each in sys.modules]), *sorted(pages))
"""


def test_no_source_is_read_and_nothing_imported_that_only_some_people_need() -> None:
    """PySide read that of 700 modules: 18 MB for a moment, 4 for good, and a tenth of the start."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    read, collects, late, *pages = done.stdout.split()
    assert int(read) <= 5, "source files were read besides those of PySide's own beginning"
    assert collects == "False"
    assert late == "0", "libraries for files and systems that few have"
    assert "desktop.views.pages.settings_page" not in pages, "a page is imported when it is opened"


def test_what_imports_used_for_a_moment_goes_back_to_the_system_in_a_thread_of_its_own(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[threading.Thread] = []
    monkeypatch.setattr(memory, "SETTLED_MILLISECONDS", 0)
    monkeypatch.setattr(
        memory, "give_memory_back", lambda: asked.append(threading.current_thread())
    )
    asyncio.run(load_all(0))
    qtbot.waitUntil(lambda: bool(asked), timeout=30_000)
    assert asked[0] is not threading.main_thread()
