"""Keys for single clients: shown once, kept as hashes, revoked for every process at once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from proxy_core.auth.client_keys import MOST_KEYS, ClientKeys
from proxy_core.errors import BadRequest
from proxy_core.storage.file_lock import locked


class Wall:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "client-keys.json"


@pytest.fixture
def keys(path: Path, wall: Wall) -> ClientKeys:
    return ClientKeys(path, wall)


def test_a_key_is_shown_once_and_opens_under_its_name(keys: ClientKeys, path: Path) -> None:
    made = keys.make(" Cursor ")
    assert made.key.startswith("sk-local-")
    assert made.key not in repr(made)
    assert made.client_key.name == "Cursor"
    assert made.client_key.ending == made.key[-4:]
    assert keys.client_of(made.key) == "Cursor"
    for wrong in ("", made.key[:-1], made.key + "x", "sk-local-other", "schlüssel", "\udcff"):
        assert keys.client_of(wrong) is None
    assert made.key not in path.read_text()
    assert keys.listed() == (made.client_key.__class__(**_used(made.client_key)),)


def _used(key: object) -> dict[str, object]:
    return {name: getattr(key, name) for name in key.__slots__} | {  # type: ignore[attr-defined]
        "last_used_at": Wall.now
    }


def test_the_same_key_has_another_hash_on_another_computer(tmp_path: Path, wall: Wall) -> None:
    salts = set()
    for name in ("a", "b"):
        ClientKeys(tmp_path / name, wall).make("x")
        salts.add(json.loads((tmp_path / name).read_text())["salt"])
    assert len(salts) == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines", "bell\a"])
def test_a_name_that_cannot_be_shown_is_refused(keys: ClientKeys, name: str) -> None:
    with pytest.raises(BadRequest, match="visible characters"):
        keys.make(name)
    assert keys.listed() == ()


def test_two_keys_cannot_have_one_name(keys: ClientKeys) -> None:
    keys.make("Cursor")
    with pytest.raises(BadRequest, match="already"):
        keys.make("cursor")


def test_there_is_an_end_to_them(keys: ClientKeys) -> None:
    for number in range(MOST_KEYS):
        keys.make(f"tool {number}")
    with pytest.raises(BadRequest, match="revoke some first"):
        keys.make("one more")


def test_a_revoked_key_opens_nothing_and_the_others_still_do(keys: ClientKeys) -> None:
    first, second = keys.make("first"), keys.make("second")
    assert keys.revoke(first.client_key.key_id)
    assert not keys.revoke(first.client_key.key_id)
    assert keys.client_of(first.key) is None
    assert keys.client_of(second.key) == "second"


def test_another_process_s_changes_count_at_once(keys: ClientKeys, path: Path, wall: Wall) -> None:
    other = ClientKeys(path, wall)
    made = other.make("from the command line")
    assert keys.client_of(made.key) == "from the command line"
    other.revoke(made.client_key.key_id)
    assert keys.client_of(made.key) is None


def test_the_last_use_is_kept_across_processes_without_a_write_each_time(
    keys: ClientKeys, path: Path, wall: Wall
) -> None:
    made = keys.make("tool")
    used = path.with_name("client-keys-used.json")

    def seen_elsewhere() -> float | None:
        return ClientKeys(path, wall).listed()[0].last_used_at

    keys.save_uses()
    assert not used.exists()
    keys.client_of(made.key)
    keys.save_uses()
    assert seen_elsewhere() == wall.now
    first, wall.now = wall.now, wall.now + 5
    keys.client_of(made.key)
    keys.save_uses()
    assert seen_elsewhere() == first, "hardly newer"
    assert keys.listed()[0].last_used_at == wall.now
    keys.save_uses(at_once=True)
    assert seen_elsewhere() == wall.now


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")
def test_the_files_are_the_user_s_alone_whatever_the_umask(path: Path, wall: Wall) -> None:
    before = os.umask(0)
    try:
        keys = ClientKeys(path, wall)
        made = keys.make("tool")
        keys.client_of(made.key)
        keys.save_uses(at_once=True)
    finally:
        os.umask(before)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"version": 1}', b"\xff", b""])
def test_a_damaged_file_opens_nothing_and_is_kept_aside(
    keys: ClientKeys, path: Path, content: bytes
) -> None:
    made = keys.make("tool")
    path.write_bytes(content)
    assert keys.client_of(made.key) is None
    (kept,) = path.parent.glob("client-keys.broken-*.json")
    assert kept.read_bytes() == content
    again = keys.make("tool")
    assert keys.client_of(again.key) == "tool"
    assert kept.exists()


def test_many_processes_at_once_lose_no_key(path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from proxy_core.auth.client_keys import ClientKeys\n"
        "for n in range(5): ClientKeys(Path(sys.argv[1]), time.time).make(f'{sys.argv[2]} {n}')"
    )
    root = Path(__file__).resolve().parents[3]
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path), f"p{each}"], cwd=root)
        for each in range(3)
    ]
    assert [each.wait(30) for each in running] == [0, 0, 0]
    assert len(ClientKeys(path, Wall()).listed()) == 15


def test_a_lock_that_is_held_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "x"),
        pytest.raises(TimeoutError),
        locked(tmp_path / "x", longest_wait=0.05),
    ):
        pass
    with locked(tmp_path / "x"):
        pass


def test_a_replaced_key_opens_nothing_and_the_new_one_under_the_same_name(
    keys: ClientKeys, wall: Wall
) -> None:
    old, other = keys.make("Cursor"), keys.make("Zed")
    keys.client_of(old.key)
    keys.save_uses(at_once=True)
    new = keys.replace(old.client_key.key_id)
    assert keys.client_of(old.key) is None
    assert [each.last_used_at for each in keys.listed()] == [None, None]
    assert (keys.client_of(new.key), keys.client_of(other.key)) == ("Cursor", "Zed")
    assert [each.name for each in keys.listed()] == ["Cursor", "Zed"]
    with pytest.raises(BadRequest, match="no such key"):
        keys.replace("key_gone")


def test_the_main_key_s_last_use_is_kept_until_it_is_replaced(
    keys: ClientKeys, path: Path, wall: Wall
) -> None:
    assert keys.main_used_at() is None
    keys.note_main_use()
    keys.save_uses(at_once=True)
    another = ClientKeys(path, wall)
    assert (another.main_used_at(), another.listed()) == (wall.now, ())
    keys.forget_main_use()
    assert (keys.main_used_at(), ClientKeys(path, wall).main_used_at()) == (None, None)
