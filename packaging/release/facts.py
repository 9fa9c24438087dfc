"""What every step of a release knows: version, date, folders, and how a tool is called."""

from __future__ import annotations

import datetime
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BUILD, DIST = ROOT / "build", ROOT / "dist"
NAME = "g-copilot-proxy"
IDENTIFIER = "io.github.g-copilot-proxy"
DESCRIPTION = (
    "Use your own GitHub Copilot subscription from any tool that speaks the OpenAI or Anthropic API"
)
EDITIONS = ("app", "headless")


class BuildFailed(Exception):
    """A step did not do its work; the text says which."""


def version() -> str:
    text = (ROOT / "proxy_core" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise BuildFailed("proxy_core names no version")
    return found[1]


def source_date() -> int:
    """Return SOURCE_DATE_EPOCH, else the last commit's time: what built files are dated."""
    named = os.environ.get("SOURCE_DATE_EPOCH")
    if named:
        return int(named)
    try:
        asked = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return int((ROOT / "pyproject.toml").stat().st_mtime)


def source_day() -> str:
    return datetime.datetime.fromtimestamp(source_date(), datetime.UTC).date().isoformat()


def repository() -> str:
    """Return the address of the repository that releases, as GitHub Actions names it, or nothing."""
    name = os.environ.get("GITHUB_REPOSITORY", "")
    return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}" if name else ""


def machine() -> str:
    """Return the processor as file names of releases have it: ``x86_64`` or ``arm64``."""
    name = platform.machine().lower()
    return {"amd64": "x86_64", "aarch64": "arm64"}.get(name, name)


def system() -> str:
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")


def bundle_name(edition: str) -> str:
    return NAME if edition == "app" else f"{NAME}-headless"


def artefact(edition: str, suffix: str) -> Path:
    return DIST / f"{bundle_name(edition)}-{version()}-{system()}-{machine()}{suffix}"


def reproducible(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return ``environ`` with what makes two builds of one commit the same bytes."""
    fixed = {"SOURCE_DATE_EPOCH": str(source_date()), "PYTHONHASHSEED": "0", "TZ": "UTC"}
    return {**environ, **fixed, "LC_ALL": "C.UTF-8"}


def call(command: Sequence[str | Path], *, cwd: Path = ROOT, **more: str) -> str:
    """Run ``command`` and return its output; ``more`` is added to the environment.

    Raises BuildFailed with the end of what it printed.
    """
    words = [str(each) for each in command]
    print("$ " + shlex.join(words), flush=True)
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**reproducible(), **more},
        umask=0o022,  # or the modes of what is made would be the caller's
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise BuildFailed(f"{words[0]} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout
