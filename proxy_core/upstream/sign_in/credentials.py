"""Stores the GitHub token: environment, keychain, private file, or memory.

A token from ``COPILOT_GITHUB_TOKEN`` takes precedence and is never stored. Plain text is written
only if the user chose the file. The short Copilot token is never here. ``AccountManager`` decides
which account is in force; this module only reads and writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.config.settings import TokenStorage
from proxy_core.errors import Problem, joined, translatable
from proxy_core.status.status import TokenPlace
from proxy_core.storage.private_files import read_private, remove_private, write_private
from proxy_core.upstream.sign_in.keychain import Keychain, KeychainFailed
from proxy_core.upstream.sign_in.token_kinds import token_use

QUICK_LOOK_SECONDS = 3.0
"""Time limit, because the file may have been chosen since the keychain blocks."""
ONLY_UNTIL_YOU_QUIT = translatable("You stay signed in only until you quit.")
TOKEN_VARIABLE = "COPILOT_GITHUB_TOKEN"  # noqa: S105 - a variable's name

_WANTED = {
    TokenStorage.ASK: TokenPlace.KEYCHAIN,
    TokenStorage.KEYCHAIN: TokenPlace.KEYCHAIN,
    TokenStorage.FILE: TokenPlace.FILE,
    TokenStorage.MEMORY: TokenPlace.MEMORY,
}


@dataclass(frozen=True, slots=True)
class GitHubCredential:
    """A GitHub token; one that expires (``expires_at``, seconds since 1970) has a refresh token."""

    token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None

    def to_dict(self) -> dict[str, Any]:
        members = {
            "token": self.token,
            "refresh_token": self.refresh_token,
            "expires_at": self.expires_at,
        }
        return {name: value for name, value in members.items() if value is not None}

    def to_text(self) -> str:
        """Return the text of a keychain entry: one text, so that the pair is replaced atomically."""
        return msgspec.json.encode(self.to_dict()).decode() if self.refresh_token else self.token


def read_credential(content: Any) -> GitHubCredential | None:
    """Parse what ``to_dict`` or ``to_text`` wrote; None for anything else."""
    if isinstance(content, str) and content.startswith("{"):
        try:
            content = msgspec.json.decode(content)
        except msgspec.DecodeError:
            return None
    if isinstance(content, str):
        return GitHubCredential(content) if content else None
    if not isinstance(content, dict):
        return None
    token, refresh_token = content.get("token"), content.get("refresh_token")
    expires_at = content.get("expires_at")
    if not isinstance(token, str) or not token:
        return None
    return GitHubCredential(
        token,
        refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        float(expires_at) if isinstance(expires_at, (int, float)) else None,
    )


@dataclass(frozen=True, slots=True)
class HeldToken:
    """``needs_choice``: there is no keychain, and the user has not chosen another storage.

    ``problem`` says what failed; the token is usable nevertheless.
    """

    credential: GitHubCredential
    place: TokenPlace
    needs_choice: bool = False
    problem: Problem | None = None

    @property
    def token(self) -> str:
        return self.credential.token


def wanted_place(storage: TokenStorage) -> TokenPlace:
    return _WANTED[storage]


class GitHubCredentials:
    """Tokens by their account's host, one per host in each place."""

    def __init__(self, *, keychain: Keychain, file: Path, environ: Mapping[str, str]) -> None:
        self._keychain = keychain
        self._file = file
        self._environ = environ
        self._memory: dict[str, GitHubCredential] = {}

    def environment_token(self) -> str | None:
        """Return the environment's token. Raises TokenUnusable for an unusable one."""
        token = self._environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            return None
        token_use(token)
        return token

    async def find(
        self,
        host: str,
        storage: TokenStorage,
        stored: Collection[TokenPlace] = (),
        void: Collection[TokenPlace] = (),
    ) -> HeldToken | None:
        """Return the token from any place; None if there is none.

        ``stored`` names places it was written to earlier, whatever the setting is now; copies in
        ``void`` were signed out and could not be removed. Raises KeychainFailed if the keychain may
        hold it and does not respond.
        """
        if host in self._memory:
            return HeldToken(self._memory[host], TokenPlace.MEMORY)
        in_file = None if TokenPlace.FILE in void else self._file_entries().get(host)
        if storage is TokenStorage.FILE and in_file is not None:
            return HeldToken(in_file, TokenPlace.FILE)
        expected = TokenPlace.KEYCHAIN in stored
        if TokenPlace.KEYCHAIN not in void and (storage is not TokenStorage.MEMORY or expected):
            in_keychain = await self._find_in_keychain(host, storage, expected, in_file)
            if in_keychain is not None:
                return HeldToken(in_keychain, TokenPlace.KEYCHAIN)
        if in_file is not None and (
            storage is not TokenStorage.MEMORY or TokenPlace.FILE in stored
        ):
            return HeldToken(in_file, TokenPlace.FILE)
        return None

    async def _find_in_keychain(
        self, host: str, storage: TokenStorage, expected: bool, in_file: GitHubCredential | None
    ) -> GitHubCredential | None:
        quick = QUICK_LOOK_SECONDS if storage is TokenStorage.FILE and not expected else None
        try:
            text = await self._keychain.read(host, time_limit=quick)
        except KeychainFailed as error:
            is_needed = expected or (wanted_place(storage) is TokenPlace.KEYCHAIN)
            if in_file is not None or not is_needed or (error.absent and not expected):
                return None
            raise
        self._keychain.note(host, text)
        return read_credential(text)

    async def save(
        self, host: str, storage: TokenStorage, credential: GitHubCredential
    ) -> HeldToken:
        """Store a token as configured; if that fails it is held in memory, with the reason."""
        place = wanted_place(storage)
        if place is TokenPlace.KEYCHAIN:
            held = await self._save_in_keychain(host, credential, storage)
        elif place is TokenPlace.FILE:
            held = self._save_in_file(host, credential)
        else:
            held = HeldToken(credential, TokenPlace.MEMORY)
        if held.place is TokenPlace.MEMORY:
            self._memory[host] = credential
        else:
            self._memory.pop(host, None)
        return held

    def undo(self, host: str) -> None:
        """Undo a cancelled ``save`` without waiting for the keychain.

        Only the keychain needs it: file and memory have not changed yet.
        """
        self._keychain.undo(host)

    async def remove(
        self, host: str, places: Collection[TokenPlace], *, known: bool = True
    ) -> dict[TokenPlace, str]:
        """Remove the copies in ``places``; return why one could not be removed.

        ``known``: they were written there. Without a keychain (now), only known copies are in it.
        """
        reasons: dict[TokenPlace, str] = {}
        if TokenPlace.MEMORY in places:
            self._memory.pop(host, None)
        if TokenPlace.FILE in places:
            try:
                self._remove_from_file(host)
            except OSError as error:
                reasons[TokenPlace.FILE] = translatable(
                    "{file} cannot be removed: {reason}.",
                    file=str(self._file),
                    reason=error.strerror or type(error).__name__,
                )
        if TokenPlace.KEYCHAIN in places:
            try:
                await self._keychain.delete(host)
            except KeychainFailed as error:
                if known or not error.absent:
                    reasons[TokenPlace.KEYCHAIN] = error.message
        return reasons

    async def has_keychain(self, host: str) -> bool:
        """Whether there is a keychain, even if locked or slow."""
        try:
            await self._keychain.read(host, time_limit=QUICK_LOOK_SECONDS)
        except KeychainFailed as error:
            return not error.absent
        return True

    def forget_memory(self, hosts: Collection[str] | None = None) -> None:
        """Forget tokens held in memory only, of some hosts or of all."""
        for host in tuple(self._memory) if hosts is None else hosts:
            self._memory.pop(host, None)

    def hosts_in_file(self) -> frozenset[str]:
        return frozenset(self._file_entries())

    async def _save_in_keychain(
        self, host: str, credential: GitHubCredential, storage: TokenStorage
    ) -> HeldToken:
        try:
            await self._keychain.write(host, credential.to_text())
        except KeychainFailed as error:
            # Reported as not stored, so it must not appear there later, nor may the previous token.
            self._keychain.withdraw(host)
            problem = Problem(
                title=translatable("The keychain cannot keep your sign-in"),
                message=joined((error.message, ONLY_UNTIL_YOU_QUIT)),
                next_step=translatable(
                    "Unlock the keychain, or keep the sign-in in a file only you can read."
                ),
                code="keychain",
            )
            asks = storage is TokenStorage.ASK
            return HeldToken(credential, TokenPlace.MEMORY, needs_choice=asks, problem=problem)
        return HeldToken(credential, TokenPlace.KEYCHAIN)

    def _save_in_file(self, host: str, credential: GitHubCredential) -> HeldToken:
        try:
            self._write_file({host: credential, **self._other_entries(host)})
        except OSError as error:
            problem = Problem(
                title=translatable("The sign-in could not be written"),
                message=joined(
                    (
                        translatable(
                            "{file} cannot be written: {reason}.",
                            file=self._file,
                            reason=error.strerror or type(error).__name__,
                        ),
                        ONLY_UNTIL_YOU_QUIT,
                    )
                ),
                next_step=translatable(
                    "Make room or give your account access to that folder, then sign in again."
                ),
                code="token_file",
            )
            return HeldToken(credential, TokenPlace.MEMORY, problem=problem)
        return HeldToken(credential, TokenPlace.FILE)

    def _remove_from_file(self, host: str) -> None:
        """Raises OSError."""
        entries = self._file_entries()
        others = self._other_entries(host)
        if others and host in entries:
            self._write_file(others)
        elif not others:
            remove_private(self._file)

    def _other_entries(self, host: str) -> dict[str, GitHubCredential]:
        return {at: each for at, each in self._file_entries().items() if at != host}

    def _write_file(self, entries: Mapping[str, GitHubCredential]) -> None:
        first, *more = ({"host": at, **each.to_dict()} for at, each in entries.items())
        content = first | ({"more": more} if more else {})
        write_private(self._file, msgspec.json.encode(content))

    def _file_entries(self) -> dict[str, GitHubCredential]:
        """Return the file's credentials by host; empty if it is invalid."""
        try:
            content = read_private(self._file)
            stored = msgspec.json.decode(content) if content else None
        except (OSError, msgspec.DecodeError):
            return {}
        if not isinstance(stored, dict):
            return {}
        more = stored.get("more")
        found: dict[str, GitHubCredential] = {}
        for entry in (stored, *(more if isinstance(more, list) else ())):
            host = entry.get("host") if isinstance(entry, dict) else None
            credential = read_credential(entry)
            if isinstance(host, str) and credential is not None:
                found[host] = credential
        return found


def without_choice(held: HeldToken) -> HeldToken:
    """Return ``held`` after the user chose memory."""
    return replace(held, needs_choice=False, problem=None)
