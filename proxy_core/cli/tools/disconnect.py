"""``disconnect``: a tool's settings back as they were, and its key revoked."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from proxy_core.cli.exit_codes import DONE, FAILED, IN_PART
from proxy_core.cli.tools.connect import chosen_tools
from proxy_core.cli.tools.server_in_use import ServerInUse, find_server
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.api_of_tool import is_served
from proxy_core.clients.connecting.connector import Disconnected
from proxy_core.clients.connecting.plan import diff_text
from proxy_core.clients.tool import Tool
from proxy_core.errors import BadRequest, ProxyError


def disconnect(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if not parsed.apps and not parsed.all:
        raise BadRequest("Name a tool, or use --all.", code="no_app")
    tools = chosen_tools(parsed.apps)
    server = find_server(parsed, environ)
    if parsed.all:
        known = [TOOLS[each.app_id] for each in server.connector.receipts() if each.app_id in TOOLS]
        known += server.connector.unreadable(TOOLS.values())
        tools += [each for each in known if each not in tools]
    code = DONE
    reports: list[dict[str, Any]] = []
    for tool in tools:
        try:
            report = _disconnect_one(tool, server, parsed)
        except (ProxyError, OSError) as error:
            if len(tools) == 1:
                raise
            message = error.message if isinstance(error, ProxyError) else str(error)
            print(f"g-copilot-proxy: {tool.name}: {message}", file=sys.stderr)
            report, code = {"app": tool.app_id, "error": {"message": message}}, FAILED
        if (report.get("left") or report.get("lost")) and code == DONE:
            code = IN_PART
        reports.append(report)
    if parsed.json:
        one = len(tools) == 1 and not parsed.all
        print(json.dumps(reports[0] if one else {"tools": reports}, indent=2))
    elif not tools:
        print("No tool is connected.")
    return code


def _disconnect_one(tool: Tool, server: ServerInUse, parsed: argparse.Namespace) -> dict[str, Any]:
    preview = server.connector.undo_plan(tool)
    diffs = [
        {"path": str(each.path), "diff": diff_text(each.path, each.current, each.after, each.key)}
        for each in preview
    ]
    if not parsed.json:
        for each in diffs:
            sys.stdout.write(each["diff"])
    if parsed.dry_run:
        if not parsed.json:
            print("Nothing was written.", file=sys.stderr)
        return {"app": tool.app_id, "name": tool.name, "files": diffs, "written": []}
    done = server.connector.disconnect(tool)
    still_on = _still_on(tool, server)
    if not parsed.json:
        _print(tool, done)
        if still_on:
            off = f"g-copilot-proxy settings set {still_on} false"
            print(f"{still_on} stays on; to switch it off: {off}")
    return {
        "app": tool.app_id,
        "name": tool.name,
        "connected": False,
        "files": diffs,
        "written": [str(each) for each in (*done.restored, *done.merged, *done.lost)],
        "restored": [str(each) for each in done.restored],
        "merged": [str(each) for each in done.merged],
        "lost": [str(each) for each in done.lost],
        "still_on": still_on,
        "left": [{"path": str(each.path), "setting": each.what} for each in done.left],
    }


def _still_on(tool: Tool, server: ServerInUse) -> str | None:
    """The setting of an API that was served for this tool, if no other connected tool speaks it."""
    others = {each.app_id for each in server.connector.receipts()}
    needed = {TOOLS[each].setting for each in others if each in TOOLS}
    if not tool.setting or tool.setting in needed or not is_served(tool, server.settings):
        return None
    return tool.setting


def _print(tool: Tool, done: Disconnected) -> None:
    for path in done.restored:
        print(f"{path} is what it was before.")
    for path in done.merged:
        print(f"{path} was changed by another program since. Its edit stays, ours is removed.")
    for path in done.lost:
        print(f"{path}: the backup is gone. Ours is removed; what it had replaced is not put back.")
    for each in done.left:
        print(f"{each.path}: {each.what} is no longer what we wrote; it was left.")
    print(f"{tool.name} is disconnected, and its key is revoked.")
