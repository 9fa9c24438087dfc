"""``g-copilot-proxy settings``: list, get, set, reset, restore.

A running server applies changes at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.app.engine import Engine
from proxy_core.app.measured_account import read_facts
from proxy_core.cli.command_engine import with_engine
from proxy_core.cli.control import ask_noted
from proxy_core.cli.exit_codes import DONE
from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.setting_effects import OWNED, SettingOwner
from proxy_core.config.setting_names import check_name, value_of
from proxy_core.config.setting_text import parse_value, value_text
from proxy_core.config.settings_file import check_value
from proxy_core.config.settings_reading import LoadedSettings
from proxy_core.config.settings_schema import DeclaredSetting, declared_settings
from proxy_core.config.settings_store import SettingsStore, open_settings
from proxy_core.errors import Problem
from proxy_core.status.status_board import StatusBoard

_ACCOUNT = (SettingOwner.GITHUB_HOST, SettingOwner.TOKEN_STORAGE)


def settings(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    paths = find_paths(environ)
    match parsed.action:
        case "get":
            return _get(open_settings(paths), parsed.key, as_json=parsed.json)
        case "set":
            value = parse_value(_declared(parsed.key), parsed.value)
            if value is not None:
                check_value(parsed.key, value)
            return _change(paths, environ, parsed.key, value, as_json=parsed.json)
        case "reset":
            check_name(parsed.key)
            return _change(paths, environ, parsed.key, None, as_json=parsed.json)
        case "restore":
            return _restore(open_settings(paths), parsed.file, as_json=parsed.json)
    return _list(paths, open_settings(paths), as_json=parsed.json)


def _declared(key: str) -> DeclaredSetting:
    """Raises BadRequest for an unknown name."""
    check_name(key)
    return next(each for each in declared_settings() if each.key == key)


def _list(paths: Paths, store: SettingsStore, *, as_json: bool) -> int:
    every = declared_settings()
    if as_json:
        shown = [_described(each, store) for each in every]
        problems = [_problem_json(each) for each in store.loaded.problems]
        content = {"file": str(paths.settings_file), "settings": shown, "problems": problems}
        print(json.dumps(content, indent=2))
        return DONE
    width = max(len(each.key) for each in every)
    for each in every:
        value = each.value_in(store.settings)
        mark = " " if value == each.default else "*"
        print(f"{mark} {each.key:<{width}}  {value_text(value)}")
    print(f"* differs from its default. {paths.settings_file}")
    _complain(store.loaded)
    return DONE


def _get(store: SettingsStore, key: str, *, as_json: bool) -> int:
    declared = _declared(key)
    if as_json:
        print(json.dumps(_described(declared, store), indent=2))
    else:
        print(value_text(declared.value_in(store.settings)))
        _complain(store.loaded)
    return DONE


def _change(
    paths: Paths, environ: Mapping[str, str], key: str, value: Any, *, as_json: bool
) -> int:
    """Change a setting; ``value`` None: back to the default."""
    if _is_done_by_server(paths, environ, key, value):
        loaded = open_settings(paths).loaded
    elif OWNED.get(key) in _ACCOUNT:
        loaded = with_engine(lambda engine, board: _in_engine(engine, board, key, value), environ)
    else:
        if OWNED.get(key) is SettingOwner.PROBE_FACTS and value:
            read_facts(str(value))  # a file that cannot be used is not named
        loaded = asyncio.run(_in_file(open_settings(paths), key, value))
    now = value_of(loaded.settings, key)
    if as_json:
        print(json.dumps({"key": key, "value": _plain(now), "was_reset": value is None}, indent=2))
    else:
        print(f"{key} = {value_text(now)}{' (its default)' if value is None else ''}")
    if loaded.kept_as is not None:
        _print_backup(loaded)
    return DONE


async def _in_file(store: SettingsStore, key: str, value: Any) -> LoadedSettings:
    return await (store.reset(key) if value is None else store.update(key, value))


async def _in_engine(engine: Engine, board: StatusBoard, key: str, value: Any) -> LoadedSettings:
    """Change a setting in an engine: the sign-in moves with the setting, which takes its owner."""
    del board
    await engine.restored()
    await engine.commands.change_settings(key, value)
    return engine.loaded_settings


def _is_done_by_server(paths: Paths, environ: Mapping[str, str], key: str, value: Any) -> bool:
    """Have the running server make a change it must put in force itself; return whether it did.

    Raises ProxyError with the server's message if it refuses.
    """
    if key not in OWNED:
        return False  # it follows the file
    body = {"key": key, "value": _plain(value)}
    return ask_noted(paths, environ, "/control/settings", body) is not None


def _restore(store: SettingsStore, name: str | None, *, as_json: bool) -> int:
    loaded = asyncio.run(store.restore(name))
    backup = None if loaded.kept_as is None else str(loaded.kept_as)
    if as_json:
        problems = [_problem_json(each) for each in loaded.problems]
        print(json.dumps({"restored": True, "kept_as": backup, "problems": problems}, indent=2))
        return DONE
    print("The settings file is restored.")
    _complain(loaded)
    if backup is not None:
        print(f"The one it replaced was kept as {backup}.", file=sys.stderr)
    return DONE


def _described(declared: DeclaredSetting, store: SettingsStore) -> dict[str, Any]:
    value = declared.value_in(store.settings)
    return {
        "key": declared.key,
        "value": _plain(value),
        "default": _plain(declared.default),
        "is_default": value == declared.default,
        "is_unread": declared.key in store.loaded.unread,
        "kind": declared.kind.value,
        "low": declared.low,
        "high": declared.high,
        "choices": list(declared.choices),
        "help": declared.help,
    }


def _problem_json(problem: Problem) -> dict[str, str]:
    return {
        "code": problem.code,
        "title": problem.title,
        "message": problem.message,
        "next_step": problem.next_step,
    }


def _complain(loaded: LoadedSettings) -> None:
    for each in loaded.problems:
        print(f"g-copilot-proxy: {each.message}", file=sys.stderr)


def _print_backup(loaded: LoadedSettings) -> None:
    if loaded.kept_as is not None:
        print(
            "g-copilot-proxy: the file had lines that could not be read. It was kept as "
            f"{loaded.kept_as}; to have it back, run: g-copilot-proxy settings restore "
            f"{loaded.kept_as.name}",
            file=sys.stderr,
        )


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
