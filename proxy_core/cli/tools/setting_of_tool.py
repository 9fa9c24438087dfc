"""The API that a tool speaks is switched on when the tool is connected, and that is said."""

from __future__ import annotations

import asyncio
import sys

from proxy_core.cli.control import ask_noted
from proxy_core.cli.tools.server_in_use import ServerInUse
from proxy_core.clients.connecting.api_of_tool import is_served
from proxy_core.clients.tool import Tool
from proxy_core.config.paths import find_paths
from proxy_core.config.settings_store import open_settings


def switch_on(tool: Tool, server: ServerInUse, *, dry_run: bool, as_json: bool) -> str | None:
    """Return the setting's name, None where nothing is to be switched on.

    Raises ProxyError or OSError.
    """
    if is_served(tool, server.settings):
        return None
    paths = find_paths(server.environ)
    body = {"key": tool.setting, "value": True}
    # A running server has it in force at once; it would also see the file, but later.
    if not dry_run and ask_noted(paths, server.environ, "/control/settings", body) is None:
        asyncio.run(open_settings(paths).update(tool.setting, value=True))
    if not as_json:
        said = "would be switched on" if dry_run else "is switched on"
        print(f"{tool.setting} {said}: it speaks only that API.", file=sys.stderr)
    return tool.setting
