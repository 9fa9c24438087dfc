"""Tools whose settings were half written when the app was stopped: named at the next start."""

from __future__ import annotations

from desktop.presenters.actions import Action
from desktop.presenters.connect.in_thread import in_thread
from desktop.presenters.notices.notices import Choice, Notice, Severity
from desktop.presenters.words import Words
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.connector import Connector
from proxy_core.clients.tool import Tool
from proxy_core.errors import ProxyError


class UnfinishedChanges:
    """Looks at the disk only in a thread of its own."""

    def __init__(self, connector: Connector, words: Words) -> None:
        self._connector = connector
        self._words = words
        self._tools: tuple[Tool, ...] = ()
        self._problem = ""

    async def look(self) -> None:
        self._tools = await in_thread(lambda: self._connector.unfinished(TOOLS.values()))

    async def repair(self) -> None:
        """Put the settings back as they were; what cannot be written stays named, with the reason."""
        self._problem = await in_thread(self._repair)
        await self.look()

    @property
    def notice(self) -> Notice | None:
        if not self._tools:
            return None
        tr = self._words.tr
        names = ", ".join(each.name for each in self._tools)
        return Notice(
            Severity.ATTENTION,
            tr("The app was stopped while it changed the settings of {tools}").format(tools=names),
            self._words.said(self._problem)
            or tr("Repairing puts them back as they were. Then connect again."),
            (
                Choice(tr("Repair the settings"), Action.REPAIR_TOOLS, primary=True),
                Choice(tr("Open Connect"), Action.OPEN_CONNECT),
            ),
        )

    def _repair(self) -> str:
        """Return why something could not be repaired, empty where all could."""
        problem = ""
        for tool in self._tools:
            try:
                self._connector.disconnect(tool)
            except ProxyError as error:
                problem = error.said
            except OSError as error:
                problem = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return problem
