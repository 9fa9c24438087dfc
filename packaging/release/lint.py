"""What the distributions' own checkers say of the packages; each where it is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from release.facts import BUILD, DIST, NAME, PACKAGING, call, version

LINTIAN = ("--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0")
LINTIAN += ("--suppress-tags", "initial-upload-closes-no-bugs")
"""That tag is about uploads to Debian itself, which this is none."""


def lint() -> Iterator[str]:
    """Yield one line for each checker: what passed, or that it is not here. Raises BuildFailed."""
    share = BUILD / "linux-root" / "usr" / "share"
    packages = sorted(DIST.glob(f"{NAME}_{version()}*.deb"))
    texts = BUILD / "command-texts"
    checkers = (
        ("desktop-file-validate", [share / f"applications/{NAME}.desktop"]),
        ("appstreamcli", ["validate", "--no-net", *sorted((share / "metainfo").glob("*.xml"))]),
        ("mandoc", ["-T", "lint", "-W", "warning", texts / f"{NAME}.1"]),
        ("bash", ["-n", texts / f"{NAME}.bash"]),
        ("zsh", ["-n", texts / f"_{NAME}"]),
        ("fish", ["-n", texts / f"{NAME}.fish"]),
        ("flatpak-builder", ["--show-manifest", PACKAGING / "linux" / "flatpak.yaml"]),
        ("lintian", [*LINTIAN, *packages]),
    )
    for program, arguments in checkers:
        if program == "lintian" and not packages:
            continue
        if shutil.which(program) is None:
            yield f"{program}: not installed, so not asked"
            continue
        said = call([program, *arguments]).strip()
        if program == "flatpak-builder":  # it repeats the manifest it understood
            said = ""
        yield f"{program}: nothing to say" if not said else f"{program}: {said}"
