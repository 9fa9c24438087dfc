"""Whether the API that a tool speaks is served."""

from __future__ import annotations

from proxy_core.clients.tool import Tool
from proxy_core.config.setting_names import value_of
from proxy_core.config.settings import Settings


def is_served(tool: Tool, settings: Settings) -> bool:
    return not tool.setting or bool(value_of(settings, tool.setting))
