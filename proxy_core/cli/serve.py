"""``g-copilot-proxy serve``: the server without the app."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from proxy_core.app.network_exposure import what_is_open
from proxy_core.app.quick_start import without_collecting
from proxy_core.app.service import ProxyService
from proxy_core.auth.client_keys import ClientKeys
from proxy_core.auth.local_key import check_key_text
from proxy_core.cli.exit_codes import DONE, FAILED, KEY_VARIABLE, complain, environment_of_demo
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import HOME_VARIABLE, Paths, find_paths
from proxy_core.errors import BadRequest, ProxyError
from proxy_core.server.access.request_guard import is_loopback
from proxy_core.server.calls.memory_return import give_back
from proxy_core.status.logging import set_up_logging, write_out
from proxy_core.status.status import AccountState, Status
from proxy_core.storage.private_files import read_private

_LONGEST_SHUTDOWN = 5.9
"""Seconds. Responses have 5 to end; a hanging disk or name server must not extend it beyond 6."""
_SETTLED_SECONDS = 4.0
"""After which a start has loaded everything it loads behind the first answers."""
_NEW_OBJECTS = 10_000
"""Objects after which the youngest are searched for cycles; some hundred kB."""
_NEEDS_HELP = (
    AccountState.SIGNED_OUT,
    AccountState.EXPIRED,
    AccountState.NO_PLAN,
    AccountState.WAITING_FOR_KEYCHAIN,
)


def serve(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Serve until a signal comes. Prints one line on the output once connections are accepted."""
    paths = find_paths(environ)
    keeps_files = not parsed.demo or bool(environ.get(HOME_VARIABLE))
    set_up_logging(paths if keeps_files else None, screen=sys.stderr)
    environ = {**environ, **environment_of_demo(parsed)}
    service = ProxyService(
        paths, demo=parsed.demo, environ=environ, overrides=_overrides(parsed, environ)
    )
    ended = threading.Event()
    _end_on_signals(ended)
    hints = _Hints()
    service.subscribe(hints.on_status, to_requests=False)
    try:
        with without_collecting():
            service.boot(listens=True)
        _announce(service, keeps_files)
        _collect_less_often()
        if keeps_files and _has_connections(paths):
            # Loaded once requests are served, and only then: it knows every tool.
            from proxy_core.cli.tools.while_serving import connect_what_rests

            connect_what_rests(service, paths)
        if not ended.wait(_SETTLED_SECONDS):
            _settle()
        # Without a timeout Windows would not notice Ctrl-C.
        while not ended.wait(0.5 if sys.platform == "win32" else None):
            pass
    except ProxyError as error:
        _shut_down(service)
        return complain(error)
    if keeps_files and _has_connections(paths):
        from proxy_core.cli.tools.while_serving import undo_if_wanted

        undo_if_wanted(service, paths)
    return _shut_down(service)


def _has_connections(paths: Paths) -> bool:
    """Whether Connect ever changed a tool's settings for this user."""
    try:
        return any(paths.connections.iterdir())
    except OSError:
        return False


def _overrides(parsed: argparse.Namespace, environ: Mapping[str, str]) -> Overrides:
    key = _read_key(parsed.key_file) if parsed.key_file else parsed.key
    if not key and (from_environment := environ.get(KEY_VARIABLE)):
        _check_main_key(from_environment, environ)
        key = from_environment
    if key:
        check_key_text(key)
    return Overrides(
        host=parsed.host,
        port=parsed.port,
        require_key=False if parsed.no_key else (True if key else None),
        local_key=key or None,
    )


def _check_main_key(key: str, environ: Mapping[str, str]) -> None:
    """Raise BadRequest for a client key: as the main key it would also allow approvals."""
    client = ClientKeys(find_paths(environ).client_keys_file, time.time).client_of(key)
    if client is not None:
        raise BadRequest(
            f"{KEY_VARIABLE} holds the key made for {client}, but it names the main key of a run. "
            "Give the client its key in another variable, as `g-copilot-proxy connect` prints it, and "
            f"unset {KEY_VARIABLE}."
        )


def _read_key(name: str) -> str:
    """Return the first line of that file, or of the input for ``-``. Raises BadRequest or OSError."""
    content = (
        read_private(Path(name), folder_is_ours=False)
        if name != "-"
        else sys.stdin.buffer.readline()
    )
    if content is None:
        raise BadRequest(f"There is no file {name}.")
    return check_key_text(content.decode("utf-8", "replace").split("\n", 1)[0].strip())


def _announce(service: ProxyService, keeps_files: bool) -> None:
    server = service.status.server
    print(f"Listening on {server.url}", flush=True)
    if not is_loopback(server.host):
        print(
            f"g-copilot-proxy: {what_is_open(server.host, server.port)}",
            file=sys.stderr,
            flush=True,
        )
    if not keeps_files and service.status.requires_key:
        # It is in this run's temporary folder, so no other command could print it.
        print(f"Local key of this demo: {service.local_key}", flush=True)


def _collect_less_often() -> None:
    """Let Python's search for cycles leave alone what the start made, and look every few requests: by
    its defaults it looks three times in each, at nothing that is garbage."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


def _settle() -> None:
    """Give back what imports used while they ran, and look for garbage in none of what they made."""
    gc.freeze()
    give_back()


def _end_on_signals(ended: threading.Event) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        # A signal ignored by nohup stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


def _shut_down(service: ProxyService) -> int:
    if service.shutdown(_LONGEST_SHUTDOWN):
        return DONE
    print("g-copilot-proxy: the server did not end in time; it was cut off.", file=sys.stderr)
    for output in (sys.stdout, sys.stderr):  # ``_exit`` flushes nothing
        if output is not None:
            output.flush()
    write_out()
    os._exit(FAILED)


class _Hints:
    """Prints once what is wrong with the sign-in: a server without one answers only 401."""

    def __init__(self) -> None:
        self._printed: str | None = None

    def on_status(self, status: Status) -> None:
        account = status.account
        problem = status.settings_problem or account.problem
        if account.state is AccountState.SIGNED_OUT and problem is None:
            text = "Nobody is signed in to GitHub; run `g-copilot-proxy login`."
        elif problem is not None and (status.settings_problem or account.state in _NEEDS_HELP):
            text = f"{problem.message} {problem.next_step}".strip()
        else:
            return
        if text != self._printed:
            self._printed = text
            print(f"g-copilot-proxy: {text}", file=sys.stderr, flush=True)
