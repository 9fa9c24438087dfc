"""Checks this computer: port, settings, our own files, keychain."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from proxy_core.clock import Clock
from proxy_core.config.paths import HOME_VARIABLE, Paths
from proxy_core.config.settings import Settings, TokenStorage
from proxy_core.discovery.server_client import RunningServer
from proxy_core.doctor.finding import CheckResult, DoctorAction, attention, failed, ok
from proxy_core.errors import Problem
from proxy_core.server.access.request_guard import is_loopback
from proxy_core.status.status import TokenPlace
from proxy_core.upstream.sign_in.keychain import KeychainFailed

_SLOW_KEYCHAIN_SECONDS = 2.0


async def port(
    settings: Settings,
    ask: Callable[[str, int], RunningServer],
    find_owner: Callable[[int], Awaitable[str | None]],
    running_port: int | None = None,
    find_elsewhere: Callable[[], str | None] = lambda: None,
) -> CheckResult:
    """``running_port`` is the port this process listens on, None while it does not.

    ``find_elsewhere`` returns the address of a server of this home in another process.
    """
    server = settings.server
    if running_port is None and (url := await asyncio.to_thread(find_elsewhere)) is not None:
        return ok(f"The server runs at {url}.")
    number = running_port or server.port
    if number == 0:
        return ok("Any free port is taken when the server starts.")
    found = await asyncio.to_thread(ask, server.host, number)
    if found.is_ours:
        if is_loopback(server.host):
            return ok(f"{number} is ours. Only this computer can reach it.")
        return ok(f"{number} is ours. Other computers can reach it; a key is required.")
    if running_port is not None:
        return failed(
            f"The server should listen on port {number}, but does not answer there.",
            "Stop it and start it again.",
        )
    owner = await find_owner(number)
    if found.answers or owner is not None:
        return failed(
            f"Port {number} is used by {owner or 'another program'}. Your settings are unchanged.",
            "Close that program, or change server.port in the settings.",
            DoctorAction.USE_NEXT_PORT,
        )
    return ok(f"{number} is free; the server does not run.")


def settings_file(problem: Problem | None, path: Path) -> CheckResult:
    if problem is not None:
        return failed(problem.message, problem.next_step, DoctorAction.OPEN_SETTINGS)
    if not path.exists():
        return ok("No settings file yet: every setting has its default.")
    return ok(f"{path} is read without a complaint.")


def files(paths: Paths) -> CheckResult:
    for file in (paths.local_key_file, paths.token_file):
        try:
            mode = file.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            return failed(
                f"{file} cannot be read: {error.strerror}.", "Make it readable for your account."
            )
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            return attention(f"Others on this computer may read {file}.", f"Run: chmod 600 {file}")
    # os.path.exists, since Path.exists raises where a folder above may not be entered.
    nearest = next(
        each
        for each in (paths.state, *paths.state.parents)
        if os.path.exists(each)  # noqa: PTH110
    )
    if os.access(nearest, os.W_OK):
        return ok(f"What is kept lies below {paths.state}, for you alone.")
    if nearest == paths.state:
        return failed(
            f"{nearest} cannot be written.",
            f"Make that folder yours, or set {HOME_VARIABLE} to a folder that is.",
        )
    # Whose folder is above is nobody's to change: it may be the root of the disk.
    return failed(
        f"{paths.state} cannot be made: {nearest} is closed to your account.",
        f"Set {HOME_VARIABLE} to a folder of your own.",
    )


async def keychain(
    storage: TokenStorage,
    place: TokenPlace,
    read: Callable[[], Awaitable[str | None]],
    clock: Clock,
) -> CheckResult:
    """Reads an entry that does not exist, so no secret is read and no permission is requested."""
    elsewhere = {
        TokenPlace.FILE: "a file",
        TokenPlace.MEMORY: "memory",
        TokenPlace.ENVIRONMENT: "the environment",
    }.get(place)
    if storage in (TokenStorage.FILE, TokenStorage.MEMORY):
        where = "a file" if storage is TokenStorage.FILE else "memory"
        return ok(f"Not used: your sign-in is kept in {where}.")
    before = clock.now()
    try:
        await read()
    except KeychainFailed as error:
        if elsewhere is not None:
            return ok(f"{error} Your sign-in is kept in {elsewhere}.")
        step = (
            "Keep the sign-in in a file: set account.token_storage to “file”."
            if error.absent
            else "Unlock it, or set account.token_storage to “file”."
        )
        return attention(str(error), step, DoctorAction.OPEN_SETTINGS)
    took = clock.monotonic() - before.monotonic
    if took > _SLOW_KEYCHAIN_SECONDS:
        return attention(
            f"It took {took:.1f} s to answer.", "Signing in will be slow. Unlock it beforehand."
        )
    return ok(f"The system keychain answers in {took * 1000:.0f} ms.")
