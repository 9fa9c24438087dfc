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
from proxy_core.errors import Problem, translatable
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
        return ok(translatable("The server runs at {url}.", url=url))
    number = running_port or server.port
    if number == 0:
        return ok(translatable("Any free port is taken when the server starts."))
    found = await asyncio.to_thread(ask, server.host, number)
    if found.is_ours:
        if is_loopback(server.host):
            return ok(translatable("{port} is ours. Only this computer can reach it.", port=number))
        return ok(
            translatable(
                "{port} is ours. Other computers can reach it; a key is required.", port=number
            )
        )
    if running_port is not None:
        return failed(
            translatable(
                "The server should listen on port {port}, but does not answer there.", port=number
            ),
            translatable("Stop it and start it again."),
        )
    owner = await find_owner(number)
    if found.answers or owner is not None:
        return failed(
            translatable(
                "Port {port} is used by {program}. Your settings are unchanged.",
                port=number,
                program=owner or translatable("another program"),
            ),
            translatable("Close that program, or change server.port in the settings."),
            DoctorAction.USE_NEXT_PORT,
        )
    return ok(translatable("{port} is free; the server does not run.", port=number))


def settings_file(problem: Problem | None, path: Path) -> CheckResult:
    if problem is not None:
        # Requests go on: what could not be read is ignored, kept or the strictest there is.
        return attention(problem.message, problem.next_step, DoctorAction.OPEN_SETTINGS)
    if not path.exists():
        return ok(translatable("No settings file yet: every setting has its default."))
    return ok(translatable("{file} is read without a complaint.", file=str(path)))


def files(paths: Paths) -> CheckResult:
    for file in (paths.local_key_file, paths.token_file):
        try:
            mode = file.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            return failed(
                translatable(
                    "{file} cannot be read: {reason}.",
                    file=str(file),
                    reason=error.strerror or type(error).__name__,
                ),
                translatable("Make it readable for your account."),
            )
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            return attention(
                translatable("Others on this computer may read {file}.", file=str(file)),
                translatable("Run: chmod 600 {file}", file=str(file)),
            )
    # os.path.exists, since Path.exists raises where a folder above may not be entered.
    nearest = next(
        each
        for each in (paths.state, *paths.state.parents)
        if os.path.exists(each)  # noqa: PTH110
    )
    if os.access(nearest, os.W_OK):
        return ok(
            translatable(
                "What is kept lies below {folder}, for you alone.", folder=str(paths.state)
            )
        )
    if nearest == paths.state:
        return failed(
            translatable("{folder} cannot be written.", folder=str(nearest)),
            translatable(
                "Make that folder yours, or set {variable} to a folder that is.",
                variable=HOME_VARIABLE,
            ),
        )
    # Whose folder is above is nobody's to change: it may be the root of the disk.
    return failed(
        translatable(
            "{folder} cannot be made: {above} is closed to your account.",
            folder=str(paths.state),
            above=str(nearest),
        ),
        translatable("Set {variable} to a folder of your own.", variable=HOME_VARIABLE),
    )


async def keychain(
    storage: TokenStorage,
    place: TokenPlace,
    read: Callable[[], Awaitable[str | None]],
    clock: Clock,
) -> CheckResult:
    """Reads an entry that does not exist, so no secret is read and no permission is requested."""
    elsewhere = {
        TokenPlace.FILE: translatable("a file"),
        TokenPlace.MEMORY: translatable("memory"),
        TokenPlace.ENVIRONMENT: translatable("the environment"),
    }.get(place)
    if storage in (TokenStorage.FILE, TokenStorage.MEMORY):
        where = translatable("a file") if storage is TokenStorage.FILE else translatable("memory")
        return ok(translatable("Not used: your sign-in is kept in {place}.", place=where))
    before = clock.now()
    try:
        await read()
    except KeychainFailed as error:
        if elsewhere is not None:
            return ok(
                translatable(
                    "{reason} Your sign-in is kept in {place}.",
                    reason=error.message,
                    place=elsewhere,
                )
            )
        step = (
            translatable("Keep the sign-in in a file: set account.token_storage to “file”.")
            if error.absent
            else translatable("Unlock it, or set account.token_storage to “file”.")
        )
        return attention(error.message, step, DoctorAction.OPEN_SETTINGS)
    took = clock.monotonic() - before.monotonic
    if took > _SLOW_KEYCHAIN_SECONDS:
        return attention(
            translatable("It took {seconds} s to answer.", seconds=f"{took:.1f}"),
            translatable("Signing in will be slow. Unlock it beforehand."),
        )
    milliseconds = round(took * 1000)
    return ok(
        translatable("The system keychain answers in {milliseconds} ms.", milliseconds=milliseconds)
    )
