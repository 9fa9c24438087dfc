"""The interface of every dialect, so that the server can combine any two of them.

Ids and time are arguments: nothing here or in a dialect reads a clock or a random source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from msgspec import field as struct_field

if TYPE_CHECKING:
    # Words of the signatures: a start needs the interface, and none of these.
    from proxy_core.canonical.dialect_name import DialectName
    from proxy_core.canonical.events import StopReason, StreamEvent
    from proxy_core.canonical.model import Endpoint, Model
    from proxy_core.canonical.request import RenderedRequest, Request
    from proxy_core.canonical.sse import Frame
    from proxy_core.canonical.usage import Bill, Usage
    from proxy_core.dialects.conversation_outline import Outline
    from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
    from proxy_core.dialects.shared.thinking_replay import TurnThinking
    from proxy_core.errors import ProxyError

KeepItem = Callable[[str, bytes], None]
"""Stores an output item, given its id and JSON, for later references by the client."""

EVENT_STREAM = "text/event-stream; charset=utf-8"
"""Content type of server-sent events."""

MakeId = Callable[[str], str]
"""Returns a fresh identifier with the given prefix: ``make_id("msg_")``."""


class WriterContext(Struct, frozen=True):
    """What a writer needs but cannot determine itself.

    ``model`` is the name sent to the client; ``created`` is in seconds since 1970;
    ``input_tokens_estimate`` is for dialects that report the input size before upstream does.
    """

    model: str
    make_id: MakeId
    created: int
    include_usage: bool = True
    input_tokens_estimate: int = 0
    request: Request | None = None
    """The parsed request, if it had to be parsed; it has the client's own tool names."""
    members: Mapping[str, Any] | None = None
    """The client's body with raw top-level values: responses echo parts of it (Responses)."""
    is_translated: bool = False
    """Whether upstream uses another dialect: ids are then converted to the client's form."""
    keep_item: KeepItem | None = None
    """For responses whose items the client expects to be stored (Responses); None: not stored."""
    request_id: str | None = None
    """The request's id as in the response headers, for dialects whose error events contain it
    (Messages).
    """
    repairs_calls_of: OfferedTools | None = None
    """Calls of these tools that the model wrote as text are converted to calls; None: they stay text."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What routing needs of a request before it is fully parsed.

    ``is_user_turn`` is true if a user's turn is last, false within a tool loop. ``must_translate``
    is true when pass-through could not serve it although the dialects match. ``needs_repair`` is
    true when its tool calls and results do not pair up: upstream would refuse it unchanged.
    """

    model: str
    stream: bool
    is_user_turn: bool
    has_images: bool
    include_usage: bool = False
    must_translate: bool = False
    asks_compaction: bool = False
    """The request asks for a compaction of the conversation, not its next turn (Responses)."""
    needs_repair: bool = False
    has_documents: bool = False
    """It contains a file that is not an image, which not every endpoint accepts."""
    outline: Outline | None = field(default=None, compare=False, repr=False)
    """Of the conversation, for what else is to be found in it."""


class OutputLimits(Struct, frozen=True):
    """The client's limits on the response, for those that upstream does not enforce."""

    max_output_tokens: int | None = None
    stop: tuple[str, ...] = ()


class RenderedHeaders(Struct, frozen=True):
    """Headers of a dialect to forward upstream; ``dropped`` names values not forwarded."""

    headers: Mapping[str, str]
    dropped: tuple[str, ...] = ()


class TokenCountForm(Struct, frozen=True):
    """``path`` is asked by POST; the answer has ``members`` beside ``input_tokens``."""

    path: str
    members: Mapping[str, Any] = struct_field(default_factory=dict)


class ClientTraits(Struct, frozen=True):
    """What server and routing must know of a dialect beside its functions.

    Those that only clients speak have their paths in a surface (``surface.py``) instead.
    """

    path: str = ""
    """Its POST asks a model; every path below it is the dialect's too. Without the version prefix."""
    compact_path: str = ""
    """Its POST asks for a compaction (``registry.COMPACTING``); empty: there is none."""
    token_count: TokenCountForm | None = None
    has_websocket: bool = False
    """Calls may come over a WebSocket, opened at ``path``."""
    vendor_header: str = ""
    """A header that tells its clients from others at paths of no dialect (``/models``)."""
    is_common: bool = False
    """Errors at paths of no dialect, and to clients of no known one, have its form."""
    takes_documents: bool = True
    """Upstream's endpoint accepts files that are not images; chat accepts text and images only
    (copilot-protocol.md 5.1, microsoft/vscode#307279)."""
    needs_thinking_back: bool = False
    """Upstream requires a turn's thinking with its tool results, which clients cannot return."""
    counts_upstream: bool = False
    """Upstream counts the tokens of its requests."""
    search_endpoint: Endpoint | None = None
    """Where upstream runs the web searches that its requests declare; None: they declare none."""
    runs_searches: bool = False
    """Web searches of every dialect that the requested model cannot run are sent in this one."""
    stream_type: str = EVENT_STREAM
    """Content type of a streamed answer."""
    breaks_by_cut: bool = False
    """A stream that broke without a reason ends with a cut connection, not with an error event."""
    states_prompt_size: bool = False
    """Its answers begin with the prompt's size, which must be estimated."""
    counts_by_n: bool = False
    """Its member ``n`` asks for several whole answers, each a call of its own."""
    has_billing_line: bool = False
    """Its requests may begin with a line that changes each time and would break prompt caches."""
    stores_items: bool = False
    """Clients may refer to items of earlier answers, which are then stored."""
    request_id_header: str = ""
    """The vendor's own header for the request's id, beside ``x-request-id``."""
    answer_headers: Mapping[str, str] = struct_field(default_factory=dict)
    """Headers of every answer of a model."""


class StreamReader(Protocol):
    """Upstream frames in, canonical events out. One object per stream."""

    unread: dict[str, None]
    """Names of what came and has no canonical form, in the order in which it came."""

    def feed(self, frame: Frame) -> list[StreamEvent]:
        """Raises StreamFormatError for a frame the dialect does not allow; nothing else."""

    def close(self) -> list[StreamEvent]:
        """Note that upstream's bytes ended. A stream without a proper end gets an ``Error``."""


class StreamWriter(Protocol):
    """Canonical events in, client frames out. One object per stream."""

    def feed(self, event: StreamEvent) -> list[Frame]: ...

    def close(self) -> list[Frame]:
        """Return what the dialect sends after ``Done`` or ``Error`` (``[DONE]``)."""


TEXT_ALONE, FORGETS_TEXT = "is_text_alone", "forgets_text"
"""Attributes that a reader or writer may have (false where absent).

``is_text_alone``: the reader's last frame was one piece of text and nothing else, so that a frame which
differs from it in the text alone means the same. ``forgets_text``: the writer writes every piece of text
of an open block alike, and nothing that comes later depends on it.
"""


def says_text_alone(reader: StreamReader, writer: StreamWriter) -> bool:
    """Whether pieces of text that are alike may be written alike, without reading them."""
    return hasattr(reader, TEXT_ALONE) and getattr(writer, FORGETS_TEXT, False)


class StreamOutcome(Struct, frozen=True):
    """The result of an observed stream. ``error`` is set when it broke or reported an error."""

    finished: bool
    stop_reason: StopReason | None = None
    usage: Usage | None = None
    bill: Bill | None = None
    error: ProxyError | None = None
    response_id: str | None = None
    model: str | None = None
    thinking: TurnThinking | None = None
    """Thinking that must be sent back with the turn's tool results."""
    left_out: tuple[str, ...] = ()
    """What the answer held and the client's dialect cannot say."""
    repaired_calls: int = 0
    """Number of calls the model wrote as text that were converted to calls."""


class PassThroughStream(Protocol):
    """Same dialect on both sides: forwards frames unchanged, except for upstream's quirks."""

    error: ProxyError | None
    """Set with the first frame that reports a failure; all later frames belong to it."""

    @property
    def has_news(self) -> bool:
        """Whether ``outcome`` is worth a look: an end, a failure, or thinking to be cached."""

    def forward(self, data: bytes, begin: int = 0) -> tuple[bytes, int]:
        """Take whole frames from ``begin`` on in one piece, as far as none of them must be decoded.

        ``data`` is whole frames. Return how those taken are to be sent, and where they end; nothing,
        and ``begin``, if the first must be decoded: use ``feed`` for it then.
        """

    def feed(self, frame: Frame) -> list[Frame]: ...

    def close(self) -> list[Frame]:
        """Note that upstream's bytes ended; an unfinished stream gets the dialect's error event."""

    def fail(self, error: ProxyError) -> list[Frame]:
        """Note that upstream's connection broke: end the stream with ``error``, unless it has ended."""

    def outcome(self) -> StreamOutcome: ...


class Dialect(Protocol):
    """One dialect. Instances hold no state and may be shared by threads."""

    name: DialectName

    @property
    def endpoint(self) -> Endpoint:
        """Upstream's endpoint for it. One that only clients speak has none (``client_only.py``)."""

    @property
    def traits(self) -> ClientTraits: ...

    def owns_error(self, body: Mapping[str, Any]) -> bool:
        """Whether an error body of upstream's is of this dialect, to be passed on as it came."""

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        """Read a body whose top-level values are ``msgspec.Raw``, decoding as little as possible.

        Raises BadRequest when ``model`` or the conversation is missing or of the wrong type.
        """

    def check_request(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        """Raise the vendor's BadRequest for a small member of such a body that is missing, of the wrong
        type or out of its range. Header names are lower case."""

    def pass_through_request(
        self, body: Mapping[str, Any], model: Model, outline: Outline | None = None
    ) -> RenderedRequest:
        """Edit such a body for the same dialect upstream: what need not change stays raw.

        ``outline`` is what ``inspect_request`` made of its conversation.
        """

    def check_translatable(self, body: Mapping[str, Any]) -> None:
        """Raise the vendor's BadRequest for a part of a decoded body that no other dialect could say.

        A body that passes through is left to upstream.
        """

    def pass_through_headers(self, headers: Mapping[str, str], model: Model) -> RenderedHeaders:
        """Select the headers that upstream understands (``anthropic-beta``). Names are lower case."""

    def output_limits(self, body: Mapping[str, Any]) -> OutputLimits:
        """Read a raw body's limits; an unreadable one counts as absent. Never raises."""

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        """Parse a fully decoded body. Raises BadRequest naming the offending member."""

    def render_request(self, request: Request, model: Model) -> RenderedRequest:
        """Raises BadRequest for what cannot be carried and must not be dropped silently."""

    def reader(self, model_id: str) -> StreamReader:
        """``model_id`` tags the opaque data the stream issues."""

    def writer(self, context: WriterContext) -> StreamWriter: ...

    def pass_through(self, context: WriterContext) -> PassThroughStream: ...

    def read_whole(self, body: bytes, model_id: str) -> list[StreamEvent]:
        """Return a whole response as the events of an equivalent stream."""

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        """Raises the ProxyError of a stream that ended with ``Error`` or did not end."""

    def write_error(self, error: ProxyError, request_id: str) -> dict[str, Any]:
        """Return the body of an error response."""

    def error_status(self, error: ProxyError) -> int:
        """Return the HTTP status this dialect's vendor would use."""

    def error_frames(self, error: ProxyError, request_id: str) -> list[Frame]:
        """Return the frames that report a failure in a stream that has begun."""

    def keep_alive(self) -> bytes:
        """What to send during silence, so that clients and middleboxes do not time out."""
