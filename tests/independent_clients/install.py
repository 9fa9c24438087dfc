"""Installs the pinned clients of the real service into ``.agents``.

``python -m tests.independent_clients.install``; what is there already stays.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NODE_FOLDER = ROOT / ".agents" / "independent-clients"
NODE_PACKAGES = {
    "@mariozechner/pi-ai": "0.73.1",
    "@earendil-works/pi-ai": "0.74.2",
    "copilot-api": "0.7.0",
}
LITELLM = ("litellm==1.106.2", "mcp")
"""Without ``mcp`` its tools and ``/responses`` do not load."""
LITELLM_FOLDER = ROOT / ".agents" / "litellm-1.106.2"
_PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"
LITELLM_PYTHON = LITELLM_FOLDER / _PYTHON
CLIENT_SDKS = ("google-genai==3.6.1", "ollama==0.6.3")
CLIENT_SDKS_FOLDER = ROOT / ".agents" / "client-sdks"
CLIENT_SDKS_PYTHON = CLIENT_SDKS_FOLDER / _PYTHON


def main() -> int:
    return (
        install_node()
        or install_python(LITELLM_FOLDER, LITELLM_PYTHON, LITELLM)
        or install_python(CLIENT_SDKS_FOLDER, CLIENT_SDKS_PYTHON, CLIENT_SDKS)
    )


def install_node() -> int:
    missing = [
        f"{name}@{version}"
        for name, version in NODE_PACKAGES.items()
        if not (NODE_FOLDER / "node_modules" / name / "package.json").is_file()
    ]
    if not missing:
        return 0
    npm = shutil.which("npm")
    if npm is None:
        print("npm is missing: install Node.js first", file=sys.stderr)
        return 1
    print(f"Installing {', '.join(missing)} into {NODE_FOLDER} ...", flush=True)
    NODE_FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    wanted = [f"{name}@{version}" for name, version in NODE_PACKAGES.items()]
    return subprocess.call([*command, "--prefix", str(NODE_FOLDER), *wanted])


def install_python(folder: Path, python: Path, packages: tuple[str, ...]) -> int:
    if (folder / "installed").is_file():
        return 0
    print(f"Installing {', '.join(packages)} into {folder} ...", flush=True)
    venv.create(folder, with_pip=True)
    code = subprocess.call([str(python), "-m", "pip", "install", "--quiet", *packages])
    if code == 0:
        (folder / "installed").touch()
    return code


if __name__ == "__main__":
    sys.exit(main())
