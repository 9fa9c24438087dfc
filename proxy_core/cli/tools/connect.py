"""``connect``: lists the tools, changes their settings, or prints the steps."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.cli.tools.listing import list_tools
from proxy_core.cli.tools.repair import repair
from proxy_core.cli.tools.server_in_use import ServerInUse, find_server
from proxy_core.cli.tools.setting_of_tool import switch_on
from proxy_core.cli.tools.steps import steps_json, steps_of, steps_text
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.connector import Connected
from proxy_core.clients.connecting.plan import KEY_PLACEHOLDER, FilePlan, diff_text
from proxy_core.clients.connecting.verification import ask_once
from proxy_core.clients.connecting.with_the_app import connection_for
from proxy_core.clients.connection import MAIN, Connection
from proxy_core.clients.discovery import find_tools
from proxy_core.clients.model_choice import ModelChoice, choose_models, credits_per_million
from proxy_core.clients.tool import Tool, ToolKind
from proxy_core.errors import BadRequest, ProxyError
from proxy_core.routing.model_names import resolve_model


def connect(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if parsed.repair:
        return repair(find_server(parsed, environ), parsed)
    if not parsed.apps and not parsed.all:
        return list_tools(parsed, environ)
    tools = chosen_tools(parsed.apps)
    server = find_server(parsed, environ)
    if parsed.all:
        tools = [*tools, *(each for each in _found_here(environ) if each not in tools)]
    wanted = _wanted_models(parsed, tools, server)
    reports: list[dict[str, Any]] = []
    failed = False
    for tool in tools:
        try:
            reports.append(_connect_one(tool, wanted, server, parsed))
        except (ProxyError, OSError) as error:
            if len(tools) == 1:
                raise
            failed = True
            reports.append(_failure(tool, error))
    notes = [*server.notes(), *_overruled(tools, environ)]
    if parsed.json:
        reports = [each | {"notes": notes} for each in reports]
        one = len(tools) == 1 and not parsed.all
        print(json.dumps(reports[0] if one else {"tools": reports}, indent=2))
    elif not tools:
        print("No tool that can be connected was found on this computer.")
    for note in [] if parsed.json else notes:
        print(note, file=sys.stderr)
    return FAILED if failed or any(each.get("test", {}).get("failed") for each in reports) else DONE


def chosen_tools(apps: Sequence[str]) -> list[Tool]:
    """Raises BadRequest for a name that no tool has."""
    for app in apps:
        if app not in TOOLS:
            names = ", ".join(TOOLS)
            raise BadRequest(f"no tool is called {app!r}; there are {names}", code="unknown_app")
    return [TOOLS[app] for app in dict.fromkeys(apps)]


def _overruled(tools: Sequence[Tool], environ: Mapping[str, str]) -> list[str]:
    """What is set in this shell and counts more than what is written."""
    return [
        f"{name} is set in this shell and counts more than what is written for {tool.name}: unset it."
        for tool in tools
        for name in tool.overruled_by
        if environ.get(name)
    ]


def _found_here(environ: Mapping[str, str]) -> list[Tool]:
    """The tools of this computer whose files can be written; no shell is changed unasked."""
    found = {each.app_id for each in find_tools(TOOLS.values(), environ=environ)}
    return [
        tool
        for tool in TOOLS.values()
        if tool.app_id in found and tool.configure is not None and tool.kind is not ToolKind.LIBRARY
    ]


def _wanted_models(
    parsed: argparse.Namespace, tools: Sequence[Tool], server: ServerInUse
) -> dict[str, str]:
    """Raises BadRequest for a role that no chosen tool has, ModelNotFound for a model that is none."""
    wanted = {MAIN: parsed.model} if parsed.model else {}
    known = {role.name for tool in tools for role in tool.roles} | {MAIN}
    for each in parsed.role:
        role, equals, model = each.partition("=")
        if not equals or not model or role not in known:
            raise BadRequest(
                f"--role {each}: write ROLE=MODEL; roles here are {', '.join(sorted(known))}.",
                code="role",
            )
        wanted[role] = model
    if server.models:
        for model in wanted.values():
            resolve_model(model, server.models, server.settings.upstream.model_aliases)
    return wanted


def _connect_one(
    tool: Tool, wanted: Mapping[str, str], server: ServerInUse, parsed: argparse.Namespace
) -> dict[str, Any]:
    if tool.refusal:
        if not parsed.json:
            print(f"{tool.name} cannot use the proxy. {tool.refusal}")
        return {"app": tool.app_id, "name": tool.name, "refusal": tool.refusal}
    receipt = next((r for r in server.connector.receipts() if r.app_id == tool.app_id), None)
    before = receipt.models if receipt else {}
    choice = choose_models(tool, server.models, wanted, before)
    blank = connection_for(tool, server.base_url, server.models, wanted, before)
    connection = replace(blank, key=server.key)
    report = steps_json(tool, connection, server) | {"written": [], "files": []}
    if parsed.steps or not _can_write(tool, server):
        if not parsed.json:
            _print_steps(tool, connection, server)
        return report
    _check_port(server)
    # A tool whose files cannot be written switches nothing on.
    plans = server.connector.plan(tool, blank)
    switched = switch_on(tool, server, dry_run=parsed.dry_run, as_json=parsed.json)
    report |= {"switched_on": switched}
    if parsed.dry_run:
        if not parsed.json:
            _print_plan(tool, plans, choice, server, KEY_PLACEHOLDER, written=False)
        return report | _written(plans, KEY_PLACEHOLDER, [])
    done = server.connector.connect(tool, blank)
    key = server.connector.key_in_use(tool) or ""
    if not parsed.json:
        _print_plan(tool, done.plans, choice, server, key, written=True)
        _print_receipt(tool, done)
    written = [str(plan.path) for plan in done.plans if plan.changes]
    report |= _written(done.plans, key, written) | _receipt_json(done)
    if parsed.test:
        report["test"] = _test(tool, key, choice, server, as_json=parsed.json)
    return report


def _can_write(tool: Tool, server: ServerInUse) -> bool:
    blank = Connection(server.base_url, KEY_PLACEHOLDER, "")
    return tool.configure is not None and bool(tool.configure(blank, server.location))


def _check_port(server: ServerInUse) -> None:
    if not server.running.is_ours and server.settings.server.port == 0:
        raise BadRequest(
            "The server takes another port at each start: start it first, or set server.port.",
            code="no_address",
        )


def _print_steps(tool: Tool, connection: Connection, server: ServerInUse) -> None:
    print(steps_text(steps_of(tool, connection, server)))
    notes = [tool.caution] if tool.caution else []
    notes.append("Nothing was written. Other models: g-copilot-proxy models; then --model ID.")
    print("\n" + "\n".join(notes), file=sys.stderr)


def _print_plan(
    tool: Tool,
    plans: Sequence[FilePlan],
    choice: ModelChoice,
    server: ServerInUse,
    key: str,
    *,
    written: bool,
) -> None:
    for plan in plans:
        sys.stdout.write(diff_text(plan.path, plan.current, plan.after, key))
    models = {each.id: each for each in server.models}
    for role in tool.roles:
        model = choice.models[role.name]
        prices = credits_per_million(models.get(model))
        cost = f" ({_priced(prices)})" if prices else ""
        print(f"{role.title}: {model}{cost}")
    for gone in choice.retired:
        print(f"{gone.model} is no longer offered; {gone.successor} takes its place.")
    if not written:
        print("Nothing was written.", file=sys.stderr)


def _priced(prices: tuple[float, float | None, float]) -> str:
    read, cached, out = prices
    middle = "" if cached is None else f"{cached:,g} cached, "
    return f"{read:,g} in, {middle}{out:,g} out: credits per million tokens"


def _print_receipt(tool: Tool, done: Connected) -> None:
    if not done.changed:
        print(f"{tool.name} was connected already; nothing needed to be changed.")
    else:
        print(f"{tool.name} is connected. Undo: g-copilot-proxy disconnect {tool.app_id}")
    if tool.afterwards:
        print(tool.afterwards)


def _written(plans: Sequence[FilePlan], key: str, written: list[str]) -> dict[str, Any]:
    return {
        "files": [
            {
                "path": str(plan.path),
                "changes": plan.changes,
                "diff": diff_text(plan.path, plan.current, plan.after, key),
            }
            for plan in plans
        ],
        "written": written,
    }


def _receipt_json(done: Connected) -> dict[str, Any]:
    receipt = done.receipt
    return {
        "connected": True,
        "changed": done.changed,
        "models": dict(receipt.models),
        "key": {"id": receipt.key_id or None, "name": receipt.key_name},
        "receipt": [
            {"path": each.path, "before": each.before or None, "after": each.after}
            for each in receipt.files
        ],
    }


def _test(
    tool: Tool, key: str, choice: ModelChoice, server: ServerInUse, *, as_json: bool
) -> dict[str, Any]:
    try:
        answer = ask_once(tool.wire, server.base_url, key or server.key, choice.main)
    except ProxyError as error:
        if not as_json:
            print(f"The test failed: {error.message}", file=sys.stderr)
        return {"failed": True, "message": error.message}
    if not as_json:
        print(f"{choice.main} answered in {answer.seconds:.1f} s: {answer.text}")
    return {"failed": False, "answer": answer.text, "seconds": round(answer.seconds, 3)}


def _failure(tool: Tool, error: ProxyError | OSError) -> dict[str, Any]:
    message = error.message if isinstance(error, ProxyError) else str(error)
    print(f"g-copilot-proxy: {tool.name}: {message}", file=sys.stderr)
    code = error.code if isinstance(error, ProxyError) else "file"
    return {"app": tool.app_id, "name": tool.name, "error": {"code": code, "message": message}}
