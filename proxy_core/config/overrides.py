"""Command-line values for one run: they take precedence over the settings file, never written."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from proxy_core.config.settings import BackendName, Settings, TokenStorage

WORLD_VARIABLE = "G_COPILOT_PROXY_WORLD"
"""Environment variable: the date whose state of GitHub a demo's simulator plays."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """None leaves the setting unchanged. ``local_key`` replaces the stored local key."""

    host: str | None = None
    port: int | None = None
    require_key: bool | None = None
    local_key: str | None = field(default=None, repr=False)
    token_storage: TokenStorage | None = None
    backend: BackendName | None = None

    def apply(self, settings: Settings) -> Settings:
        stated = {"host": self.host, "port": self.port, "require_key": self.require_key}
        server = {name: value for name, value in stated.items() if value is not None}
        if server:
            settings = msgspec.structs.replace(
                settings, server=msgspec.structs.replace(settings.server, **server)
            )
        if self.token_storage is not None:
            account = msgspec.structs.replace(settings.account, token_storage=self.token_storage)
            settings = msgspec.structs.replace(settings, account=account)
        if self.backend is not None:
            upstream = msgspec.structs.replace(settings.upstream, backend=self.backend)
            settings = msgspec.structs.replace(settings, upstream=upstream)
        return settings
