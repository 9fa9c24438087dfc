"""Keeps what was learned about parameters in a file, so that a restart need not learn it again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from proxy_core.clock import Clock
from proxy_core.private_files import read_private, write_private
from proxy_core.upstream.parameter_memory import ParameterMemory, read_memory


class LearnedStore:
    """The memory and its file. Saving happens off the loop, in order, newest state last."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._saving: asyncio.Task[None] | None = None
        self.memory = self._load()

    def _load(self) -> ParameterMemory:
        try:
            content = read_private(self._file)
            decoded = msgspec.json.decode(content) if content else None
        except (OSError, msgspec.DecodeError):
            decoded = None  # what is lost is learned again
        return read_memory(decoded, self._clock.wall())

    def save_soon(self) -> None:
        """Write in the background, if anything changed."""
        if self.memory.changed and (self._saving is None or self._saving.done()):
            self._saving = asyncio.ensure_future(self._save())

    async def _save(self) -> None:
        while self.memory.changed:
            self.memory.changed = False
            content = msgspec.json.encode(self.memory.to_dict(self._clock.wall()))
            try:
                await asyncio.to_thread(write_private, self._file, content)
            except OSError:
                return  # a full disk must not fail a request; the next change tries again

    async def close(self) -> None:
        """Wait until everything is written."""
        self.save_soon()
        if self._saving is not None:
            await self._saving
