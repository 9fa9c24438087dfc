"""The calls to GitHub's own API: exchange a token, read the account. One HTTP exchange each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from multidict import CIMultiDict

from proxy_core.clock import Clock
from proxy_core.config.settings import IdentitySettings
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.errors import Actor, ErrorKind, ProxyError, StreamFormatError, translatable
from proxy_core.upstream.calls.error_mapping import to_error
from proxy_core.upstream.calls.error_response import BODY_LIMIT, UpstreamErrorResponse, read_failure
from proxy_core.upstream.sign_in.account import CopilotAccount, parse_account
from proxy_core.upstream.transport.headers import CallKind, call_headers
from proxy_core.upstream.transport.hosts import GitHubHosts
from proxy_core.upstream.transport.request_handler import OutboundRequest, OutboundResponse
from proxy_core.upstream.transport.transport import Transport

TIME_LIMIT_SECONDS = 30.0


class NoPlan(ProxyError):
    """The account has no Copilot, or its organisation does not allow this."""

    kind = ErrorKind.PERMISSION
    http_status = 403
    title: str = translatable("This account has no Copilot plan")
    actor = Actor.USER

    @property
    def reason(self) -> str:
        """An instance's title is GitHub's."""
        return NoPlan.title


class WrongKindOfApp(ProxyError):
    """The sign-in belongs to an app that gets no Copilot tokens (404 on the exchange)."""

    kind = ErrorKind.SIGNED_OUT
    http_status = 401
    title: str = translatable("This sign-in cannot be used for Copilot")
    actor = Actor.USER


class GitHubApi:
    def __init__(
        self,
        transport: Transport,
        hosts: Callable[[], GitHubHosts],
        identity: Callable[[], IdentitySettings],
        clock: Clock,
    ) -> None:
        self._transport = transport
        self._hosts = hosts
        self._identity = identity
        self._clock = clock

    async def exchange(self, github_token: str) -> dict[str, Any]:
        """Return the exchange's response.

        Raises SignedOut, NoPlan, WrongKindOfApp or another ProxyError.
        """
        path = "/copilot_internal/v2/token"
        response = await self._get(path, CallKind.EXCHANGE, github_token)
        body = await response.read(BODY_LIMIT)
        if response.status == 200:
            return _object(body)
        failure = read_failure(response.status, response.headers, body, self._clock.wall())
        if response.status == 404:
            raise WrongKindOfApp(
                translatable(
                    "GitHub has no Copilot token for this sign-in: it belongs to another kind of "
                    "app. Sign in here, or use a token that begins with gho_ or github_pat_."
                ),
                code="wrong_kind_of_app",
            )
        raise _no_plan(failure, body) or to_error(failure)

    async def account(self, github_token: str) -> CopilotAccount | None:
        """Return the account, or None where GitHub does not show it to this app (404)."""
        response = await self._get("/copilot_internal/user", CallKind.ACCOUNT, github_token)
        body = await response.read(BODY_LIMIT)
        if response.status == 200:
            return parse_account(_object(body), self._clock.wall())
        if response.status == 404:
            return None
        failure = read_failure(response.status, response.headers, body, self._clock.wall())
        raise _no_plan(failure, body) or to_error(failure)

    async def _get(self, path: str, kind: CallKind, github_token: str) -> OutboundResponse:
        hosts = self._hosts()
        url = hosts.require_trusted(hosts.api + path)
        headers = CIMultiDict(call_headers(kind, self._identity(), github_token))
        return await self._transport.send(
            OutboundRequest("GET", url, headers), time_limit=TIME_LIMIT_SECONDS
        )


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise StreamFormatError(
            translatable("GitHub's answer about your account could not be read.")
        ) from error
    if not isinstance(content, dict):
        raise StreamFormatError(
            translatable("GitHub's answer about your account could not be read.")
        )
    return content


def _no_plan(failure: UpstreamErrorResponse, body: bytes) -> ProxyError | None:
    """Return the error of a missing plan: 403 with ``error_details``, or a known code."""
    if failure.status != 403 or failure.cause not in (
        ErrorCause.PERMISSION,
        ErrorCause.OPAQUE_FORBIDDEN,
    ):
        return None
    try:
        content = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    details = content.get("error_details") if isinstance(content, dict) else None
    if not isinstance(details, dict):
        return None
    title, url = details.get("title"), details.get("url")
    message = failure.message
    if isinstance(url, str) and url.startswith("https://"):
        message = translatable("{message}. See {url}", message=message.rstrip("."), url=url)
    return NoPlan(
        message,
        title=title if isinstance(title, str) and title else None,
        code=str(details.get("notification_id") or "no_copilot_access"),
    )
