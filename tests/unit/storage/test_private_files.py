"""Files only the user may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import (
    UntrustedFile,
    read_private,
    read_public,
    remove_private,
    write_private,
)

posix_only = pytest.mark.skipif(os.name != "posix", reason="modes have no effect on Windows")


def test_what_was_written_is_read_back_and_removed_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "token"
    assert read_private(path) is None
    write_private(path, b"one")
    write_private(path, b"two")
    assert read_private(path) == b"two"
    assert remove_private(path)
    assert not remove_private(path)


def test_what_a_killed_write_left_goes_with_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    old, young, foreign = (
        tmp_path / name for name in (f".{path.name}.a.new", f".{path.name}.b.new", ".other.c.new")
    )
    for each in (old, young, foreign):
        each.write_bytes(b"half")
    for each in (old, foreign):
        os.utime(each, (1_000_000_000, 1_000_000_000))
    write_private(path, b"whole")
    assert [each.exists() for each in (old, young, foreign)] == [False, True, True]


@posix_only
def test_files_are_0600_and_new_folders_0700_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "a" / "b" / "token", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b" / "token").stat().st_mode) == 0o600


@posix_only
def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    write_private(folder / "token", b"x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


@posix_only
def test_a_file_others_could_read_is_made_private_when_read(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"x")
    path.chmod(0o644)
    assert read_private(path) == b"x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "token"
    write_private(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["token"]


as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can give files to another user"
)
NOBODY = 65534


@as_root
def test_a_file_of_another_user_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "local-key"
    path.write_bytes(b"sk-local-planted-by-somebody")
    os.chown(path, NOBODY, NOBODY)
    for read in (read_private, read_public):
        with pytest.raises(UntrustedFile, match="belongs to another user"):
            read(path)


@as_root
def test_a_folder_of_another_user_is_neither_read_nor_written(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "local-key").write_bytes(b"x")
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(UntrustedFile):
        read_private(folder / "local-key")
    with pytest.raises(UntrustedFile):
        write_private(folder / "local-key", b"y")
    with pytest.raises(UntrustedFile), locked(folder / "local-key"):
        pass


@posix_only
@pytest.mark.parametrize("read", [read_private, read_public])
def test_a_folder_others_could_write_in_is_closed_when_something_is_read(
    tmp_path: Path, read: Callable[[Path], bytes | None]
) -> None:
    (tmp_path / "settings.toml").write_bytes(b"x")
    (tmp_path / "settings.toml").chmod(0o666)
    tmp_path.chmod(0o777)
    assert read(tmp_path / "settings.toml") == b"x"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert not stat.S_IMODE((tmp_path / "settings.toml").stat().st_mode) & 0o022


@posix_only
def test_a_folder_the_user_named_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x")
    tmp_path.chmod(0o775)
    assert read_private(tmp_path / "key", folder_is_ours=False) == b"x"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o775


@posix_only
def test_a_sticky_folder_passes_for_nobody_can_replace_anything_there(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    write_private(tmp_path / "a", b"x")
    assert read_private(tmp_path / "a") == b"x"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
