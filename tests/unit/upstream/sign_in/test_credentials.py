"""Where the GitHub token lies, and a keychain that misbehaves."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from proxy_core.config.settings import TokenStorage
from proxy_core.status.status import TokenPlace
from proxy_core.upstream.sign_in.credentials import GitHubCredential, GitHubCredentials, HeldToken
from proxy_core.upstream.sign_in.keychain import (
    Keychain,
    KeychainFailed,
    PasswordStore,
    system_backend,
)
from proxy_core.upstream.sign_in.token_kinds import TokenUnusable


class FakeStore:
    """A keychain in memory that can lose its voice."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.threads: set[str] = set()
        self.forgets = False

    def _enter(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self.error is not None:
            raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        self._enter()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._enter()
        if not self.forgets:
            self.kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        self._enter()
        del self.kept[(service, username)]


class Place:
    def __init__(self, folder: Path) -> None:
        self.store = FakeStore()
        self.storage = TokenStorage.ASK
        self.host = "github.com"
        self.file = folder / "state" / "github-token"
        self.environ: dict[str, str] = {}

    def credentials(self) -> GitHubCredentials:
        keychain = Keychain(lambda: self.store, time_limit=5.0)
        return GitHubCredentials(keychain=keychain, file=self.file, environ=self.environ)

    async def save(self, token: str = "ghu_1") -> HeldToken:
        return await self.credentials().save(self.host, self.storage, GitHubCredential(token))

    async def find(
        self, *stored: TokenPlace, void: tuple[TokenPlace, ...] = ()
    ) -> HeldToken | None:
        """As a new start does."""
        return await self.credentials().find(self.host, self.storage, stored, void)

    @property
    def in_keychain(self) -> str | None:
        return self.store.kept.get(("g-copilot-proxy", self.host))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


LOCKED = KeychainFailed("The keychain is locked.")
ABSENT = KeychainFailed("This system offers no keychain.", absent=True)


async def test_the_keychain_keeps_it_by_host_and_a_new_start_finds_it(place: Place) -> None:
    held = await place.save()
    assert (held.place, held.needs_choice, held.problem) == (TokenPlace.KEYCHAIN, False, None)
    assert place.in_keychain == "ghu_1"
    assert place.store.threads == {"keychain"}, "never on the loop's thread"
    found = await place.find()
    assert found is not None
    assert (found.token, found.place) == ("ghu_1", TokenPlace.KEYCHAIN)
    assert "ghu_1" not in repr(found)
    place.host = "octo.ghe.com"
    assert await place.find() is None


@pytest.mark.parametrize("storage", [TokenStorage.KEYCHAIN, TokenStorage.FILE])
async def test_a_token_that_ends_lies_beside_what_renews_it(
    place: Place, storage: TokenStorage
) -> None:
    place.storage = storage
    pair = GitHubCredential("ghu_1", "ghr_1", 1_790_000_000.5)
    await place.credentials().save(place.host, storage, pair)
    found = await place.find()
    assert found is not None
    assert found.credential == pair
    assert "ghr_1" not in repr(found)


@pytest.mark.parametrize("error", [LOCKED, ABSENT, OSError(1783, "stub received bad data")])
async def test_without_a_keychain_the_token_is_held_in_memory_until_the_user_chooses(
    place: Place, error: Exception
) -> None:
    place.store.error = error
    held = await place.save()
    assert (held.place, held.needs_choice) == (TokenPlace.MEMORY, True)
    assert held.problem is not None
    assert "only until you quit" in held.problem.message
    assert not place.file.exists()


async def test_a_keychain_the_user_insists_on_leaves_nothing_to_choose(place: Place) -> None:
    place.storage = TokenStorage.KEYCHAIN
    place.store.error = LOCKED
    held = await place.save()
    assert (held.place, held.needs_choice) == (TokenPlace.MEMORY, False)
    assert held.problem is not None


async def test_a_keychain_that_keeps_nothing_is_noticed(place: Place) -> None:
    place.store.forgets = True
    assert (await place.save()).place is TokenPlace.MEMORY


async def test_memory_means_no_file_and_no_keychain(place: Place) -> None:
    place.storage = TokenStorage.MEMORY
    await place.save()
    assert await place.find() is None
    assert place.store.threads == set()
    assert not place.file.exists()


async def test_memory_finds_what_an_earlier_setting_stored(place: Place) -> None:
    await place.save()
    place.storage = TokenStorage.MEMORY
    found = await place.find(TokenPlace.KEYCHAIN)
    assert found is not None
    assert found.place is TokenPlace.KEYCHAIN


async def test_an_unusable_token_in_the_environment_says_which_kinds_work(place: Place) -> None:
    place.environ["COPILOT_GITHUB_TOKEN"] = "ghp_classic"
    with pytest.raises(TokenUnusable, match="classic personal access token"):
        place.credentials().environment_token()


async def test_a_copy_that_cannot_be_removed_is_told(place: Place) -> None:
    await place.save()
    place.store.error = LOCKED
    reasons = await place.credentials().remove(place.host, {TokenPlace.KEYCHAIN})
    assert reasons == {TokenPlace.KEYCHAIN: "The keychain is locked."}


async def test_what_was_signed_out_and_could_not_be_removed_is_not_found(place: Place) -> None:
    await place.save()
    assert await place.find(void=(TokenPlace.KEYCHAIN,)) is None
    place.storage = TokenStorage.FILE
    await place.save()
    assert await place.find(void=(TokenPlace.FILE, TokenPlace.KEYCHAIN)) is None


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        (TokenStorage.KEYCHAIN, TokenStorage.FILE, TokenPlace.KEYCHAIN),
        (TokenStorage.FILE, TokenStorage.KEYCHAIN, TokenPlace.FILE),
    ],
)
async def test_a_token_is_found_where_an_earlier_setting_put_it(
    place: Place, before: TokenStorage, after: TokenStorage, where: TokenPlace
) -> None:
    place.storage = before
    await place.save()
    place.storage = after
    held = await place.find()
    assert held is not None
    assert (held.token, held.place) == ("ghu_1", where)


async def test_a_locked_keychain_at_start_is_told_unless_the_file_has_it(place: Place) -> None:
    place.store.error = LOCKED
    with pytest.raises(KeychainFailed, match="locked"):
        await place.find()
    place.storage = TokenStorage.FILE
    await place.save()
    place.storage = TokenStorage.KEYCHAIN
    held = await place.find()
    assert held is not None
    assert held.place is TokenPlace.FILE


async def test_no_keychain_is_no_sign_in_unless_one_was_put_there(place: Place) -> None:
    place.store.error = ABSENT
    assert await place.find() is None
    with pytest.raises(KeychainFailed):
        await place.find(TokenPlace.KEYCHAIN)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"host": "octo.ghe.com", "token": "x"}', '{"host": "github.com"}']
)
async def test_a_file_of_another_host_or_without_sense_is_no_sign_in(
    place: Place, content: str
) -> None:
    place.storage = TokenStorage.FILE
    place.file.parent.mkdir()
    place.file.write_text(content)
    assert await place.find() is None


async def test_a_file_that_cannot_be_written_keeps_the_sign_in_in_memory(place: Place) -> None:
    place.storage = TokenStorage.FILE
    place.file.parent.write_text("a file where the folder should be")
    held = await place.save()
    assert held.place is TokenPlace.MEMORY
    assert held.problem is not None
    assert json.dumps(held.problem.message).count("ghu_1") == 0


# -- the keychain ----------------------------------------------------------------------------------


async def test_a_keychain_that_blocks_costs_its_time_limit_and_no_more() -> None:
    released = threading.Event()

    def blocked() -> PasswordStore:
        released.wait(30)
        raise KeychainFailed("too late")

    keychain = Keychain(blocked, time_limit=0.02)
    with pytest.raises(KeychainFailed, match="did not answer"):
        await keychain.read("github.com")
    released.set()
    for thread in threading.enumerate():
        if thread.name == "keychain":
            thread.join(60)


async def until_done(thread_name: str = "keychain") -> None:
    for thread in threading.enumerate():
        if thread.name == thread_name:
            await asyncio.to_thread(thread.join, 60)


class StuckStore(FakeStore):
    """Its next change takes effect only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.is_stuck = False

    def _wait(self) -> None:
        if self.is_stuck:
            self.is_stuck = False
            self.let_go.wait(30)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._wait()
        super().delete_password(service, username)


async def test_a_late_removal_does_not_take_the_new_token_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = StuckStore()
    keychain = Keychain(lambda: store, time_limit=60)
    await keychain.write("github.com", "ghu_old")
    store.is_stuck = True
    monkeypatch.setattr(keychain, "_time_limit", 0.05)
    with pytest.raises(KeychainFailed, match="did not answer"):
        await keychain.delete("github.com")
    monkeypatch.setattr(keychain, "_time_limit", 60)
    await keychain.write("github.com", "ghu_new")
    store.let_go.set()
    await until_done()
    assert store.kept == {("g-copilot-proxy", "github.com"): "ghu_new"}


async def test_a_late_write_does_not_bring_the_old_user_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = StuckStore()
    keychain = Keychain(lambda: store, time_limit=0.05)
    store.is_stuck = True
    with pytest.raises(KeychainFailed, match="did not answer"):
        await keychain.write("github.com", "ghu_old")
    monkeypatch.setattr(keychain, "_time_limit", 60)
    await keychain.delete("github.com")
    store.let_go.set()
    await until_done()
    assert store.kept == {}


def test_a_keychain_that_blocks_does_not_hold_up_the_exit() -> None:
    program = """
import asyncio, threading
from proxy_core.upstream.sign_in.keychain import Keychain, KeychainFailed
async def main():
    try:
        await Keychain(lambda: threading.Event().wait(), time_limit=0.05).read("x")
    except KeychainFailed:
        print("went on")
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        timeout=20,
        check=True,
        cwd=Path(__file__).parents[4],
    )
    assert done.stdout.strip() == b"went on"


class Named:
    """Makes backend classes that claim to be of a given module."""

    @staticmethod
    def backend(module: str, priority: float = 5) -> object:
        kind = type("Keyring", (), {"__module__": module, "priority": priority})
        return kind()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    import keyring.backend
    import keyring.core

    backends: list[object] = []
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.setattr(keyring.core, "load_env", lambda: None)
    monkeypatch.setattr(keyring.core, "load_config", lambda: None)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: backends)
    return backends


def test_the_systems_own_keychain_is_chosen_over_a_plain_text_one(installed: list[object]) -> None:
    plain = Named.backend("keyrings.alt.file", 100)
    system = Named.backend("keyring.backends.SecretService")
    installed[:] = [plain, Named.backend("keyring.backends.fail", 0), system]
    assert system_backend() is system


def test_a_plain_text_keychain_alone_is_no_keychain(installed: list[object]) -> None:
    installed[:] = [Named.backend("keyrings.alt.file", 100), Named.backend("keyring.backends.null")]
    with pytest.raises(KeychainFailed, match="no keychain") as caught:
        system_backend()
    assert caught.value.absent


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the keychain needs no bus there")
def test_a_folder_of_the_session_that_cannot_be_looked_into_has_no_bus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As after ``su``: the folder is another user's. Here its name is longer than any can be."""
    monkeypatch.setattr("keyring.core.load_env", lambda: None)
    monkeypatch.setattr("keyring.core.load_config", lambda: None)
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/x" * 4000)
    with pytest.raises(KeychainFailed, match="no keychain") as caught:
        system_backend()
    assert caught.value.absent


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="their keychains need no bus")
def test_without_a_session_bus_no_library_is_loaded_to_find_no_keychain(
    installed: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed[:] = [Named.backend("keyring.backends.SecretService")]
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(KeychainFailed, match="no keychain") as caught:
        system_backend()
    assert caught.value.absent
    (tmp_path / "bus").touch()
    assert system_backend() is installed[0]


@pytest.mark.parametrize(
    ("module", "accepted"),
    [
        ("onepassword_keyring", True),
        ("keyring.backends.SecretService", True),
        ("keyrings.alt.file", False),
        ("keyring.backends.null", False),
        ("keyring.backends.fail", False),
    ],
)
def test_a_keychain_named_by_configuration_is_used_unless_it_is_none_or_plain(
    installed: list[object], monkeypatch: pytest.MonkeyPatch, module: str, accepted: bool
) -> None:
    import keyring.core

    chosen = Named.backend(module)
    monkeypatch.setattr(keyring.core, "load_env", lambda: chosen)
    if accepted:
        assert system_backend() is chosen
    else:
        with pytest.raises(KeychainFailed):
            system_backend()


def test_this_machine_has_a_system_keychain_or_says_that_it_has_none() -> None:
    try:
        module = type(system_backend()).__module__
    except KeychainFailed as error:
        assert error.absent
    else:
        assert not module.startswith("keyrings.alt")
