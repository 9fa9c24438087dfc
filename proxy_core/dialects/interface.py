"""What every dialect offers, so that the server can pair any two of them.

Ids and time arrive as arguments: nothing here or in a dialect reads a clock or a random source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from proxy_core.canonical.events import Bill, StopReason, StreamEvent, Usage
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, RenderedRequest, Request
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.shared.thinking_replay import TurnThinking
from proxy_core.errors import ProxyError

KeepItem = Callable[[str, bytes], None]
"""Remembers an output item, given its id and JSON, for a client that may refer to it later."""

MakeId = Callable[[str], str]
"""Returns a fresh identifier with the given prefix: ``make_id("msg_")``."""


@dataclass(frozen=True, slots=True)
class WriterContext:
    """What a writer must be told because it may not find it out itself.

    ``model`` is the name the client is told; ``created`` is in seconds since 1970;
    ``input_tokens_estimate`` is for dialects that state the input size before upstream does.
    """

    model: str
    make_id: MakeId
    created: int
    include_usage: bool = True
    input_tokens_estimate: int = 0
    request: Request | None = None
    """The parsed request, where it had to be parsed: it knows the client's own names of its tools."""
    members: Mapping[str, Any] | None = None
    """The client's body, its top-level values raw: answers repeat parts of it (Responses)."""
    is_translated: bool = False
    """Whether upstream speaks another dialect: its ids are then shown in the client's form."""
    keep_item: KeepItem | None = None
    """For answers whose items the client expects to be stored (Responses); None: they are not."""
    request_id: str | None = None
    """The request's id as its headers tell it, for dialects whose error events name it (Messages)."""
    repairs_calls_of: OfferedTools | None = None
    """Calls of these that the model wrote as text become calls; None: text stays text."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What routing needs to know of a request before it is fully parsed.

    ``is_user_turn`` is true when a person spoke last, false inside a tool loop. ``must_translate``
    is true when pass-through could not serve it although the dialects match. ``needs_repair`` is true
    when its tool calls and results do not pair up: upstream would refuse it as it stands.
    """

    model: str
    stream: bool
    is_user_turn: bool
    has_images: bool
    include_usage: bool = False
    must_translate: bool = False
    asks_compaction: bool = False
    """The answer wanted is the conversation compacted, not its next turn (Responses)."""
    needs_repair: bool = False
    has_documents: bool = False
    """It shows a file that is no picture: not every endpoint takes one."""


@dataclass(frozen=True, slots=True)
class OutputLimits:
    """Where the client wants its answer cut: for limits that upstream does not keep."""

    max_output_tokens: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedHeaders:
    """Headers of a dialect that go on upstream; ``dropped`` names values that stay here."""

    headers: Mapping[str, str]
    dropped: tuple[str, ...] = ()


class StreamReader(Protocol):
    """Upstream frames in, canonical events out. One object per stream."""

    def feed(self, frame: Frame) -> list[StreamEvent]:
        """Raises StreamFormatError for a frame the dialect does not allow; nothing else."""

    def close(self) -> list[StreamEvent]:
        """Upstream's bytes ended. Without an end of its own the stream gets an ``Error``."""


class StreamWriter(Protocol):
    """Canonical events in, client frames out. One object per stream."""

    def feed(self, event: StreamEvent) -> list[Frame]: ...

    def close(self) -> list[Frame]:
        """After ``Done`` or ``Error``: what the dialect still sends (``[DONE]``)."""


@dataclass(frozen=True, slots=True)
class StreamOutcome:
    """What an observed stream came to. ``error`` is set when it broke or said so itself."""

    finished: bool
    stop_reason: StopReason | None = None
    usage: Usage | None = None
    bill: Bill | None = None
    error: ProxyError | None = None
    response_id: str | None = None
    model: str | None = None
    thinking: TurnThinking | None = None
    """What the turn's tool results must be accompanied by when they come."""
    repaired_calls: int = 0
    """Calls that the model wrote as text and the client got as calls."""


class PassThroughStream(Protocol):
    """Same dialect on both sides: forwards frames as they came, mends only what is upstream's quirk."""

    error: ProxyError | None
    """Set with the first frame that tells the client of a failure; every later one belongs to it."""

    def forward(self, data: bytes) -> bytes | None:
        """Take whole frames in one piece and return them as they may leave.

        None, and nothing taken, when any of them must be looked into: ``feed`` is for those.
        """

    def feed(self, frame: Frame) -> list[Frame]: ...

    def close(self) -> list[Frame]:
        """Upstream's bytes ended; an unfinished stream is closed by the dialect's error event."""

    def fail(self, error: ProxyError) -> list[Frame]:
        """Upstream's connection broke: close the stream by ``error``, unless it is over already."""

    def outcome(self) -> StreamOutcome: ...


class Dialect(Protocol):
    """One dialect. Instances hold no state and may be shared by threads."""

    name: DialectName
    endpoint: Endpoint
    """Where upstream speaks it."""

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        """Read a body whose top-level values are ``msgspec.Raw``, decoding as little as possible.

        Raises BadRequest when ``model`` or the conversation is missing or of the wrong type.
        """

    def check_request(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        """Raise the vendor's BadRequest for a small member of such a body that is missing, of the wrong
        type or out of its range. Header names are lower case."""

    def pass_through_request(self, body: Mapping[str, Any], model: Model) -> RenderedRequest:
        """Edit such a body for the same dialect upstream: what need not change stays raw."""

    def pass_through_headers(self, headers: Mapping[str, str], model: Model) -> RenderedHeaders:
        """Pick what the same dialect upstream understands (``anthropic-beta``). Names are lower case."""

    def output_limits(self, body: Mapping[str, Any]) -> OutputLimits:
        """Read a raw body's limits; what cannot be read as one is none. Never raises."""

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        """Parse a fully decoded body. Raises BadRequest naming the offending member."""

    def render_request(self, request: Request, model: Model) -> RenderedRequest:
        """Raises BadRequest for what cannot be carried and must not be dropped silently."""

    def reader(self, model_id: str) -> StreamReader:
        """``model_id`` tags the opaque data the stream issues."""

    def writer(self, context: WriterContext) -> StreamWriter: ...

    def pass_through(self, context: WriterContext) -> PassThroughStream: ...

    def read_whole(self, body: bytes, model_id: str) -> list[StreamEvent]:
        """A whole answer as the events a stream of it would have made."""

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        """Raises the ProxyError of a stream that ended with ``Error`` or did not end."""

    def write_error(self, error: ProxyError, request_id: str) -> dict[str, Any]:
        """The body of an error answer."""

    def error_status(self, error: ProxyError) -> int:
        """The HTTP status this dialect's vendor would use."""

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        """How a stream that has begun tells that it broke."""

    def keep_alive(self) -> bytes:
        """What to send in silence so that clients and middle boxes do not give up."""
