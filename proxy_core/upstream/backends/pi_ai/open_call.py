"""One request that is open in the Node process: what it has sent, until it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from proxy_core.upstream.backends.pi_ai.failures import too_much_held
from proxy_core.upstream.backends.pi_ai.lines import Line
from proxy_core.upstream.transport.connection_errors import ConnectionFailed, connection_failure

MOST_HELD = 16 * 1024 * 1024
"""Characters. The process stops reading upstream long before (``WINDOW`` of ``bridge.mjs``); one piece
of upstream's may still hold many events."""
ACK_EVERY = 256 * 1024


class OpenCall:
    """``tell`` sends an ``op`` to the process; ``on_close`` runs once, when nothing more is awaited."""

    def __init__(
        self,
        number: int,
        url: str,
        tell: Callable[[dict[str, object]], None],
        on_close: Callable[[], None],
    ) -> None:
        self.number = number
        self.has_answered = False
        self._url = url
        self._tell = tell
        self._on_close = on_close
        self._lines: list[Line] = []
        self._held = 0
        self._taken = 0
        self._failure: ConnectionFailed | None = None
        self._is_over = False
        self._is_closed = False
        self._news = asyncio.Event()

    # The process's side

    def receive(self, line: Line, size: int) -> None:
        """Take one line of ``size`` characters."""
        if self._is_closed or self._failure is not None:
            return
        self._lines.append(line)
        self._held += size
        self._is_over = self._is_over or line.end
        if line.http is not None:
            self.has_answered = True
        if self._held > MOST_HELD:
            self._tell({"op": "abort", "id": self.number})
            self.fail(too_much_held(MOST_HELD))
        self._news.set()

    def fail(self, failure: ConnectionFailed) -> None:
        """End the call: what it has sent may still be taken, then ``failure`` is raised."""
        if not self._is_over:
            self._failure = failure
            self._news.set()

    # The caller's side

    async def take(self, idle_seconds: float) -> list[Line]:
        """Return what has come, waiting for it; empty at the end.

        Raises ConnectionFailed if the process ended, or was silent for too long.
        """
        while not self._lines:
            if self._failure is not None:
                raise self._failure
            if self._is_over:
                return []
            self._news.clear()
            try:
                async with asyncio.timeout(idle_seconds):
                    await self._news.wait()
            except TimeoutError as error:
                raise connection_failure(error, self._url, answering=self.has_answered) from error
        lines, self._lines = self._lines, []
        self._taken += self._held
        self._held = 0
        if self._taken >= ACK_EVERY and not self._is_over and self._failure is None:
            self._tell({"op": "ack", "id": self.number, "n": self._taken})
            self._taken = 0
        return lines

    def close(self) -> None:
        """Abort the call if it still runs. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self._lines.clear()
        if not self._is_over and self._failure is None:
            self._tell({"op": "abort", "id": self.number})
        self._on_close()
