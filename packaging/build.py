#!/usr/bin/env python3
"""Make what is released for this system, and prove that it works.

    python3 packaging/build.py bundle [app] [headless]  onedir bundles in build/bundles, tried by --smoke
    python3 packaging/build.py archives                their .tar.xz (Windows: .zip) in dist
    python3 packaging/build.py linux                   .deb, .rpm and Arch package from the bundle
    python3 packaging/build.py wheel                   wheel and sdist, installed once and tried
    python3 packaging/build.py macos [dry-run]         sign, pack as .dmg, notarise (on macOS)
    python3 packaging/build.py windows                 the installer of a bundle built on Windows
    python3 packaging/build.py appimage                an AppImage of the same files
    python3 packaging/build.py layouts                 what would ship for macOS and Windows;
                                                       installer compiled, a signature tried
    python3 packaging/build.py all                     everything that this system can make and prove
    python3 packaging/build.py manifests               Homebrew's cask and winget's manifests
    python3 packaging/build.py sbom                    bill of materials, requirements with hashes
    python3 packaging/build.py update-channel keys KEYS | root KEYS CHANNEL | add KEYS CHANNEL DIST
                                                       the signed channel that bundles update from
    python3 packaging/build.py sums                    SHA256SUMS over dist
    python3 packaging/build.py compare                 makes all of it twice and names what differs
    python3 packaging/build.py prove                   the .deb in bare Debian roots: tried, removed

Needs Python 3.11 or newer. What the steps need is installed by name into environments below build; on
Debian `prove` needs debootstrap and root.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import compare_builds
from release.appimage import build_appimage
from release.archives import write_sums, write_tar, write_zip
from release.bundle import build_bundle, try_bundle
from release.environments import program, tool_environment
from release.facts import (
    BUILD,
    DIST,
    EDITIONS,
    NAME,
    PACKAGING,
    BuildFailed,
    artefact,
    bundle_name,
    call,
    version,
)
from release.layouts import SYSTEMS, lay_out_system, sign_for_trial
from release.lint import lint
from release.linux import PACKERS, build_packages
from release.manifests import write_manifests
from release.prove import prove
from release.sbom import write_hashes, write_sbom
from release.wheel import build_wheel, try_wheel
from release.windows import installer_command

BUNDLES = BUILD / "bundles"


def _built(name: str, edition: str = "app") -> Path:
    """Return what ``bundle`` made. Raises BuildFailed where it did not."""
    folder = BUNDLES / name
    if not folder.is_dir():
        raise BuildFailed(f"{folder} is missing: python3 packaging/build.py bundle {edition}")
    return folder


def bundle(rest: list[str]) -> None:
    for edition in rest or EDITIONS:
        made = build_bundle(edition)
        size = sum(each.lstat().st_size for each in made.rglob("*") if not each.is_dir())
        print(f"{made}: {size / 1e6:.1f} MB", flush=True)
        print(try_bundle(made), flush=True)


def archives(rest: list[str]) -> None:
    for edition in rest or EDITIONS:
        folder = _built(bundle_name(edition), edition)
        is_windows = sys.platform == "win32"
        pack, suffix = (write_zip, ".zip") if is_windows else (write_tar, ".tar.xz")
        made = pack(folder, artefact(edition, suffix))
        print(f"{made}: {made.stat().st_size / 1e6:.1f} MB", flush=True)


def compare(rest: list[str]) -> None:
    """Build twice and name what is not the same. Raises BuildFailed if anything is not."""
    for line in compare_builds.compare(rest):
        print(line, flush=True)


def linux(rest: list[str]) -> None:
    for made in build_packages(rest or PACKERS):
        print(f"{made}: {made.stat().st_size / 1e6:.1f} MB", flush=True)
    for line in lint():
        print(line, flush=True)


def wheel(rest: list[str]) -> None:
    del rest
    made = build_wheel()
    for each in made:
        print(f"{each}: {each.stat().st_size / 1e6:.2f} MB", flush=True)
    print(try_wheel(next(each for each in made if each.suffix == ".whl")), flush=True)


def windows(rest: list[str]) -> None:
    """Compile the installer from a bundle that was built on Windows."""
    del rest
    target = artefact("app", "-setup.exe")
    icon = BUILD / "work-app" / "icon.ico"
    folder = _built(bundle_name("app"))
    call(installer_command(folder, icon if icon.is_file() else None, target, version()))
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB", flush=True)


def appimage(rest: list[str]) -> None:
    del rest
    made, said = build_appimage()
    print(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    print(said, flush=True)


def layouts(rest: list[str]) -> None:
    """Lay out the other systems' bundles and look at them; compile and sign what can be made here."""
    for name in rest or SYSTEMS:
        made = lay_out_system(name)
        size = sum(each.lstat().st_size for each in made.rglob("*") if not each.is_dir())
        print(f"{made}: {size / 1e6:.1f} MB, without the interpreter", flush=True)
        if name == "windows":
            setup = BUILD / "layout-windows" / f"{NAME}-layout-setup.exe"
            call(installer_command(made, None, setup, version()))
            print(f"{setup}: {setup.stat().st_size / 1e6:.1f} MB", flush=True)
            for each in (setup, made / f"{NAME}-app.exe"):
                print(f"{each.name}: {sign_for_trial(each, BUILD / 'trial-signature')}", flush=True)
        else:
            script = PACKAGING / "macos" / "make_dmg.sh"
            print(call(["bash", script, "--dry-run", made, made.with_suffix(".dmg")]), end="")


def everything(rest: list[str]) -> None:
    """What a release needs and this system can make, in the order of the release's workflow."""
    del rest
    steps = [bundle, archives, wheel, sbom]
    if sys.platform.startswith("linux"):
        steps += [linux, appimage, layouts, prove, compare]
    for step in (*steps, sums):
        step([])


def macos(rest: list[str]) -> None:
    """Sign, pack and notarise the app; ``dry-run`` prints the commands alone."""
    dry = ["--dry-run"] if "dry-run" in rest else []
    script = PACKAGING / "macos" / "make_dmg.sh"
    app = BUNDLES / f"{NAME}.app" if dry else _built(f"{NAME}.app")
    print(call(["bash", script, *dry, app, artefact("app", ".dmg")]), end="")


def manifests(rest: list[str]) -> None:
    del rest
    for each in write_manifests():
        print(each, flush=True)


def sbom(rest: list[str]) -> None:
    print(write_sbom(), flush=True)
    for edition in rest or EDITIONS:
        print(write_hashes(edition), flush=True)


def update_channel(rest: list[str]) -> None:
    python = program(tool_environment(), "python")
    print(call([python, PACKAGING / "release" / "update_channel.py", *rest]), end="")


def sums(rest: list[str]) -> None:
    del rest
    print(write_sums(DIST).read_text("utf-8"), end="")


COMMANDS: Mapping[str, Callable[[list[str]], None]] = {
    "all": everything,
    "bundle": bundle,
    "appimage": appimage,
    "archives": archives,
    "compare": compare,
    "layouts": layouts,
    "linux": linux,
    "macos": macos,
    "manifests": manifests,
    "prove": prove,
    "sbom": sbom,
    "sums": sums,
    "update-channel": update_channel,
    "wheel": wheel,
    "windows": windows,
}

ANY = ("",)
"""Words that the command itself looks at."""

WORDS: Mapping[str, Collection[str]] = {
    **dict.fromkeys(("bundle", "archives", "compare", "sbom"), EDITIONS),
    **dict.fromkeys(("prove", "update-channel"), ANY),
    "layouts": SYSTEMS,
    "linux": PACKERS,
    "macos": ("dry-run",),
}
"""What may follow a command; nothing where it is not named. Looked at before minutes of work."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="build.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument(
        "rest",
        nargs="*",
        help="editions; of linux: deb, rpm, archlinux; of prove: Debian's releases",
    )
    options = parser.parse_args(arguments)
    known = WORDS.get(options.command, ())
    unknown = [each for each in options.rest if known is not ANY and each not in known]
    if unknown:
        takes = f"takes {', '.join(known)}" if known else "takes nothing more"
        parser.error(f"{options.command} {takes}, not {' '.join(unknown)}")
    try:
        COMMANDS[options.command](options.rest)
    except (BuildFailed, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
