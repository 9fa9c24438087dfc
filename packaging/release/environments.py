"""The virtual environments that things are built in: made anew, from the pinned set, by name."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

from release.facts import BUILD, PACKAGING, ROOT, call

CONSTRAINTS = PACKAGING / "constraints.txt"
WINDOW_LIBRARIES = ("pyside6-essentials", "qasync")
"""Dependencies the edition without a window does without, normalised names."""

TOOLS = (
    *("nfpm>=2.47", "twine>=6.2", "build>=1.3", "cyclonedx-bom>=7"),
    *("tuf>=7,<8", "cryptography>=45"),
)
"""Programs that pack and check; none becomes part of what is packed."""


def requirements(edition: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed: list[str] = project["dependencies"] + project["optional-dependencies"]["updates"]
    return listed if edition == "app" else [each for each in listed if not needs_window(each)]


def needs_window(requirement: str) -> bool:
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower() in WINDOW_LIBRARIES


def program(environment: Path, name: str) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin") / name


def bundle_environment(edition: str) -> Path:
    """Make the environment a bundle is built in; raises BuildFailed."""
    return _make(f"environment-{edition}", [*requirements(edition), "pyinstaller"], pinned=True)


def tool_environment() -> Path:
    """Make the environment with the packing tools, or use the one there is; raises BuildFailed."""
    environment = BUILD / "environment-tools"
    stamp = environment / "installed"
    if stamp.is_file() and stamp.read_text("utf-8") == repr(TOOLS):
        return environment
    _make(environment.name, TOOLS, pinned=False)
    stamp.write_text(repr(TOOLS), "utf-8")
    return environment


def _make(name: str, wanted: list[str] | tuple[str, ...], *, pinned: bool) -> Path:
    environment = BUILD / name
    shutil.rmtree(environment, ignore_errors=True)
    call([sys.executable, "-m", "venv", environment])
    limits = ["--constraint", str(CONSTRAINTS)] if pinned else []
    python = program(environment, "python")
    call(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *limits, *wanted]
    )
    return environment
