"""``g-copilot-proxy doctor``: looks at each thing that must work, and says what to do if it does not."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import stat
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import aiohttp

from proxy_core import __version__
from proxy_core.cli import DONE, FAILED
from proxy_core.cli_account import PLACES
from proxy_core.cli_session import with_engine
from proxy_core.engine import Engine
from proxy_core.errors import ProxyError
from proxy_core.logging_setup import set_up_logging
from proxy_core.paths import Paths, find_paths
from proxy_core.running_server import ask_server
from proxy_core.server.port_owner import find_port_owner
from proxy_core.status import AccountState, StatusBoard


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State
    message: str
    next_step: str = ""


def doctor(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    paths = find_paths(environ)
    set_up_logging(paths)

    async def work(engine: Engine, board: StatusBoard) -> list[Check]:
        await engine.restored()
        return [
            _versions(),
            _settings(board, paths),
            _private_files(paths),
            await _port(engine),
            _account(board),
            await _models(engine, board),
        ]

    try:
        checks = with_engine(work, environ)
    except ProxyError as error:
        checks = [
            _versions(),
            Check("settings", State.FAILED, error.message, "Correct the setting."),
        ]
    healthy = all(each.state is not State.FAILED for each in checks)
    if parsed.json:
        print(json.dumps({"ok": healthy, "checks": [asdict(each) for each in checks]}, indent=2))
    else:
        for each in checks:
            print(f"{each.state.value:<8} {each.name:<9} {each.message}")
            if each.next_step:
                print(f"{'':<18} {each.next_step}")
    return DONE if healthy else FAILED


def _versions() -> Check:
    return Check(
        "program",
        State.OK,
        f"g-copilot-proxy {__version__}, Python {platform.python_version()}, aiohttp "
        f"{aiohttp.__version__}, {platform.system() or sys.platform} {platform.machine()}",
    )


def _settings(board: StatusBoard, paths: Paths) -> Check:
    problem = board.current.settings_problem
    if problem is not None:
        return Check("settings", State.FAILED, problem.message, problem.next_step)
    there = "" if paths.settings_file.exists() else " (not made yet: defaults are in force)"
    return Check("settings", State.OK, f"{paths.settings_file}{there}")


def _private_files(paths: Paths) -> Check:
    for file in (paths.local_key_file, paths.token_file):
        try:
            mode = file.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            return Check(
                "files", State.FAILED, f"{file}: {error.strerror}", "Make it readable for you."
            )
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            return Check(
                "files", State.WARNING, f"Others may read {file}.", f"Run: chmod 600 {file}"
            )
    folder = _first_that_exists(paths.state)
    if not os.access(folder, os.W_OK):
        return Check("files", State.FAILED, f"{folder} cannot be written.", "Make it yours.")
    return Check("files", State.OK, f"what we keep is below {paths.state}")


def _first_that_exists(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


async def _port(engine: Engine) -> Check:
    server = engine.settings.server
    found = await asyncio.to_thread(ask_server, server.host, server.port)
    if found.is_ours:
        return Check("port", State.OK, f"the server runs at {found.url}")
    owner = await find_port_owner(server.port) if server.port else None
    if found.answers or owner is not None:
        return Check(
            "port",
            State.FAILED,
            f"Port {server.port} is used by {owner or 'another program'}.",
            "Close that program, or change server.port in the settings.",
        )
    return Check("port", State.OK, f"port {server.port} is free; the server is not running")


def _account(board: StatusBoard) -> Check:
    account = board.current.account
    if account.state is AccountState.SIGNED_IN and account.problem is None:
        plan = f", Copilot {account.plan}" if account.plan else ""
        return Check(
            "account",
            State.OK,
            f"{account.login or 'signed in'} on {account.github_host}{plan}; kept "
            f"{PLACES[account.token_place]}",
        )
    if account.problem is not None:
        state = State.WARNING if account.state is AccountState.SIGNED_IN else State.FAILED
        return Check("account", state, account.problem.message, account.problem.next_step)
    return Check("account", State.FAILED, "Nobody is signed in.", "Run: g-copilot-proxy login")


async def _models(engine: Engine, board: StatusBoard) -> Check:
    """The catalogue needs the network, the proxy, the certificates, the token and a seat to work."""
    if board.current.account.state is AccountState.SIGNED_OUT:
        return Check("models", State.WARNING, "Not asked: nobody is signed in.")
    try:
        models = await engine.fetch_models()
    except ProxyError as error:
        return Check("models", State.FAILED, error.message, "See the account and your network.")
    usable = sum(each.disabled_reason is None for each in models)
    if not usable:
        return Check("models", State.FAILED, "GitHub offers this account no model.", "")
    return Check("models", State.OK, f"GitHub answers; {usable} of {len(models)} models are usable")
