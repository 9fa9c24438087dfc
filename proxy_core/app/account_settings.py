"""The settings the account owns, as the settings' store hands them over.

Each takes effect first and is written by ``commit`` only once it has, and taken back where that raises.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from proxy_core.config.settings import TokenStorage
from proxy_core.upstream.sign_in.account_manager import AccountManager

Commit = Callable[[], Awaitable[None]]


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
