"""Tools that are connected only while the app runs: undone when it quits, done again when it starts.

Nothing here may keep the app from starting or quitting: what cannot be written is named in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from proxy_core.canonical.model import Model
from proxy_core.clients.catalogue import TOOLS, usable_models
from proxy_core.clients.connecting.connector import Connector
from proxy_core.clients.connecting.plan import KEY_PLACEHOLDER
from proxy_core.clients.connecting.receipt import Stage
from proxy_core.clients.connection import MAIN, SMALL, Connection
from proxy_core.clients.model_choice import choose_models
from proxy_core.clients.tool import Tool
from proxy_core.errors import ProxyError

log = logging.getLogger("g_copilot_proxy.connect")


def undo_all(connector: Connector, base_url: str, *, again_at_start: bool) -> tuple[str, ...]:
    """Change back every tool that points at ``base_url``; return their ids."""
    undone = []
    for receipt in connector.receipts():
        tool = TOOLS.get(receipt.app_id)
        if tool is None or receipt.stage is not Stage.CONNECTED or receipt.base_url != base_url:
            continue
        try:
            connector.disconnect(tool, rest=again_at_start)
        except (ProxyError, OSError) as error:
            log.warning("%s could not be changed back: %s", tool.name, error)
        else:
            undone.append(tool.app_id)
    return tuple(undone)


def connect_again(connector: Connector, base_url: str, models: Sequence[Model]) -> tuple[str, ...]:
    """Connect every tool that rested since the app last quit; return their ids."""
    again = []
    for receipt in connector.receipts():
        tool = TOOLS.get(receipt.app_id)
        if tool is None or receipt.stage is not Stage.RESTING:
            continue
        connection = connection_for(tool, base_url, models, {}, receipt.models)
        try:
            connector.connect(tool, connection)
        except (ProxyError, OSError) as error:
            log.warning("%s could not be connected again: %s", tool.name, error)
        else:
            again.append(tool.app_id)
    return tuple(again)


def connection_for(
    tool: Tool,
    base_url: str,
    models: Sequence[Model],
    wanted: Mapping[str, str],
    remembered: Mapping[str, str],
) -> Connection:
    """What a tool's settings are made of; the key is made when they are written."""
    choice = choose_models(tool, models, wanted, remembered)
    return Connection(
        base_url,
        KEY_PLACEHOLDER,
        choice.main,
        choice.models.get(SMALL, ""),
        {role: model for role, model in choice.chosen.items() if role != MAIN},
        tuple(each for each in usable_models(models) if each.in_picker),
    )
