"""``status``: for people, and as JSON for programs."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict

from proxy_core.app.engine import Engine
from proxy_core.cli.account import PLACES
from proxy_core.cli.command_engine import with_engine
from proxy_core.cli.control import UNAUTHORIZED, ask_running, other_key
from proxy_core.cli.exit_codes import DONE
from proxy_core.cli.usage import today_here, used_words
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import BackendName, Settings
from proxy_core.discovery.running_address import find_running
from proxy_core.discovery.server_client import SECONDS, RunningServer
from proxy_core.errors import Problem
from proxy_core.server.paths import CONTROL_STATUS
from proxy_core.status.logging import set_up_logging
from proxy_core.status.status import AccountState, AccountStatus, UpstreamState
from proxy_core.status.status_board import StatusBoard


def status(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    paths = find_paths(environ)
    set_up_logging(paths)

    async def work(engine: Engine, board: StatusBoard) -> dict[str, Any]:
        await engine.restored(patience=0)
        now = board.current
        account = now.account
        problem = account.problem or now.settings_problem
        server = find_running(paths, engine.settings.server, seconds=SECONDS)
        asked = ask_running(environ, "/v1/activity") if server.is_ours else None
        live = asked.answer if asked is not None and asked.is_ours else {}
        running = ask_running(environ, CONTROL_STATUS) if server.is_ours else None
        if running is not None and running.is_ours:
            return {
                "server": _server(server),
                "demo": running.answer["demo"],
                "account": running.answer["account"],
                "upstream": live.get("upstream"),
                "learned": live.get("learned", []),
                "key_required": running.answer["key_required"],
                "backend": _backend(engine.settings),
                "settings_file": str(paths.settings_file),
                "today": running.answer.get("today"),
                "problem": running.answer["problem"] or live.get("problem"),
            }
        if running is not None and running.status == UNAUTHORIZED:
            # Its account may be another one: that of a token in its environment, say.
            refused = other_key(running, environ)
            problem = Problem(refused.title, refused.message, code=refused.code or "")
            account = AccountStatus(github_host=account.github_host)
        return {
            "server": _server(server),
            "demo": False,
            "account": {
                "state": account.state.value,
                "login": account.login,
                "plan": account.plan,
                "auto_only": account.is_auto_only,
                "github_host": account.github_host,
                "kept": account.token_place.value,
                "note": account.auto_only_note or None,
            },
            "upstream": live.get("upstream"),
            "learned": live.get("learned", [asdict(each) for each in now.parameter_refusals]),
            "key_required": now.requires_key,
            "backend": _backend(engine.settings),
            "settings_file": str(paths.settings_file),
            "today": None if running is not None else await today_here(engine),
            "problem": problem.message if problem else live.get("problem"),
        }

    report = with_engine(work, environ)
    if parsed.json:
        print(json.dumps(report, indent=2))
        return DONE
    server, account = report["server"], report["account"]
    if server["running"]:
        demo = ", as a demo" if report["demo"] else ""
        print(f"Server:   running at {server['url']}{demo}")
    elif server["other_program"]:
        print(f"Server:   not running; another program answers at {server['url']}")
    else:
        print("Server:   not running")
    if account["state"] == AccountState.SIGNED_OUT.value:
        print("Account:  nobody is signed in")
    elif account["state"] == AccountState.UNKNOWN.value:
        print("Account:  not known")
    elif account["state"] == AccountState.WAITING_FOR_KEYCHAIN.value:
        print("Account:  not known yet, the keychain does not answer")
    else:
        plan = f", Copilot {account['plan']}" if account["plan"] else ""
        places = {place.value: words for place, words in PLACES.items()}
        who = account["login"] or "a GitHub account"
        print(f"Account:  {who} on {account['github_host']}{plan}; kept {places[account['kept']]}")
        if account["note"]:
            print(f"Models:   {account['note']}")
    if report["today"] is not None:
        print(f"Today:    {used_words(report['today'])}")
    print(f"Settings: {report['settings_file']}")
    carried = report["backend"]
    if carried["default"] != BackendName.COPILOT.value or carried["models"]:
        others = "".join(f"; {each} for {model}" for model, each in carried["models"].items())
        print(f"Backend:  {carried['default']}{others}")
    if report["upstream"] is not None and report["upstream"]["state"] != UpstreamState.OK.value:
        print(f"GitHub:   {_upstream_words(report['upstream'])}")
    for each in report["learned"]:
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(each["until"]))
        print(
            f"Learned:  {each['model']} at {each['endpoint']} is not sent {each['member']} until "
            f"{until}. {each['why']}"
        )
    if report["problem"]:
        print(f"Problem:  {report['problem']}")
    return DONE


def _upstream_words(upstream: Mapping[str, Any]) -> str:
    words = {
        UpstreamState.LIMITED.value: "a limit holds new requests back",
        UpstreamState.BUSY.value: "as many requests run as may",
        UpstreamState.UNREACHABLE.value: "cannot be reached",
    }[upstream["state"]]
    if upstream["until"] is not None:
        words += f" until {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(upstream['until']))}"
    if upstream["waiting"]:
        words += f"; {upstream['waiting']} waiting"
    problem = upstream["problem"]
    return f"{words}. {problem['message']}" if problem else f"{words}."


def _backend(settings: Settings) -> dict[str, Any]:
    models = settings.upstream.model_backends
    return {
        "default": settings.upstream.backend.value,
        "models": {model: each.value for model, each in models.items()},
    }


def _server(found: RunningServer) -> dict[str, Any]:
    return {
        "running": found.is_ours,
        "url": found.url,
        "other_program": found.answers and not found.is_ours,
        "version": found.answer.get("version") if found.is_ours else None,
    }
