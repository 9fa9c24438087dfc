"""Finds errors in the first event of a response of status 200, before a byte was relayed.

Upstream sometimes accepts, opens the stream, and only then says that the account is limited, a
member unknown or the prompt too long. Until the first event with content, such a response can be
treated like the error status it stands for: repaired, retried, or reported with a proper status.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.canonical.sse import Decoder, Frame, plain_frame
from proxy_core.copilot_facts.causes import OUTCOMES
from proxy_core.copilot_facts.error_codes import cause_of_word
from proxy_core.errors import StreamFormatError
from proxy_core.upstream.transport.connection_errors import EndedBeforeContent
from proxy_core.upstream.transport.request_handler import OutboundResponse

PATIENCE_SECONDS = 0.5
"""Seconds for which events without content are held back."""
MOST_HELD_BYTES = 256 * 1024

_ANNOUNCING = frozenset(
    {"response.created", "response.in_progress", "response.queued", "message_start", "ping"}
)


class Meaning(StrEnum):
    ANNOUNCEMENT = "announcement"
    CONTENT = "content"
    ERROR = "error"
    END = "end"


class _Choice(msgspec.Struct):
    delta: dict[str, Any]
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    """A chat chunk as far as it says whether it is an announcement, or content.

    Decoded in a quarter of the time that all of a chunk takes."""

    choices: list[_Choice]
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    type: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode_chunk = msgspec.json.Decoder(_Chunk).decode


class Form(StrEnum):
    """The actual form of a body: gateways send wrong content types for JSON and HTML."""

    EVENTS = "events"
    JSON = "json"
    TEXT = "text"


_WITHOUT_CONTENT = ("role", "padding")
_EVENT_FIELDS = (b"data", b"event", b"id", b"retry", b":")
_WITHOUT_REASON = 424
"""Status assumed for an error without a known reason: reported as upstream's failure, not retried."""
_TEXT_IN_PLACE = 502
_EVENT_STREAM = "text/event-stream"


async def refusal_in(
    response: OutboundResponse, endpoint: Endpoint, patience: float = PATIENCE_SECONDS
) -> tuple[int, bytes] | None:
    """Return the status and body that a response of status 200 stands for; None for a real response.

    Chunks read ahead are replayed before the rest. A wrong content type is corrected.

    Raises: EndedBeforeContent: the body ended, properly, without content. Exception: what reading
    raises.
    """
    reader = _Ahead(response.chunks())
    response.replace_chunks(reader.replay(), reader.drop_pending)
    form = await _form_of(reader, response.headers.get("content-type", ""))
    if form is Form.EVENTS:
        response.headers["content-type"] = _EVENT_STREAM
        return await _refusal_in_events(reader, endpoint, patience)
    await reader.read_up_to(MOST_HELD_BYTES)
    if form is Form.TEXT:
        return _TEXT_IN_PLACE, reader.held
    response.headers["content-type"] = "application/json"
    return _refusal_in_object(reader.held) if reader.has_ended else None


async def _form_of(reader: _Ahead, content_type: str) -> Form:
    """Determine a body's form by its first bytes. Raises EndedBeforeContent for an empty one."""
    while not (head := reader.held.removeprefix(b"\xef\xbb\xbf").lstrip()):
        if await reader.read(None) is None:
            raise EndedBeforeContent
        if reader.size >= MOST_HELD_BYTES:
            break
    if head.startswith((b"{", b"[")):
        return Form.JSON
    if _looks_like_events(head) or (
        content_type.startswith(_EVENT_STREAM) and not head.startswith(b"<")
    ):
        return Form.EVENTS
    return Form.TEXT


def _looks_like_events(data: bytes) -> bool:
    head = data.lstrip()
    return any(head.startswith(each) or each.startswith(head) for each in _EVENT_FIELDS)


def _refusal_in_object(body: bytes) -> tuple[int, bytes] | None:
    """Return the error in a JSON body sent in place of a stream; None for a complete response."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # the dialect's own reader says what is wrong with it
    if not isinstance(content, dict) or not content.get("error"):
        return None
    if content.get("output") or content.get("choices") or content.get("data"):
        return None
    return status_of(content) or _WITHOUT_REASON, _error_body(content)


async def _refusal_in_events(
    reader: _Ahead, endpoint: Endpoint, patience: float
) -> tuple[int, bytes] | None:
    decoder = Decoder()
    loop = asyncio.get_running_loop()
    deadline: float | None = None
    has_event = False
    held = reader.held
    while reader.size < MOST_HELD_BYTES:
        if held:
            chunk: bytes | None = held
            held = b""
        else:
            left = None if deadline is None else max(0.0, deadline - loop.time())
            chunk = await reader.read(left)
        if chunk is None:
            if not reader.has_ended:
                return None  # the rest is slow: relay what came so far
            if not has_event and not decoder.close() and not _looks_like_events(reader.held):
                return _TEXT_IN_PLACE, reader.held.strip()  # a gateway's text
            raise EndedBeforeContent
        try:
            for frame in _frames(decoder, chunk):
                meaning, content = read_meaning(frame, endpoint)
                has_event = True
                if meaning is Meaning.ERROR:
                    return status_of(content) or _WITHOUT_REASON, _error_body(content)
                if meaning is Meaning.CONTENT:
                    return None
                if meaning is Meaning.END:
                    raise EndedBeforeContent
        except StreamFormatError:
            return None  # the dialect's own reader says what is wrong with it
        if deadline is None:
            deadline = loop.time() + patience
    return None


def _frames(decoder: Decoder, chunk: bytes) -> Iterator[Frame]:
    """Yield the frames of ``chunk`` one by one: the first ones decide, the others are not decoded."""
    begin = 0
    may_be_plain = decoder.is_between_frames and b"\r" not in chunk
    while (end := chunk.find(b"\n\n", begin) + 2) >= 2:
        frame = plain_frame(chunk[begin : end - 2]) if may_be_plain else None
        if frame is not None:
            yield frame
        else:
            yield from decoder.feed(chunk[begin:end])
        begin = end
    if begin < len(chunk):
        yield from decoder.feed(chunk[begin:])


def read_meaning(frame: Frame, endpoint: Endpoint) -> tuple[Meaning, dict[str, Any]]:
    """Return the meaning of an event at the start of a stream, and its JSON object."""
    if frame.data.strip() == b"[DONE]":
        return Meaning.END, {}
    if endpoint is Endpoint.CHAT_COMPLETIONS and (plain := _meaning_of_chunk(frame.data)):
        return plain, {}
    try:
        content = msgspec.json.decode(frame.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Meaning.CONTENT, {}
    if not isinstance(content, dict):
        return Meaning.CONTENT, {}
    kind = content.get("type")
    if content.get("error") or kind in ("error", "response.failed"):
        return Meaning.ERROR, content
    if kind in _ANNOUNCING:
        return Meaning.ANNOUNCEMENT, content
    is_chunk = endpoint is Endpoint.CHAT_COMPLETIONS and "choices" in content
    if is_chunk and _has_no_content(content["choices"]):
        return Meaning.ANNOUNCEMENT, content
    return Meaning.CONTENT, content


def _meaning_of_chunk(data: bytes) -> Meaning | None:
    """Return the meaning of a chat chunk of the usual form; None for anything else."""
    try:
        chunk = _decode_chunk(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if chunk.error is not msgspec.UNSET or chunk.type is not msgspec.UNSET:
        return None
    for choice in chunk.choices:
        if choice.finish_reason or any(
            value for name, value in choice.delta.items() if name not in _WITHOUT_CONTENT
        ):
            return Meaning.CONTENT
    return Meaning.ANNOUNCEMENT


def _has_no_content(choices: Any) -> bool:
    """Whether chat's chunk has no content: the first ones hold filter results or only a role."""
    if not choices:
        return choices is None or isinstance(choices, list)
    if not isinstance(choices, list):
        return False
    for choice in choices:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(delta, dict) or choice.get("finish_reason"):
            return False
        if any(value for name, value in delta.items() if name not in _WITHOUT_CONTENT):
            return False
    return True


def status_of(content: dict[str, Any]) -> int | None:
    """Return the status an error event stands for; None if unknown."""
    error = _error_of(content)
    for holder in (error, content):
        named = holder.get("status") or holder.get("status_code")
        if isinstance(named, int) and 400 <= named <= 599:
            return named
    for word in (error.get("code"), error.get("type")):
        if isinstance(word, int) and 400 <= word <= 599:
            return word
        cause = cause_of_word(word) if isinstance(word, str) else None
        if cause is not None:
            return OUTCOMES[cause].upstream_status
    return None


def _error_of(content: dict[str, Any]) -> dict[str, Any]:
    response = content.get("response")
    for holder in (content, response if isinstance(response, dict) else {}):
        error = holder.get("error")
        if isinstance(error, dict):
            return error
        if isinstance(error, str):
            return {"message": error}
    return content


def _error_body(content: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"error": _error_of(content)})


class _Ahead:
    """Reads chunks ahead and replays them to the consumer."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self.chunks = chunks
        self._held: list[bytes] = []
        self._pending: asyncio.Future[bytes] | None = None
        self.size = 0
        self.has_ended = False

    @property
    def held(self) -> bytes:
        """Everything read so far."""
        return self._held[0] if len(self._held) == 1 else b"".join(self._held)

    async def read_up_to(self, size: int) -> None:
        """Read until the end, or until ``size`` bytes are held."""
        while self.size < size and await self.read(None) is not None:
            pass

    async def read(self, seconds: float | None) -> bytes | None:
        """Return the next chunk; None at the end, or if it takes longer than ``seconds``."""
        if seconds is None and self._pending is None:
            return self._take(await _next(self.chunks))
        if self._pending is None:
            self._pending = asyncio.ensure_future(_next(self.chunks))
        try:
            done, _ = await asyncio.wait({self._pending}, timeout=seconds)
        except asyncio.CancelledError:
            await self.drop_pending()
            raise
        if not done:
            return None
        pending, self._pending = self._pending, None
        return self._take(pending.result())

    def _take(self, chunk: bytes) -> bytes | None:
        if chunk:
            self._held.append(chunk)
            self.size += len(chunk)
        else:
            self.has_ended = True
        return chunk or None

    @property
    def is_drained(self) -> bool:
        """Whether all that was read ahead was replayed, and more may come."""
        return not self._held and self._pending is None and not self.has_ended

    def replay(self) -> AsyncIterator[bytes]:
        """Everything from the beginning, in the order of arrival."""
        return _Replay(self)

    async def next_of_replay(self) -> bytes:
        """Return the next chunk; empty at the end."""
        if self._held:
            return self._held.pop(0)
        if self._pending is None:
            return b"" if self.has_ended else await _next(self.chunks)
        try:
            late = await asyncio.shield(self._pending)
        except asyncio.CancelledError:
            await self.drop_pending()
            raise
        self._pending = None
        return late

    async def drop_pending(self) -> None:
        """Cancel the pending read."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        if not pending.done():
            pending.cancel()
            await asyncio.wait({pending})
        if not pending.cancelled():
            pending.exception()  # retrieved: its failure no longer matters


class _Replay:
    """Chunks that were read ahead, then the others. No generator: see ``transport.ArrivingBody``."""

    __slots__ = ("_next_chunk", "_reader")

    def __init__(self, reader: _Ahead) -> None:
        self._reader: _Ahead | None = reader
        self._next_chunk: Callable[[], Awaitable[bytes]] | None = None
        """Where chunks come from once nothing is left that was read ahead."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    def __anext__(self) -> Awaitable[bytes]:
        if self._next_chunk is not None:
            return self._next_chunk()
        reader = self._reader
        if reader is not None and reader.is_drained:
            self._next_chunk = reader.chunks.__anext__
            return self._next_chunk()
        return self._next()

    async def _next(self) -> bytes:
        reader = self._reader
        chunk = b"" if reader is None else await reader.next_of_replay()
        if not chunk:
            self._reader = None
            raise StopAsyncIteration
        return chunk


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next chunk that is not empty; empty at the end."""
    async for chunk in chunks:
        if chunk:
            return chunk
    return b""
