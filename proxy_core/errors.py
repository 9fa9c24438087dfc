"""The one exception tree; each failure carries who can act, the HTTP status and what to do.

Raised where a failure is first identified, mapped once into a dialect's JSON by the server.
Standard library only, cheap to import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class ErrorKind(StrEnum):
    """What went wrong, independent of any dialect's error types."""

    INVALID_REQUEST = "invalid_request"
    AUTHENTICATION = "authentication"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    MODEL_NOT_FOUND = "model_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    CONTEXT_OVERFLOW = "context_overflow"
    CONTENT_FILTER = "content_filter"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    OWN_BUDGET = "own_budget"
    """The user's own budget; a client gets it in the form of QUOTA."""
    NOT_SENT = "not_sent"
    """The user did not let it be sent; a client gets it in the form of PERMISSION."""
    TOO_MANY = "too_many"
    """More than we take, of requests or of wrong keys; a client gets it in the form of RATE_LIMIT."""
    SIGNED_OUT = "signed_out"
    SIGN_IN_PENDING = "sign_in_pending"
    """The sign-in is not at hand right now: a locked keychain, a change of account."""
    BACKEND = "backend"
    """The backend chosen for the model cannot be used: the user must act."""
    OVERLOADED = "overloaded"
    STOPPED = "stopped"
    UPSTREAM = "upstream"
    UPSTREAM_UNREACHABLE = "upstream_unreachable"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


KEPT_BACK = frozenset({ErrorKind.OWN_BUDGET, ErrorKind.NOT_SENT})
"""Kinds that are no failure: the user's own rule or answer kept the request from being sent."""


class Actor(StrEnum):
    """Who can do something about it."""

    CALLER = "caller"
    USER = "user"
    ORGANISATION = "organisation"
    GITHUB = "github"
    NOBODY = "nobody"


class TranslatableText(str):
    """English that remembers what it is made of, so that a window can say it in its language.

    ``template`` has ``{name}`` for each of ``values``, which may be translatable themselves. Programs,
    the log and the command line use it as the string it is; JSON encoders that take no subclass get
    ``str`` of it. ``packaging/translations.py`` finds the templates in the calls of
    :func:`translatable`.

    What is made of it by ``+``, ``format`` or an f-string is a plain string, and stays English: make
    it the value of another template in place of that.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, values: Mapping[str, str] | None = None) -> Self:
        made = super().__new__(cls, template.format_map(values or {}))
        made.template = template
        made.values = dict(values or {})
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, str]]:  # type: ignore[override]
        return self.template, self.values


def translatable(template: str, /, **values: str | int) -> TranslatableText:
    """Return the text of ``template``, a literal with ``{name}`` for each of ``values``."""
    texts = {
        name: value if isinstance(value, str) else str(value) for name, value in values.items()
    }
    return TranslatableText(template, texts)


def joined(texts: Iterable[str], separator: str = " ") -> TranslatableText:
    """Return several sentences as one text, each of which is translated."""
    numbered = {f"_{place}": text for place, text in enumerate(texts)}
    return TranslatableText(separator.join(f"{{{name}}}" for name in numbered), numbered)


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure for a person: a heading, a sentence, and what to do next.

    Texts of ours are :class:`TranslatableText`.
    """

    title: str
    message: str
    next_step: str = ""
    code: str = ""
    """Stable identifier for programs and presenters (``port_in_use``, ``token_rejected``, ...)."""


class ProxyError(Exception):
    """A failure that can be reported to a caller.

    ``message`` is for the client program and, for an error of upstream's, its exact text: agents
    react to the text of a 400. ``said`` is the same for a person, translatable where we worded it.
    ``title`` is a short heading for a person. ``code`` and ``param``
    follow the OpenAI error object. ``retry_after`` is in seconds. ``passed_headers`` (lower case)
    go to the client as they are; ``upstream_body`` is upstream's error object as it came.

    ``is_own_text``: the message is our own and quotes neither the request nor upstream, so that it may
    be stored.
    """

    kind: ErrorKind = ErrorKind.INTERNAL
    http_status: int = 500
    title: str = translatable("Internal error")
    actor: Actor = Actor.NOBODY
    is_own_text: bool = False

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind | None = None,
        http_status: int | None = None,
        title: str | None = None,
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        actor: Actor | None = None,
        passed_headers: Mapping[str, str] | None = None,
        upstream_body: Mapping[str, Any] | None = None,
        is_own_text: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = str(message)  # a plain one: encoders take no subclass
        self.said = message
        self.passed_headers = passed_headers or {}
        self.upstream_body = upstream_body
        self.code = code
        self.param = param
        self.retry_after = retry_after
        if kind is not None:
            self.kind = kind
        if http_status is not None:
            self.http_status = http_status
        if title is not None:
            self.title = title
        if actor is not None:
            self.actor = actor
        if is_own_text is not None:
            self.is_own_text = is_own_text

    @property
    def reason(self) -> str:
        """What may be stored of the failure: our own words for it, never the request's or upstream's."""
        return self.message if self.is_own_text else str(self.title)


class BadRequest(ProxyError):
    """The client's request cannot be understood or carried out as written."""

    kind = ErrorKind.INVALID_REQUEST
    http_status = 400
    title: str = translatable("The request is not valid")
    actor = Actor.CALLER


class ModelNotFound(BadRequest):
    """No usable model goes by the name the client gave."""

    kind = ErrorKind.MODEL_NOT_FOUND
    http_status = 404
    title: str = translatable("The model is not known")


class Refused(ProxyError):
    """Our own access checks refused: key, host, path, method, size."""

    kind = ErrorKind.PERMISSION
    http_status = 403
    title: str = translatable("The request was refused")
    actor = Actor.CALLER


class SignedOut(ProxyError):
    """No usable GitHub sign-in."""

    kind = ErrorKind.SIGNED_OUT
    http_status = 401
    title: str = translatable("Sign in to GitHub first")
    actor = Actor.USER


class UpstreamRefused(ProxyError):
    """Upstream responded with an error status; message and code are upstream's."""

    kind = ErrorKind.UPSTREAM
    http_status = 502
    title: str = translatable("GitHub Copilot refused the request")
    actor = Actor.CALLER


class UpstreamBroke(ProxyError):
    """Upstream could not be reached, or a response broke off."""

    kind = ErrorKind.UPSTREAM
    http_status = 502
    title: str = translatable("GitHub Copilot broke off")
    actor = Actor.GITHUB


class StreamFormatError(UpstreamBroke):
    """Upstream sent what its dialect does not allow."""

    title: str = translatable("GitHub Copilot sent something unreadable")


class Cancelled(ProxyError):
    """The client disconnected or cancelled."""

    kind = ErrorKind.CANCELLED
    http_status = 499
    title: str = translatable("Cancelled")
    actor = Actor.CALLER


class PortInUse(ProxyError):
    """Another program listens on the address; ``owner`` names it if the system reports it."""

    title: str = translatable("The port is in use")
    actor = Actor.USER

    def __init__(self, message: str, *, port: int, owner: str | None = None) -> None:
        super().__init__(message, code="port_in_use")
        self.port = port
        self.owner = owner
