"""Running responses, so that a stop can wait for them and then end them properly."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from proxy_core.errors import ProxyError


class Ticket:
    """One running answer; ``request_id`` is ours."""

    def __init__(self, task: asyncio.Task[object], request_id: str = "") -> None:
        self.request_id = request_id
        self._task = task
        self._interruption: ProxyError | None = None

    def interrupt(self, error: ProxyError) -> None:
        """End the response with ``error``, in the client's dialect."""
        if self._interruption is None:
            self._interruption = error
            self._task.cancel()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Turn an interruption into its error; a cancellation for any other reason stays one."""
        try:
            yield
        except asyncio.CancelledError:
            if self._interruption is None or self._task.uncancel() > 0:
                raise
            raise self._interruption from None


class InFlight:
    """All running answers of one server."""

    def __init__(self) -> None:
        self._tickets: set[Ticket] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return len(self._tickets)

    @contextmanager
    def ticket(self, request_id: str = "") -> Iterator[Ticket]:
        """Count the current task as running until the block ends."""
        task = asyncio.current_task()
        assert task is not None
        ticket = Ticket(task, request_id)
        self._tickets.add(ticket)
        self._idle.clear()
        try:
            yield ticket
        finally:
            self._tickets.discard(ticket)
            if not self._tickets:
                self._idle.set()

    async def drain(self, seconds: float) -> bool:
        """Wait until nothing runs, at most ``seconds``; return whether nothing runs."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def interrupt(self, error: ProxyError) -> None:
        for ticket in tuple(self._tickets):
            ticket.interrupt(error)

    def interrupt_one(self, request_id: str, error: ProxyError) -> bool:
        """End one answer with ``error``; return whether it was running."""
        found = [each for each in self._tickets if each.request_id == request_id]
        for ticket in found:
            ticket.interrupt(error)
        return bool(found)
