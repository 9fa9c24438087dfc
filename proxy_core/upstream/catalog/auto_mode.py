"""The model “auto”:

GitHub chooses, and returns its choice with a session token. There are two endpoints. ``POST /auto``
chooses for one prompt, and its choice holds for that conversation; ``POST /models/session`` chooses
once for all. The first is preferred; if it is not offered (404), the other is used, and the first
is tried again an hour later (field notes, F3).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from proxy_core.clock import Clock, Moment
from proxy_core.errors import SignedOut, StreamFormatError, UpstreamRefused, translatable
from proxy_core.routing.upstream_api import AutomaticChoice, AutomaticQuestion
from proxy_core.upstream.catalog.copilot_api import CopilotApi
from proxy_core.upstream.catalog.parsing import parse_model
from proxy_core.upstream.sign_in.epoch import GitHubSignIn, SignInChanged, SignInEpoch
from proxy_core.upstream.transport.headers import CallKind

AHEAD_SECONDS = 60.0
DEFAULT_LIFETIME_SECONDS = 1800.0
NOT_OFFERED_SECONDS = 3600.0
MOST_CONVERSATIONS = 256
NOT_OFFERED = 404

_Answer = TypeVar("_Answer")
_Key = tuple[str, bool]
_ANY: _Key = ("", False)
"""The key of the older endpoint's choice; real conversations never have an empty name."""


class _Auto(msgspec.Struct):
    selected_model: dict[str, Any]
    session_token: str
    expires_at: float | None = None

    def __repr__(self) -> str:
        return "_Auto()"  # keeps the token out of logs


class _Session(msgspec.Struct):
    selected_model: str
    session_token: str
    expires_at: float | None = None
    available_models: list[str] = []

    def __repr__(self) -> str:
        return f"_Session({self.selected_model!r})"


@dataclass(frozen=True, slots=True)
class _Held:
    """A choice made at ``made``, to be renewed after ``lifetime`` seconds."""

    choice: AutomaticChoice
    made: Moment
    lifetime: float


class AutoMode:
    """Caches each choice until it expires, so that a conversation keeps its model and prompt cache.

    ``holder`` returns the sign-in and raises SignedOut: a choice is valid for that sign-in only.
    """

    def __init__(self, api: CopilotApi, clock: Clock, holder: Callable[[], GitHubSignIn]) -> None:
        self._api = api
        self._holder = holder
        self._epoch: SignInEpoch | None = None
        self._clock = clock
        self._held: OrderedDict[_Key, _Held] = OrderedDict()
        self._asked: dict[str, AutomaticQuestion] = {}
        """The question of each session token, so that the token can be renewed."""
        self._not_offered: Moment | None = None
        """When ``POST /auto`` last returned 404, for the sign-in in force."""
        self._names_refused: Moment | None = None
        self._lock = asyncio.Lock()

    def may_be_offered(self) -> bool:
        """Whether ``POST /auto`` did not return 404 within the last hour. Raises SignedOut."""
        self._look_at_sign_in()
        missing = self._not_offered
        return missing is None or self._clock.elapsed(missing) >= NOT_OFFERED_SECONDS

    def note_names_refused(self) -> None:
        """A model of the list was refused to a plan that may leave the model to GitHub: until the plan's
        answer is looked for anew, every name is served by GitHub's choice, also by the older way."""
        with contextlib.suppress(SignedOut):
            self._look_at_sign_in()
            self._names_refused = self._clock.now()

    def refuses_names(self) -> bool:
        """Whether names were refused a short while ago. Raises SignedOut."""
        self._look_at_sign_in()
        refused = self._names_refused
        return refused is not None and self._clock.elapsed(refused) < NOT_OFFERED_SECONDS

    async def choice(self, question: AutomaticQuestion) -> AutomaticChoice:
        """Return the choice in force for ``question``, from either endpoint. Raises ProxyError."""
        offered = await self.offered_choice(question)
        if offered is not None:
            return offered
        async with self._lock:
            sign_in = self._look_at_sign_in()
            return self._in_force(_ANY) or await self._ask_session(sign_in, question)

    async def offered_choice(self, question: AutomaticQuestion) -> AutomaticChoice | None:
        """As ``choice``, by ``POST /auto`` only; None if that is not offered."""
        key = (question.conversation, question.has_image)
        if not self.may_be_offered():
            return None
        choice = self._in_force(key)
        if choice is not None:
            return choice
        async with self._lock:
            sign_in = self._look_at_sign_in()
            if not self.may_be_offered():
                return None
            return self._in_force(key) or await self._ask_auto(sign_in, question, key)

    def check(self, session_token: str) -> None:
        """Raises SignInChanged (or SignedOut) for a choice made for another sign-in."""
        self._look_at_sign_in()
        if session_token not in self._asked:
            raise SignInChanged(
                translatable("The sign-in changed after GitHub had chosen a model. Try again."),
                code="sign_in_changed",
                retry_after=1.0,
            )

    async def replace(self, refused: str) -> AutomaticChoice:
        """Return a choice with another session token than ``refused``, requested once for all
        callers.
        """
        self.check(refused)
        for key, held in list(self._held.items()):
            if held.choice.session_token == refused:
                del self._held[key]
        return await self.choice(self._asked[refused])

    def _look_at_sign_in(self) -> GitHubSignIn:
        sign_in = self._holder()
        if self._epoch is not sign_in.epoch:
            self._epoch, self._not_offered = sign_in.epoch, None
            self._names_refused = None
            self._held.clear()
            self._asked.clear()
        return sign_in

    def _in_force(self, key: _Key) -> AutomaticChoice | None:
        held = self._held.get(key)
        if held is None or self._clock.elapsed(held.made) >= held.lifetime:
            return None
        self._held.move_to_end(key)
        return held.choice

    async def _ask_auto(
        self, sign_in: GitHubSignIn, question: AutomaticQuestion, key: _Key
    ) -> AutomaticChoice | None:
        made = self._clock.now()
        asked: dict[str, Any] = {"prompt": question.prompt}
        if question.has_image:
            asked["has_image"] = True
        if question.multi_turn:
            asked["multi_turn"] = True
        try:
            body = await self._api.post("/auto", CallKind.AUTO, asked)
        except UpstreamRefused as refusal:
            if refusal.http_status != NOT_OFFERED:
                raise
            sign_in.epoch.check()
            self._not_offered = made
            return None
        answer = _decoded(body, _Auto)
        model = parse_model(answer.selected_model)
        if model is None:
            raise StreamFormatError(translatable("GitHub's automatic choice names no model."))
        sign_in.epoch.check()
        choice = AutomaticChoice(model.id, answer.session_token, model)
        self._keep(key, choice, question, made, answer.expires_at)
        return choice

    async def _ask_session(
        self, sign_in: GitHubSignIn, question: AutomaticQuestion
    ) -> AutomaticChoice:
        before = self._held.get(_ANY)
        made = self._clock.now()
        body = await self._api.post(
            "/models/session", CallKind.AUTO_SESSION, {"auto_mode": {"model_hints": ["auto"]}}
        )
        session = _decoded(body, _Session)
        sign_in.epoch.check()
        model_id = session.selected_model
        if before is not None and before.choice.model_id in session.available_models:
            # A running conversation keeps its model while GitHub still offers it.
            model_id = before.choice.model_id
        choice = AutomaticChoice(model_id, session.session_token)
        self._keep(_ANY, choice, question, made, session.expires_at)
        return choice

    def _keep(
        self,
        key: _Key,
        choice: AutomaticChoice,
        question: AutomaticQuestion,
        made: Moment,
        expires_at: float | None,
    ) -> None:
        left = DEFAULT_LIFETIME_SECONDS
        if expires_at is not None:
            left = max(0.0, expires_at - made.wall)
        self._held[key] = _Held(choice, made, max(left - AHEAD_SECONDS, left / 2))
        self._held.move_to_end(key)
        self._asked[choice.session_token] = question
        while len(self._held) > MOST_CONVERSATIONS:
            self._held.popitem(last=False)
        while len(self._asked) > 2 * MOST_CONVERSATIONS:
            del self._asked[next(iter(self._asked))]


def _decoded(body: bytes, kind: type[_Answer]) -> _Answer:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise StreamFormatError(
            translatable("GitHub's automatic choice could not be read.")
        ) from error
