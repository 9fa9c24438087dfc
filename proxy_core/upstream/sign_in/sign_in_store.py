"""Stored sign-ins: the tokens in their places, and the record shared between processes.

The record is written before a copy is removed and after one was stored: after a crash in between,
no signed-out copy is used again, and no copy in use is forgotten.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from proxy_core.config.settings import TokenStorage
from proxy_core.status.status import TokenPlace
from proxy_core.upstream.sign_in.credentials import (
    GitHubCredential,
    GitHubCredentials,
    HeldToken,
    wanted_place,
)
from proxy_core.upstream.sign_in.sign_in_record import (
    SignInRecord,
    SignInRecordFile,
    Stored,
    StoredSignIn,
)

log = logging.getLogger("g_copilot_proxy.account")

STORED_PLACES = (TokenPlace.KEYCHAIN, TokenPlace.FILE)


class SignInStore:
    """Belongs to one :class:`AccountManager`, which locks every change."""

    def __init__(self, credentials: GitHubCredentials, file: SignInRecordFile) -> None:
        self._credentials = credentials
        self._file = file
        self.record = file.read()
        """What was last read or written."""
        self._mark = file.mark()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Lock out other processes' changes. Raises AccountBusy."""
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._file.exclusive())
            except OSError as error:
                # In a folder that cannot be written no other process can have a sign-in either.
                log.warning("the sign-in's record cannot be locked: %s", error.strerror)
            yield
            self._mark = self._file.mark()

    def has_news(self) -> bool:
        """Whether another process wrote the record. One ``stat``."""
        return self._file.mark() != self._mark

    def read_news(self) -> SignInRecord | None:
        """Read another process's record; return the previous one, or None if nothing changed."""
        mark = self._file.mark()
        if mark == self._mark:
            return None
        before, self.record = self.record, self._file.read()
        self._mark = mark
        if self.record.sign_outs > before.sign_outs:
            self._credentials.forget_memory()
        self._credentials.forget_memory(self.record.other_than(before))
        return before

    def entry(self, host: str) -> StoredSignIn | None:
        return self.record.sign_ins.get(host)

    def another_host(self, host: str) -> str | None:
        """Return another host that has a stored sign-in."""
        return next((each for each in sorted(self.record.sign_ins) if each != host), None)

    def has_left_behind(self) -> bool:
        return bool(self._file.read().left_behind)

    async def find(self, host: str, storage: TokenStorage) -> HeldToken | None:
        """Return the token of ``host``. Raises KeychainFailed if the keychain may hold it but fails."""
        record = self._file.read()
        entry = record.sign_ins.get(host)
        void = {place for at, place in record.left_behind if at == host}
        places = entry.places if entry is not None else frozenset()
        return await self._credentials.find(host, storage, places, void)

    async def save(
        self, host: str, storage: TokenStorage, credential: GitHubCredential
    ) -> HeldToken:
        """Store a token; a cancelled call leaves no trace."""
        try:
            return await self._credentials.save(host, storage, credential)
        except BaseException:
            self._credentials.undo(host)
            raise

    async def note(
        self, host: str, sign_in_id: str, held: HeldToken, storage: TokenStorage
    ) -> list[str]:
        """Record where the sign-in is stored, and remove its host's other copies.

        Returns why copies could not be removed.
        """
        stored = self.record.stored()
        others = {(host, each) for each in STORED_PLACES if each is not held.place}
        others &= stored | self._possible_copies(host, storage)
        places = frozenset({held.place} & set(STORED_PLACES))
        sign_ins = {**self.record.sign_ins, host: StoredSignIn(sign_in_id, places)}
        left = (self.record.left_behind - {(host, held.place)}) | others
        self._write(replace(self.record, sign_ins=sign_ins, left_behind=left))
        return await self.remove(others, stored)

    async def forget_all(self, host: str, storage: TokenStorage) -> list[str]:
        """Forget every sign-in; return why a copy could not be removed."""
        stored = self.record.stored()
        copies = stored | self._possible_copies(host, storage)
        self._write(SignInRecord({}, frozenset(copies), self.record.sign_outs + 1))
        self._credentials.forget_memory()
        return await self.remove(copies, stored)

    async def forget_other_hosts(self, host: str) -> None:
        others = {each for each in self.record.stored() if each[0] != host}
        if others:
            sign_ins = {at: each for at, each in self.record.sign_ins.items() if at == host}
            left = self.record.left_behind | others
            self._write(replace(self.record, sign_ins=sign_ins, left_behind=left))
            await self.remove(others)

    async def remove_left_behind(self) -> None:
        """Try again to remove copies that could not be removed earlier."""
        await self.remove(self.record.left_behind)

    async def remove(
        self, copies: Collection[Stored], known: Collection[Stored] | None = None
    ) -> list[str]:
        """Remove those copies and record which are left; return the reasons.

        ``known``: those that certainly exist; None: all.
        """
        reasons: list[str] = []
        gone: set[Stored] = set()
        for host, place in sorted(copies):
            is_known = known is None or (host, place) in known
            failed = await self._credentials.remove(host, {place}, known=is_known)
            if failed:
                reasons += failed.values()
            else:
                gone.add((host, place))
        if gone & self.record.left_behind:
            left = self.record.left_behind - gone
            self._write(replace(self.record, left_behind=left))
        return reasons

    def _possible_copies(self, host: str, storage: TokenStorage) -> frozenset[Stored]:
        """Return where an older version, which wrote no record, may have stored a sign-in."""
        copies = {(each, TokenPlace.FILE) for each in self._credentials.hosts_in_file()}
        if wanted_place(storage) is TokenPlace.KEYCHAIN:
            # With another storage, the user need not see the keychain's prompt.
            copies.add((host, TokenPlace.KEYCHAIN))
        return frozenset(copies)

    def _write(self, record: SignInRecord) -> None:
        self.record = record
        try:
            self._file.write(record)
        except OSError as error:
            log.warning("the sign-in's record cannot be written: %s", error.strerror)
