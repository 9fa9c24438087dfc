"""Installs GitHub's Copilot SDK and its runtime: ``python -m tests.agents.copilot_sdk``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".agents" / "copilot-sdk-1.0.25"
PYTHON = FOLDER / "venv" / "bin" / "python"
RUNTIME = FOLDER / "node_modules" / "@github" / "copilot-linux-x64" / "copilot"
PACKAGES = ("github-copilot-sdk==1.0.25", "httpx>=0.28,<1", "websockets>=15,<18")
RUNTIME_PACKAGE = "@github/copilot@1.0.102"
"""The version that this SDK asks for. Its install scripts are not needed."""


def is_installed() -> bool:
    return (FOLDER / "installed").is_file() and RUNTIME.is_file()


def main() -> int:
    if is_installed():
        return 0
    npm = shutil.which("npm")
    if npm is None:
        print("npm is missing: install Node.js first", file=sys.stderr)
        return 1
    venv.create(FOLDER / "venv", with_pip=True)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", *PACKAGES]
    fetch = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    code = subprocess.call(install) or subprocess.call(
        [*fetch, "--prefix", str(FOLDER), RUNTIME_PACKAGE]
    )
    if code == 0:
        (FOLDER / "installed").touch()
    return code


if __name__ == "__main__":
    sys.exit(main())
