"""A real Secret Service (gnome-keyring) on a bus of its own: open, locked, absent, hanging."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "tests.security.keychain_program"
SECONDS = 60
MISSING = [each for each in ("dbus-daemon", "gnome-keyring-daemon") if not shutil.which(each)]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"no real Secret Service here: {' and '.join(MISSING)} missing"
)

NO_SERVICES = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="false"/><allow own="*"/>
<allow receive_sender="*"/></policy></busconfig>
"""
"""A bus that starts nothing by itself: what is not started here is not there."""

SILENT_PROMPTER = """
import sys
from jeepney import message_bus
from jeepney.io.blocking import open_dbus_connection
connection = open_dbus_connection(bus="SESSION")
connection.send_and_get_reply(message_bus.RequestName(sys.argv[1]))
print("ready", flush=True)
while True: connection.receive()
"""
"""Takes the questions and never answers one: a prompt on a screen that nobody looks at."""

WAITING = """
import sys, time, jeepney
from jeepney.io.blocking import open_dbus_connection
connection = open_dbus_connection(bus="SESSION")
question = jeepney.message_bus.NameHasOwner(sys.argv[1])
while not connection.send_and_get_reply(question).body[0]: time.sleep(0.02)
"""


@dataclass
class Bus:
    folder: Path
    environ: dict[str, str]
    running: list[subprocess.Popen[str]]

    def start(self, *arguments: str, says: str = "") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            arguments,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.running.append(process)
        assert process.stdout is not None
        if says:
            assert process.stdout.readline().strip().startswith(says)
        return process

    def stop(self) -> None:
        """End what was started last."""
        process = self.running.pop()
        process.kill()
        process.wait(30)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def keyring(self, password: str | None) -> None:
        """Start the service: unlocked by ``password``, or locked as after a log-in without one."""
        unlock = () if password is None else ("--unlock",)
        daemon = self.start("gnome-keyring-daemon", "--foreground", "--components=secrets", *unlock)
        assert daemon.stdin is not None
        daemon.stdin.write(password or "")
        daemon.stdin.close()
        self.until_named("org.freedesktop.secrets")

    def hanging_prompt(self, name: str) -> None:
        self.start(sys.executable, "-c", SILENT_PROMPTER, name, says="ready")

    def until_named(self, name: str) -> None:
        subprocess.run(
            [sys.executable, "-c", WAITING, name], env=self.environ, timeout=SECONDS, check=True
        )

    def does(self, *steps: str, time_limit: float = 10.0) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", PROGRAM, str(self.folder), *steps],
            cwd=ROOT,
            env=self.environ | {"TIME_LIMIT": str(time_limit)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(each) for each in done.stdout.splitlines()]


@pytest.fixture
def bus() -> Iterator[Bus]:
    # Not pytest's folder: a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="gcp-"))
    (folder / "bus.conf").write_text(NO_SERVICES.format(folder=folder))
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ
    }
    environ = kept | {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
    }
    bus = Bus(folder, environ, [])
    bus.start(
        *("dbus-daemon", "--nofork", f"--config-file={folder}/bus.conf", "--print-address=1"),
        says="unix:",
    )
    try:
        yield bus
    finally:
        while bus.running:
            bus.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_sign_in_is_kept_found_moved_and_wiped(bus: Bus) -> None:
    bus.keyring("password")
    saved, stored = bus.does("save=ghu_first", "items")
    assert (saved["place"], saved["problem"], saved["file"]) == ("keychain", None, False)
    assert stored["items"] == ["ghu_first"]

    said = bus.does(
        "load", "move=file", "items", "move=keychain", "items", "save=ghu_second", "items"
    )
    places = [each["place"] for each in said if "place" in each]
    assert places == ["keychain", "file", "keychain", "keychain"], "another start finds it"
    assert [each["items"] for each in said if "items" in each] == [
        [],
        ["ghu_first"],
        ["ghu_second"],
    ]
    assert [each["file"] for each in said] == [False, True, True, False, False, False, False]

    wiped, left, after = bus.does("wipe", "items", "load")
    assert (wiped["problem"], left["items"], after["place"]) == (None, [], None)


def test_keeping_it_in_memory_takes_it_out_of_the_keychain(bus: Bus) -> None:
    bus.keyring("password")
    *_, moved, left = bus.does("save=ghu_first", "move=memory", "items")
    assert (moved["place"], left["items"]) == ("memory", [])


def lock(bus: Bus) -> None:
    """Give the service a keyring whose password it does not know."""
    bus.keyring("password")
    bus.stop()
    bus.keyring(None)


def test_a_locked_keychain_is_said_to_be_locked_and_the_user_is_asked(bus: Bus) -> None:
    lock(bus)
    loaded, saved, wiped = bus.does("load", "save=ghu_first", "wipe")
    assert loaded["failed"] == "The keychain is locked."
    assert not loaded["absent"]
    assert (saved["place"], saved["asks"], saved["file"]) == ("memory", True, False)
    assert "locked" in wiped["problem"], "what could not be wiped is not called wiped"


def test_without_a_keychain_the_user_is_asked_and_may_take_the_file(bus: Bus) -> None:
    loaded, saved, moved, wiped = bus.does("load", "save=ghu_first", "move=file", "wipe")
    assert loaded["place"] is None, "where there is no keychain, nothing lies in one"
    assert (saved["place"], saved["asks"], saved["file"]) == ("memory", True, False)
    assert (moved["place"], moved["file"]) == ("file", True)
    assert (wiped["problem"], wiped["file"]) == (None, False)


@pytest.mark.parametrize("hangs", ["org.gnome.keyring.SystemPrompter", "org.freedesktop.secrets"])
def test_a_keychain_that_hangs_blocks_neither_the_loop_nor_the_end(bus: Bus, hangs: str) -> None:
    """The prompt for a locked keyring that nobody answers, and a service that answers nothing."""
    bus.hanging_prompt(hangs)
    if hangs != "org.freedesktop.secrets":
        lock(bus)
    began = time.monotonic()
    loaded, saved, wiped = bus.does("load", "save=ghu_first", "wipe", time_limit=0.6)
    assert "did not answer" in loaded["failed"]
    assert not loaded["absent"], "there may be a sign-in in it"
    assert (saved["place"], saved["asks"], saved["file"]) == ("memory", True, False)
    assert "did not answer" in wiped["problem"]
    for each in (loaded, saved, wiped):
        assert 0.5 < each["seconds"] < 30
        assert each["turns"] >= 3, "the loop went on meanwhile"
    assert time.monotonic() - began < 60, "and the process ended in spite of the threads that wait"
