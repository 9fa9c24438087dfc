"""The one place that changes settings: nothing is lost, and what cannot be had is not written."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.setting_effects import OWNED, Commit, SettingOwner
from proxy_core.config.setting_names import setting_names
from proxy_core.config.settings_file import SettingsFile
from proxy_core.config.settings_store import SettingsStore, open_settings
from proxy_core.errors import BadRequest, ProxyError

ROOT = Path(__file__).resolve().parents[3]
CHANGES = {
    "server.heartbeat_seconds": 20.0,
    "upstream.idle_seconds": 60.0,
    "usage.retention_days": 30,
    "budget.daily_credits": 5.0,
    "desktop.notices": False,
    "server.max_body_megabytes": 8,
}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path)})


def value_in_file(paths: Paths, key: str) -> Any:
    section, name = key.split(".")
    return getattr(getattr(open_settings(paths).settings, section), name)


def all_at_once(works: list[Callable[[], object]]) -> None:
    together = threading.Barrier(len(works))
    failed: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        together.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in works]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert not failed


@pytest.mark.parametrize("stores", ["one store", "a store each"])
def test_changes_made_at_the_same_time_in_threads_are_all_there(paths: Paths, stores: str) -> None:
    for _ in range(5):
        paths.settings_file.unlink(missing_ok=True)
        shared = open_settings(paths)

        def change(key: str, value: Any, shared: SettingsStore = shared) -> None:
            store = shared if stores == "one store" else open_settings(paths)
            asyncio.run(store.update(key, value))

        all_at_once([lambda k=k, v=v: change(k, v) for k, v in CHANGES.items()])  # type: ignore[misc]
        assert {key: value_in_file(paths, key) for key in CHANGES} == CHANGES
        if stores == "one store":
            assert shared.settings == open_settings(paths).settings


def test_changes_made_at_the_same_time_by_processes_are_all_there(paths: Paths) -> None:
    script = (
        "import asyncio, sys, json\n"
        "from proxy_core.config.settings_store import open_settings\n"
        "from proxy_core.config.paths import find_paths\n"
        "store = open_settings(find_paths({'G_COPILOT_PROXY_HOME': sys.argv[1]}))\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "asyncio.run(store.update(sys.argv[2], json.loads(sys.argv[3])))\n"
    )
    wanted = dict(list(CHANGES.items())[2:5])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(paths.config), key, f"{value}".lower()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for key, value in wanted.items()
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.communicate("go\n", timeout=30)
        assert each.returncode == 0
    assert {key: value_in_file(paths, key) for key in wanted} == wanted


async def test_a_change_keeps_what_another_store_wrote_and_the_comments(paths: Paths) -> None:
    one, other = open_settings(paths), open_settings(paths)
    await one.update("server.heartbeat_seconds", 20.0)
    text = paths.settings_file.read_text()
    paths.settings_file.write_text(f"# mine\n{text}")
    await other.update("desktop.notices", False)
    assert paths.settings_file.read_text().startswith("# mine\n")
    assert other.settings.server.heartbeat_seconds == 20.0
    await other.reset("server.heartbeat_seconds")
    assert value_in_file(paths, "server.heartbeat_seconds") == 15.0
    assert value_in_file(paths, "desktop.notices") is False


def test_only_declared_settings_have_an_owner() -> None:
    assert set(OWNED) <= set(setting_names())


class Owner:
    """Puts values in force, unless told to refuse."""

    def __init__(self) -> None:
        self.refuses: ProxyError | None = None
        self.asked: list[Mapping[str, Any]] = []

    async def __call__(self, changes: Mapping[str, Any], commit: Commit) -> None:
        self.asked.append(dict(changes))
        if self.refuses is not None:
            raise self.refuses
        await commit()


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def store(paths: Paths, owner: Owner) -> SettingsStore:
    store = open_settings(paths)
    store.own(SettingOwner.TOKEN_STORAGE, owner)
    return store


async def test_what_has_an_owner_is_written_once_the_owner_has_done_it(
    store: SettingsStore, owner: Owner, paths: Paths
) -> None:
    await store.update("account.token_storage", "file")
    assert owner.asked == [{"account.token_storage": "file"}]
    assert 'token_storage = "file"' in paths.settings_file.read_text()
    await store.reset("account.token_storage")
    assert owner.asked[-1] == {"account.token_storage": "ask"}
    assert store.settings.account.token_storage == "ask"


async def test_what_the_owner_refuses_is_neither_in_force_nor_in_the_file(
    store: SettingsStore, owner: Owner, paths: Paths
) -> None:
    owner.refuses = ProxyError("The keychain is locked.")
    with pytest.raises(ProxyError, match="locked"):
        await store.update("account.token_storage", "keychain")
    assert store.settings.account.token_storage == "ask"
    assert not paths.settings_file.exists()


async def settled(store: SettingsStore) -> None:
    await store.poll()
    await store.poll()
    await store.settle()


async def test_an_edit_by_hand_goes_through_the_owner_too(
    store: SettingsStore, owner: Owner, paths: Paths
) -> None:
    paths.settings_file.write_text('[account]\ntoken_storage = "file"\n')
    await store.poll()
    await store.poll()
    assert store.settings.account.token_storage == "ask", "not before its owner has done it"
    await store.settle()
    assert store.settings.account.token_storage == "file"
    assert store.loaded.problem is None


async def test_an_edit_the_owner_refuses_is_told_once_and_tried_again_when_saved_again(
    store: SettingsStore, owner: Owner, paths: Paths
) -> None:
    owner.refuses = ProxyError("The keychain is locked.")
    paths.settings_file.write_text('[account]\ntoken_storage = "keychain"\n')
    await settled(store)
    await store.settle()
    assert len(owner.asked) == 1
    problem = store.loaded.problem
    assert problem is not None
    assert "The keychain is locked." in problem.message
    assert '"ask" stays in force' in problem.message
    await store.update("desktop.notices", False)
    assert store.loaded.problem is not None, "another change does not hide it"
    assert store.settings.account.token_storage == "ask"
    owner.refuses = None
    paths.settings_file.write_text('[account]\ntoken_storage = "keychain"\n# again\n')
    await settled(store)
    assert store.settings.account.token_storage == "keychain"
    assert store.loaded.problem is None


@pytest.mark.parametrize("moment", ["as the server starts", "as another setting changes"])
async def test_a_file_read_while_an_editor_writes_it_puts_nothing_in_force(
    paths: Paths, owner: Owner, moment: str
) -> None:
    whole = '[account]\ntoken_storage = "file"\n'
    paths.settings_file.write_text(whole)
    store = open_settings(paths)
    store.own(SettingOwner.TOKEN_STORAGE, owner)
    polls = 0

    async def editor(seconds: float) -> None:
        nonlocal polls
        polls += 1
        await asyncio.sleep(0)  # what the poll before started runs
        if polls == 2:
            paths.settings_file.write_text("")
            if moment == "as another setting changes":
                await store.update("desktop.notices", False)
        elif polls == 3:
            paths.settings_file.write_text(f"{whole}# edited\n")
        elif polls == 7:
            raise asyncio.CancelledError

    if moment == "as the server starts":
        polls = 2
        paths.settings_file.write_text("")
    with pytest.raises(asyncio.CancelledError):
        await store.run(editor)
    assert owner.asked == []
    assert store.settings.account.token_storage == "file"
    assert not store.loaded.waiting
    known = SettingsFile(paths.known_settings_file)
    known.load()
    assert known.settings.account.token_storage == "file"


@pytest.mark.parametrize("key", ["server.prot", "port", "nothing.at.all"])
async def test_a_name_that_is_none_is_refused(store: SettingsStore, key: str) -> None:
    for change in (store.update(key, 1), store.reset(key)):
        with pytest.raises(BadRequest, match="There is no setting"):
            await change


async def test_listeners_hear_the_newest_and_can_leave(store: SettingsStore) -> None:
    received: list[float] = []
    end = store.subscribe(lambda loaded: received.append(loaded.settings.server.heartbeat_seconds))
    await store.update("server.heartbeat_seconds", 20.0)
    end()
    await store.update("server.heartbeat_seconds", 30.0)
    assert received == [20.0]


async def test_a_full_disk_leaves_settings_and_file_as_they_were(
    store: SettingsStore, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.update("budget.daily_credits", 5.0)
    before = paths.settings_file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        await store.update("budget.daily_credits", 50.0)
    assert store.settings.budget.daily_credits == 5.0
    assert paths.settings_file.read_bytes() == before


def test_the_file_kept_in_a_dotfiles_folder_is_locked_where_it_is_named(tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "mine.toml").write_text("# mine\n")
    (tmp_path / "settings.toml").symlink_to(dotfiles / "mine.toml")
    SettingsFile(tmp_path / "settings.toml").change("server.port", 6000)
    assert [each.name for each in dotfiles.iterdir()] == ["mine.toml"]
