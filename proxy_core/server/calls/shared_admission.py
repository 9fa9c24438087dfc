"""One decision for the calls that answer one request together: the first asks, the others wait."""

from __future__ import annotations

import asyncio


class SharedAdmission:
    """``calls`` are sent together or not at all. One object per request of a client."""

    def __init__(self, request_id: str, calls: int) -> None:
        self.calls = calls
        self._request_id = request_id
        """Of the call that is asked about."""
        self._admitted = asyncio.Event()

    def is_asked_by(self, request_id: str) -> bool:
        return request_id == self._request_id

    def admitted(self) -> None:
        self._admitted.set()

    async def wait(self) -> None:
        """Return once they may be sent; whoever waits is cancelled when they may not."""
        await self._admitted.wait()
