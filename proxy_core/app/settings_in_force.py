"""The settings in force in this run: the file's under the run's overrides, changed by one hand.

Some take effect at their owner first and are written by ``commit`` only once they have, and are taken
back where that raises: the sign-in's host and place, the server's address, and measured facts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from proxy_core.app.measured_account import MeasuredAccountFacts
from proxy_core.clock import Clock
from proxy_core.config.overrides import Overrides
from proxy_core.config.setting_effects import Commit, SettingOwner
from proxy_core.config.setting_names import with_values
from proxy_core.config.settings import Settings, TokenStorage
from proxy_core.config.settings_reading import LoadedSettings
from proxy_core.config.settings_store import SettingsStore
from proxy_core.errors import translatable
from proxy_core.status.status import with_notice
from proxy_core.status.status_board import StatusBoard

if TYPE_CHECKING:
    # Loaded behind the first answers.
    from proxy_core.upstream.sign_in.account_manager import AccountManager


class SettingsInForce:
    """One object per engine. ``current`` may be read from any thread; ``is_demo``: a demo's account is
    the simulator's, and the file's host and place of the token are not its own.
    """

    def __init__(
        self,
        store: SettingsStore,
        overrides: Overrides,
        board: StatusBoard,
        clock: Clock,
        *,
        is_demo: bool,
    ) -> None:
        self._store = store
        self._overrides = (
            dataclasses.replace(overrides, token_storage=TokenStorage.MEMORY)
            if is_demo
            else overrides
        )
        self._board = board
        self._clock = clock
        self._is_demo = is_demo
        self._on_change: Callable[[], None] = lambda: None
        self.current: Settings = self._overrides.apply(store.settings)

    @property
    def loaded(self) -> LoadedSettings:
        """What of the file is in force, and what is wrong with the rest."""
        return self._store.loaded

    def open(
        self,
        move_server: Callable[[str, int, Commit], Awaitable[None]],
        on_change: Callable[[], None],
    ) -> None:
        """Register the server as owner of its address, and publish what is in force; ``on_change`` is
        called each time. Nothing may be changed before ``own_account``.
        """
        self._on_change = on_change

        async def move(changes: Mapping[str, Any], commit: Commit) -> None:
            wanted = self._overrides.apply(with_values(self._store.settings, changes)).server
            await move_server(wanted.host, wanted.port, commit)

        self._store.own(SettingOwner.SERVER_ADDRESS, move)
        self._store.subscribe(self._publish)
        self._publish(self._store.loaded)

    def own_account(self, account: AccountManager, measured: MeasuredAccountFacts) -> None:
        """Register the owners of the account's settings."""
        if self._is_demo:
            return
        owner = AccountSettings(account)
        self._store.own(SettingOwner.GITHUB_HOST, owner.put_host_in_force)
        self._store.own(SettingOwner.TOKEN_STORAGE, owner.put_storage_in_force)
        self._store.own(SettingOwner.PROBE_FACTS, measured.put_in_force)

    async def follow_file(self) -> None:
        """Put edits of the file in force until cancelled."""
        await self._store.run(self._clock.sleep)

    async def change(self, dotted: str, value: Any) -> None:
        """Put one setting in force and write it; None: back to its default.

        Raises BadRequest, OSError, or what its owner raises (PortInUse for a new port); nothing has
        changed then.
        """
        if value is None:
            loaded = await self._store.reset(dotted)
        else:
            loaded = await self._store.update(dotted, value)
        self._publish_backup(loaded)

    async def restore(self, name: str | None = None) -> None:
        """Put a settings file that was kept aside back in place. Raises BadRequest or OSError."""
        self._publish_backup(await self._store.restore(name))

    def _publish_backup(self, loaded: LoadedSettings) -> None:
        if loaded.kept_as is None:
            return
        text = translatable(
            "The settings file of before was kept as {file}.", file=str(loaded.kept_as)
        )
        self._board.change(
            lambda status: with_notice(
                status,
                self._clock.wall(),
                "settings_kept_aside",
                translatable("The settings file was replaced"),
                text,
                translatable(
                    "To have it back, run: g-copilot-proxy settings restore {name}",
                    name=loaded.kept_as.name,
                )
                if loaded.kept_as is not None
                else "",
            )
        )

    def _publish(self, loaded: LoadedSettings) -> None:
        self.current = settings = self._overrides.apply(loaded.settings)
        self._on_change()
        self._board.change(
            lambda status: replace(
                status,
                requires_key=settings.server.require_key,
                settings_problem=loaded.problem,
                demo=self._is_demo,
            )
        )


class AccountSettings:
    def __init__(self, account: AccountManager) -> None:
        self._account = account

    async def put_host_in_force(self, changes: Mapping[str, Any], commit: Commit) -> None:
        """Raises BadRequest, or what ``commit`` raises."""
        before = self._account.github_host
        await self._account.change_host(changes["account.github_host"])
        try:
            await commit()
        except BaseException:
            await self._account.change_host(before)
            raise

    async def put_storage_in_force(self, changes: Mapping[str, Any], commit: Commit) -> None:
        """Raises CannotStore, or what ``commit`` raises."""
        before = self._account.storage
        await self._account.change_storage(TokenStorage(changes["account.token_storage"]))
        try:
            await commit()
        except BaseException:
            await self._account.change_storage(before)
            raise
