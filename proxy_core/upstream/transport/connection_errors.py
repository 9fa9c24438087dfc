"""Connection errors, worded so that a person can act on them. Pure."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp

from proxy_core.errors import Actor, ErrorKind, UpstreamBroke, translatable

BROKE_OFF = "upstream_broke"
"""The code of a connection lost during a response."""


class ConnectionFailed(UpstreamBroke):
    """No response, or one that broke off. ``retryable``: the same call may succeed if sent again."""

    is_own_text = True

    def __init__(
        self,
        message: str,
        *,
        retryable: bool,
        kind: ErrorKind = ErrorKind.UPSTREAM_UNREACHABLE,
        http_status: int = 502,
        title: str = translatable("GitHub does not answer"),
        code: str = "upstream_unreachable",
        actor: Actor = Actor.USER,
    ) -> None:
        super().__init__(
            message, kind=kind, http_status=http_status, title=title, code=code, actor=actor
        )
        self.retryable = retryable


class EndedBeforeContent(ConnectionFailed):
    """A response of status 200 that ended, properly, without content."""

    def __init__(self) -> None:
        super().__init__(
            translatable("Connection error: GitHub Copilot sent an empty answer."),
            retryable=True,
            kind=ErrorKind.UPSTREAM,
            title=translatable("GitHub Copilot sent an empty answer"),
            code=BROKE_OFF,
            actor=Actor.GITHUB,
        )


class HandshakeRefused(ConnectionFailed):
    """A WebSocket handshake was refused with ``status``, without further details."""

    def __init__(self, message: str, *, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(
            message,
            retryable=False,
            title=translatable("GitHub does not offer a WebSocket here"),
            code="websocket_refused",
        )
        self.status = status
        self.headers = headers


def proxy_stopped() -> ConnectionFailed:
    """Return the error of a call that nothing carries any more."""
    return ConnectionFailed(
        translatable(
            "g-copilot-proxy was stopped before the request was sent. Start it again to go on."
        ),
        retryable=False,
        kind=ErrorKind.STOPPED,
        http_status=503,
        title=translatable("The proxy was stopped"),
        code="proxy_stopped",
    )


def connection_failure(
    error: BaseException, url: str, *, answering: bool = False
) -> ConnectionFailed:
    """Return the error for an exception of aiohttp's; ``answering``: the response had begun."""
    host = urlsplit(url).hostname or "GitHub"
    if answering:
        return _broke_off(error, host)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectionFailed(
            translatable(
                "No connection to {host} came about in time. Check the network, then try again.",
                host=host,
            ),
            retryable=True,
            kind=ErrorKind.TIMEOUT,
            http_status=504,
            code="connect_timeout",
        )
    if isinstance(error, TimeoutError):
        return ConnectionFailed(
            translatable("{host} took the request but did not answer in time.", host=host),
            retryable=False,
            kind=ErrorKind.TIMEOUT,
            http_status=504,
            code="upstream_timeout",
            actor=Actor.GITHUB,
        )
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError)):
        return ConnectionFailed(
            translatable(
                "The certificate of {host} is not trusted by this computer, so nothing was sent. If "
                "your company inspects traffic, its certificate must be in the system's trust store, "
                "or in the file that upstream.ca_file names.",
                host=host,
            ),
            retryable=False,
            title=translatable("GitHub's certificate is not trusted"),
            code="certificate_not_trusted",
        )
    if isinstance(error, aiohttp.ClientHttpProxyError) and error.status == 407:
        return ConnectionFailed(
            translatable(
                "The proxy of this computer asks for a name and a password. Put them into HTTPS_PROXY "
                "(http://name:password@proxy.example:8080)."
            ),
            retryable=False,
            title=translatable("The network proxy wants a password"),
            code="proxy_password",
        )
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return HandshakeRefused(
            translatable(
                "{host} did not open a WebSocket (status {status}).", host=host, status=error.status
            ),
            status=error.status,
            headers=dict(error.headers or {}),
        )
    if _is_the_proxys(error, host):
        return ConnectionFailed(
            translatable(
                "The proxy of this computer did not connect us to {host}. Check HTTPS_PROXY or the "
                "system's proxy settings.",
                host=host,
            ),
            retryable=False,
            title=translatable("The network proxy does not answer"),
            code="proxy_failed",
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ConnectionFailed(
            translatable(
                "The name {host} could not be found. Check that this computer is online.", host=host
            ),
            retryable=True,
            code="name_not_found",
        )
    if isinstance(error, (aiohttp.InvalidURL, ValueError)):
        return ConnectionFailed(
            translatable("{host} is not a usable address.", host=host), retryable=False
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return ConnectionFailed(
            translatable(
                "{host} could not be reached ({reason}). Check the network, then try again.",
                host=host,
                reason=error.strerror or translatable("connection refused"),
            ),
            retryable=True,
        )
    return ConnectionFailed(
        translatable("The connection to {host} was lost before it answered.", host=host),
        retryable=True,
        title=translatable("The connection to GitHub was lost"),
        code="connection_lost",
    )


def _is_the_proxys(error: BaseException, host: str) -> bool:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return error.host != host  # aiohttp has no error of its own for a proxy without an address
    return isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError))


def _broke_off(error: BaseException, host: str) -> ConnectionFailed:
    if isinstance(error, TimeoutError):
        return ConnectionFailed(
            translatable(
                "Connection error: {host} fell silent in the middle of its answer.", host=host
            ),
            retryable=False,
            kind=ErrorKind.TIMEOUT,
            http_status=504,
            title=translatable("GitHub Copilot fell silent"),
            code="upstream_silent",
            actor=Actor.GITHUB,
        )
    return ConnectionFailed(
        translatable(
            "Connection error: the connection to {host} broke in the middle of its answer.",
            host=host,
        ),
        retryable=False,
        kind=ErrorKind.UPSTREAM,
        title=translatable("GitHub Copilot broke off"),
        code=BROKE_OFF,
        actor=Actor.GITHUB,
    )
