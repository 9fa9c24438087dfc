"""The AppImage: the files of the Linux packages in one file that needs no installation.

An AppImage is AppImage's runtime with a squashfs image behind it
(https://docs.appimage.org/reference/architecture.html). The runtime is not ours to carry: name it in
``APPIMAGE_RUNTIME``; without it the image alone is made and tried.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from release.archives import settle
from release.bundle import try_program
from release.facts import BUILD, DIST, NAME, BuildFailed, call, machine, source_date, version
from release.linux import LIBRARY

_START = f"""#!/bin/sh
# The folder this lies in is wherever the runtime mounted it.
here=$(dirname "$(readlink -f "$0")")
exec "$here/{LIBRARY}/{NAME}" "$@"
"""


def lay_out_appdir(root: Path, folder: Path) -> Path:
    """Return ``folder`` as an AppDir, made from the layout of the packages. Raises BuildFailed."""
    share = root / "usr" / "share"
    if not share.is_dir():
        raise BuildFailed(f"{root} is missing: python3 packaging/build.py linux")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root, folder, symlinks=True)
    starter = folder / "AppRun"
    starter.write_text(_START, "utf-8")
    starter.chmod(0o755)
    shutil.copyfile(share / f"applications/{NAME}.desktop", folder / f"{NAME}.desktop")
    icon = share / f"icons/hicolor/256x256/apps/{NAME}.png"
    shutil.copyfile(icon, folder / f"{NAME}.png")
    (folder / ".DirIcon").symlink_to(f"{NAME}.png")
    return settle(folder)


def write_image(folder: Path, image: Path) -> Path:
    """Return ``image``, a squashfs of the AppDir ``folder``. Raises BuildFailed."""
    image.unlink(missing_ok=True)
    owner = ["-all-root", "-noappend", "-no-progress", "-comp", "xz"]
    date = ["-mkfs-time", str(source_date()), "-all-time", str(source_date())]
    # Its own variable and the two options may not be given together.
    environ = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    made = ["mksquashfs", folder, image, *owner, *date]
    done = subprocess.run(made, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"mksquashfs: {done.stderr}")
    return image


def build_appimage() -> tuple[Path, str]:
    """Return the file and what ``--smoke`` of the program inside said. Raises BuildFailed."""
    if shutil.which("mksquashfs") is None:
        raise BuildFailed("an AppImage needs mksquashfs (squashfs-tools)")
    folder = lay_out_appdir(BUILD / "linux-root", BUILD / f"{NAME}.AppDir")
    image = write_image(folder, BUILD / f"{NAME}.squashfs")
    unpacked = BUILD / f"{NAME}-unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    call(["unsquashfs", "-quiet", "-no-progress", "-dest", unpacked, image])
    said = try_program(unpacked / "AppRun")
    runtime = os.environ.get("APPIMAGE_RUNTIME", "")
    if not runtime:
        return image, said
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}-{version()}-{machine()}.AppImage"
    target.write_bytes(Path(runtime).read_bytes() + image.read_bytes())
    target.chmod(0o755)
    return target, said
