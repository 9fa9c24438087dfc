"""Keeps what was learned about parameters in a file, so that a restart need not learn it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from proxy_core.clock import Clock
from proxy_core.private_files import read_private, write_private
from proxy_core.status import LearnedRefusal
from proxy_core.upstream.parameter_memory import Lesson, LessonKind, ParameterMemory, read_memory


class LearnedStore:
    """The memory and its file. Saving happens off the loop, in order, newest state last.

    ``on_change`` hears that the lessons are other ones. Another process (a command) may change the
    file: ``look`` takes that over.
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
        self._unsaved: list[Lesson] = []
        self._seen = self._mark()
        self.memory = self._load()

    def refusals(self) -> tuple[LearnedRefusal, ...]:
        """What is in force now, oldest first, for a person to see."""
        return tuple(_shown(each) for each in self.memory.all_lessons(self._clock.wall()))

    def learn(self, lesson: Lesson) -> None:
        self.memory.learn(lesson)
        self._unsaved.append(lesson)
        self.save_soon()

    async def forget(self, model: str, endpoint: str, member: str) -> bool:
        """Forget one lesson, whatever betas it was learned beside; return whether there was one."""
        found = self.memory.forget_one(model, endpoint, member)
        if found:
            self._unsaved = [
                each for each in self._unsaved if (each.model, each.name) != (model, member)
            ]
            self.save_soon()
            await self.saved()
        return found

    async def look(self) -> None:
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
        if self.memory.changed and (self._saving is None or self._saving.done()):
            self._saving = asyncio.ensure_future(self._save())

    async def saved(self) -> None:
        """Wait until what is being written is written."""
        if self._saving is not None:
            await self._saving

    async def close(self) -> None:
        """Wait until everything is written."""
        self.save_soon()
        await self.saved()

    async def _take_over(self) -> None:
        """Know what the file says, if somebody else wrote it, and what was learned here since."""
        mark = await asyncio.to_thread(self._mark)
        if mark == self._seen:
            return
        self._seen = mark
        loaded = await asyncio.to_thread(self._load)
        for lesson in self._unsaved:
            loaded.learn(lesson)
        loaded.changed = bool(self._unsaved)
        self.memory.take_lessons_of(loaded)

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
        while self.memory.changed:
            await self._take_over()
            self.memory.changed = False
            written, self._unsaved = self._unsaved, []
            content = msgspec.json.encode(self.memory.to_dict(self._clock.wall()))
            try:
                await asyncio.to_thread(write_private, self._file, content)
            except OSError:
                self._unsaved = written + self._unsaved
                return  # a full disk must not fail a request; the next change tries again
            self._seen = await asyncio.to_thread(self._mark)


def _shown(lesson: Lesson) -> LearnedRefusal:
    return LearnedRefusal(
        model=lesson.model,
        endpoint=lesson.endpoint.value,
        member=lesson.name,
        since=lesson.learned_at,
        until=lesson.expires_at,
        why=_why(lesson),
    )


def _why(lesson: Lesson) -> str:
    if lesson.kind is LessonKind.RENAME:
        return f"GitHub wants it under the name {lesson.new_name}."
    if lesson.kind is LessonKind.BETA:
        return "GitHub does not know this beta."
    if lesson.kind is LessonKind.DEVELOPER_ROLE:
        return "GitHub wants the role system in its place."
    if lesson.guessed:
        return "GitHub refused without a reason, and accepted the request without it."
    return "GitHub named it in a refusal."
