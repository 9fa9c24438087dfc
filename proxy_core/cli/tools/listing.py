"""The tools, which of them are here, and how each stands to the proxy."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from proxy_core.cli.exit_codes import DONE
from proxy_core.cli.tools.server_in_use import find_server
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.state import Condition, ToolState
from proxy_core.clients.discovery import find_tools
from proxy_core.clients.tool import Tool

_CONDITIONS = {
    Condition.CONNECTED: "connected",
    Condition.BY_HAND: "connected by hand",
    Condition.UNFINISHED: "was interrupted: g-copilot-proxy connect --repair",
    Condition.UNREADABLE: "its settings cannot be read",
}


def list_tools(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    found = {each.app_id: each for each in find_tools(TOOLS.values(), environ=environ)}
    server = find_server(parsed, environ)
    states = {tool.app_id: server.connector.state(tool, server.base_url) for tool in TOOLS.values()}
    if parsed.json:
        listed = [
            {
                "app": tool.app_id,
                "name": tool.name,
                "found": tool.app_id in found,
                "version": found[tool.app_id].version if tool.app_id in found else None,
                "place": found[tool.app_id].place if tool.app_id in found else None,
                "refusal": tool.refusal or None,
                **_state_json(states[tool.app_id]),
            }
            for tool in TOOLS.values()
        ]
        print(json.dumps(listed, indent=2))
        return DONE
    width = max(len(name) for name in TOOLS)
    for tool in TOOLS.values():
        here = found.get(tool.app_id)
        notes = [f"found {here.version}".rstrip()] if here else []
        notes += [_state_text(tool, states[tool.app_id], server.base_url)]
        note = ", ".join(each for each in notes if each)
        print(f"{tool.app_id:<{width}}  {tool.name:<14}  {note}".rstrip())
    print("\nConnect one: g-copilot-proxy connect APP; --dry-run shows the change", file=sys.stderr)
    return DONE


def _state_text(tool: Tool, state: ToolState, base_url: str) -> str:
    if tool.refusal:
        return "cannot use the proxy"
    if state.condition is Condition.CONNECTED and state.address not in ("", base_url):
        return f"points at {state.address}, where this server is not"
    if state.condition is Condition.CHANGED:
        what = ", ".join(each.what or str(each.path) for each in state.drift)
        return f"connected, but another program has changed {what} since"
    if state.condition is Condition.ELSEWHERE:
        return f"points at {state.address}"
    return _CONDITIONS.get(state.condition, "")


def _state_json(state: ToolState) -> dict[str, Any]:
    return {
        "state": state.condition.value,
        "address": state.address or None,
        "files": [str(each) for each in state.files],
        "changed_since": [
            {"path": str(each.path), "setting": each.what or None} for each in state.drift
        ],
        "problem": state.problem or None,
    }
