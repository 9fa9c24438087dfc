"""Who may come in, made from the server's settings and the keys in force."""

from __future__ import annotations

from collections.abc import Callable

from proxy_core.auth.client_keys import ClientKeys
from proxy_core.auth.local_key import LocalKey
from proxy_core.config.settings import ServerSettings
from proxy_core.server.access.request_guard import AccessPolicy, is_loopback


class AccessPolicies:
    """Asked by every request: a policy is made anew only once its settings or the main key changed."""

    def __init__(
        self, settings: Callable[[], ServerSettings], main_key: LocalKey, client_keys: ClientKeys
    ) -> None:
        self._settings = settings
        self._main_key = main_key
        self._client_keys = client_keys
        self._known: tuple[ServerSettings, AccessPolicy] | None = None

    def policy(self, host: str) -> AccessPolicy:
        """Return that of a server on ``host``; only a loopback one may do without a key.

        Raises OSError if the main key can be neither read nor made.
        """
        server, known = self._settings(), self._known
        key = self._main_key.value() if server.require_key or not is_loopback(host) else None
        if known and known[0] is server and (known[1].host, known[1].key) == (host, key):
            return known[1]
        policy = AccessPolicy(
            host=host,
            allowed_hosts=server.allowed_hosts,
            allowed_origins=server.allowed_origins,
            key=key,
            client_of=self._client_keys.client_of,
        )
        self._known = (server, policy)
        return policy
