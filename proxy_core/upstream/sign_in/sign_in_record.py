"""Which sign-in is stored where, in a file without secrets that every process of this home reads.

A process that signs in, signs out, renews or moves the sign-in writes it; the others notice the
changed file. It also lists copies that could not be removed, so that they are not used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.errors import Actor, ErrorKind, ProxyError, translatable
from proxy_core.status.status import TokenPlace
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, write_private

LONGEST_WAIT_SECONDS = 40.0
"""Another process may be waiting for its keychain for up to 30 s."""
Stored = tuple[str, TokenPlace]
"""An account's host and a place where its token is stored."""


class AccountBusy(ProxyError):
    """Another process is changing the sign-in and does not finish."""

    kind = ErrorKind.SIGN_IN_PENDING
    http_status = 503
    title: str = translatable("The sign-in is being changed elsewhere")
    actor = Actor.USER


@dataclass(frozen=True, slots=True)
class StoredSignIn:
    """``id`` stays the same when the sign-in's token is renewed or moved."""

    id: str
    places: frozenset[TokenPlace] = frozenset()


@dataclass(frozen=True, slots=True)
class SignInRecord:
    """``sign_ins`` by host.

    ``left_behind``: copies that could not be removed; they are void. ``sign_outs`` counts
    sign-outs, which apply to every process.
    """

    sign_ins: Mapping[str, StoredSignIn] = field(default_factory=dict)
    left_behind: frozenset[Stored] = frozenset()
    sign_outs: int = 0

    def stored(self) -> frozenset[Stored]:
        """Return every copy that exists or may exist."""
        return self.left_behind | {
            (host, place) for host, each in self.sign_ins.items() for place in each.places
        }

    def other_than(self, before: SignInRecord) -> frozenset[str]:
        """Return the hosts whose sign-in changed or was removed."""
        hosts = {*self.sign_ins, *before.sign_ins}
        return frozenset(each for each in hosts if self._id(each) != before._id(each))

    def _id(self, host: str) -> str | None:
        entry = self.sign_ins.get(host)
        return entry.id if entry is not None else None


class SignInRecordFile:
    """``run_blocking`` runs a function that uses the disk; by default in a thread."""

    def __init__(
        self,
        path: Path,
        run_blocking: Callable[..., Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self._path = path
        self._name = str(path)
        self._run_blocking = run_blocking

    def mark(self) -> tuple[int, int] | None:
        """Return a value that differs after any change; None where there is no record."""
        try:
            found = os.stat(self._name)  # noqa: PTH116 - for every request, in half the time
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_ino)

    def read(self) -> SignInRecord:
        """Return the record; an empty one if it is missing or unreadable."""
        try:
            content = read_private(self._path)
            decoded = msgspec.json.decode(content) if content else None
        except (OSError, msgspec.DecodeError):
            return SignInRecord()
        return _read(decoded)

    def write(self, record: SignInRecord) -> None:
        """Raises OSError."""
        before = self.mark()
        # Not durable: waiting for a hanging disk would prevent every sign-in, and the record holds
        # no secret: one that a power cut damaged is read as empty, and every place is looked at
        # again.
        write_private(self._path, msgspec.json.encode(_to_dict(record)), durable=False)
        now = self.mark()
        if before is not None and now is not None and now[0] <= before[0]:
            # Two changes within one tick of the file system's clock must be distinguishable.
            os.utime(self._path, ns=(before[0] + 1, before[0] + 1))

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Lock the sign-in against other processes. Raises AccountBusy, OSError."""
        stack = ExitStack()
        acquiring = asyncio.ensure_future(
            self._run_blocking(stack.enter_context, locked(self._path, LONGEST_WAIT_SECONDS))
        )
        try:
            await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            acquiring.add_done_callback(lambda task: _give_back(task, stack))
            raise
        except TimeoutError as error:
            raise AccountBusy(
                translatable(
                    "Another g-copilot-proxy is signing in or out. Try again in a moment."
                ),
                code="account_busy",
                retry_after=5.0,
            ) from error
        with stack:
            yield


def _give_back(task: asyncio.Future[Any], stack: ExitStack) -> None:
    with contextlib.suppress(Exception):
        task.exception()
    stack.close()


def _to_dict(record: SignInRecord) -> dict[str, Any]:
    return {
        "sign_ins": {
            host: {"id": each.id, "places": sorted(each.places)}
            for host, each in record.sign_ins.items()
        },
        "left_behind": sorted([host, place] for host, place in record.left_behind),
        "sign_outs": record.sign_outs,
    }


class _StoredJson(msgspec.Struct):
    id: str
    places: list[TokenPlace] = []


class _RecordJson(msgspec.Struct):
    sign_ins: dict[str, _StoredJson] = {}
    left_behind: list[tuple[str, TokenPlace]] = []
    sign_outs: int = 0


def _read(content: Any) -> SignInRecord:
    try:
        found = msgspec.convert(content, _RecordJson)
    except msgspec.ValidationError:
        return SignInRecord()
    return SignInRecord(
        {host: StoredSignIn(e.id, frozenset(e.places)) for host, e in found.sign_ins.items()},
        frozenset(found.left_behind),
        found.sign_outs,
    )
