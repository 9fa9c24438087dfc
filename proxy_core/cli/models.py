"""``models``: lists models, accepts a model's terms, forgets its refused parameters."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from proxy_core.app.engine import Engine
from proxy_core.canonical.model import Model
from proxy_core.cli.command_engine import asked, with_engine
from proxy_core.cli.control import ask_running, check_key_of_running
from proxy_core.cli.exit_codes import DONE
from proxy_core.config.paths import find_paths
from proxy_core.errors import ErrorKind, ModelNotFound, ProxyError, SignedOut
from proxy_core.server.admin.model_json import model_json
from proxy_core.server.paths import CONTROL_MODELS
from proxy_core.status.logging import set_up_logging
from proxy_core.status.status_board import StatusBoard


class NotAccepted(ProxyError):
    """The terms were shown and not accepted."""

    kind = ErrorKind.PERMISSION
    title = "The terms were not accepted"

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_accepted")


def models(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    set_up_logging(find_paths(environ))
    if parsed.enable is not None:
        return with_engine(lambda engine, _: _enable(engine, parsed), environ)
    if parsed.forget_learned is not None:
        return with_engine(lambda engine, board: _forget(engine, board, parsed), environ)

    async def listed(engine: Engine, board: StatusBoard) -> tuple[tuple[Model, ...], str]:
        return await engine.commands.models(
            refresh=parsed.refresh
        ), board.current.account.auto_only_note

    found, note = (None, "") if parsed.refresh else _from_server(environ)
    if found is None:
        try:
            offered, note = with_engine(listed, environ)
        except SignedOut:
            check_key_of_running(environ)
            raise
        found = [model_json(each) for each in offered]
    if parsed.json:
        print(json.dumps(found, indent=2))
        if note:
            print(note, file=sys.stderr)
        return DONE
    width = max((len(each["id"]) for each in found), default=0)
    for each in found:
        print(f"{each['id']:<{width}}  {' '.join(each['endpoints'])}{_remark(each)}")
    if note:
        print(note)
    return DONE


def _from_server(environ: Mapping[str, str]) -> tuple[list[dict[str, Any]] | None, str]:
    """Return the running server's list and what it says of the plan; None if none of ours runs or it
    has no list."""
    asked = ask_running(environ, CONTROL_MODELS)
    if not asked.is_ours:
        return None, ""
    return list(asked.answer["models"]), str(asked.answer.get("note") or "")


async def _enable(engine: Engine, parsed: argparse.Namespace) -> int:
    listed = await engine.commands.models(refresh=True)
    model = next((each for each in listed if each.id == parsed.enable), None)
    if model is None:
        raise ModelNotFound(f"{parsed.enable!r} is not in your GitHub Copilot account's list.")
    if not model.awaits_consent:
        _tell(model, f"{model.id} needs no consent; it is enabled.", parsed)
        return DONE
    # Also with --json, whose output is for a program: the terms are for a person.
    place = sys.stderr if parsed.json else sys.stdout
    vendor = model.vendor or "an unnamed vendor"
    print(f"{model.name} ({model.id}) by {vendor}. Its terms:\n", file=place)
    print(model.terms or "GitHub's list names no terms for it.", file=place)
    print(file=place)
    if not parsed.yes:
        if not sys.stdin.isatty():
            raise NotAccepted("Nothing was accepted. Add --yes to accept these terms.")
        if not asked(f"Accept them and enable {model.id} for your GitHub account? [y/N] "):
            raise NotAccepted("Nothing was accepted.")
    enabled = await engine.commands.enable_model(model.id)
    _tell(enabled, f"{enabled.id} is enabled.", parsed)
    return DONE


def _tell(model: Model, words: str, parsed: argparse.Namespace) -> None:
    print(json.dumps(model_json(model), indent=2) if parsed.json else words)


async def _forget(engine: Engine, board: StatusBoard, parsed: argparse.Namespace) -> int:
    model_id = parsed.forget_learned
    refused = [each for each in board.current.parameter_refusals if each.model == model_id]
    for each in refused:
        await engine.commands.forget_refusal(each.model, each.endpoint, each.member)
    rules = await engine.commands.forget_demands(model_id)
    if parsed.json:
        print(json.dumps({"forgotten": [*(each.member for each in refused), *rules]}))
    elif refused or rules:
        if refused:
            names = ", ".join(each.member for each in refused)
            print(f"Forgotten: {model_id} may be sent {names} again.")
        if rules:
            print(f"Forgotten: requests to {model_id} had {', '.join(rules)}.")
    else:
        print(f"Nothing was learned of {model_id}.")
    return DONE


def _remark(model: Mapping[str, Any]) -> str:
    if model["disabled_reason"]:
        return f"  disabled: {model['disabled_reason']}"
    if model["awaits_consent"]:
        return f"  awaits your consent: g-copilot-proxy models --enable {model['id']}"
    return ""
