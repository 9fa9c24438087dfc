"""Tools connected from the window of a demo: keys are the proxy's, and all goes with the demo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.connected_tools import ConnectedTools
from desktop.presenters.actions import Action
from desktop.presenters.words import Words
from proxy_core.app.service import ProxyService
from proxy_core.clients.catalogue import TOOLS
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.errors import ProxyError
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import ServerState
from tests.unit.clients.connecting.workbench import CONNECTION, Workbench

CLAUDE = TOOLS["claude-code"]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[ProxyService]:
    paths = find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path / "proxy")})
    service = ProxyService(paths, demo=True, overrides=Overrides(port=0))
    service.boot()
    service.submit(lambda commands: commands.start()).result(90)
    give_up = time.monotonic() + 60
    while service.status.server.state is not ServerState.RUNNING:
        assert time.monotonic() < give_up
    yield service
    service.shutdown()


async def test_what_a_demo_connected_goes_with_it(demo: ProxyService, tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    before = bench.tree()
    paths = find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path / "own")})
    tools = ConnectedTools(demo, paths, Words(), bench.location)
    assert tools.should_begin()
    await tools.begin()
    assert not tools.should_begin()
    base_url = f"http://127.0.0.1:{demo.status.server.port}"
    connection = CONNECTION.__class__(base_url, "", "claude-sonnet-4.6")

    await tools.changes.connect(CLAUDE, connection)
    assert tools.changes.is_connected(CLAUDE)
    keys = demo.submit(lambda commands: commands.client_keys()).result(90)
    assert [each.name for each in keys] == ["Claude Code"]
    assert base_url in (bench.home / ".claude/settings.json").read_text()

    answer = await tools.changes.ask(CLAUDE, base_url, "claude-sonnet-4.6")
    assert "ready" in answer.text
    assert demo.status.recent[0].client == OWN_CLIENT, "a test of ours is not the tool's use"
    (key,) = demo.submit(lambda commands: commands.client_keys()).result(90)
    assert key.last_used_at is not None, "asked with the tool's own key"

    tools.end()
    assert bench.tree() == before
    assert demo.submit(lambda commands: commands.client_keys()).result(90) == ()
    assert not list((tmp_path / "own").rglob("*.json"))


async def test_what_a_killed_app_left_half_written_is_named_at_the_next_start_and_repaired(
    demo: ProxyService, tmp_path: Path
) -> None:
    bench = Workbench(tmp_path)
    settings = bench.put(".claude/settings.json", b'{"model": "opus"}\n')
    before = bench.tree()
    paths = find_paths({"G_COPILOT_PROXY_HOME": str(tmp_path / "own")})
    killed = ConnectedTools(demo, paths, Words(), bench.location)
    await killed.changes.connect(CLAUDE, CONNECTION)
    receipt = paths.connections / "claude-code.json"
    receipt.write_bytes(receipt.read_bytes().replace(b'"connected"', b'"applying"'))

    tools = ConnectedTools(demo, paths, Words(), bench.location)
    assert tools.unfinished.notice is None, "nobody has looked yet"
    await tools.unfinished.look()
    notice = tools.unfinished.notice
    assert notice is not None
    assert "Claude Code" in notice.title
    assert [each.action for each in notice.choices] == [Action.REPAIR_TOOLS, Action.OPEN_CONNECT]

    settings.chmod(0o400)
    await tools.repair()
    assert tools.unfinished.notice is not None
    assert "settings.json" in tools.unfinished.notice.line, "why it could not be repaired"
    settings.chmod(0o600)
    await tools.repair()
    assert tools.unfinished.notice is None
    assert bench.tree() == before
    assert not tools.changes.is_connected(CLAUDE)


def test_a_proxy_that_does_not_answer_is_an_error_and_no_hang(demo: ProxyService) -> None:
    with pytest.raises(ProxyError):
        demo.submit(lambda commands: commands.make_client_key("")).result(90)
