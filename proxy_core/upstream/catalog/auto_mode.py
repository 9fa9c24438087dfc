"""The model “auto”: GitHub chooses, and names its choice with a session token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from proxy_core.clock import Clock, Moment
from proxy_core.errors import StreamFormatError
from proxy_core.routing.upstream_api import AutomaticChoice
from proxy_core.upstream.catalog.copilot_api import CopilotApi
from proxy_core.upstream.sign_in.epoch import GitHubSignIn, SignInChanged, SignInEpoch
from proxy_core.upstream.transport.headers import CallKind

AHEAD_SECONDS = 60.0
DEFAULT_LIFETIME_SECONDS = 1800.0


class _Session(msgspec.Struct):
    selected_model: str
    session_token: str
    expires_at: float | None = None
    available_models: list[str] = []

    def __repr__(self) -> str:
        return f"_Session({self.selected_model!r})"  # the token stays out of every log


class AutoMode:
    """Keeps one choice until it expires, so that a conversation keeps its model and its cache.

    ``holder`` returns who is signed in and raises SignedOut: a choice is that sign-in's alone.
    """

    def __init__(self, api: CopilotApi, clock: Clock, holder: Callable[[], GitHubSignIn]) -> None:
        self._api = api
        self._holder = holder
        self._epoch: SignInEpoch | None = None
        self._issued: set[str] = set()
        self._clock = clock
        self._choice: AutomaticChoice | None = None
        self._made: Moment | None = None
        self._lifetime = 0.0
        self._lock = asyncio.Lock()

    async def choice(self) -> AutomaticChoice:
        """Return the choice in force. Raises ProxyError."""
        async with self._lock:
            sign_in = self._look_at_sign_in()
            choice = self._choice
            if choice is None or self._is_old():
                choice = await self._ask(sign_in)
            return choice

    def check(self, session_token: str) -> None:
        """Raises SignInChanged (or SignedOut) for a choice made for another sign-in."""
        self._look_at_sign_in()
        if session_token not in self._issued:
            raise SignInChanged(
                "The sign-in changed after GitHub had chosen a model. Try again.",
                code="sign_in_changed",
                retry_after=1.0,
            )

    def _look_at_sign_in(self) -> GitHubSignIn:
        sign_in = self._holder()
        if self._epoch is not sign_in.epoch:
            self._epoch, self._choice = sign_in.epoch, None
            self._issued.clear()
        return sign_in

    async def replace(self, refused: str) -> AutomaticChoice:
        """Return a choice with another session token than ``refused``, asked for once for all."""
        if self._choice is not None and self._choice.session_token == refused:
            self._choice = None
        return await self.choice()

    def _is_old(self) -> bool:
        return self._made is None or self._clock.elapsed(self._made) >= self._lifetime

    async def _ask(self, sign_in: GitHubSignIn) -> AutomaticChoice:
        before = self._choice
        made = self._clock.now()
        body = await self._api.post(
            "/models/session", CallKind.CATALOG, {"auto_mode": {"model_hints": ["auto"]}}
        )
        try:
            session = msgspec.json.decode(body, type=_Session)
        except msgspec.DecodeError as error:
            raise StreamFormatError("GitHub's automatic choice could not be read.") from error
        sign_in.epoch.check()
        # The model of a running conversation stays, while GitHub still offers it here.
        kept = before is not None and before.model_id in session.available_models
        model_id = before.model_id if before is not None and kept else session.selected_model
        left = DEFAULT_LIFETIME_SECONDS
        if session.expires_at is not None:
            left = max(0.0, session.expires_at - made.wall)
        self._choice = AutomaticChoice(model_id, session.session_token)
        self._made = made
        self._lifetime = max(left - AHEAD_SECONDS, left / 2)
        self._issued.add(session.session_token)
        return self._choice
