"""An archive that was made wrongly writes nothing outside its folder."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from proxy_core.app.updates.archive import unpack
from proxy_core.app.updates.update_source import UpdateFailed


def tar_with(folder: Path, member: tarfile.TarInfo) -> Path:
    archive = folder / "made.tar.xz"
    with tarfile.open(archive, "w:xz", preset=0) as packed:
        packed.addfile(member, io.BytesIO(b"x" * member.size))
    return archive


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    made.size = 1 if kind == tarfile.REGTYPE else 0
    return made


@pytest.mark.parametrize(
    "inside",
    [
        member("../outside"),
        member("bundle/../../outside"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("link", tarfile.SYMTYPE, "../../outside"),
        member("link", tarfile.LNKTYPE, "../outside"),
        member("device", tarfile.CHRTYPE),
    ],
    ids=lambda each: f"{each.name}-{each.type.decode()}",
)
def test_a_tar_that_leads_outside_is_refused(inside: tarfile.TarInfo, tmp_path: Path) -> None:
    archive = tar_with(tmp_path, inside)
    into = tmp_path / "into" / "deep"
    into.mkdir(parents=True)
    with pytest.raises(UpdateFailed, match=r"made.tar.xz cannot be unpacked"):
        unpack(archive, into)
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["deep", "into", "made.tar.xz"]


def test_a_link_inside_the_bundle_is_kept(tmp_path: Path) -> None:
    archive = tar_with(tmp_path, member("app/lib.so", tarfile.SYMTYPE, "lib.so.1"))
    into = tmp_path / "into"
    into.mkdir()
    unpack(archive, into)
    assert (into / "app" / "lib.so").readlink() == Path("lib.so.1")


@pytest.mark.parametrize("name", ["../outside", "bundle/../../outside"])
def test_a_zip_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "made.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(zipfile.ZipInfo(name), b"x")
    into = tmp_path / "into" / "deep"
    into.mkdir(parents=True)
    with pytest.raises(UpdateFailed, match="leads outside"):
        unpack(archive, into)
    assert not list(tmp_path.rglob("outside"))


def test_a_program_in_a_zip_can_be_run_after(tmp_path: Path) -> None:
    archive = tmp_path / "made.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        program = zipfile.ZipInfo("bundle/program")
        program.external_attr = 0o755 << 16
        packed.writestr(program, b"#!/bin/sh\n")
    unpack(archive, tmp_path)
    assert os.access(tmp_path / "bundle" / "program", os.X_OK)


def test_an_archive_that_is_cut_off_is_told_in_words(tmp_path: Path) -> None:
    archive = tar_with(tmp_path, member("bundle/file"))
    archive.write_bytes(archive.read_bytes()[:40])
    with pytest.raises(UpdateFailed, match="cannot be unpacked"):
        unpack(archive, tmp_path)
