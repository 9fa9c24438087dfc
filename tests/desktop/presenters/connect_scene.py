"""The Connect page over a home of its own: real files, a real connector, keys in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desktop.presenters.connect.connect import ConnectPresenter
from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.presenters.words import Words
from proxy_core.canonical.model import Endpoint, Limits, Model, Prices, Supports
from proxy_core.clients.discovery import FoundTool
from proxy_core.clients.shells import Shell
from tests.desktop.fake_service import Clock, FakeService
from tests.unit.clients.connecting.workbench import Workbench

HERE = (
    FoundTool("claude-code", "2.1.329", "/usr/bin/claude"),
    FoundTool("codex", "0.169.0", "/usr/bin/codex"),
    FoundTool("aider", "0.86.2", "/usr/bin/aider"),
    FoundTool("vs-code", "1.130.0", "/usr/bin/code"),
    FoundTool("cursor", "2.4", "/usr/bin/cursor"),
)
PLAN = (
    Model(
        "claude-sonnet-4.6",
        "Sonnet",
        "Anthropic",
        endpoints=(Endpoint.MESSAGES,),
        limits=Limits(200_000, 180_000, 32_000),
        supports=Supports(tool_calls=True),
        prices=Prices(1_000_000, 300, 1500, 30),
    ),
    Model(
        "claude-haiku-4.5",
        "Haiku",
        "Anthropic",
        endpoints=(Endpoint.MESSAGES,),
        supports=Supports(tool_calls=True),
        prices=Prices(1_000_000, 100, 500, 10),
    ),
    Model("gpt-5.3-codex", "Codex", "OpenAI", endpoints=(Endpoint.RESPONSES,)),
)
SETTINGS = """{
  "model": "opus",
  "env": {
    "EDITOR": "nvim"
  },
  // my hooks
  "hooks": {
    "Stop": []
  }
}
"""


class ConnectScene:
    def __init__(self, folder: Path, service: FakeService, words: Words | None = None) -> None:
        self.bench = Workbench(folder)
        self.settings = self.bench.put(".claude/settings.json", SETTINGS.encode())
        self.service = service
        self.words = words or Words()
        self.presenter = self.build()

    def build(self) -> ConnectPresenter:
        """Return a page as it is after the app was started."""
        changes = ToolChanges(self.bench.connector(), self.bench.location, self.words)
        return ConnectPresenter(
            self.service,
            self.words,
            Clock(),
            find_tools=lambda: HERE,
            shell=Shell.POSIX,
            changes=changes,
        )

    async def look(self) -> None:
        self.service.answer("models", result=PLAN)
        await self.presenter.look()

    def look_now(self) -> None:
        asyncio.run(self.look())
