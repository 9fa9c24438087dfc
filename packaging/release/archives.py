"""Archives whose bytes depend on what is in them alone, sums of files, and what two trees differ in."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from release.facts import source_date

EXECUTABLE, PLAIN = 0o755, 0o644


def entries(folder: Path) -> Iterator[Path]:
    """Yield everything below ``folder``, in the order of names."""
    yield from sorted(folder.rglob("*"), key=lambda each: each.relative_to(folder).as_posix())


def write_tar(folder: Path, target: Path) -> Path:
    """Pack ``folder`` as ``target`` (``.tar.xz``): sorted, of one date, owned by root."""

    target.parent.mkdir(parents=True, exist_ok=True)
    # One thread: blocks of several are cut by the machine's number of cores.
    with (
        lzma.open(target, "wb", preset=6) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.add(folder, folder.name, recursive=False, filter=_plain)
        for each in entries(folder):
            name = f"{folder.name}/{each.relative_to(folder).as_posix()}"
            tar.add(each, name, recursive=False, filter=_plain)
    return target


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return ``member`` without what tells of the machine it was packed on."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = source_date()
    member.pax_headers = {}  # would hold fractions of the time
    runs = member.isdir() or member.mode & 0o100
    member.mode = EXECUTABLE if runs else PLAIN
    return member


def write_sdist_anew(sdist: Path) -> Path:
    """Pack an sdist (``.tar.gz``) again, sorted, of one date and owned by root, as setuptools does not.

    https://packaging.python.org/en/latest/specifications/source-distribution-format/
    """
    again = sdist.with_name(sdist.name + ".again")
    with (
        tarfile.open(sdist) as made,
        again.open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, source_date()) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for member in sorted(made.getmembers(), key=lambda each: each.name):
            tar.addfile(_plain(member), made.extractfile(member) if member.isfile() else None)
    return again.replace(sdist)


def settle(folder: Path) -> Path:
    """Give everything in ``folder`` one date, and modes that no umask has a part in."""
    for each in (folder, *entries(folder)):
        if not each.is_symlink():
            runs = each.is_dir() or each.stat().st_mode & 0o100
            each.chmod(EXECUTABLE if runs else PLAIN)
            os.utime(each, (source_date(), source_date()))
    return folder


def copied_otherwise(folder: Path, copy: Path) -> Path:
    """Return a copy of ``folder`` as another machine would have it, from which the same must be packed.

    Its files have other dates, were made in another order, and only their owner may read them.
    """
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for each in reversed(list(entries(folder))):
        target = copy / each.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        if each.is_symlink():
            target.symlink_to(each.readlink())
        elif each.is_dir():
            target.mkdir(exist_ok=True)
        else:
            shutil.copyfile(each, target)
            target.chmod(each.stat().st_mode & 0o700)
            os.utime(target, (1, 1))
    for each in (copy, *entries(copy)):
        if each.is_dir() and not each.is_symlink():
            each.chmod(0o700)
    return copy


def write_zip(folder: Path, target: Path) -> Path:
    """Pack ``folder`` as ``target`` (``.zip``): sorted, of one date."""
    target.parent.mkdir(parents=True, exist_ok=True)
    date = datetime.fromtimestamp(source_date(), UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for each in entries(folder):
            if each.is_file():
                name = f"{folder.name}/{each.relative_to(folder).as_posix()}"
                member = zipfile.ZipInfo(name, date)
                member.compress_type = zipfile.ZIP_DEFLATED
                runs = each.stat().st_mode & 0o100
                member.external_attr = (EXECUTABLE if runs else PLAIN) << 16
                packed.writestr(member, each.read_bytes())
    return target


def digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def tree(folder: Path) -> dict[str, str]:
    """Return every file and link below ``folder`` with its mode and what it holds."""
    found: dict[str, str] = {}
    for each in entries(folder):
        name = each.relative_to(folder).as_posix()
        if each.is_symlink():
            found[name] = f"-> {each.readlink()}"
        elif each.is_file():
            found[name] = f"{each.stat().st_mode & 0o777:o} {digest(each)}"
    return found


def differences(one: Path, other: Path) -> list[str]:
    """Return the names of what is in one folder alone, or not the same in both."""
    first, second = tree(one), tree(other)
    return sorted(
        name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
    )


def write_sums(folder: Path) -> Path:
    """Write ``SHA256SUMS`` over the files in ``folder``, as ``sha256sum --check`` reads it."""
    sums = folder / "SHA256SUMS"
    files = sorted(each for each in folder.iterdir() if each.is_file() and each != sums)
    text = "".join(f"{digest(each)}  {each.name}\n" for each in files)
    sums.write_text(text, "utf-8")
    return sums
