"""Settings from and to the TOML file."""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy_core.config.setting_names import fields_of, sections, setting_names
from proxy_core.config.setting_words import describe_allowed
from proxy_core.config.settings import ParameterPolicy, Settings, TokenStorage
from proxy_core.config.settings_file import SettingsFile, edit_settings
from proxy_core.config.settings_reading import LoadedSettings, read_settings
from proxy_core.config.settings_store import POLL_SECONDS, SETTLE_SECONDS, SettingsStore
from proxy_core.errors import BadRequest


def test_no_file_means_defaults_and_no_problem(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.toml")
    assert file.load() == LoadedSettings(Settings())
    assert not (tmp_path / "settings.toml").exists()


def test_values_of_the_file_are_taken_and_the_rest_keeps_its_default() -> None:
    loaded = read_settings(
        '[server]\nport = 5000\nheartbeat_seconds = 20\n[upstream]\nparameter_policy = "strict"\n',
        Settings(),
    )
    assert loaded.problem is None
    assert loaded.settings.server.port == 5000
    assert loaded.settings.server.heartbeat_seconds == 20
    assert loaded.settings.server.host == "127.0.0.1"
    assert loaded.settings.upstream.parameter_policy is ParameterPolicy.STRICT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[server]\nport = "abc"\n',
            ["server.port", "whole number from 0 to 65535", '"abc"', "4141"],
        ),
        ("[server]\nport = 70000\n", ["server.port", "70000"]),
        ("[server]\nrequire_key = 1\n", ["server.require_key", "true or false"]),
        ('[server]\nallowed_hosts = "x"\n', ["server.allowed_hosts", "list of texts"]),
        ('[desktop]\ntheme = "pink"\n', ["desktop.theme", '"system", "light", "dark"', '"pink"']),
        ("[server]\nprot = 1\n", ["server.prot", "not a setting", "server.port"]),
        ('[account]\ngithub_host = "gitlab.com"\n', ["account.github_host", '"octo.ghe.com"']),
        ("[sever]\nport = 1\n", ["sever", "Did you mean server"]),
        ("server = 4\n", ["server must be a table"]),
        ("[server]\nport = 2026-01-01\n", ["server.port", "2026-01-01"]),
    ],
)
def test_a_wrong_line_is_named_in_plain_words_and_changes_nothing(
    text: str, words: list[str]
) -> None:
    loaded = read_settings(text, Settings())
    assert loaded.settings == Settings()
    assert loaded.problem is not None
    for word in words:
        assert word in loaded.problem.message


def test_a_wrong_line_keeps_the_last_good_value_and_lets_the_others_through() -> None:
    good = read_settings("[server]\nport = 5000\n", Settings()).settings
    loaded = read_settings(
        '[server]\nport = -1\nmax_body_megabytes = 8\n[account]\ntoken_storage = "file"\nx = 1\n',
        good,
    )
    assert loaded.settings.server.port == 5000
    assert loaded.settings.server.max_body_megabytes == 8
    assert loaded.settings.account.token_storage is TokenStorage.FILE
    assert len(loaded.problems) == 2
    assert loaded.problem is not None
    assert "2 settings" in loaded.problem.title
    assert "5000 stays in force" in loaded.problem.message


def test_a_file_that_is_not_toml_is_kept_aside_and_everything_stays_in_force(
    tmp_path: Path,
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[server]\nport = 5000\nallowed_hosts = ["desk.local"]\n')
    file = SettingsFile(path, now=lambda: datetime(2026, 11, 21, 8, 30, 5, tzinfo=UTC))
    file.load()
    path.write_text("[server\nport = 6000\n")
    loaded = file.load()
    assert loaded.settings.server.port == 5000
    assert loaded.problem is not None
    assert "line 1" in loaded.problem.message
    assert path.read_text() == "[server\nport = 6000\n", "reading never writes"
    with pytest.raises(BadRequest, match="Nothing was changed"):
        file.change("server.port", 70_000)
    assert path.read_text() == "[server\nport = 6000\n"

    changed = file.change("server.port", 7000)
    kept = tmp_path / "settings.broken-20261121-083005.toml"
    assert kept.read_text() == "[server\nport = 6000\n"
    assert changed.problem is not None
    assert kept.name in changed.problem.message
    assert changed.settings.server.port == 7000
    assert changed.settings.server.allowed_hosts == ("desk.local",)
    assert SettingsFile(path).load() == LoadedSettings(changed.settings)

    path.write_text("broken again [")
    file.change("server.port", 7001)
    again = tmp_path / "settings.broken-20261121-083005-2.toml"
    assert again.read_text() == "broken again ["
    assert kept.exists()


def test_bytes_that_are_not_text_are_a_problem_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe\x00")
    file = SettingsFile(path)
    assert file.load().problem is not None
    assert file.change("server.port", 4242).settings.server.port == 4242
    (kept,) = tmp_path.glob("settings.broken-*.toml")
    assert kept.read_bytes() == b"\xff\xfe\x00"


def test_changing_one_value_keeps_comments_order_and_unknown_lines(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        "# mine\n[server] # the door\nport = 5000 # not 4141\nfuture = 1\n\n[desktop]\n"
    )
    loaded = SettingsFile(path).change("server.port", 6000)
    assert loaded.settings.server.port == 6000
    assert path.read_text() == (
        "# mine\n[server] # the door\nport = 6000 # not 4141\nfuture = 1\n\n[desktop]\n"
    )


def test_a_new_file_is_private_in_a_private_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "settings.toml"
    file = SettingsFile(path)
    file.change("account.token_storage", TokenStorage.MEMORY)
    file.change("server.allowed_hosts", ("proxy.local", "box"))
    assert path.read_text() == (
        '[account]\ntoken_storage = "memory"\n\n[server]\nallowed_hosts = ["proxy.local", "box"]\n'
    )
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    names = {each.name for each in path.parent.iterdir()}
    assert names == {"settings.toml", ".settings.toml.lock"}


def test_none_takes_a_line_out_so_that_the_default_applies(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.toml")
    file.change("server.port", 6000)
    assert file.change("server.port", None).settings.server.port == 4141
    assert file.change("server.host", None).settings == Settings()


@pytest.mark.parametrize(
    ("dotted", "value", "words"),
    [
        ("server.port", 99999, "server.port must be a whole number from 0 to 65535, not 99999"),
        ("server.port", "80", "server.port must be"),
        ("server.nothing", 1, "no setting server.nothing"),
        ("server", 1, "no setting server"),
        ("server.prot", 1, "Did you mean server.port"),
        ("desktop.theme", "pink", '"system", "light", "dark"'),
        ("desktop.start_server", object(), "desktop.start_server must be true or false"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_before_the_file_is_touched(
    tmp_path: Path, dotted: str, value: object, words: str
) -> None:
    path = tmp_path / "settings.toml"
    with pytest.raises(BadRequest, match=words):
        SettingsFile(path).change(dotted, value)
    assert not path.exists()


def test_inline_and_dotted_tables_are_edited_in_place() -> None:
    assert edit_settings("server = { port = 1 } # x\n", "server.port", 2) == (
        "server = { port = 2 } # x\n"
    )
    assert edit_settings("server.port = 1\n", "server.port", 2) == "server.port = 2\n"


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
def test_a_linked_settings_file_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("# kept\n")
    link = tmp_path / "settings.toml"
    link.symlink_to(real)
    SettingsFile(link).change("server.port", 6000)
    assert link.is_symlink()
    assert real.read_text() == "# kept\n\n[server]\nport = 6000\n"


def test_every_declared_setting_has_words() -> None:
    assert "upstream.request_handlers" in setting_names()
    for section in sections().values():
        for declared in fields_of(section).values():
            assert describe_allowed(declared)


async def test_an_edit_is_loaded_once_it_has_settled(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    store = SettingsStore(SettingsFile(path))
    seen: list[int] = []
    store.subscribe(lambda loaded: seen.append(loaded.settings.server.port))
    assert not await store.poll()
    path.write_text("")  # an editor empties the file first
    assert not await store.poll()
    path.write_text("[server]\nport = 6000\n")
    assert not await store.poll()
    assert await store.poll()
    assert seen == [6000]
    assert not await store.poll()
    path.unlink()
    assert [await store.poll(), await store.poll(), await store.poll()] == [False, True, False]
    assert seen == [6000, 4141]


async def test_our_own_change_is_not_reported_as_an_edit(tmp_path: Path) -> None:
    store = SettingsStore(SettingsFile(tmp_path / "settings.toml"))
    seen: list[int] = []
    store.subscribe(lambda loaded: seen.append(loaded.settings.server.port))
    await store.update("server.port", 6000)
    assert [await store.poll(), await store.poll()] == [False, False]
    assert seen == [6000], "told once, when it was changed"


async def test_the_file_is_looked_at_on_the_clock_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    store = SettingsStore(SettingsFile(path))
    waits: list[float] = []
    changed = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            path.write_text("[server]\nport = 6000\n")
        await asyncio.sleep(0)

    store.subscribe(lambda _: changed.set())
    task = asyncio.create_task(store.run(sleep))
    await asyncio.wait_for(changed.wait(), 30)
    task.cancel()
    assert waits[:3] == [SETTLE_SECONDS, POLL_SECONDS, SETTLE_SECONDS], "an edit counts soon"
    assert store.settings.server.port == 6000
