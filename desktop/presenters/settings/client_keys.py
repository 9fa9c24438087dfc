"""Keys for single tools: made, shown once, replaced, revoked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from desktop.presenters.home.home import OWN_PREFIX, masked
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from proxy_core.auth.client_keys import ClientKey
from proxy_core.errors import ProxyError

MAIN = ""
"""The id of the main key, which belongs to no single tool."""
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class KeyRow:
    key_id: str
    name: str
    key: str
    last_used: str
    sentence: str
    can_revoke: bool = True


@dataclass(frozen=True, slots=True)
class KeysView:
    """``new_key`` is shown once, right after it was made; ``problem`` is shown below."""

    rows: tuple[KeyRow, ...]
    new_key: str
    new_key_words: str
    problem: str


class KeysPresenter:
    """``now`` is in seconds since 1970; ``changed`` is called when the view changed."""

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        *,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._changed = changed
        self._keys: tuple[ClientKey, ...] = ()
        self._main_used_at: float | None = None
        self._new_key = ""
        self._new_name = ""
        self._problem = ""

    def view(self) -> KeysView:
        tr = self._words.tr
        sentence = ""
        if self._new_key:
            sentence = (
                tr("The key of {name}. Copy it now: it cannot be shown again.").format(
                    name=self._new_name
                )
                if self._new_name
                else tr("The new main key. Copy it now, or later from Home.")
            )
        return KeysView(
            rows=(*self._main(), *(self._row(each) for each in self._keys)),
            new_key=self._new_key,
            new_key_words=sentence,
            problem=self._problem,
        )

    def name_of(self, key_id: str) -> str:
        return next((each.name for each in self._keys if each.key_id == key_id), "")

    async def read(self) -> None:
        await self._carry_out(self._read())

    async def make(self, name: str) -> None:
        """Make a key for a tool of that name; it is shown until :meth:`hide_new`."""
        await self._carry_out(self._make(name))

    async def replace(self, key_id: str) -> None:
        """Make a new key in the place of the old one, which ends; ``MAIN`` is the main key."""

        async def work() -> None:
            if key_id == MAIN:
                self._new_key = await asyncio.wrap_future(
                    self._commands.submit(lambda commands: commands.replace_main_key())
                )
                self._new_name = ""
            else:
                made = await asyncio.wrap_future(
                    self._commands.submit(lambda commands: commands.replace_client_key(key_id))
                )
                self._new_key, self._new_name = made.key, made.client_key.name
            await self._read()

        await self._carry_out(work())

    async def revoke(self, key_id: str) -> None:
        async def work() -> None:
            await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.revoke_client_key(key_id))
            )
            await self._read()

        await self._carry_out(work())

    def hide_new(self) -> None:
        self._new_key = self._new_name = ""
        self._changed()

    async def _read(self) -> None:
        self._keys = await asyncio.wrap_future(
            self._commands.submit(lambda commands: commands.client_keys())
        )
        self._main_used_at = await asyncio.wrap_future(
            self._commands.submit(lambda commands: commands.main_key_used_at())
        )

    async def _make(self, name: str) -> None:
        made = await asyncio.wrap_future(
            self._commands.submit(lambda commands: commands.make_client_key(name.strip()))
        )
        self._new_key, self._new_name = made.key, made.client_key.name
        await self._read()

    async def _carry_out(self, work: Coroutine[Any, Any, None]) -> None:
        self._problem = ""
        try:
            await work
        except ProxyError as error:
            self._problem = self._words.said(error.said)
        self._changed()

    def _main(self) -> tuple[KeyRow, ...]:
        tr = self._words.tr
        try:
            key = self._commands.local_key
        except OSError:
            return ()  # the banner reports it
        name = tr("Everything")
        shown = masked(key)
        used = self._used(self._main_used_at)
        sentence = tr("{name}, key {key}, last used: {used}").format(
            name=name, key=shown, used=used
        )
        return (KeyRow(MAIN, name, shown, used, sentence, can_revoke=False),)

    def _row(self, key: ClientKey) -> KeyRow:
        tr = self._words.tr
        used = self._used(key.last_used_at)
        shown = f"{OWN_PREFIX}••••{key.ending}"
        sentence = tr("{name}, key ending in {ending}, last used: {used}").format(
            name=key.name, ending=key.ending, used=used
        )
        return KeyRow(key.key_id, key.name, shown, used, sentence)

    def _used(self, at: float | None) -> str:
        tr, words = self._words.tr, self._words
        if at is None:
            return tr("never")
        age = self._now() - at
        return words.ago(age) if age < _DAY_SECONDS else words.locale.day(at)
