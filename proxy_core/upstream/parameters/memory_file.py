"""Keeps what was learned about parameters in a file, so that a restart need not learn it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from proxy_core.clock import Clock
from proxy_core.status.status import LearnedRefusal
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, write_private
from proxy_core.upstream.parameters.memory import (
    LessonKind,
    ParameterMemory,
    RefusedParameter,
    read_memory,
)

Change = Callable[[ParameterMemory], object]

PATIENCE_SECONDS = 12.0
"""How long forgetting waits for another process that writes: a person is waiting too."""


class LearnedStore:
    """The memory and its file. Saving happens off the loop, change by change, in order.

    Several processes (a server, a command, a second server) share the file: each save reads it, makes
    the changes of this process and writes it back under the file's lock, so that none is lost and
    nothing forgotten comes back. ``on_change`` hears that the lessons are other ones.
    """

    def __init__(
        self,
        file: Path,
        clock: Clock,
        on_change: Callable[[tuple[LearnedRefusal, ...]], None] = lambda _: None,
    ) -> None:
        self._file = file
        self._clock = clock
        self._on_change = on_change
        self._saving: asyncio.Task[None] | None = None
        self._shown: tuple[LearnedRefusal, ...] = ()
        self._unsaved: list[Change] = []
        self._failed: OSError | None = None
        self._seen = self._mark()
        self.memory = self._load()

    def refusals(self) -> tuple[LearnedRefusal, ...]:
        """What is in force now, oldest first, for a person to see."""
        return tuple(_shown(each) for each in self.memory.all_lessons(self._clock.wall()))

    def learn(self, lesson: RefusedParameter) -> None:
        self._change(lambda memory: memory.learn(lesson))
        self.save_soon()

    async def forget(self, model: str, endpoint: str, member: str) -> bool:
        """Forget one lesson, whatever betas it was learned beside; return whether there was one.

        Raises OSError where the file cannot be written: it would be back at the next start.
        """
        found = self._change(lambda memory: memory.forget_one(model, endpoint, member))
        if found:
            await self._forgotten()
        return bool(found)

    async def forget_all(self) -> None:
        """Forget every lesson, of this process and of others. Raises OSError as ``forget``."""
        self._change(lambda memory: memory.forget())
        await self._forgotten()

    async def poll(self) -> None:
        """Take over what another process wrote, and what has expired since."""
        if self._saving is None or self._saving.done():
            await self._take_over()
        self.publish()

    def publish(self) -> None:
        """Tell of the lessons in force, if they are not those told of last."""
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
        """Wait until what is being written is written."""
        if self._saving is not None:
            await self._saving

    async def close(self) -> None:
        """Wait until everything is written."""
        self.save_soon()
        await self.saved()

    def _change(self, change: Change) -> object:
        """Make the change here now, and in the file with the next save."""
        self._unsaved.append(change)
        return change(self.memory)

    async def _forgotten(self) -> None:
        await self.saved()  # a write that runs, and may fail, has not got it
        self.save_soon()
        await self.saved()
        if self._unsaved and self._failed is not None:
            raise self._failed

    async def _take_over(self) -> None:
        """Know what the file says, if somebody else wrote it, and what was learned here since."""
        mark = await asyncio.to_thread(self._mark)
        if mark == self._seen:
            return
        self._seen = mark
        self._know(await asyncio.to_thread(self._load))

    def _know(self, stored: ParameterMemory) -> None:
        """Know what is stored, and what changed here and is not stored yet."""
        for change in self._unsaved:
            change(stored)
        self.memory.take_lessons_of(stored)

    def _load(self) -> ParameterMemory:
        try:
            content = read_private(self._file)
            decoded = msgspec.json.decode(content) if content else None
        except (OSError, msgspec.DecodeError):
            decoded = None  # what is lost is learned again
        return read_memory(decoded, self._clock.wall())

    def _mark(self) -> tuple[int, int] | None:
        """What tells one state of the file from another."""
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
                # In their order: what was forgotten meanwhile must stay forgotten.
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


def _shown(lesson: RefusedParameter) -> LearnedRefusal:
    return LearnedRefusal(
        model=lesson.model,
        endpoint=lesson.endpoint.value,
        member=lesson.name,
        since=lesson.learned_at,
        until=lesson.expires_at,
        why=_why(lesson),
    )


def _why(lesson: RefusedParameter) -> str:
    if lesson.kind is LessonKind.RENAME:
        return f"GitHub wants it under the name {lesson.new_name}."
    if lesson.kind is LessonKind.BETA:
        return "GitHub does not know this beta."
    if lesson.kind is LessonKind.DEVELOPER_ROLE:
        return "GitHub wants the role system in its place."
    if lesson.guessed:
        return "GitHub refused without a reason, and accepted the request without it."
    return "GitHub named it in a refusal."
