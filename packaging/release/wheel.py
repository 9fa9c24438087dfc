"""Wheel and sdist: built, searched for what does not belong there, installed and tried."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from release.archives import settle, tree, write_sdist_anew
from release.environments import CONSTRAINTS, program, tool_environment
from release.facts import BUILD, DIST, ROOT, BuildFailed, call, reproducible

FOREIGN = ("tests/", "docs/", "packaging/", ".ci/", ".github/", ".hypothesis/")
"""Folders of the clone that nobody needs who installs."""

CLONED = ("desktop", "proxy_core", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
CLONED += ("MANIFEST.in", "SECURITY.md", "tests", "docs", "packaging")
"""What is copied to be built: the clone gets no files. Tests and docs show that they stay out."""


def build_wheel(work: Path = BUILD, target: Path = DIST) -> list[Path]:
    """Return wheel and sdist in ``target``, made in ``work``; raises BuildFailed."""
    source, out = work / "source", work / "wheels"
    for each in (source, out):
        shutil.rmtree(each, ignore_errors=True)
    source.mkdir(parents=True)
    unwanted = shutil.ignore_patterns("__pycache__", ".*_cache", "images")
    for name in CLONED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=unwanted)
        else:
            shutil.copyfile(ROOT / name, source / name)
    settle(source)
    tools = tool_environment()
    limits = CONSTRAINTS.as_uri()
    call([program(tools, "python"), "-m", "build", "--outdir", out, source], PIP_CONSTRAINT=limits)
    made = sorted(out.iterdir())
    for each in made:
        if each.name.endswith(".tar.gz"):
            write_sdist_anew(each)
    call([program(tools, "python"), "-m", "twine", "check", "--strict", *made])
    for each in made:
        if found := foreign(names_in(each)):
            raise BuildFailed(f"{each.name} holds {', '.join(found[:5])}")
    target.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy(each, target)) for each in made]


def names_in(archive: Path) -> list[str]:
    """Return the members of a wheel or an sdist, the latter without their folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as packed:
            return packed.namelist()
    with tarfile.open(archive) as packed:
        return [name.partition("/")[2] for name in packed.getnames()]


def foreign(names: list[str]) -> list[str]:
    """Return the members that belong to development alone."""
    return [
        each
        for each in names
        if each.startswith(FOREIGN) or "/test_" in each or each.endswith(".ts")
    ]


def try_wheel(wheel: Path) -> str:
    """Install the wheel into a clean environment outside of the clone; return what ``--smoke`` says."""
    with tempfile.TemporaryDirectory() as folder:
        environment, home = Path(folder) / "environment", Path(folder) / "home"
        home.mkdir()
        call([sys.executable, "-m", "venv", environment], cwd=home)
        python = program(environment, "python")
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        call([python, *install, "--constraint", CONSTRAINTS, wheel], cwd=home)
        environ = {
            **reproducible(),
            "QT_QPA_PLATFORM": "offscreen",
            "G_COPILOT_PROXY_HOME": str(home),
        }
        environ.pop("PYTHONPATH", None)
        done = subprocess.run(
            [
                program(environment, "g-copilot-proxy" + (".exe" if os.name == "nt" else "")),
                "--smoke",
            ],
            cwd=home,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise BuildFailed(f"the installed wheel: {done.stdout}{done.stderr}")
        if left := tree(home):
            raise BuildFailed(f"--smoke wrote {sorted(left)}")
        return done.stdout.strip()
