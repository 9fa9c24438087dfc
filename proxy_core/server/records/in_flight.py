"""Running responses, so that a stop can wait for them and then end them properly."""

from __future__ import annotations

import asyncio

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

    def interruptible(self) -> Interruptible:
        """Turn an interruption into its error; a cancellation for any other reason stays one."""
        return Interruptible(self)

    def turn_into_error(self) -> None:
        """Raise the error of an interruption that cancelled the task, if there was one."""
        if self._interruption is not None and self._task.uncancel() <= 0:
            raise self._interruption from None


class Interruptible:
    """A block that an interruption of its ticket ends with the interruption's error.

    Classes here, no generators: three of these blocks surround every request.
    """

    __slots__ = ("_ticket",)

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, asyncio.CancelledError):
            self._ticket.turn_into_error()


class Running:
    """A block during which a ticket counts as running."""

    __slots__ = ("_in_flight", "_ticket")

    def __init__(self, in_flight: InFlight, ticket: Ticket) -> None:
        self._in_flight = in_flight
        self._ticket = ticket

    def __enter__(self) -> Ticket:
        self._in_flight.begin(self._ticket)
        return self._ticket

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self._in_flight.end(self._ticket)


class InFlight:
    """All running answers of one server."""

    def __init__(self) -> None:
        self._tickets: set[Ticket] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return len(self._tickets)

    def ticket(self, request_id: str = "") -> Running:
        """Count the current task as running until the block ends."""
        task = asyncio.current_task()
        assert task is not None
        return Running(self, Ticket(task, request_id))

    def begin(self, ticket: Ticket) -> None:
        self._tickets.add(ticket)
        self._idle.clear()

    def end(self, ticket: Ticket) -> None:
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
