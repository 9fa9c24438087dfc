"""Unpack a bundle's archive so that nothing lands outside its folder."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from proxy_core.app.updates.update_source import UpdateFailed
from proxy_core.errors import translatable

LARGEST_UNPACKED_BYTES = 1024 * 1024 * 1024
_TYPE_BITS, _LINK_BITS = 0o170000, 0o120000


def unpack(archive: Path, folder: Path) -> None:
    """Write what ``archive`` (.tar.xz or .zip) holds into ``folder``. Raises UpdateFailed or OSError.

    Its content was verified, but a release could be made wrongly: absolute names, names with ``..``,
    links that lead outside and devices are refused.
    """
    try:
        if archive.name.endswith(".zip"):
            _unpack_zip(archive, folder)
        else:
            _unpack_tar(archive, folder)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise UpdateFailed(
            translatable("{name} cannot be unpacked: {error}.", name=archive.name, error=error)
        ) from error


def _unpack_tar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive, "r:xz") as packed:
        members = packed.getmembers()
        _check_size(archive, sum(each.size for each in members))
        packed.extractall(folder, members, filter="data")


def _unpack_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        members = packed.infolist()
        _check_size(archive, sum(each.file_size for each in members))
        for each in members:
            mode = each.external_attr >> 16
            target = (folder / each.filename).resolve()
            if not target.is_relative_to(folder.resolve()) or mode & _TYPE_BITS == _LINK_BITS:
                raise UpdateFailed(
                    translatable(
                        "{name} holds {filename}, which leads outside.",
                        name=archive.name,
                        filename=repr(each.filename),
                    )
                )
            packed.extract(each, folder)
            if mode & 0o100:
                target.chmod(0o755)


def _check_size(archive: Path, size: int) -> None:
    if size > LARGEST_UNPACKED_BYTES:
        raise UpdateFailed(
            translatable(
                "{name} unpacks to {size} bytes; that is too large.", name=archive.name, size=size
            )
        )
