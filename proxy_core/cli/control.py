"""``approve``, ``pause`` and ``resume``: commands to a running server from a terminal."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from proxy_core.auth.local_key import check_key_text, load_or_make
from proxy_core.auth.server_proof import load_or_make_secret
from proxy_core.cli.exit_codes import DONE, FAILED, KEY_VARIABLE
from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.settings_store import open_settings
from proxy_core.discovery.running_address import find_noted, find_running
from proxy_core.discovery.server_client import Credentials, RunningServer, ask_server
from proxy_core.errors import BadRequest, ErrorKind, ProxyError
from proxy_core.server.paths import CONTROL_STATUS

SECONDS = 10.0
SLOW_SECONDS = 45.0
"""Moving the sign-in may wait for the keychain's prompt."""
BAD_REQUEST, UNAUTHORIZED = 400, 401
OTHER_KEY = "other_key"
"""Code of what :func:`other_key` returns."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def approve(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """List the waiting questions, or answer them."""
    wanted, client = parsed.id, parsed.all_of
    if client is not None and (wanted not in (None, "list") or parsed.stop_asking):
        raise BadRequest("--all-of answers every question of one client; it goes with --deny only.")
    if client is None and wanted in (None, "list"):
        if parsed.deny or parsed.stop_asking:
            raise BadRequest("Name the request: g-copilot-proxy approve ID --deny.")
        return _list(parsed, environ)
    if parsed.deny and parsed.stop_asking:
        raise BadRequest("--stop-asking goes with approving only.")
    body = {"send": not parsed.deny}
    if client is not None:
        body |= {"client": client}
    else:
        body |= {"id": wanted, "stop_asking": parsed.stop_asking}
    response = _ask(environ, "/control/approvals", body)
    answered, allowed = response["answered"], response.get("allowed")
    if parsed.json:
        sent = bool(answered) and not parsed.deny
        extra = {"allowed": allowed} if allowed else {}
        print(json.dumps({"answered": answered, "sent": sent, **extra}))
        return DONE if answered else FAILED
    if not answered:
        what = f"No request of {client} waits" if client else f"{wanted} does not wait"
        raise ProxyError(f"{what} for an answer (any more).", code="not_waiting")
    outcome = "not sent" if parsed.deny else "sent"
    print(f"{answered} {'request is' if answered == 1 else 'requests are'} {outcome}.")
    if allowed:
        print(allowed)
    return DONE


def pause(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    seconds = None if parsed.duration is None else read_duration(parsed.duration)
    answer = _ask(environ, "/control/pause", {"client": parsed.client, "seconds": seconds})
    return _show_pauses(answer, as_json=parsed.json)


def resume(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    answer = _ask(environ, "/control/resume", {"client": parsed.client})
    return _show_pauses(answer, as_json=parsed.json)


def read_duration(text: str) -> float:
    """Return seconds for ``90``, ``90s``, ``15m``, ``2h`` or ``1d``. Raises BadRequest."""
    unit = _UNITS.get(text[-1:].lower())
    digits = text if unit is None else text[:-1]
    try:
        if not digits.isascii():
            raise ValueError
        amount = float(digits)
    except ValueError as error:
        raise BadRequest(f"{text!r} is not a duration; write 90s, 15m, 2h or 1d.") from error
    return amount * (unit or 1)


def ask_running(
    environ: Mapping[str, str], path: str, body: Mapping[str, Any] | None = None
) -> RunningServer:
    """Ask the server of this home with the main local key.

    The key is sent only to a server that proved that it is this user's (``auth.server_proof``).
    Raises OSError, or BadRequest for the key.
    """
    paths = find_paths(environ)
    key = main_key(paths, environ)
    found = find_running(paths, open_settings(paths).settings.server, seconds=SECONDS)
    if not found.is_ours:
        return found
    credentials = Credentials(key, load_or_make_secret(paths.server_proof_file))
    return ask_server(
        *found.address, path=path, credentials=credentials, seconds=SECONDS, body=body
    )


def ask_noted(
    paths: Paths, environ: Mapping[str, str], path: str, body: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the answer of this home's running server; None if none runs.

    Raises ProxyError with the server's message if it refuses.
    """
    found = find_noted(paths, seconds=SECONDS)
    if found is None:
        return None
    credentials = Credentials(
        main_key(paths, environ), load_or_make_secret(paths.server_proof_file)
    )
    asked = ask_server(
        *found.address, path=path, credentials=credentials, seconds=SLOW_SECONDS, body=body
    )
    if not asked.is_ours:
        raise _refused(asked, environ)
    return asked.answer


def main_key(paths: Paths, environ: Mapping[str, str]) -> str:
    """Return the main local key of this home, or this run's. Raises BadRequest or OSError."""
    chosen = environ.get(KEY_VARIABLE)
    return check_key_text(chosen) if chosen else load_or_make(paths.local_key_file)


def other_key(found: RunningServer, environ: Mapping[str, str]) -> ProxyError:
    """Return what to say of a server of ours that was started with another key than we have."""
    if environ.get(KEY_VARIABLE):
        what = f"{KEY_VARIABLE} does not hold the key of the server that runs at {found.url}."
    else:
        what = f"The server at {found.url} runs with another key than the stored one."
    step = f"For this command, put the key it was started with into {KEY_VARIABLE}."
    return ProxyError(f"{what} {step}", title="The server runs with another key", code=OTHER_KEY)


@contextlib.contextmanager
def reported_other_key() -> Iterator[None]:
    """Print, in place of raising, that the server runs with another key: what was done still counts."""
    try:
        yield
    except ProxyError as error:
        if error.code != OTHER_KEY:
            raise
        print(f"g-copilot-proxy: {error.message}", file=sys.stderr)


def check_key_of_running(environ: Mapping[str, str]) -> None:
    """Raise ProxyError if a server of ours runs with another key: what is known here is not its truth.

    Raises OSError too.
    """
    found = ask_running(environ, CONTROL_STATUS)
    if found.status == UNAUTHORIZED:
        raise other_key(found, environ)


def _refused(found: RunningServer, environ: Mapping[str, str]) -> ProxyError:
    if found.status == UNAUTHORIZED:
        return other_key(found, environ)
    refusal = found.refusal or f"{found.url} did not answer."
    kind = ErrorKind.INVALID_REQUEST if found.status == BAD_REQUEST else None
    return ProxyError(refusal, kind=kind, code="refused")


def _ask(
    environ: Mapping[str, str], path: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the answer. Raises ProxyError, worded for a person, if there is none."""
    found = ask_running(environ, path, body)
    if found.is_ours:
        return found.answer
    if found.refusal:
        raise _refused(found, environ)
    if found.answers:
        raise ProxyError(
            f"Another program answers at {found.url}, or another user's g-copilot-proxy: it did not "
            "prove that it is yours, so it was shown no key.",
            code="other_program",
        )
    raise ProxyError(
        f"No g-copilot-proxy runs at {found.url}. Start the app or `g-copilot-proxy serve`.",
        code="not_running",
    )


def _list(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    waiting = _ask(environ, "/control/approvals")["approvals"]
    if parsed.json:
        print(json.dumps(waiting, indent=2))
        return DONE
    if not waiting:
        print("Nothing waits for your approval.")
    for each in waiting:
        print(_question(each))
    return DONE


def _question(waiting: Mapping[str, Any]) -> str:
    who = (
        waiting["client"]
        if waiting["is_authenticated"]
        else f"{waiting['client']} (by its own word)"
    )
    words = [f"{waiting['id']}  {who}, {waiting['model']}"]
    if waiting["prompt_tokens"] is not None:
        words.append(f"{waiting['prompt_tokens']:,} tokens")
    if waiting["expected_low"] is not None:
        words.append(f"{waiting['expected_low']:.1f} to {waiting['expected_high']:.1f} credits")
    if waiting["limit"] is not None:
        words.append(f"budget: {waiting['spent']:.1f} of {waiting['limit']:.1f} credits used")
    return ", ".join(words)


def _show_pauses(answer: Mapping[str, Any], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(answer, indent=2))
        return DONE
    if answer["paused"]:
        print(f"All requests are refused {_until(answer['until'])}.")
    for each in answer["clients"]:
        print(f"{each['client']} is paused {_until(each['until'])}.")
    if not answer["paused"] and not answer["clients"]:
        print("Nothing is paused.")
    return DONE


def _until(moment: str | None) -> str:
    """Return ``moment`` (ISO 8601, UTC) as local time."""
    if not moment:
        return "until resumed"
    return f"until {datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"
