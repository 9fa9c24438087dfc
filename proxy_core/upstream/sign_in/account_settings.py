"""Puts the settings of the account in force: its host, and where the sign-in is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from proxy_core.errors import ProxyError
from proxy_core.settings import TokenStorage
from proxy_core.upstream.sign_in.account_manager import AccountManager

HOST, STORAGE = "account.github_host", "account.token_storage"


async def put_account_settings_in_force(
    account: AccountManager,
    changes: Mapping[str, Any],
    commit: Callable[[], Awaitable[None]],
    *,
    keeps_storage: bool,
) -> None:
    """Change host and storage, and have that written once it is so (``config.setting_effects``).

    ``keeps_storage``: where the sign-in lies is said for this run, so that the setting is only written.
    Raises BadRequest, CannotStore, or what ``commit`` raises; the account is then as it was.
    """
    before = (account.github_host, account.storage)
    try:
        if HOST in changes:
            await account.change_host(changes[HOST])
        if STORAGE in changes and not keeps_storage:
            await account.change_storage(TokenStorage(changes[STORAGE]))
        await commit()
    except BaseException:
        await account.change_host(before[0])
        with contextlib.suppress(ProxyError):
            await account.change_storage(before[1])
        raise
