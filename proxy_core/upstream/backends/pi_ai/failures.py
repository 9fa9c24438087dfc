"""The backend's own failures, worded so that a person can act on them."""

from __future__ import annotations

from urllib.parse import urlsplit

from proxy_core.errors import Actor, BadRequest, ErrorKind, ProxyError, joined
from proxy_core.status.redaction import redact
from proxy_core.upstream.backends.pi_ai.lines import NetworkFailure
from proxy_core.upstream.transport.connection_errors import BROKE_OFF, ConnectionFailed

UNAVAILABLE = "backend_unavailable"


class BackendUnavailable(ProxyError):
    """Node, the library or the process is not there: no call of this backend can be made.

    ``finding`` says what is the matter, ``next_step`` what to do.
    """

    kind = ErrorKind.BACKEND
    http_status = 503
    title = "The pi_ai backend is not available"
    actor = Actor.USER

    def __init__(
        self, finding: str, next_step: str = "", *, retry_after: float | None = None
    ) -> None:
        message = joined((finding, next_step)) if next_step else finding
        super().__init__(message, code=UNAVAILABLE, retry_after=retry_after)
        self.finding = finding
        self.next_step = next_step


class LibraryMissing(BackendUnavailable):
    """Node is there and fits; the library, missing or damaged, can be installed (``install.py``)."""


def cannot_carry(what: str) -> BadRequest:
    """Return the refusal of a request that the library has no words for."""
    return BadRequest(
        f"The pi_ai backend cannot carry {what}. Give this model the backend “copilot” in "
        "upstream.model_backends.",
        code="unsupported_by_backend",
    )


def process_ended(*, answering: bool) -> ConnectionFailed:
    """Return the error of every request that was open when the process ended."""
    if answering:
        return ConnectionFailed(
            "Connection error: the pi-ai process ended in the middle of the answer. It is started "
            "again with the next request.",
            retryable=False,
            kind=ErrorKind.UPSTREAM,
            title="The pi-ai process ended",
            code=BROKE_OFF,
            actor=Actor.NOBODY,
        )
    return ConnectionFailed(
        "The pi-ai process ended before GitHub answered.",
        retryable=True,
        kind=ErrorKind.UPSTREAM,
        title="The pi-ai process ended",
        code="backend_ended",
        actor=Actor.NOBODY,
    )


def unreadable(*, answering: bool) -> ConnectionFailed:
    """Return the error of a request of whose answer a part could not be read."""
    return ConnectionFailed(
        "Connection error: a part of the answer from GitHub could not be read.",
        retryable=not answering,
        kind=ErrorKind.UPSTREAM,
        title="The answer could not be read",
        code=BROKE_OFF,
        actor=Actor.NOBODY,
    )


def too_much_held(limit: int) -> ConnectionFailed:
    return ConnectionFailed(
        f"Connection error: more than {limit // 1024**2} MB of the answer were not taken by the "
        "client, so it was ended.",
        retryable=False,
        kind=ErrorKind.UPSTREAM,
        title="The client reads too slowly",
        code=BROKE_OFF,
        actor=Actor.CALLER,
    )


_NAME_UNKNOWN = ("ENOTFOUND", "EAI_AGAIN")
_TIMED_OUT = ("UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT")
_LOST = ("ECONNRESET", "UND_ERR_SOCKET", "EPIPE")
_CERTIFICATE = ("CERT", "SELF_SIGNED", "UNABLE_TO_", "ERR_TLS", "DEPTH_ZERO")


def network_failure(failure: NetworkFailure, url: str) -> ConnectionFailed:
    """Return the error for a connection that Node could not make: as the native client words it."""
    host, code = urlsplit(url).hostname or "GitHub", failure.code
    if code in _NAME_UNKNOWN:
        return ConnectionFailed(
            f"The name {host} could not be found. Check that this computer is online.",
            retryable=True,
            code="name_not_found",
        )
    if code in _TIMED_OUT:
        return ConnectionFailed(
            f"No connection to {host} came about in time. Check the network, then try again.",
            retryable=True,
            kind=ErrorKind.TIMEOUT,
            http_status=504,
            code="connect_timeout",
        )
    if code.startswith(_CERTIFICATE):
        return ConnectionFailed(
            f"The certificate of {host} is not trusted by Node, so nothing was sent ({code}). If your "
            "company inspects traffic, name its certificate in upstream.ca_file.",
            retryable=False,
            title="GitHub's certificate is not trusted",
            code="certificate_not_trusted",
        )
    if code in _LOST:
        return ConnectionFailed(
            f"The connection to {host} was lost before it answered.",
            retryable=True,
            title="The connection to GitHub was lost",
            code="connection_lost",
        )
    reason = redact(failure.message) or code
    return ConnectionFailed(
        f"{host} could not be reached ({reason}). Check the network, then try again.",
        retryable=True,
    )
