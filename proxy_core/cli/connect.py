"""``connect``: the steps that point a tool at the proxy. Prints them; writes nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.cli.control import UNAUTHORIZED, ask_running, main_key
from proxy_core.cli.exit_codes import DONE
from proxy_core.clients.catalogue import TOOLS, small_model, suggested_model
from proxy_core.clients.connection import Connection
from proxy_core.clients.discovery import find_tools
from proxy_core.clients.instructions import Instruction, Place, instructions
from proxy_core.clients.shells import Shell, shell_of
from proxy_core.clients.tool import Tool
from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.settings_store import open_settings
from proxy_core.discovery.server_client import RunningServer
from proxy_core.errors import BadRequest
from proxy_core.routing.model_names import resolve_model
from proxy_core.server.paths import CONTROL_MODELS
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
    settings = open_settings(paths).settings
    # The running server's address, else the one in the settings.
    running = ask_running(environ, CONTROL_MODELS)
    models = _listed(running) or _cached_models(paths)
    if parsed.model and models:
        resolve_model(parsed.model, models, settings.upstream.model_aliases)
    model = parsed.model or suggested_model(tool, models)
    key = main_key(paths, environ)
    connection = Connection(running.url, key, model, small_model(models))
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
    if running.status == UNAUTHORIZED:
        notes.append("The server was started with another key: put that one in place of this.")
    elif not running.is_ours and running.answers:
        notes.append(f"Another program answers at {running.url}, not this server.")
    elif not running.is_ours:
        notes.append("The server does not run now; start it with: g-copilot-proxy serve.")
    if parsed.model and not models:
        notes.append(f"No list of models is known yet, so {parsed.model} was not looked up.")
    if not running.is_ours and settings.server.port == 0:
        notes.append("The port is taken anew at each start: put the one in use in place of 0.")
    notes.append("Nothing was written. Other models: g-copilot-proxy models; then --model ID.")
    print("\n" + "\n".join(notes), file=sys.stderr)
    return DONE


def _listed(running: RunningServer) -> tuple[Model, ...]:
    """Return the running server's models, with the fields needed to choose one."""
    if not running.is_ours:
        return ()
    return tuple(
        Model(
            each["id"],
            each["name"],
            each["vendor"],
            kind=each["kind"],
            endpoints=tuple(Endpoint(one) for one in each["endpoints"]),
            disabled_reason=each["disabled_reason"],
        )
        for each in running.answer["models"]
    )


def _cached_models(paths: Paths) -> tuple[Model, ...]:
    """Return the cached catalogue; printing steps makes no request to GitHub."""
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
