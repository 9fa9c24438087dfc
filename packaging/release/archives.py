"""Archives whose bytes depend on what is in them alone, sums of files, and what two trees differ in."""

from __future__ import annotations

import hashlib
import lzma
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

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = source_date()
        runs = member.isdir() or member.mode & 0o100
        member.mode = EXECUTABLE if runs else PLAIN
        return member

    target.parent.mkdir(parents=True, exist_ok=True)
    # One thread: blocks of several are cut by the machine's number of cores.
    with (
        lzma.open(target, "wb", preset=6) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.add(folder, folder.name, recursive=False, filter=plain)
        for each in entries(folder):
            name = f"{folder.name}/{each.relative_to(folder).as_posix()}"
            tar.add(each, name, recursive=False, filter=plain)
    return target


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
