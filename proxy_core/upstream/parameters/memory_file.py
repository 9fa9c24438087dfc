"""Stores refused parameters in a file, so that they survive a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from proxy_core.clock import Clock
from proxy_core.status.status import ParameterRefusal
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, write_private
from proxy_core.upstream.parameters.memory import (
    ParameterMemory,
    RefusedParameter,
    RemedyKind,
    read_memory,
)

Change = Callable[[ParameterMemory], object]

PATIENCE_SECONDS = 12.0
"""How long forgetting waits for another process's write, in seconds: a person is waiting too."""


class ParameterStore:
    """The memory and its file.

    Changes are saved in a thread, in order. Several processes (a server, a command, a second
    server) share the file: each save reads it, makes the changes of this process and writes it back
    under the file's lock, so that no change is lost and no removed entry returns. ``on_change`` is
    called with the refusals in force whenever they change.
    """

    def __init__(
        self,
        file: Path,
        clock: Clock,
        on_change: Callable[[tuple[ParameterRefusal, ...]], None] = lambda _: None,
    ) -> None:
        self._file = file
        self._clock = clock
        self._on_change = on_change
        self._saving: asyncio.Task[None] | None = None
        self._shown: tuple[ParameterRefusal, ...] = ()
        self._unsaved: list[Change] = []
        self._failed: OSError | None = None
        self._seen = self._mark()
        self.memory = self._load()

    def refusals(self) -> tuple[ParameterRefusal, ...]:
        """Return the refusals in force, oldest first, for display."""
        return tuple(_shown(each) for each in self.memory.all_in_force(self._clock.wall()))

    def learn(self, refused: RefusedParameter) -> None:
        self._change(lambda memory: memory.learn(refused))
        self.save_soon()

    async def forget(self, model: str, endpoint: str, member: str) -> bool:
        """Forget one refused member, with any betas; return whether there was one.

        Raises OSError if the file cannot be written: the entry would return at the next start.
        """
        found = self._change(lambda memory: memory.forget_one(model, endpoint, member))
        if found:
            await self._forgotten()
        return bool(found)

    async def forget_all(self) -> None:
        """Forget all entries, of this process and of others. Raises OSError as ``forget``."""
        self._change(lambda memory: memory.forget())
        await self._forgotten()

    async def poll(self) -> None:
        """Read another process's changes, and drop expired entries."""
        if self._saving is None or self._saving.done():
            await self._take_over()
        self.publish()

    def publish(self) -> None:
        """Report the refusals in force, if they changed since the last report."""
        shown = self.refusals()
        if shown != self._shown:
            self._shown = shown
            self._on_change(shown)

    def save_soon(self) -> None:
        """Write in the background, if anything changed."""
        self.publish()
        if self._unsaved and (self._saving is None or self._saving.done()):
            self._saving = asyncio.ensure_future(self._save())

    async def saved(self) -> None:
        """Wait for the write in progress."""
        if self._saving is not None:
            await self._saving

    async def close(self) -> None:
        """Wait until everything is written."""
        self.save_soon()
        await self.saved()

    def _change(self, change: Change) -> object:
        """Make the change in memory now, and in the file with the next save."""
        self._unsaved.append(change)
        return change(self.memory)

    async def _forgotten(self) -> None:
        await self.saved()  # a write in progress does not include the change, and may fail
        self.save_soon()
        await self.saved()
        if self._unsaved and self._failed is not None:
            raise self._failed

    async def _take_over(self) -> None:
        """Reload the file if another process wrote it, and reapply unsaved changes."""
        mark = await asyncio.to_thread(self._mark)
        if mark == self._seen:
            return
        self._seen = mark
        self._know(await asyncio.to_thread(self._load))

    def _know(self, stored: ParameterMemory) -> None:
        """Use the stored memory with this process's unsaved changes applied."""
        for change in self._unsaved:
            change(stored)
        self.memory.replace_by(stored)

    def _load(self) -> ParameterMemory:
        try:
            content = read_private(self._file)
            decoded = msgspec.json.decode(content) if content else None
        except (OSError, msgspec.DecodeError):
            decoded = None  # what is lost will be found out again
        return read_memory(decoded, self._clock.wall())

    def _mark(self) -> tuple[int, int] | None:
        """Return a value that differs after any write; None if there is no file."""
        try:
            found = self._file.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_ino)

    async def _save(self) -> None:
        while self._unsaved:
            writing, self._unsaved = self._unsaved, []
            try:
                stored = await asyncio.to_thread(self._write, writing)
            except OSError as error:
                # In order: an entry removed meanwhile must stay removed.
                self._unsaved = writing + self._unsaved
                self._failed = error
                return  # a full disk must not fail a request; the next change tries again
            self._failed = None
            self._know(stored)

    def _write(self, changes: list[Change]) -> ParameterMemory:
        """Make ``changes`` in the file and return what it holds then. Raises OSError."""
        with locked(self._file, PATIENCE_SECONDS):
            stored = self._load()
            for change in changes:
                change(stored)
            content = msgspec.json.encode(stored.to_dict(self._clock.wall()))
            write_private(self._file, content)
            self._seen = self._mark()
        return stored


def _shown(refused: RefusedParameter) -> ParameterRefusal:
    return ParameterRefusal(
        model=refused.model,
        endpoint=refused.endpoint.value,
        member=refused.name,
        since=refused.learned_at,
        until=refused.expires_at,
        why=_why(refused),
    )


def _why(refused: RefusedParameter) -> str:
    if refused.kind is RemedyKind.RENAME:
        return f"GitHub wants it under the name {refused.new_name}."
    if refused.kind is RemedyKind.BETA:
        return "GitHub does not know this beta."
    if refused.kind is RemedyKind.DEVELOPER_ROLE:
        return "GitHub wants the role system in its place."
    if refused.guessed:
        return "GitHub refused without a reason, and accepted the request without it."
    return "GitHub named it in a refusal."
