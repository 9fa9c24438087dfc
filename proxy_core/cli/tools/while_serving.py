"""Connected tools beside ``serve``: with ``connect.undo_on_quit`` they are connected while it runs."""

from __future__ import annotations

import logging
import time

from proxy_core.app.service import ProxyService
from proxy_core.auth.client_keys import ClientKeys
from proxy_core.canonical.model import Model
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.assembly import make_connector
from proxy_core.clients.connecting.connector import Connector
from proxy_core.clients.connecting.receipt import Stage
from proxy_core.clients.connecting.with_the_app import connect_again, undo_all
from proxy_core.config.paths import Paths
from proxy_core.errors import ProxyError

SECONDS = 10.0
log = logging.getLogger("g_copilot_proxy.connect")


def connect_what_rests(service: ProxyService, paths: Paths) -> None:
    """Connect again what was changed back when the app or ``serve`` last ended."""
    connector = _connector(paths)
    for tool in connector.unfinished(TOOLS.values()):
        log.warning(
            "The settings of %s are half written; put them back: g-copilot-proxy connect --repair",
            tool.name,
        )
    if any(each.stage is Stage.RESTING for each in connector.receipts()):
        connect_again(connector, service.status.server.url, _models(service))


def undo_if_wanted(service: ProxyService, paths: Paths) -> None:
    if service.settings.connect.undo_on_quit and service.status.server.url:
        undo_all(_connector(paths), service.status.server.url, again_at_start=True)


def _connector(paths: Paths) -> Connector:
    return make_connector(paths, ClientKeys(paths.client_keys_file, time.time))


def _models(service: ProxyService) -> tuple[Model, ...]:
    try:
        return service.submit(lambda commands: commands.models()).result(SECONDS)
    except (ProxyError, TimeoutError):
        return ()  # then each keeps the model it had
