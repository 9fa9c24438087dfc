"""Installs a tool by its name, in the version that is pinned, into ``.agents``."""

from __future__ import annotations

import shutil
import subprocess
import venv

from tests.agents.connected.tool import PROGRAMS, AnyTool, ConnectedLibrary


def install(tool: AnyTool) -> None:
    """Does nothing where it is there. Raises RuntimeError, or CalledProcessError."""
    if not tool.installed.exists():
        print("installing", *tool.packages, "...", flush=True)
        tool.folder.mkdir(parents=True, exist_ok=True)
        if tool.python:
            venv.create(tool.folder, with_pip=True)
            command = [str(tool.installed.with_name("pip")), "install", "--quiet"]
        else:
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError("npm is missing: install Node.js first")
            command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
            command += ["--prefix", str(tool.folder)]
        subprocess.run([*command, *tool.packages], check=True)
    if isinstance(tool, ConnectedLibrary) and not tool.python:
        # Beside their packages: there is where they look for them.
        for program in PROGRAMS.glob("*.mjs"):
            shutil.copyfile(program, tool.folder / program.name)
