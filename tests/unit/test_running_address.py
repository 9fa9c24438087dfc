"""Where a server of this home listens: remembered, forgotten by its own process, never just believed."""

from __future__ import annotations

import json
from pathlib import Path

from proxy_core.paths import Paths, find_paths
from proxy_core.running_address import find_running, note_address
from proxy_core.settings import ServerSettings

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
