from __future__ import annotations

import tomllib
from pathlib import Path

from proxy_core import __version__


def test_the_program_and_its_package_say_the_same_version() -> None:
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    assert tomllib.loads(project.read_text())["project"]["version"] == __version__
