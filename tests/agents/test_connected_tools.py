"""The short form of ``python -m tests.agents.connected``: a library that the tests have anyway."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from proxy_core.clients.catalogue import TOOLS
from tests.agents.connected.agents import AGENT_TOOLS
from tests.agents.connected.libraries import LIBRARY_TOOLS
from tests.agents.connected.proxy import running_proxy
from tests.agents.connected.scenes import Outcome, try_chain
from tests.agents.connected.table import row
from tests.agents.connected.tool import ConnectedLibrary, Scene

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its variables are bash's")


@dataclass(frozen=True, slots=True)
class OfTheTests(ConnectedLibrary):
    """Installed where these tests are."""

    @property
    def installed(self) -> Path:
        return Path(sys.executable)


def test_a_library_is_connected_used_and_disconnected(tmp_path: Path) -> None:
    known = LIBRARY_TOOLS["openai-python-chat"]
    library = OfTheTests(
        known.key, known.title, known.app_id, known.program, known.pinned, known.models
    )
    with running_proxy(tmp_path) as proxy:
        scenes = (Scene.TASK, Scene.SWITCH, Scene.IMAGE)
        outcome = try_chain(library, library.chains[0], proxy, tmp_path / "person", scenes)
    assert outcome.problems == {}
    assert outcome.left == ""
    assert outcome.requests == 2
    assert "| works | not tried | works | not tried | works | not tried |" in row([outcome])


def test_every_tool_is_declared_under_a_name_that_connect_knows() -> None:
    for tool in (*AGENT_TOOLS.values(), *LIBRARY_TOOLS.values()):
        assert tool.app_id in TOOLS
        assert len(tool.models) > 1
        assert all(models[0] != models[1] for models in tool.chains)


def test_a_scene_that_failed_is_said_with_the_model_the_session_began_with() -> None:
    tool = AGENT_TOOLS["pi"]
    good, bad = (Outcome(tool, models) for models in tool.chains)
    for each in (good, bad):
        each.tried = [Scene.TASK, Scene.IMAGE]
    bad.problems[Scene.IMAGE] = "no picture arrived upstream"
    line = row([good, bad])
    assert line.startswith("| pi | 0.73.1 | works | works | not tried | not tried |")
    assert f"failed, begun with {bad.models[0]}" in line
