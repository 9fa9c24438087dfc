"""Another program writes the file at any step of ours: its edit is never lost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.editing.replace_file import ChangedMeanwhile
from tests.unit.clients.connecting.workbench import (
    BASE_URL,
    CONNECTION,
    OTHER_MODEL,
    DyingFiles,
    Workbench,
)

FILES = {
    "claude-code": (".claude/settings.json", b'{\n  // mine\n  "model": "opus"\n}\n'),
    "codex": (".codex/config.toml", b'# mine\nmodel = "o3"\n'),
    "aider": (".aider.conf.yml", b"# mine\ndark-mode: true\n"),
}
THEIRS = {
    "claude-code": lambda text: text.replace(b"{", b'{ "theirs": 1,', 1),
    "codex": lambda text: b"theirs = 1\n" + text,
    "aider": lambda text: b"theirs: 1\n" + text,
}


class EditedFiles(DyingFiles):
    """The real disk, on which something happens right before one step, looks included."""

    def __init__(self, at: int, happens: Callable[[], None]) -> None:
        super().__init__()
        self._at = at
        self._happens = happens

    def _step(self, half: Callable[[], object] | None = None) -> None:
        super()._step(half)
        if self.steps == self._at:
            self._happens()

    def read(self, path: Path) -> bytes | None:
        self._step()
        return super().read(path)


CAN_EXCHANGE = sys.platform in ("linux", "darwin")


def in_place(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def by_another_file(path: Path, content: bytes) -> None:
    """As most editors write."""
    other = path.with_name("their.tmp")
    other.write_bytes(content)
    other.replace(path)


@pytest.mark.skipif(not CAN_EXCHANGE, reason="the last instant is seen where names are exchanged")
@pytest.mark.parametrize("write", [in_place, by_another_file])
@pytest.mark.parametrize("work", ["connect", "change", "disconnect"])
@pytest.mark.parametrize("app_id", list(FILES))
def test_an_edit_at_any_step_is_in_the_file_afterwards(
    app_id: str, work: str, write: Callable[[Path, bytes], None], tmp_path: Path
) -> None:
    tool, (name, before) = TOOLS[app_id], FILES[app_id]
    for step in range(1, 100):
        (tmp_path / str(step)).mkdir()
        bench = Workbench(tmp_path / str(step))
        path = bench.put(name, before)

        def edit(path: Path = path) -> None:
            write(path, THEIRS[app_id](path.read_bytes()))

        files = EditedFiles(step, edit)
        if work != "connect":
            bench.connector().connect(tool, CONNECTION)
        connector = bench.connector(files)
        try:
            if work == "disconnect":
                connector.disconnect(tool)
            else:
                connector.connect(tool, CONNECTION if work == "connect" else OTHER_MODEL)
        except ChangedMeanwhile:
            assert b"theirs" in path.read_bytes()
        if files.steps < step:
            assert step > 5, "there were steps"
            return
        assert b"theirs" in path.read_bytes(), f"lost at step {step} of {work}"

        calm = bench.connector()
        if calm.state(tool, BASE_URL).receipt is not None:
            calm.disconnect(tool)
        left = path.read_bytes()
        assert b"theirs" in left, f"lost on the way back from step {step} of {work}"
        assert b"127.0.0.1:4141" not in left
        assert b"mine" in left
        assert bench.keys.made == {}
