"""A session bus of its own, on which only what a test starts can be met."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.desktop.screen.virtual_screen import VirtualScreen

PROGRAMS = {"dbus-daemon": "dbus", "dbus-send": "dbus"}
"""Program and the Debian package it comes in."""
WATCHER = Path(__file__).with_name("status_notifier_watcher.py")
_NO_SERVICES = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="false"/><allow own="*"/>
<allow receive_sender="*"/></policy></busconfig>
"""
"""Starts nothing by itself: no keychain of the person's, no window of a notice over what is clicked."""


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


@contextmanager
def session_bus(screen: VirtualScreen) -> Iterator[str]:
    """Give the address of a bus that every program started on ``screen`` from now on uses."""
    # A socket's path may have 107 characters: not pytest's folder.
    with tempfile.TemporaryDirectory(prefix="bus-") as folder:
        config = Path(folder) / "bus.conf"
        config.write_text(_NO_SERVICES.format(folder=folder), encoding="utf-8")
        command = ["dbus-daemon", f"--config-file={config}", "--print-address", "--nofork"]
        with _saying(command, screen) as daemon:
            address = _line(daemon)
            screen.environ["DBUS_SESSION_BUS_ADDRESS"] = address
            yield address


@contextmanager
def status_notifier_watcher(screen: VirtualScreen) -> Iterator[subprocess.Popen[str]]:
    """Stand in for a desktop's tray; the process prints the name of each icon that registers."""
    with _saying([sys.executable, str(WATCHER)], screen) as watcher:
        assert _line(watcher) == "ready"
        yield watcher


@contextmanager
def _saying(command: list[str], screen: VirtualScreen) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command,
        env=screen.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
