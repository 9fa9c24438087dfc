"""Everything that is released, made twice: whether the bytes are the same, and what differs if not.

The second time the files have other dates, were made in another order and may be read by their owner
alone, as in another person's clone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from release.appimage import lay_out_appdir, write_image
from release.archives import copied_otherwise, differences, digest, write_tar, write_zip
from release.bundle import build_bundle
from release.facts import BUILD, EDITIONS, NAME, BuildFailed, bundle_name, call, version
from release.linux import lay_out, pack
from release.wheel import build_wheel
from release.windows import installer_command

Made = tuple[str, list[Path]]


def compare(editions: Sequence[str]) -> Iterator[str]:
    """Yield a line for each kind that is the same twice. Raises BuildFailed where one is not."""
    for edition in editions or EDITIONS:
        works = [BUILD / "compared-1", BUILD / "compared-2"]
        first, second = (build_bundle(edition, work) for work in works)
        if found := differences(first, second):
            raise BuildFailed(f"{edition}: two builds differ in\n" + "\n".join(found))
        yield f"{edition}: two builds are the same, {len(list(first.rglob('*')))} entries"
        if shutil.which("diffoscope"):
            call(["diffoscope", "--exclude-directory-metadata=yes", first, second])
            yield f"{edition}: diffoscope finds no difference"
        yield from compare_packages(edition, first, second)
    yield from _same("Python", lambda work: [("wheel and sdist", build_wheel(work, work / "made"))])


def compare_packages(edition: str, first: Path, second: Path) -> Iterator[str]:
    """Yield a line for each kind of package of two bundles. Raises BuildFailed where one differs."""
    other = copied_otherwise(second, BUILD / "compared-otherwise" / bundle_name(edition))
    bundles = iter((first, other))
    yield from _same(edition, lambda work: packages(edition, next(bundles), work))


def packages(edition: str, bundle: Path, work: Path) -> Iterator[Made]:
    """Yield every kind of package of ``bundle`` that this system can make, in ``work``."""
    made = work / "made"
    yield "archives", [write_tar(bundle, made / "a.tar.xz"), write_zip(bundle, made / "a.zip")]
    if edition != "app" or not sys.platform.startswith("linux"):
        return
    root = lay_out(bundle, work / "linux-root")
    yield "packages of Linux", pack(bundle, root, made)
    if shutil.which("mksquashfs"):
        folder = lay_out_appdir(root, work / f"{NAME}.AppDir")
        yield "AppImage", [write_image(folder, made / f"{NAME}.squashfs")]
    if shutil.which("makensis"):
        setup = made / f"{NAME}-setup.exe"
        call(installer_command(bundle, None, setup, version()))
        yield "installer of Windows, of the files of Linux", [setup]


def _same(what: str, make: Callable[[Path], Iterator[Made] | list[Made]]) -> Iterator[str]:
    """Yield what ``make`` made the same twice, the second time with a umask that lets nobody read."""
    once = list(make(_emptied(BUILD / "compared-packages-1")))
    with _umask(0o077):
        again = list(make(_emptied(BUILD / "compared-packages-2")))
    for (kind, ones), (_, others) in zip(once, again, strict=True):
        for one, other in zip(ones, others, strict=True):
            if digest(one) != digest(other):
                raise BuildFailed(f"{what}, {kind}: {one} and {other} are not the same")
        names = ", ".join(each.name for each in ones)
        yield f"{what}, {kind}: made twice, the same bytes ({names})"


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
