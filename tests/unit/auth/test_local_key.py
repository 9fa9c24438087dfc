from __future__ import annotations

import stat
import sys
import threading
from pathlib import Path

import pytest

from proxy_core.auth.local_key import LocalKey, load_or_make
from proxy_core.errors import BadRequest


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "state" / "local-key"
    key = load_or_make(file)
    assert key.startswith("sk-local-")
    assert len(key) > 40
    assert load_or_make(file) == key
    assert load_or_make(tmp_path / "other") != key


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")
def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "local-key"
    load_or_make(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_of_the_user_s_own_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "local-key"
    file.write_text("my-own-key-of-some-length\n")
    assert load_or_make(file) == "my-own-key-of-some-length"


@pytest.mark.parametrize(
    "content", [b"", b"short", b"with blanks in the middle of it", b"\xff" * 40]
)
def test_an_unusable_key_is_made_anew(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "local-key"
    file.write_bytes(content)
    assert load_or_make(file).startswith("sk-local-")


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        load_or_make(tmp_path / "file" / "local-key")


def test_two_that_make_the_first_key_at_once_tell_the_same_one(tmp_path: Path) -> None:
    together = threading.Barrier(4)
    made: list[str] = []

    def make() -> None:
        together.wait()
        made.append(load_or_make(tmp_path / "local-key"))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(made) == 4
    assert set(made) == {(tmp_path / "local-key").read_text().strip()}


def test_a_replaced_key_is_the_stored_one_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = LocalKey(path)
    old = key.value()
    new = key.replace()
    assert old != new == key.value() == LocalKey(path).value()


def test_a_demo_replaces_its_key_and_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    stored = LocalKey(path).value()
    demo = LocalKey(path, is_demo=True)
    assert demo.replace() == demo.value() != stored
    assert LocalKey(path).value() == stored


def test_a_key_given_for_this_run_is_not_replaced(tmp_path: Path) -> None:
    given = LocalKey(tmp_path / "key", "sk-local-given-0123456789")
    with pytest.raises(BadRequest, match="from outside"):
        given.replace()
    assert given.value() == "sk-local-given-0123456789"
