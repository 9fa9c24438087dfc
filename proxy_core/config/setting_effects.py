"""What a changed setting does, as data: which somebody must put in force before they are written.

Most settings are read when they are needed, so writing them is all there is to do. These are not: the
sign-in lies at one host and in one place, the server listens at one address, and measured facts come
from a file that must be read. Their owner makes the change first and has it written only where it
succeeded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class SettingOwner(StrEnum):
    """Who puts a setting in force."""

    GITHUB_HOST = "github_host"
    TOKEN_STORAGE = "token_storage"  # noqa: S105 - a place, no secret
    SERVER_ADDRESS = "server_address"
    PROBE_FACTS = "probe_facts"


OWNED: Mapping[str, SettingOwner] = MappingProxyType(
    {
        "account.github_host": SettingOwner.GITHUB_HOST,
        "account.token_storage": SettingOwner.TOKEN_STORAGE,
        "server.host": SettingOwner.SERVER_ADDRESS,
        "server.port": SettingOwner.SERVER_ADDRESS,
        "upstream.probe_facts": SettingOwner.PROBE_FACTS,
    }
)

Commit = Callable[[], Awaitable[None]]
PutInForce = Callable[[Mapping[str, Any], Commit], Awaitable[None]]
"""Called with the new values by name. Makes the change, awaits ``commit`` once it has succeeded, and
takes it back where ``commit`` raises. Raises ProxyError or OSError where it cannot be made; nothing is
written then."""
