"""The writer of a streamed response: an event stream over HTTP, or one turn of a WebSocket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from proxy_core.canonical.sse import Frame


class ResponseWriter(Protocol):
    """One response to a client. Belongs to one call."""

    @property
    def began(self) -> bool:
        """Whether anything was sent: from then on a failure is an event of the response."""

    def note_headers(self, headers: dict[str, str]) -> None:
        """Add late headers; dropped if headers were already sent."""

    async def send(self, frames: Sequence[Frame]) -> None:
        """Send ``frames``, at least one; waits while the client does not read.

        Raises ConnectionError when the client has disconnected.
        """

    async def finish(self, frames: Sequence[Frame] = ()) -> None:
        """Send the last ``frames``, if any, and end the response, broken or not.

        Raises ConnectionError as ``send`` does.
        """

    def cut_off(self) -> bool:
        """Leave the response visibly unfinished, instead of ``finish``; return False if that is
        impossible and the client needs an error event.
        """

    def abandon(self) -> None:
        """Stop keep-alives, at any end. Idempotent."""
