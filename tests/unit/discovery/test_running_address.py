"""Where a server of this home listens: remembered, forgotten by its own process, never just believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.settings import ServerSettings
from proxy_core.discovery.running_address import find_noted, find_running, note_address
from proxy_core.discovery.server_client import RunningServer

NOBODY = ServerSettings(port=0)


def home(folder: Path) -> Paths:
    return find_paths({"G_COPILOT_PROXY_HOME": str(folder)})


def test_it_is_remembered_for_the_user_alone_and_forgotten(tmp_path: Path) -> None:
    paths = home(tmp_path)
    note_address(paths, ("127.0.0.1", 4321))
    assert json.loads(paths.running_file.read_bytes())["port"] == 4321
    assert paths.running_file.stat().st_mode & 0o077 == 0
    note_address(paths, None)
    assert not paths.running_file.exists()


def test_another_processs_address_is_left_alone(tmp_path: Path) -> None:
    paths = home(tmp_path)
    note_address(paths, ("127.0.0.1", 4321))
    noted = json.loads(paths.running_file.read_bytes())
    paths.running_file.write_text(json.dumps({**noted, "pid": noted["pid"] + 1}))
    note_address(paths, None)
    assert paths.running_file.exists()


def test_what_cannot_be_read_or_does_not_answer_leaves_the_settings_address(tmp_path: Path) -> None:
    paths = home(tmp_path)
    paths.state.mkdir(parents=True)
    for content in (
        b"",
        b"{",
        b"[]",
        b'{"host": 1, "port": "x"}',
        b'{"host": "127.0.0.1", "port": 1}',
    ):
        paths.running_file.write_bytes(content)
        found = find_running(paths, NOBODY, seconds=1.0)
        assert not found.is_ours
        assert found.address == ("127.0.0.1", 0)


def ask_for(*ours: int) -> Callable[..., RunningServer]:
    def ask(host: str, port: int, *, seconds: float, proof_secret: bytes) -> RunningServer:
        del seconds, proof_secret
        return RunningServer(f"http://{host}:{port}", (host, port), is_ours=port in ours)

    return ask


def test_a_second_server_of_a_home_leaves_the_first_ones_address(tmp_path: Path) -> None:
    paths = home(tmp_path)
    note_address(paths, ("127.0.0.1", 4001), "first")
    note_address(paths, ("127.0.0.1", 4002), "second")
    found = find_noted(paths, seconds=1, ask=ask_for(4001, 4002))
    assert found is not None
    assert found.address[1] == 4002, "the one that started last"
    note_address(paths, None, "second")
    found = find_noted(paths, seconds=1, ask=ask_for(4001))
    assert found is not None
    assert found.address[1] == 4001
    note_address(paths, None, "first")
    assert not paths.running_file.exists()


def test_the_first_may_end_before_the_second_and_the_newest_may_be_dead(tmp_path: Path) -> None:
    paths = home(tmp_path)
    for number in (1, 2, 3):
        note_address(paths, ("127.0.0.1", 4000 + number), f"server {number}")
    note_address(paths, None, "server 1")
    found = find_noted(paths, seconds=1, ask=ask_for(4002))
    assert found is not None
    assert found.address[1] == 4002


def test_a_server_that_moves_has_one_address(tmp_path: Path) -> None:
    paths = home(tmp_path)
    note_address(paths, ("127.0.0.1", 4001), "one")
    note_address(paths, ("127.0.0.1", 4002), "one")
    note_address(paths, None, "one")
    assert not paths.running_file.exists()
