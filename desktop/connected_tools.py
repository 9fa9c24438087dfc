"""Tools connected from the window: their keys come from the running proxy, and some go with the app."""

from __future__ import annotations

from desktop.presenters.connect.in_thread import in_thread
from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.presenters.connect.unfinished_changes import UnfinishedChanges
from desktop.presenters.home.server_state import anthropic_base_url, is_serving
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.canonical.model import Model
from proxy_core.clients.connecting.assembly import make_connector
from proxy_core.clients.connecting.receipt import Stage
from proxy_core.clients.connecting.with_the_app import connect_again, undo_all
from proxy_core.clients.location import Location, this_computer
from proxy_core.config.paths import Paths
from proxy_core.errors import ProxyError

SECONDS = 10.0
"""How long a key may take: it is one small file."""


class ServiceKeys:
    """The keys of the running proxy, asked from a thread that may wait."""

    def __init__(self, service: ServiceCommands) -> None:
        self._service = service

    def listed(self) -> tuple[ClientKey, ...]:
        return self._service.submit(lambda commands: commands.client_keys()).result(SECONDS)

    def make(self, name: str) -> NewClientKey:
        return self._service.submit(lambda commands: commands.make_client_key(name)).result(SECONDS)

    def revoke(self, key_id: str) -> bool:
        made = self._service.submit(lambda commands: commands.revoke_client_key(key_id))
        return made.result(SECONDS)


class ConnectedTools:
    """``paths`` is where receipts and backups lie, also where the proxy is a demo's."""

    def __init__(
        self,
        service: ServiceCommands,
        paths: Paths,
        words: Words,
        location: Location | None = None,
    ) -> None:
        self._service = service
        place = location or this_computer()
        self._connector = make_connector(paths, ServiceKeys(service), place)
        self.changes = ToolChanges(self._connector, place, words)
        self.unfinished = UnfinishedChanges(self._connector, words)
        self._has_begun = False

    def should_begin(self) -> bool:
        """Whether tools that rest are still to be connected, and can be."""
        return not self._has_begun and is_serving(self._service.status)

    async def repair(self) -> None:
        """Put back what was half written, and look at every tool anew."""
        await self.unfinished.repair()
        await self.changes.look(self._base_url())

    async def begin(self) -> None:
        """Connect what rested since the app last quit."""
        self._has_begun = True
        base_url = self._base_url()
        await in_thread(lambda: self._connect_again(base_url))

    def end(self) -> None:
        """Change back what goes with the app: in a demo all, else on the user's wish. Blocks."""
        demo = self._service.status.demo
        if not is_serving(self._service.status):
            return
        if demo or self._service.settings.connect.undo_on_quit:
            undo_all(self._connector, self._base_url(), again_at_start=not demo)

    def _connect_again(self, base_url: str) -> None:
        if any(each.stage is Stage.RESTING for each in self._connector.receipts()):
            connect_again(self._connector, base_url, self._models())

    def _models(self) -> tuple[Model, ...]:
        try:
            return self._service.submit(lambda commands: commands.models()).result(SECONDS)
        except (ProxyError, TimeoutError):
            return ()  # then each keeps the model it had

    def _base_url(self) -> str:
        return anthropic_base_url(self._service.status, self._service.settings)
