"""Homebrew's cask and winget's manifests, filled in with what was released."""

from __future__ import annotations

import re
from pathlib import Path

from release.archives import digest
from release.facts import DIST, NAME, PACKAGING, BuildFailed, repository, version

TEMPLATES = (PACKAGING / "macos" / "cask.rb", PACKAGING / "windows" / "winget.yaml")
WINGET_NAME = "GCopilotProxy.GCopilotProxy"


def filled_in(template: str, released: str, home: str, folder: Path) -> str:
    """Return ``template`` with version, repository and the sums of the files in ``folder``.

    Raises BuildFailed for a file that is not there.
    """

    def sum_of(found: re.Match[str]) -> str:
        path = folder / f"{NAME}-{released}-{found[1]}"
        if not path.is_file():
            raise BuildFailed(f"{path.name} is not in {folder}: a manifest needs its sum")
        return digest(path)

    text = template.replace("@VERSION@", released).replace("@REPOSITORY@", home)
    return re.sub(r"@SHA256 ([\w.-]+)@", sum_of, text)


def write_manifests() -> list[Path]:
    """Write the manifests into ``dist``; raises BuildFailed where files or the address are missing."""
    if not repository():
        raise BuildFailed("GITHUB_REPOSITORY must name the repository that releases, owner/name")
    cask, winget = (
        filled_in(each.read_text("utf-8"), version(), repository(), DIST) for each in TEMPLATES
    )
    made = [DIST / f"{NAME}.rb"]
    made[0].write_text(cask, "utf-8")
    for text in winget.partition("\n")[2].split("---\n"):
        kind = re.search(r"ManifestType: (\w+)", text)
        assert kind is not None
        suffix = {"version": "", "defaultLocale": ".locale.en-US"}.get(kind[1], f".{kind[1]}")
        made.append(DIST / f"{WINGET_NAME}{suffix}.yaml")
        made[-1].write_text(text, "utf-8")
    return made
