"""``status`` and ``models``: for people, and as JSON for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from proxy_core.cli import DONE
from proxy_core.cli_account import PLACES
from proxy_core.cli_session import with_engine
from proxy_core.engine import Engine
from proxy_core.logging_setup import set_up_logging
from proxy_core.model import Model
from proxy_core.paths import find_paths
from proxy_core.running_server import RunningServer, ask_server
from proxy_core.status import AccountState, StatusBoard


def status(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    paths = find_paths(environ)
    set_up_logging(paths)

    async def work(engine: Engine, board: StatusBoard) -> dict[str, Any]:
        await engine.restored()
        now = board.current
        account = now.account
        problem = account.problem or now.settings_problem
        return {
            "server": _server(ask_server(engine.settings.server.host, engine.settings.server.port)),
            "account": {
                "state": account.state.value,
                "login": account.login,
                "plan": account.plan,
                "github_host": account.github_host,
                "kept": account.token_place.value,
            },
            "key_required": now.requires_key,
            "settings_file": str(paths.settings_file),
            "problem": problem.message if problem else None,
        }

    report = with_engine(work, environ)
    if parsed.json:
        print(json.dumps(report, indent=2))
        return DONE
    server, account = report["server"], report["account"]
    if server["running"]:
        print(f"Server:   running at {server['url']}")
    elif server["other_program"]:
        print(f"Server:   not running; another program answers at {server['url']}")
    else:
        print("Server:   not running")
    if account["state"] == AccountState.SIGNED_OUT.value:
        print("Account:  nobody is signed in")
    else:
        plan = f", Copilot {account['plan']}" if account["plan"] else ""
        places = {place.value: words for place, words in PLACES.items()}
        who = account["login"] or "a GitHub account"
        print(f"Account:  {who} on {account['github_host']}{plan}; kept {places[account['kept']]}")
    print(f"Settings: {report['settings_file']}")
    if report["problem"]:
        print(f"Problem:  {report['problem']}")
    return DONE


def models(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    set_up_logging(find_paths(environ))

    async def work(engine: Engine, board: StatusBoard) -> tuple[Model, ...]:
        del board
        return await engine.models()

    found = with_engine(work, environ)
    if parsed.json:
        print(json.dumps([_model(each) for each in found], indent=2))
        return DONE
    width = max((len(each.id) for each in found), default=0)
    for each in found:
        endpoints = " ".join(endpoint.value for endpoint in each.endpoints)
        note = f"  disabled: {each.disabled_reason}" if each.disabled_reason else ""
        print(f"{each.id:<{width}}  {endpoints}{note}")
    return DONE


def _model(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "kind": model.kind,
        "endpoints": [each.value for each in model.endpoints],
        "context_window": model.limits.context_window,
        "max_prompt_tokens": model.limits.prompt,
        "max_output_tokens": model.limits.output,
        "disabled_reason": model.disabled_reason,
    }


def _server(found: RunningServer) -> dict[str, Any]:
    return {
        "running": found.is_ours,
        "url": found.url,
        "other_program": found.answers and not found.is_ours,
        "version": found.answer.get("version") if found.is_ours else None,
    }
