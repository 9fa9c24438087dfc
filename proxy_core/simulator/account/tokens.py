"""GitHub tokens and the short session tokens they are exchanged for.

Session tokens certify themselves with a keyed digest: one from an earlier run of the simulator stays
good until its own expiry, as with the real service.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from proxy_core.simulator.http.refusal import JSON, Refusal, forbidden
from proxy_core.simulator.model_calls.signing import hex_digest, same
from proxy_core.simulator.worlds.world import World

EXCHANGEABLE = "ghu_"
DIRECT = "gho_"

REFRESH_TOKEN_SECONDS = 15_897_600
"""Six months, as GitHub gives them."""

_LOOKS_RIGHT = re.compile(r"(?:ghu|gho)_[A-Za-z0-9_]{4,}")
_SAYS_OTHERWISE = ("invalid", "wrong", "bad", "revoked", "expired", "0000000000")
"""A token that we did not issue is taken for a person's own: whoever tries out a client brings one of
their own making (``COPILOT_GITHUB_TOKEN=ghu_mine``). One of these words in it asks for a refusal."""


def bearer_of(header: str | None) -> str:
    """The credential of an ``Authorization`` header; GitHub takes ``token`` and ``Bearer`` alike."""
    scheme, _, value = (header or "").partition(" ")
    return value.strip() if scheme.lower() in ("bearer", "token") else ""


def bad_credentials() -> Refusal:
    return Refusal(
        401,
        {
            "message": "Bad credentials",
            "documentation_url": "https://docs.github.com/rest",
            "status": "401",
        },
        content_type=JSON,
    )


def wrong_application() -> Refusal:
    """What the exchange says to a token of an app that is not Copilot's own."""
    return Refusal(
        404,
        {
            "message": "Not Found",
            "documentation_url": "https://docs.github.com/rest",
            "status": "404",
        },
        content_type=JSON,
    )


class Tokens:
    """Issues and checks tokens by ``clock``. ``lifetime`` of a session token is in seconds."""

    def __init__(
        self,
        clock: Callable[[], float],
        rng: random.Random,
        lifetime: int,
        first_token: str,
        world: World,
    ) -> None:
        self._clock = clock
        self._random = rng
        self._lifetime = lifetime
        self._first = first_token
        self._revoked: set[str] = set()
        self._issued_sessions: set[str] = set()
        self._dead_sessions: set[str] = set()
        self._stale_leases: set[str] = set()
        self._earlier_runs_are_dead = False
        self._world = world
        self._expiries: dict[str, float] = {}
        self._refresh_tokens: dict[str, str] = {}
        self._by_app: dict[str, list[str]] = {}
        self.security_log: list[dict[str, str]] = []

    def issue_github_token(self, prefix: str) -> str:
        body = f"{self._random.getrandbits(80):020x}"
        return f"{prefix}{body}{hex_digest('github token', prefix, body, size=8)}"

    def sign_in(self, prefix: str, client_id: str) -> dict[str, Any]:
        """A GitHub token for one more sign-in of an app, as the device flow's answer has it.

        One sign-in more than the world allows destroys the app's oldest token, which GitHub tells only
        in the person's security log.
        """
        answer = self._grant(prefix)
        held = self._by_app.setdefault(client_id, [])
        held.append(answer["access_token"])
        most = self._world.sign_ins_per_app
        while most is not None and len(held) > most:
            self.revoke(held.pop(0))
            self.security_log.append({"action": "oauth_access.destroy", "reason": "max_for_app"})
        return answer

    def refresh(self, refresh_token: str) -> dict[str, Any] | None:
        """A new pair for a refresh token, which is then used up with its access token; "
        "None for a bad one."""
        access = self._refresh_tokens.pop(refresh_token, None)
        if access is None:
            return None
        self.revoke(access)
        answer = self._grant(EXCHANGEABLE)
        for held in self._by_app.values():
            if access in held:
                held[held.index(access)] = answer["access_token"]
        return answer

    def _grant(self, prefix: str) -> dict[str, Any]:
        token = self.issue_github_token(prefix)
        answer: dict[str, Any] = {"access_token": token, "token_type": "bearer"}
        lifetime = self._world.github_token_lifetime
        if lifetime is None or prefix != EXCHANGEABLE:
            return answer
        refresh_token = self.issue_github_token("ghr_")
        self._expiries[token] = self._clock() + lifetime
        self._refresh_tokens[refresh_token] = token
        return answer | {
            "expires_in": lifetime,
            "refresh_token": refresh_token,
            "refresh_token_expires_in": REFRESH_TOKEN_SECONDS,
        }

    def is_github_token(self, token: str) -> bool:
        if token in self._revoked or self._clock() >= self._expiries.get(token, float("inf")):
            return False
        if same(token, self._first):
            return True
        looks_right = _LOOKS_RIGHT.fullmatch(token) is not None
        return looks_right and not any(word in token.lower() for word in _SAYS_OTHERWISE)

    def revoke(self, github_token: str) -> None:
        """As if the person had removed the app from their GitHub settings."""
        self._revoked.add(github_token)

    def issue_session(self, sku: str) -> tuple[str, int, int]:
        """A session token, its expiry in unix seconds, and after how many seconds to refresh it."""
        now = int(self._clock())
        expires = now + self._lifetime
        claims = ";".join(
            (
                f"tid={self._random.getrandbits(128):032x}",
                f"exp={expires}",
                f"sku={sku}",
                # pi-ai derives the host of the API from this member.
                "proxy-ep=proxy.individual.githubcopilot.com",
                "st=dotcom;chat=1;cit=1;malfil=1;editor_preview_features=1;agent_mode=1;mcp=1;8kp=1",
            )
        )
        token = f"{claims}:{hex_digest('session', claims, size=32)}"
        self._issued_sessions.add(token)
        return token, expires, max(self._lifetime - 60, self._lifetime // 2)

    def end_lease(self, session: str) -> None:
        """The session token is leased out elsewhere: from now on it is refused with a plain 403."""
        self._stale_leases.add(session)

    def check_session(self, token: str) -> None:
        """Raise the real 401 unless ``token`` is a living session token; 403 for a stale lease."""
        if token in self._stale_leases:
            raise forbidden()
        claims, _, mac = token.rpartition(":")
        if not claims or not same(mac, hex_digest("session", claims, size=32)):
            raise Refusal(401, "unauthorized: invalid token\n")
        members = dict(part.partition("=")[::2] for part in claims.split(";"))
        foreign = self._earlier_runs_are_dead and token not in self._issued_sessions
        if foreign or token in self._dead_sessions:
            raise Refusal(401, "unauthorized: token revoked\n")
        if float(members["exp"]) <= self._clock():
            raise Refusal(401, "unauthorized: token expired\n")

    def kill_session(self, token: str) -> None:
        self._dead_sessions.add(token)

    def kill_all_sessions(self) -> None:
        """Every session token issued so far, by this run or an earlier one, is dead."""
        self._dead_sessions |= self._issued_sessions
        self._earlier_runs_are_dead = True


def plain_user(login: str) -> dict[str, Any]:
    """``GET /user`` of the REST API, as far as clients read it."""
    return {"login": login, "id": 583231, "type": "User", "name": "The Octocat"}
