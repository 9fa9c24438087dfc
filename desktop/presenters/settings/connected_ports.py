"""Which connected tools a change of the port leaves behind, in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words

ReadPorts = Callable[[], Awaitable[Mapping[str, int]]]
"""Returns the port each connected tool was given, by the tool's name."""


class ConnectedPorts:
    """``read_ports`` None: no tool's settings are changed from here, as in tests of single pages."""

    def __init__(
        self, commands: ServiceCommands, words: Words, read_ports: ReadPorts | None
    ) -> None:
        self._commands = commands
        self._words = words
        self._read_ports = read_ports
        self._ports: Mapping[str, int] = {}

    async def read(self) -> None:
        if self._read_ports is not None:
            self._ports = await self._read_ports()

    def before(self, wanted: int) -> str:
        """What a change to ``wanted`` would cut off; empty for nothing."""
        now = self._commands.settings.server.port
        tools = [tool for tool, port in self._ports.items() if port == now]
        if wanted == now or not tools:
            return ""
        return self._words.tr(
            "Set to port {port}: {tools}. After the change they cannot connect until you connect them "
            "again."
        ).format(tools=self._words.several(tools), port=now)

    def after(self) -> str:
        """Which tools still use another port than the one in force; empty for none."""
        now = self._commands.settings.server.port
        running = self._commands.status.server.port or now
        old = {tool: port for tool, port in self._ports.items() if port not in (now, running)}
        if not old or now == 0:
            return ""
        ports = ", ".join(str(port) for port in sorted(set(old.values())))
        return self._words.tr(
            "Still set to port {port}: {tools}. Connect again from the Connect page."
        ).format(tools=self._words.several(list(old)), port=ports)
