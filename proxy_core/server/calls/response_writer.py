"""Where a streamed answer goes: an event stream over HTTP, or one turn of a WebSocket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from proxy_core.canonical.sse import Frame


class ResponseWriter(Protocol):
    """One answer on its way to a client. Belongs to one call."""

    @property
    def began(self) -> bool:
        """Whether anything has left: from then on a failure is an event of the answer."""

    def note_headers(self, headers: dict[str, str]) -> None:
        """Take headers that turned out late; a sink that has none left to send drops them."""

    async def send(self, frames: Sequence[Frame]) -> None:
        """Send ``frames``, at least one; waits while the client does not read.

        Raises ConnectionError when the client has gone.
        """

    async def finish(self) -> None:
        """End the answer, whether it broke or not."""

    def cut_off(self) -> bool:
        """Leave the answer visibly unfinished, in place of ``finish``; return False where that cannot
        be done and the client must be told by an event."""

    def abandon(self) -> None:
        """No more signs of life; for any end. Safe to call twice."""
