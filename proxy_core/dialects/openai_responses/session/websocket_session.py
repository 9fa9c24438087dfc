"""One WebSocket connection of the Responses API, without the socket.

The client sends ``response.create`` frames whose ``previous_response_id`` names a response of the
same connection, and only new input. The session remembers those responses and returns complete
requests; events are sent as JSON texts, without HTTP's event framing. One response is in flight at
a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from proxy_core.canonical.events import Usage
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import MakeId, WriterContext
from proxy_core.dialects.openai_responses.errors import error_object, error_status
from proxy_core.dialects.openai_responses.response.response_object import ResponseObject
from proxy_core.dialects.openai_responses.session.stored_state import (
    previous_response_not_found,
    with_stored_items,
)
from proxy_core.dialects.shared.json_members import as_text, decode_raw
from proxy_core.errors import BadRequest, ProxyError

MAX_RESPONSES = 8
"""Number of a connection's responses that can be continued; clients continue the last one."""

MAX_STORED_BYTES = 64_000_000
"""Bytes of items a connection remembers, items shared by several responses counted once.

Beyond it the oldest responses, and finally the last one, can no longer be continued: the client
gets ``previous_response_not_found`` and sends its whole conversation, as over HTTP.
"""

LONGEST_SILENT_WAIT = 120.0
"""In seconds.

Codex 0.169 waits silently for any stated time, even a day (tried); for longer waits the person
should see an error.
"""

_FRAME_MEMBERS = ("type", "generate", "initiator", "stream_id", "stream", "background")
"""Members of a frame that belong to the connection and not to the request."""

_COMPLETE = (b"response.completed", b"response.incomplete")
_ENDINGS = (*_COMPLETE, b"response.failed", b"response.cancelled")
_HOLDS_RESPONSE = (
    b"response.created",
    b"response.queued",
    b"response.in_progress",
    *_ENDINGS,
)
"""Events that repeat what was asked, ``previous_response_id`` too."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A whole request, to be served as over HTTP; top-level values are raw JSON."""

    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SocketReply:
    """An immediate reply: a prewarmed response, or an error."""

    texts: tuple[str, ...]


class _ItemHead(msgspec.Struct):
    type: str = ""
    id: str | None = None


class _Output(msgspec.Struct):
    id: str = ""
    output: list[msgspec.Raw] = []


class _Terminal(msgspec.Struct):
    response: _Output | None = None


def _response_in_flight() -> BadRequest:
    return BadRequest(
        "A response is already in flight on this connection: wait for its end.",
        code="response_in_progress",
    )


_frames = msgspec.json.Decoder(dict[str, msgspec.Raw])
_item_heads = msgspec.json.Decoder(_ItemHead)
_terminals = msgspec.json.Decoder(_Terminal)


class SocketSession:
    """One object per connection.

    ``make_id`` makes ids of prewarmed responses; ``max_stored_bytes`` bounds the memory. Items are
    copied: a decoded ``msgspec.Raw`` references its whole frame, with the tools and instructions
    that every frame repeats.
    """

    def __init__(self, make_id: MakeId, max_stored_bytes: int = MAX_STORED_BYTES) -> None:
        self._make_id = make_id
        self._max_stored_bytes = max_stored_bytes
        self._responses: dict[str, tuple[msgspec.Raw, ...]] = {}
        self._asked: tuple[msgspec.Raw, ...] | None = None
        self._stream_id: str | None = None
        self._previous: str | None = None
        """What the turn in flight goes on from."""

    @property
    def is_busy(self) -> bool:
        """True while a response is in flight."""
        return self._asked is not None

    def refuse_while_busy(self) -> SocketReply:
        """Return the reply to a frame that came while a response is in flight, without reading it."""
        return SocketReply((self.error_text(_response_in_flight()),))

    def receive(self, text: str | bytes, created: int) -> Ask | SocketReply:
        """Take one frame of the client; ``created`` is now, in seconds since 1970."""
        try:
            return self._receive(text, created)
        except ProxyError as error:
            return SocketReply((self.error_text(error),))
        except (msgspec.DecodeError, RecursionError):
            refused = BadRequest(
                "The frame holds a value that is no JSON, or is nested too deeply."
            )
            return SocketReply((self.error_text(refused),))

    def _receive(self, text: str | bytes, created: int) -> Ask | SocketReply:
        try:
            frame = _frames.decode(text)
        except msgspec.DecodeError as error:
            raise BadRequest(f"The frame is not a JSON object: {error}") from error
        kind = decode_raw(frame, "type")
        if kind != "response.create":
            raise BadRequest(
                f"type: must be 'response.create', got {kind!r}", code="invalid_value", param="type"
            )
        if self.is_busy:
            raise _response_in_flight()
        stream_id = decode_raw(frame, "stream_id")
        self._stream_id = stream_id if isinstance(stream_id, str) else None
        body, items = self._resolve(frame)
        previous = decode_raw(frame, "previous_response_id")
        self._previous = previous if isinstance(previous, str) else None
        if decode_raw(frame, "generate") is False:
            return self._prewarm(frame, items, created)
        self._asked = items
        return Ask({**body, "input": msgspec.Raw(msgspec.json.encode(items))})

    def _resolve(
        self, frame: dict[str, msgspec.Raw]
    ) -> tuple[dict[str, Any], tuple[msgspec.Raw, ...]]:
        """Return the request's members, and the items of its whole input."""
        previous = decode_raw(frame, "previous_response_id")
        remembered: tuple[msgspec.Raw, ...] = ()
        if previous is not None:
            if as_text(previous, "previous_response_id") not in self._responses:
                raise previous_response_not_found(previous)
            remembered = self._responses[previous]
        own = {name: value for name, value in frame.items() if name not in _FRAME_MEMBERS}
        body = with_stored_items(own, ())
        new = self._with_references(_own_bytes(item) for item in body["input"])
        return body, (*remembered, *new)

    def _with_references(self, items: Iterable[msgspec.Raw]) -> list[msgspec.Raw]:
        """Return the items with every reference replaced by this connection's earlier item."""
        resolved = []
        for item in items:
            found = None
            if b'"item_reference"' in bytes(item):
                head = _head(item)
                found = self._find(head.id) if head.type == "item_reference" else None
            resolved.append(item if found is None else found)
        return resolved

    def _find(self, item_id: str | None) -> msgspec.Raw | None:
        for items in self._responses.values():
            for item in items:
                if item_id and _head(item).id == item_id:
                    return item
        return None

    def _prewarm(
        self, frame: dict[str, msgspec.Raw], items: tuple[msgspec.Raw, ...], created: int
    ) -> SocketReply:
        """Reply to a prewarming frame: the client continues from the id of this response."""
        model = decode_raw(frame, "model")
        context = WriterContext(str(model or ""), self._make_id, created, members=frame)
        answer = ResponseObject(self._make_id("resp_"), context, None)
        self._remember(answer.id, items)
        events = (
            ("response.created", self._echoing(answer.in_progress())),
            ("response.completed", self._echoing(answer.completed([], Usage()))),
        )
        return SocketReply(
            tuple(
                self._text({"type": kind, "sequence_number": number, "response": response})
                for number, (kind, response) in enumerate(events)
            )
        )

    def send(self, frame: Frame) -> str:
        """Return the text for one frame of the response; the last one ends the turn."""
        if frame.event in _ENDINGS:
            asked, self._asked = self._asked, None
            if frame.event in _COMPLETE and asked is not None:
                self._remember_answer(frame, asked)
        if frame.event == b"error":
            return self._nested_error(frame)
        echoes = self._previous is not None and frame.event in _HOLDS_RESPONSE
        if self._stream_id is None and not echoes:
            return frame.data.decode()
        members: dict[str, Any] = _frames.decode(frame.data)
        if echoes and bytes(members.get("response", b"")).lstrip()[:1] == b"{":
            members = {**members, "response": self._echoing(_frames.decode(members["response"]))}
        return self._text(members)

    def _echoing(self, response: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the response with what it goes on from: upstream was sent the whole conversation."""
        if self._previous is None:
            return response
        return {**response, "previous_response_id": self._previous}

    def fail(self, error: ProxyError) -> str:
        """Return the text that ends a turn whose response never began."""
        self._asked = None
        return self.error_text(error)

    def error_text(self, error: ProxyError) -> str:
        event = {"type": "error", "status": error_status(error), "error": error_object(error)}
        if error.retry_after is not None and error.retry_after <= LONGEST_SILENT_WAIT:
            # Codex reads HTTP header values here; a 429 without this one is fatal to it.
            event["headers"] = {"retry-after": str(max(0, math.ceil(error.retry_after)))}
        return self._text(event)

    def _nested_error(self, frame: Frame) -> str:
        """Over a WebSocket the error's members are nested one level deeper than over HTTP."""
        members = msgspec.json.decode(frame.data, type=dict[str, Any])
        stated = {name: members.get(name) for name in ("message", "param", "code")}
        return self._text(
            {
                "type": "error",
                "sequence_number": members.get("sequence_number"),
                "error": {"type": "server_error", **stated},
            }
        )

    def _remember_answer(self, frame: Frame, asked: tuple[msgspec.Raw, ...]) -> None:
        try:
            response = _terminals.decode(frame.data).response
        except msgspec.ValidationError:
            # It was sent to the client unchanged, but cannot be continued.
            return
        if response is None:
            return
        # A compaction replaces all input before it.
        is_compacted = any(_head(each).type == "compaction" for each in response.output)
        before = () if is_compacted else asked
        self._remember(response.id, (*before, *map(_own_bytes, response.output)))

    def _remember(self, response_id: str, items: tuple[msgspec.Raw, ...]) -> None:
        self._responses.pop(response_id, None)
        self._responses[response_id] = items
        while len(self._responses) > MAX_RESPONSES or self._holds_too_much():
            del self._responses[next(iter(self._responses))]

    def _holds_too_much(self) -> bool:
        """Whether the limit is exceeded; items shared by responses are counted once."""
        distinct = {id(item): item for items in self._responses.values() for item in items}
        return sum(map(_size, distinct.values())) > self._max_stored_bytes

    def _text(self, members: dict[str, Any]) -> str:
        if self._stream_id is not None:
            members = {**members, "stream_id": self._stream_id}
        return msgspec.json.encode(members).decode()


def _own_bytes(item: object) -> msgspec.Raw:
    """Return a copy of the item that references nothing else."""
    if isinstance(item, msgspec.Raw):
        return item.copy()
    return msgspec.Raw(msgspec.json.encode(item))


def _size(item: msgspec.Raw) -> int:
    return memoryview(item).nbytes


def _head(item: msgspec.Raw) -> _ItemHead:
    try:
        return _item_heads.decode(item)
    except msgspec.ValidationError:
        # Not an item: upstream or the parser reports it better.
        return _ItemHead()
