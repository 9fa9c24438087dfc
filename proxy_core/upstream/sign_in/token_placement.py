"""Where the token of the sign-in in force is stored: moved as configured, and recorded."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from proxy_core.errors import Actor, ErrorKind, ProxyError, TranslatableText, joined, translatable
from proxy_core.status.status import TokenPlace
from proxy_core.upstream.sign_in import account_status as words
from proxy_core.upstream.sign_in.credentials import (
    ONLY_UNTIL_YOU_QUIT,
    GitHubCredentials,
    HeldToken,
    wanted_place,
    without_choice,
)
from proxy_core.upstream.sign_in.current_sign_in import CurrentSignIn
from proxy_core.upstream.sign_in.sign_in_store import STORED_PLACES, SignInStore


class CannotStore(ProxyError):
    """The sign-in cannot be stored as requested; it stays where it was."""

    kind = ErrorKind.INTERNAL
    http_status = 500
    title: str = translatable("The sign-in cannot be kept there")
    actor = Actor.USER


class TokenPlacement:
    """Belongs to one :class:`AccountManager`, which holds its locks around every method."""

    def __init__(
        self, now: CurrentSignIn, store: SignInStore, credentials: GitHubCredentials
    ) -> None:
        self._now = now
        self._store = store
        self._credentials = credentials

    async def record(self, held: HeldToken) -> None:
        """Record where the sign-in is stored, and remove its host's other copies."""
        if held.place is TokenPlace.ENVIRONMENT or self._now.id is None:
            return
        reasons = await self._store.note(
            self._now.hosts.name, self._now.id, held, self._now.storage
        )
        if reasons and self._now.status.problem is None:
            self._now.publish(replace(self._now.status, problem=words.left_behind_problem(reasons)))

    async def move(self, held: HeldToken, *, insists: bool = False) -> None:
        """Store the held token as configured and nowhere else. Raises CannotStore."""
        host = self._now.hosts.name
        wanted = wanted_place(self._now.storage)
        if held.place is wanted:
            moved = without_choice(held) if held.place is TokenPlace.MEMORY else held
        else:
            moved = await self._store.save(host, self._now.storage, held.credential)
        if moved.place is not wanted and held.place in STORED_PLACES:
            # The previous storage is better than memory only.
            await self._credentials.remove(host, {TokenPlace.MEMORY})
            failed, moved = moved.problem, held
        else:
            failed = moved.problem
        if failed is not None and insists:
            raise CannotStore(
                translatable(
                    "{reason} Your sign-in stays in {place}.",
                    reason=_reason(failed.message),
                    place=words.place_words(held.place),
                ),
                code=failed.code,
            )
        self._now.held = moved
        problem = self._now.status.problem
        if problem is None or problem.code in ("keychain", "token_file", "token_left"):
            problem = moved.problem
        self._now.publish(replace(self._now.status, token_place=moved.place, problem=problem))
        await asyncio.shield(self.record(moved))


def _reason(message: str) -> str:
    """Return why it could not be stored there: here the sign-in stays where it was."""
    sentences = tuple(message.values.values()) if isinstance(message, TranslatableText) else ()
    if sentences and sentences[-1] == ONLY_UNTIL_YOU_QUIT:
        return joined(sentences[:-1])
    return message
