"""Where programs keep their settings on this computer."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from proxy_core.clients.shells import Shell, shell_of

_OTHER_SYNTAX = ("csh", "tcsh", "nu", "xonsh", "elvish", "rc", "es")
"""Shells that read no ``.profile`` and no ``export``."""


@dataclass(frozen=True, slots=True)
class Location:
    """``environ`` is the user's, ``platform`` as ``sys.platform`` says it."""

    home: Path
    environ: Mapping[str, str]
    platform: str
    shell: Shell

    @property
    def config(self) -> Path:
        """The folder of programs that follow the XDG rules."""
        return self.folder("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def application_data(self) -> Path:
        """Where the platform wants the settings of desktop programs."""
        if self.platform == "win32":
            return self.folder("APPDATA", self.home / "AppData" / "Roaming")
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        return self.config

    def folder(self, variable: str, default: Path) -> Path:
        """Return the folder a variable names, unless it is empty or relative."""
        named = self.environ.get(variable, "")
        path = Path(named)
        return path if named and path.is_absolute() else default

    def shell_file(self) -> Path | None:
        """The file in which the user's shell looks for variables; None where that is not known."""
        match self.shell:
            case Shell.FISH:
                return self.config / "fish" / "conf.d" / "g-copilot-proxy.fish"
            case Shell.POWERSHELL if self.platform != "win32":
                return self.config / "powershell" / "Microsoft.PowerShell_profile.ps1"
            case Shell.POSIX:
                name = Path(self.environ.get("SHELL", "")).name
                if name == "zsh":
                    return self.folder("ZDOTDIR", self.home) / ".zshrc"
                if name == "bash":
                    return self._of_bash()
                return None if name in _OTHER_SYNTAX else self.home / ".profile"
        # Windows moves "Documents", and with it the profile, where only PowerShell knows.
        return None

    def _of_bash(self) -> Path:
        """A terminal of macOS starts login shells: they read the first of three files, and only that."""
        if self.platform != "darwin":
            return self.home / ".bashrc"
        files = [self.home / name for name in (".bash_profile", ".bash_login", ".profile")]
        return next((each for each in files if each.exists()), files[0])


def this_computer(
    environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Location:
    home = environ.get("HOME" if platform != "win32" else "USERPROFILE", "")
    return Location(
        Path(home) if Path(home).is_absolute() else Path.home(),
        environ,
        platform,
        shell_of(environ, platform),
    )
