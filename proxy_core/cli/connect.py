"""``connect``: the steps that point a tool at the proxy. Prints them; writes nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping

from proxy_core.auth.local_key import load_or_make
from proxy_core.canonical.model import Model
from proxy_core.cli.exit_codes import DONE
from proxy_core.clients.catalogue import TOOLS, small_model
from proxy_core.clients.discovery import find_tools
from proxy_core.clients.instructions import Connection, Instruction, Place, instructions
from proxy_core.clients.shells import Shell, shell_of
from proxy_core.clients.tool import Tool
from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.settings_store import open_settings
from proxy_core.errors import BadRequest
from proxy_core.storage.private_files import read_private
from proxy_core.upstream.catalog.parsing import parse_catalog


def connect(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if parsed.app is None:
        return _list_tools(parsed.json, environ)
    tool = TOOLS.get(parsed.app)
    if tool is None:
        names = ", ".join(TOOLS)
        raise BadRequest(f"no tool is called {parsed.app!r}; there are {names}", code="unknown_app")
    if tool.refusal:
        if parsed.json:
            print(
                json.dumps(
                    {"app": tool.app_id, "name": tool.name, "refusal": tool.refusal}, indent=2
                )
            )
        else:
            print(f"{tool.name} cannot use the proxy. {tool.refusal}")
        return DONE
    return _print_steps(tool, parsed, environ)


def _list_tools(as_json: bool, environ: Mapping[str, str]) -> int:
    found = {each.app_id: each for each in find_tools(TOOLS.values(), environ=environ)}
    if as_json:
        listed = [
            {
                "app": tool.app_id,
                "name": tool.name,
                "found": tool.app_id in found,
                "version": found[tool.app_id].version if tool.app_id in found else None,
                "place": found[tool.app_id].place if tool.app_id in found else None,
                "refusal": tool.refusal or None,
            }
            for tool in TOOLS.values()
        ]
        print(json.dumps(listed, indent=2))
        return DONE
    width = max(len(name) for name in TOOLS)
    for tool in TOOLS.values():
        here = found.get(tool.app_id)
        note = f"found {here.version}".rstrip() if here else ""
        if tool.refusal:
            note = "cannot use the proxy"
        print(f"{tool.app_id:<{width}}  {tool.name:<14}  {note}".rstrip())
    print("\nSteps for one of them: g-copilot-proxy connect APP", file=sys.stderr)
    return DONE


def _print_steps(tool: Tool, parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    paths = find_paths(environ)
    server = open_settings(paths).settings.server
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104  # looked up, not listened on
    shown = f"[{host}]" if ":" in host else host
    model = parsed.model or tool.preferred_models[0]
    key = load_or_make(paths.local_key_file)
    small = small_model(_kept_models(paths))
    connection = Connection(f"http://{shown}:{server.port}", key, model, small)
    shell = Shell(parsed.shell) if parsed.shell else shell_of(environ, sys.platform)
    steps = instructions(tool, connection, shell)
    if parsed.json:
        report = {
            "app": tool.app_id,
            "name": tool.name,
            "base_url": connection.base_url,
            "openai_url": connection.openai_url,
            "model": model,
            "shell": shell.value,
            "steps": [_as_json(step) for step in steps],
            "caution": tool.caution or None,
            "written": [],
        }
        print(json.dumps(report, indent=2))
        return DONE
    print("\n\n".join(_as_text(number, step) for number, step in enumerate(steps, 1)))
    notes = [tool.caution] if tool.caution else []
    if server.port == 0:
        notes.append("The port is taken anew at each start: put the one in use in place of 0.")
    notes.append("Nothing was written. Other models: g-copilot-proxy models; then --model ID.")
    print("\n" + "\n".join(notes), file=sys.stderr)
    return DONE


def _kept_models(paths: Paths) -> tuple[Model, ...]:
    """Return the last list GitHub sent, as far as it is kept: printing steps asks nobody."""
    try:
        return parse_catalog(json.loads(read_private(paths.catalog_file) or b"[]"))
    except (OSError, ValueError):
        return ()


def _as_json(step: Instruction) -> dict[str, str | None]:
    return {
        "text": step.text,
        "place": step.place.value,
        "label": step.label or None,
        "content": step.content or None,
    }


def _as_text(number: int, step: Instruction) -> str:
    head = f"{number}. {step.text}"
    if not step.content:
        return head + "."
    if step.place is Place.FIELD:
        return f"{head}:\n\n   {step.label}: {step.content}"
    if step.place is Place.FILE:
        head = f"{head}, {step.label}"
    body = "\n".join(f"   {line}".rstrip() for line in step.content.rstrip("\n").split("\n"))
    return f"{head}:\n\n{body}"
