"""Newer versions beside the installed program, and which of them the next start uses.

The installed program is never changed. A newer version is a folder of its own below our state folder,
complete before it has its name; ``chosen.json`` names the one to start and is replaced in one step. A
process that is killed between two steps leaves either the old choice or the new one, and every choice
names a complete folder.

Cheap to import: the installed program reads this before anything else.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import make_private_folder, trust_folder, write_private

PROGRAM = "g-copilot-proxy.exe" if sys.platform == "win32" else "g-copilot-proxy"
_MACOS_PROGRAM = Path("Contents") / "MacOS" / PROGRAM
_UNFINISHED = ".new"


@dataclass(frozen=True, slots=True)
class Choice:
    """``starts``: how often ``version`` was started without having confirmed that it works.

    ``before``: the version to go back to, empty for the installed one. ``rejected`` did not start.
    """

    version: str = ""
    starts: int = 0
    is_confirmed: bool = False
    before: str = ""
    rejected: tuple[str, ...] = ()


class InstalledVersions:
    """The versions below ``folder``, shared by every process of this user."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = folder / "versions"
        self._chosen = folder / "chosen.json"

    @property
    def choice(self) -> Choice:
        """What was chosen. A file that is missing or cannot be understood chooses nothing.

        Raises OSError, UntrustedFile among them, where others could have written the folder.
        """
        trust_folder(self._folder)
        try:
            found = json.loads(self._chosen.read_bytes())
            return _as_choice(found)
        except FileNotFoundError:
            return Choice()
        except (ValueError, TypeError, KeyError):
            return Choice()

    def program(self, version: str) -> Path | None:
        """Return the program of a complete version; None if it is not here."""
        place = self._place(version)
        if place is None:
            return None
        for each in (PROGRAM, _MACOS_PROGRAM):
            # The archive holds one folder, the bundle.
            found = sorted(place.glob(f"*/{each}"))
            if found and found[0].is_file():
                return found[0]
        return None

    def put(self, version: str, unpack: Callable[[Path], None]) -> Path:
        """Unpack a version into its folder and return its program. Chooses nothing.

        Raises OSError, and what ``unpack`` raises; nothing is then left behind. Raises
        FileNotFoundError if what was unpacked holds no program.
        """
        there = self.program(version)
        if there is not None:
            return there
        make_private_folder(self._versions)
        unfinished = Path(
            tempfile.mkdtemp(prefix=f"{version}.", suffix=_UNFINISHED, dir=self._versions)
        )
        try:
            unpack(unfinished)
            _write_through(unfinished)
            place = self._versions / version
            if place.exists():  # without a program, so nobody's choice
                shutil.rmtree(place)
            unfinished.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        _write_folder_through(self._versions)
        program = self.program(version)
        if program is None:
            shutil.rmtree(place, ignore_errors=True)
            raise FileNotFoundError(0, f"Version {version} holds no program", str(place))
        return program

    def choose(self, version: str) -> None:
        """Let the next start use ``version``. Raises OSError, FileNotFoundError if it is not here."""
        if self.program(version) is None:
            raise FileNotFoundError(0, f"Version {version} is not complete", str(self._versions))
        with locked(self._chosen):
            now = self.choice
            before = now.version if now.is_confirmed else now.before
            rejected = tuple(each for each in now.rejected if each != version)
            self._write(Choice(version, 0, is_confirmed=False, before=before, rejected=rejected))

    def count_start(self, version: str) -> None:
        """Note that ``version`` is being started and has not confirmed yet. Raises OSError."""
        with locked(self._chosen):
            now = self.choice
            if now.version == version and not now.is_confirmed:
                self._write(replace(now, starts=now.starts + 1))

    def confirm(self, version: str) -> None:
        """Note that ``version`` works, so that it stays. Raises OSError."""
        with locked(self._chosen):
            now = self.choice
            if now.version == version and not now.is_confirmed:
                self._write(replace(now, is_confirmed=True, starts=0))

    def reject(self, version: str) -> None:
        """Go back from ``version``, which did not start, to the one before. Raises OSError."""
        with locked(self._chosen):
            now = self.choice
            if now.version == version and not now.is_confirmed:
                rejected = (*now.rejected, version)[-8:]
                back = now.before
                self._write(Choice(back, 0, is_confirmed=bool(back), rejected=rejected))

    def remove_unused(self, running: str) -> None:
        """Delete versions that nothing leads to, and what killed processes left. Raises OSError.

        ``running`` is the version of this process, which still reads from its folder.

        A version that still runs on Windows cannot be deleted; it is tried again next time.
        """
        with locked(self._chosen):
            now = self.choice
            kept = {now.version, now.before, running}
            for each in self._versions.glob("*"):
                if each.name not in kept:
                    shutil.rmtree(each, ignore_errors=True)

    def _place(self, version: str) -> Path | None:
        """The folder of a version; None for a name that could lead elsewhere."""
        if not version or Path(version).name != version or version.endswith(_UNFINISHED):
            return None
        return self._versions / version

    def _write(self, choice: Choice) -> None:
        content = {
            "version": choice.version,
            "starts": choice.starts,
            "confirmed": choice.is_confirmed,
            "before": choice.before,
            "rejected": list(choice.rejected),
        }
        write_private(self._chosen, json.dumps(content, indent=2).encode())


def _as_choice(found: Any) -> Choice:
    """Raises TypeError or KeyError for anything but what ``_write`` wrote."""
    choice = Choice(
        found["version"],
        found["starts"],
        is_confirmed=found["confirmed"],
        before=found["before"],
        rejected=tuple(found["rejected"]),
    )
    texts = (choice.version, choice.before, *choice.rejected)
    if not all(isinstance(each, str) for each in texts) or not isinstance(choice.starts, int):
        raise TypeError("a choice of another form")
    if not isinstance(choice.is_confirmed, bool):
        raise TypeError("a choice of another form")
    return choice


def _write_through(folder: Path) -> None:
    """Have the system write every file below ``folder`` to the disk: a power cut must not leave empty
    files in a folder that counts as complete.
    """
    for at, _, names in os.walk(folder):
        for name in names:
            path = Path(at) / name
            if path.is_symlink():
                continue
            with path.open("rb") as file:
                if sys.platform != "win32":  # Windows syncs only what is open for writing
                    os.fsync(file.fileno())
        _write_folder_through(Path(at))


def _write_folder_through(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
