"""The device flow as GitHub plays it: codes, polling rules, and a person who authorizes or denies."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proxy_core.simulator.account.tokens import DIRECT, EXCHANGEABLE, Tokens

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
# GitHub's user codes avoid vowels, so that no words appear.
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
SLOW_DOWN_SECONDS = 5

_GITHUB_APP_ID = re.compile(r"Iv(1\.|23)[A-Za-z0-9]+")
_OAUTH_APP_ID = re.compile(r"Ov23[A-Za-z0-9]+|[0-9a-f]{20}")


@dataclass
class _Attempt:
    prefix: str
    scope: str
    device_code: str
    user_code: str
    expires_at: float
    interval: int
    last_poll: float | None = None
    decision: str = ""
    token: str = ""


class DeviceFlow:
    """Every sign-in under way. Times are seconds of the given clock."""

    def __init__(
        self,
        clock: Callable[[], float],
        rng: random.Random,
        tokens: Tokens,
        *,
        interval: int,
        lifetime: int,
    ) -> None:
        self._clock = clock
        self._random = rng
        self._tokens = tokens
        self._interval = interval
        self._lifetime = lifetime
        self._attempts: dict[str, _Attempt] = {}

    def start(self, client_id: str, scope: str, verification_uri: str) -> dict[str, Any] | None:
        """The answer of ``/login/device/code``; None for a client id GitHub does not know."""
        if _GITHUB_APP_ID.fullmatch(client_id):
            prefix = EXCHANGEABLE
        elif _OAUTH_APP_ID.fullmatch(client_id):
            prefix = DIRECT
        else:
            return None
        letters = "".join(self._random.choice(CODE_LETTERS) for _ in range(8))
        attempt = _Attempt(
            prefix=prefix,
            scope=scope,
            device_code=f"{self._random.getrandbits(160):040x}",
            user_code=f"{letters[:4]}-{letters[4:]}",
            expires_at=self._clock() + self._lifetime,
            interval=self._interval,
        )
        self._attempts[attempt.device_code] = attempt
        return {
            "device_code": attempt.device_code,
            "user_code": attempt.user_code,
            "verification_uri": verification_uri,
            "expires_in": self._lifetime,
            "interval": self._interval,
        }

    def poll(self, client_id: str, device_code: str, grant_type: str) -> dict[str, Any]:
        """The answer of ``/login/oauth/access_token``: a token or an ``error``, always HTTP 200."""
        if grant_type != GRANT_TYPE:
            return oauth_error(
                "unsupported_grant_type", "The grant type is not supported by this endpoint."
            )
        attempt = self._attempts.get(device_code)
        if attempt is None:
            return oauth_error("incorrect_device_code", "The device_code provided is not valid.")
        if not client_id:
            return oauth_error("incorrect_client_credentials", "The client_id is missing.")
        now = self._clock()
        if now >= attempt.expires_at:
            return oauth_error("expired_token", "This 'device_code' has expired.")
        if attempt.token:
            return oauth_error("incorrect_device_code", "The device_code was used already.")
        too_soon = attempt.last_poll is not None and now - attempt.last_poll < attempt.interval
        attempt.last_poll = now
        if too_soon:
            attempt.interval += SLOW_DOWN_SECONDS
            return {
                **oauth_error(
                    "slow_down", "Too many requests have been made in the same timeframe."
                ),
                "interval": attempt.interval,
            }
        if attempt.decision == "denied":
            return oauth_error("access_denied", "The authorization request was denied.")
        if attempt.decision != "authorized":
            return oauth_error(
                "authorization_pending", "The authorization request is still pending."
            )
        granted = self._tokens.sign_in(attempt.prefix, client_id)
        attempt.token = granted["access_token"]
        return {
            **granted,
            "scope": "" if attempt.prefix == EXCHANGEABLE else attempt.scope,
        }

    def authorize(self, user_code: str) -> bool:
        """Press Authorize for ``user_code``; False when no open sign-in has that code."""
        return self._decide(user_code, "authorized")

    def deny(self, user_code: str) -> bool:
        return self._decide(user_code, "denied")

    def _decide(self, user_code: str, decision: str) -> bool:
        wanted = re.sub(r"[^A-Z]", "", user_code.upper())
        for attempt in self._attempts.values():
            undecided = not attempt.decision and self._clock() < attempt.expires_at
            if undecided and attempt.user_code.replace("-", "") == wanted:
                attempt.decision = decision
                return True
        return False


def oauth_error(code: str, description: str) -> dict[str, Any]:
    return {
        "error": code,
        "error_description": description,
        "error_uri": "https://docs.github.com/developers/apps/authorizing-oauth-apps",
    }
