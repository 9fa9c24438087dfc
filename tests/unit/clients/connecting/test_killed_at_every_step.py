"""kill -9 at every step: the file is the old one or the new one, and repair finds the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.connector import Connector
from proxy_core.clients.connecting.state import Condition
from proxy_core.clients.tool import Tool
from tests.unit.clients.connecting.workbench import (
    BASE_URL,
    CONNECTION,
    OTHER_MODEL,
    DyingFiles,
    Killed,
    Workbench,
)

SETTINGS = b'{\n  // mine\n  "model": "opus"\n}\n'
ONE_FILE, TWO_FILES, NO_FILE = TOOLS["claude-code"], TOOLS["pi"], TOOLS["codex"]
BEFORE = {
    "claude-code": {".claude/settings.json": SETTINGS},
    "pi": {".pi/agent/settings.json": b'{"theme": "dark"}\n', ".pi/agent/models.json": b"{}"},
    "codex": {},
}


def prepared(folder: Path, app_id: str) -> Workbench:
    folder.mkdir()
    bench = Workbench(folder)
    for name, content in BEFORE[app_id].items():
        bench.put(name, content)
    return bench


def steps_of(folder: Path, app_id: str, work: str) -> int:
    """How many steps the work takes when nobody dies."""
    bench = prepared(folder, app_id)
    files = DyingFiles()
    do(bench, app_id, work, files)
    return files.steps


def do(bench: Workbench, app_id: str, work: str, files: DyingFiles) -> None:
    tool = TOOLS[app_id]
    if work == "connect":
        bench.connector(files).connect(tool, CONNECTION)
        return
    bench.connector().connect(tool, CONNECTION)
    if work == "change":
        bench.connector(files).connect(tool, OTHER_MODEL)
    else:
        bench.connector(files).disconnect(tool)


@pytest.mark.parametrize("midway", [False, True], ids=["before", "midway"])
@pytest.mark.parametrize("work", ["connect", "change", "disconnect"])
@pytest.mark.parametrize("app_id", list(BEFORE))
def test_whenever_it_dies_files_are_whole_and_repair_brings_back_the_beginning(
    app_id: str, work: str, midway: bool, tmp_path: Path
) -> None:
    tool = TOOLS[app_id]
    steps = steps_of(tmp_path / "whole", app_id, work)
    whole = {
        name: contents_at(tmp_path / f"whole-{name}", app_id, name)
        for name in ("connect", "change", "disconnect")
    }
    for step in range(1, steps + 1):
        bench = prepared(tmp_path / f"{step}", app_id)
        with pytest.raises(Killed):
            do(bench, app_id, work, DyingFiles(step, midway=midway))
        for name, content in bench.tree().items():
            if content is not None and not name.endswith(".new"):
                known = [each.get(name) for each in whole.values()]
                known = [each for each in known if each is not None]
                assert anonymous(content) in known, f"step {step}: {name} is torn"

        connector = bench.connector()
        state = connector.state(tool, BASE_URL)
        assert connector.unfinished([tool]) == ((tool,) if was_cut(state.condition) else ())
        repair(connector, tool)
        if connector.state(tool, BASE_URL).condition is Condition.CONNECTED:
            connector.disconnect(tool)
        assert bench.tree() == prepared(tmp_path / f"{step}-fresh", app_id).tree(), f"step {step}"
        assert bench.keys.made == {}, f"step {step}: a key outlived its tool"
        assert not list(bench.state.glob("*.json"))


def repair(connector: Connector, tool: Tool) -> None:
    for each in connector.unfinished([tool]):
        connector.disconnect(each)
    assert connector.unfinished([tool]) == ()


def was_cut(condition: Condition) -> bool:
    return condition is Condition.UNFINISHED


def contents_at(folder: Path, app_id: str, work: str) -> dict[str, bytes]:
    bench = prepared(folder, app_id)
    do(bench, app_id, work, DyingFiles())
    return {name: anonymous(each) for name, each in bench.tree().items() if each is not None}


def anonymous(content: bytes) -> bytes:
    """Keys are numbered as they are made; which number is of no interest here."""
    import re

    return re.sub(rb"sk-local-key-number-\d+", b"KEY", content)


def test_the_key_is_taken_back_when_it_dies_right_after_making_it(tmp_path: Path) -> None:
    bench = prepared(tmp_path / "home", "claude-code")
    make = bench.keys.make

    def make_and_die(name: str) -> object:
        make(name)
        raise Killed

    bench.keys.make = make_and_die  # type: ignore[method-assign,assignment]
    with pytest.raises(Killed):
        bench.connector().connect(ONE_FILE, CONNECTION)
    bench.keys.make = make  # type: ignore[method-assign]
    assert len(bench.keys.made) == 1
    assert bench.connector().unfinished([ONE_FILE]) == (ONE_FILE,)
    repair(bench.connector(), ONE_FILE)
    assert bench.keys.made == {}
