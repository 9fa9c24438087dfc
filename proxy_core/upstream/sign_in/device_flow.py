"""The calls of GitHub's device flow and the meaning of their responses.

One HTTP exchange each. A poll returns 200 for success and failure alike; the ``error`` code
decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec
from multidict import CIMultiDict

from proxy_core.clock import Clock
from proxy_core.config.settings import IdentitySettings
from proxy_core.errors import Actor, ErrorKind, ProxyError, translatable
from proxy_core.upstream.calls.error_response import BODY_LIMIT, read_failure
from proxy_core.upstream.transport.connection_errors import ConnectionFailed
from proxy_core.upstream.transport.headers import CallKind, call_headers
from proxy_core.upstream.transport.hosts import GitHubHosts
from proxy_core.upstream.transport.request_handler import OutboundRequest
from proxy_core.upstream.transport.transport import Transport

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
TIME_LIMIT_SECONDS = 20.0
DEFAULT_INTERVAL = 5.0
DEFAULT_LIFETIME = 900.0
LONGEST_LIFETIME = 3600.0


class SignInFailed(ProxyError):
    """The sign-in ended without a token. Nothing was stored."""

    kind = ErrorKind.AUTHENTICATION
    http_status = 401
    title: str = translatable("Signing in did not work")
    actor = Actor.USER


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """``lifetime`` and ``interval`` are in seconds from now."""

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    lifetime: float
    interval: float


class PollState(StrEnum):
    PENDING = "pending"
    SLOW_DOWN = "slow_down"
    EXPIRED = "expired"
    DENIED = "denied"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """``interval`` is set if GitHub named a new one; ``token`` only when approved."""

    state: PollState
    token: str = field(default="", repr=False)
    interval: float | None = None
    refresh_token: str | None = field(default=None, repr=False)
    lifetime: float | None = None
    """In seconds; None: the token does not expire."""


_STATES = {
    "authorization_pending": PollState.PENDING,
    "slow_down": PollState.SLOW_DOWN,
    "expired_token": PollState.EXPIRED,
    "access_denied": PollState.DENIED,
}


class DeviceFlow:
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

    async def start(self) -> DeviceCode:
        """Request a code. Raises SignInFailed, or ConnectionFailed while GitHub does not respond."""
        identity = self._identity()
        content = await self._post(
            "/login/device/code", {"client_id": identity.client_id, "scope": identity.scope}
        )
        if isinstance(content.get("error"), str):
            raise _refused(content)
        device_code, user_code = content.get("device_code"), content.get("user_code")
        uri = content.get("verification_uri")
        if not (
            isinstance(device_code, str) and isinstance(user_code, str) and isinstance(uri, str)
        ):
            raise SignInFailed(
                translatable("GitHub's answer held no code to type in. Nothing was stored.")
            )
        if not self._hosts().shows_to_people(uri):
            raise SignInFailed(
                translatable(
                    "GitHub's answer named a page that is not on your GitHub, so it was not "
                    "opened. Nothing was stored. Check that nobody intercepts your connection."
                ),
                code="untrusted_verification_uri",
            )
        lifetime = _seconds(content.get("expires_in")) or DEFAULT_LIFETIME
        return DeviceCode(
            device_code=device_code,
            user_code=user_code,
            verification_uri=uri,
            lifetime=min(lifetime, LONGEST_LIFETIME),
            interval=_seconds(content.get("interval")) or DEFAULT_INTERVAL,
        )

    async def poll(self, code: DeviceCode) -> PollAnswer:
        """Poll once for the user's decision. Raises as ``start`` does."""
        content = await self._post(
            "/login/oauth/access_token",
            {
                "client_id": self._identity().client_id,
                "device_code": code.device_code,
                "grant_type": GRANT_TYPE,
            },
        )
        token = content.get("access_token")
        if isinstance(token, str) and token:
            return _approved(token, content)
        state = _STATES.get(str(content.get("error")))
        if state is None:
            raise _refused(content)
        return PollAnswer(state, interval=_seconds(content.get("interval")))

    async def refresh(self, refresh_token: str) -> PollAnswer:
        """Return a new token in place of an expiring one; both old tokens are void afterwards.

        Raises SignInFailed if GitHub refuses, or ConnectionFailed while it does not respond.
        """
        content = await self._post(
            "/login/oauth/access_token",
            {
                "client_id": self._identity().client_id,
                "grant_type": "refresh_token",
                "refresh_token": refresh_token,
            },
        )
        token = content.get("access_token")
        if isinstance(token, str) and token:
            return _approved(token, content)
        raise _refused(content)

    async def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        hosts = self._hosts()
        headers = CIMultiDict(call_headers(CallKind.DEVICE_FLOW, self._identity()))
        headers["Content-Type"] = "application/json"
        request = OutboundRequest(
            "POST", hosts.require_trusted(hosts.login + path), headers, msgspec.json.encode(body)
        )
        response = await self._transport.send(request, time_limit=TIME_LIMIT_SECONDS)
        status = response.status
        answer = await response.read(BODY_LIMIT)
        content = _decoded(answer)
        if content is not None and (status == 200 or isinstance(content.get("error"), str)):
            return content
        failure = read_failure(status, response.headers, answer, self._clock.wall())
        if status == 429 or status >= 500 or status == 200:
            # Busy, broken, or a captive portal's page: equivalent to no response.
            raise ConnectionFailed(
                translatable(
                    "GitHub does not answer as it should: {reason}", reason=failure.message
                ),
                retryable=True,
            )
        raise SignInFailed(
            translatable(
                "GitHub refused to start signing in ({status}): {reason}",
                status=status,
                reason=failure.message,
            ),
            code=failure.code,
        )


def _decoded(answer: bytes) -> dict[str, Any] | None:
    try:
        content = msgspec.json.decode(answer)
    except msgspec.DecodeError:
        return None
    return content if isinstance(content, dict) else None


def _approved(token: str, content: dict[str, Any]) -> PollAnswer:
    renewing = content.get("refresh_token")
    return PollAnswer(
        PollState.APPROVED,
        token,
        refresh_token=renewing if isinstance(renewing, str) and renewing else None,
        lifetime=_seconds(content.get("expires_in")),
    )


def _refused(content: dict[str, Any]) -> SignInFailed:
    code = str(content.get("error") or "unreadable_answer")
    description = content.get("error_description")
    reason = description if isinstance(description, str) and description else code
    return SignInFailed(
        translatable("GitHub refused: {reason} Nothing was stored.", reason=reason), code=code
    )


def _seconds(value: Any) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return float(value)
    return None
