"""``connect --repair``: what a killed process left half written is put back as it was."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.cli.tools.server_in_use import ServerInUse
from proxy_core.clients.catalogue import TOOLS
from proxy_core.errors import ProxyError


def repair(server: ServerInUse, parsed: argparse.Namespace) -> int:
    """Each tool by itself: one whose file cannot be written does not hold up the others."""
    reports: list[dict[str, Any]] = []
    code = DONE
    tools = TOOLS.values()
    for tool in (*server.connector.unfinished(tools), *server.connector.unreadable(tools)):
        report: dict[str, Any] = {"app": tool.app_id, "name": tool.name}
        try:
            done = server.connector.disconnect(tool)
        except (ProxyError, OSError) as error:
            message = error.message if isinstance(error, ProxyError) else str(error)
            print(f"g-copilot-proxy: {tool.name}: {message}", file=sys.stderr)
            report["error"], code = {"message": message}, FAILED
        else:
            report["restored"] = [str(each) for each in (*done.restored, *done.merged, *done.lost)]
            if not parsed.json and done.lost:
                print(f"{tool.name}: a backup is gone; ours is removed, nothing is put back.")
            elif not parsed.json:
                print(f"{tool.name}: its settings are what they were before it was connected.")
            if not parsed.json:
                print(f"Connect it again: g-copilot-proxy connect {tool.app_id}")
        reports.append(report)
    if parsed.json:
        print(json.dumps({"repaired": reports}, indent=2))
    elif not reports:
        print("Nothing was left half written.")
    return code
