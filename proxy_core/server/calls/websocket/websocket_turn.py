"""One response over a WebSocket, as frames of the connection's session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from aiohttp import web

from proxy_core.canonical.sse import Decoder, Frame, Run
from proxy_core.dialects.openai_responses.session.websocket_session import SocketSession
from proxy_core.errors import ProxyError


class SocketTurn:
    """A ``ResponseWriter``; the connection sends the keep-alives."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        session: SocketSession,
        on_first_byte: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._session = session
        self._on_first_byte = on_first_byte
        self.began = False
        self._ended = False

    def note_headers(self, headers: dict[str, str]) -> None:
        """Does nothing: headers were sent with the handshake."""

    async def send(self, frames: Sequence[Frame]) -> None:
        for frame in _single_frames(frames):
            if self._ended:
                # The session may already be in its next turn, which this would disturb.
                return
            text = self._session.send(frame)
            self._ended = not self._session.is_busy
            if not self.began:
                self.began = True
                self._on_first_byte()
            await self._socket.send_str(text)

    async def fail(self, error: ProxyError) -> None:
        """End a turn whose response did not end by itself; the connection stays open."""
        if not self._ended:
            self._ended = True
            await self._socket.send_str(self._session.fail(error))

    async def finish(self, frames: Sequence[Frame] = ()) -> None:
        """Send the last ``frames``; the response's last event ends the turn."""
        if frames:
            await self.send(frames)

    def cut_off(self) -> bool:
        """Return False: the connection is needed for further turns."""
        return False

    def abandon(self) -> None:
        """Does nothing: a turn has no timers."""


def _single_frames(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield every frame; several in wire form are separated, as a message holds one event."""
    for frame in frames:
        if type(frame) is Run:
            yield from Decoder().feed(frame.data)
        else:
            yield frame
