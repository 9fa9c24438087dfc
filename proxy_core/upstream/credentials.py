"""Where the GitHub token lies: the environment, the keychain, a private file, or memory.

A token from ``COPILOT_GITHUB_TOKEN`` wins and is never stored. In plain text it is stored only where
the user asked for the file. The short Copilot token is never here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from proxy_core.private_files import read_private, remove_private, write_private
from proxy_core.settings import TokenStorage
from proxy_core.status import Problem, TokenPlace
from proxy_core.upstream.keychain import Keychain, KeychainFailed
from proxy_core.upstream.token_kinds import token_use

QUICK_LOOK_SECONDS = 3.0
"""Whoever chose the file may have done so because the keychain blocks."""
TOKEN_VARIABLE = "COPILOT_GITHUB_TOKEN"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class HeldToken:
    """``needs_choice``: there is no keychain, and the user has not said what else to do.

    ``problem`` tells what did not work; the token is good all the same.
    """

    token: str = field(repr=False)
    place: TokenPlace
    needs_choice: bool = False
    problem: Problem | None = None


class GitHubCredentials:
    """One account's token. ``user`` names the account's host, ``storage`` is the setting in force."""

    def __init__(
        self,
        *,
        keychain: Keychain,
        file: Path,
        user: Callable[[], str],
        storage: Callable[[], TokenStorage],
        environ: Mapping[str, str],
    ) -> None:
        self._keychain = keychain
        self._file = file
        self._user = user
        self._storage = storage
        self._environ = environ
        self._held: HeldToken | None = None
        self._ignores_environment = False

    @property
    def held(self) -> HeldToken | None:
        return self._held

    async def load(self) -> HeldToken | None:
        """Find the token; None where there is none.

        Raises TokenUnusable for a token in the environment that cannot work. A keychain that fails is
        reported by ``KeychainFailed`` only if no other place holds the token.
        """
        from_environment = self._environ.get(TOKEN_VARIABLE, "").strip()
        if from_environment and not self._ignores_environment:
            token_use(from_environment)
            self._held = HeldToken(from_environment, TokenPlace.ENVIRONMENT)
            return self._held
        storage = self._storage()
        if storage is TokenStorage.MEMORY:
            return self._held
        in_file = self._read_file()
        if storage is TokenStorage.FILE:
            self._held = await self._load_for_file(in_file)
        else:
            self._held = await self._load_for_keychain(in_file)
        return self._held

    async def save(self, token: str) -> HeldToken:
        """Keep a new token by the setting; what cannot be kept is held in memory, with the reason."""
        storage = self._storage()
        if storage is TokenStorage.MEMORY:
            self._held = HeldToken(token, TokenPlace.MEMORY)
        elif storage is TokenStorage.FILE:
            self._held = self._save_in_file(token)
        else:
            self._held = await self._save_in_keychain(token)
        return self._held

    async def move(self, storage: TokenStorage) -> HeldToken | None:
        """Keep the held token elsewhere (the user's choice) and nowhere else; None if there is none."""
        held = self._held
        if held is None or held.place is TokenPlace.ENVIRONMENT:
            return held
        if storage is TokenStorage.MEMORY:
            self._held = HeldToken(held.token, TokenPlace.MEMORY)
        elif storage is TokenStorage.FILE:
            self._held = self._save_in_file(held.token)
        else:
            self._held = await self._save_in_keychain(held.token)
        await self._remove_elsewhere(self._held.place, before=held.place)
        return self._held

    async def wipe(self) -> Problem | None:
        """Forget the token everywhere; return what could not be removed.

        The environment's token stays out of use until the next start.
        """
        from_environment = bool(self._environ.get(TOKEN_VARIABLE, "").strip())
        before = self._held.place if self._held is not None else TokenPlace.NOWHERE
        self._held = None
        self._ignores_environment = True
        failed = await self._remove_elsewhere(TokenPlace.NOWHERE, before=before)
        if failed is not None:
            return failed
        if from_environment:
            return Problem(
                title="You are signed out until the next start",
                message=f"{TOKEN_VARIABLE} is set, so the next start signs you in again.",
                next_step=f"Remove {TOKEN_VARIABLE} from your environment to stay signed out.",
                code="token_in_environment",
            )
        return None

    async def _load_for_file(self, in_file: str | None) -> HeldToken | None:
        if in_file is not None:
            return HeldToken(in_file, TokenPlace.FILE)
        # The setting may have been changed by hand: bring the token over from the keychain.
        try:
            token = await self._keychain.read(self._user(), time_limit=QUICK_LOOK_SECONDS)
        except KeychainFailed:
            return None
        if token is None:
            return None
        moved = self._save_in_file(token)
        if moved.place is TokenPlace.FILE:
            await self._remove_elsewhere(TokenPlace.FILE, before=TokenPlace.KEYCHAIN)
        return moved

    async def _load_for_keychain(self, in_file: str | None) -> HeldToken | None:
        try:
            token = await self._keychain.read(self._user())
        except KeychainFailed:
            if in_file is None:
                raise
            return HeldToken(in_file, TokenPlace.FILE)
        if token is not None:
            return HeldToken(token, TokenPlace.KEYCHAIN)
        if in_file is None:
            return None
        moved = await self._save_in_keychain(in_file)
        if moved.place is not TokenPlace.KEYCHAIN:
            return HeldToken(in_file, TokenPlace.FILE)
        await self._remove_elsewhere(TokenPlace.KEYCHAIN)
        return moved

    async def _save_in_keychain(self, token: str) -> HeldToken:
        try:
            await self._keychain.write(self._user(), token)
        except KeychainFailed as error:
            problem = Problem(
                title="The keychain cannot keep your sign-in",
                message=f"{error} You stay signed in only until you quit.",
                next_step="Unlock the keychain, or keep the sign-in in a file only you can read.",
                code="keychain",
            )
            asks = self._storage() is TokenStorage.ASK
            return HeldToken(token, TokenPlace.MEMORY, needs_choice=asks, problem=problem)
        return HeldToken(token, TokenPlace.KEYCHAIN)

    def _save_in_file(self, token: str) -> HeldToken:
        content = msgspec.json.encode({"host": self._user(), "token": token})
        try:
            write_private(self._file, content)
        except OSError as error:
            problem = Problem(
                title="The sign-in could not be written",
                message=f"{self._file} cannot be written: {error.strerror}. You stay signed in only "
                "until you quit.",
                next_step="Make room or give your account access to that folder, then sign in again.",
                code="token_file",
            )
            return HeldToken(token, TokenPlace.MEMORY, problem=problem)
        return HeldToken(token, TokenPlace.FILE)

    def _read_file(self) -> str | None:
        """Return the file's token if it belongs to this host."""
        try:
            content = read_private(self._file)
            kept = msgspec.json.decode(content) if content else None
        except (OSError, msgspec.DecodeError):
            return None
        if not isinstance(kept, dict) or kept.get("host") != self._user():
            return None
        token = kept.get("token")
        return token if isinstance(token, str) and token else None

    async def _remove_elsewhere(
        self, keep: TokenPlace, *, before: TokenPlace = TokenPlace.NOWHERE
    ) -> Problem | None:
        """Remove every copy but ``keep``; ``before`` is where the token lay until now."""
        reason: str | None = None
        if keep is not TokenPlace.FILE:
            try:
                remove_private(self._file)
            except OSError as error:
                reason = f"{self._file} cannot be removed: {error.strerror}."
        # Whoever keeps the sign-in in memory or in a file need not see the keychain's prompt.
        may_be_kept = self._storage() in (TokenStorage.ASK, TokenStorage.KEYCHAIN)
        if keep is not TokenPlace.KEYCHAIN and (may_be_kept or before is TokenPlace.KEYCHAIN):
            try:
                await self._keychain.delete(self._user())
            except KeychainFailed as error:
                if not error.absent:
                    reason = str(error)
        if reason is None:
            return None
        return Problem(
            title="A copy of your sign-in could not be removed",
            message=f"{reason} The copy is still there.",
            next_step="Remove it by hand, or end it in your GitHub settings under Applications.",
            code="token_left",
        )
