"""Tools that are connected only while the app runs, and which models they come back with."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.state import Condition
from proxy_core.clients.connecting.with_the_app import connect_again, undo_all
from proxy_core.clients.connection import Connection
from tests.unit.clients.connecting.workbench import (
    BASE_URL,
    CONNECTION,
    MODELS,
    OTHER_MODEL,
    Workbench,
)

CLAUDE, CODEX = TOOLS["claude-code"], TOOLS["codex"]


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    bench = Workbench(tmp_path)
    bench.put(".claude/settings.json", b'{\n  // mine\n  "model": "opus"\n}\n')
    return bench


def test_what_is_undone_at_quitting_is_done_again_at_the_next_start(bench: Workbench) -> None:
    before = bench.tree()
    connector = bench.connector()
    connector.connect(CLAUDE, OTHER_MODEL)
    connector.connect(CODEX, CONNECTION)
    connected = bench.tree()
    assert undo_all(connector, BASE_URL, again_at_start=True) == ("claude-code", "codex")
    assert bench.tree() == before
    assert bench.keys.made == {}

    again = bench.connector()
    assert connect_again(again, "http://127.0.0.1:5000", MODELS) == ("claude-code", "codex")
    assert again.state(CLAUDE, "http://127.0.0.1:5000").condition is Condition.CONNECTED
    text = (bench.home / ".claude/settings.json").read_text()
    assert '"model": "gpt-one"' in text, "the model it was connected with"
    assert "http://127.0.0.1:5000" in text, "where the server is now"
    assert set(bench.tree()) == set(connected)
    assert connect_again(again, "http://127.0.0.1:5000", MODELS) == ()


def test_a_tool_of_another_server_is_left_alone(bench: Workbench) -> None:
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    connector.connect(CODEX, Connection("http://127.0.0.1:9", "", "gpt-one"))
    assert undo_all(connector, BASE_URL, again_at_start=False) == ("claude-code",)
    assert [each.app_id for each in connector.receipts()] == ["codex"]


def test_a_file_that_cannot_be_written_holds_up_nobody(
    bench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    connector = bench.connector()
    connector.connect(CLAUDE, CONNECTION)
    connector.connect(CODEX, CONNECTION)
    (bench.home / ".claude/settings.json").write_text('{"model": }')
    assert undo_all(connector, BASE_URL, again_at_start=True) == ("codex",)
    assert "Claude Code could not be changed back" in caplog.text
