"""The HTTP proxy that calls to GitHub take: the setting ``upstream.proxy``, and the system's own."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from proxy_core.config.settings import DIRECT, SYSTEM
from proxy_core.errors import translatable
from proxy_core.upstream.transport.connection_errors import ConnectionFailed

_LOOPBACK = ("127.", "localhost", "::1")


def chosen_proxy(setting: str, url: str, system: Callable[[str], str | None]) -> str | None:
    """Return the proxy for ``url`` under the value ``setting`` of ``upstream.proxy``.

    ``system`` is asked where the setting leaves it to the system. An address in the setting counts
    for every host but this computer. Raises ConnectionFailed for one that cannot be used.
    """
    if setting == SYSTEM:
        return system(url)
    if setting == DIRECT or _is_loopback(urlsplit(url).hostname or ""):
        return None
    if not _is_usable_proxy(setting):
        raise ConnectionFailed(
            translatable(
                "The proxy in the settings cannot be used; it must be an http address such as "
                "http://proxy.example:8080. Check upstream.proxy in the settings."
            ),
            retryable=False,
        )
    return setting


def system_proxy(url: str) -> str | None:
    """Return the proxy that the environment or the system names for ``url``.

    aiohttp's own ``trust_env`` is not used: it also reads ``.netrc`` for every call and then refuses
    one that carries an Authorization header.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host):
        return None
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not _is_usable_proxy(proxy):
        raise ConnectionFailed(
            translatable(
                "The proxy set for {scheme} connections cannot be used; it must be an http address "
                "such as http://proxy.example:8080. Check {variable} or the system's settings.",
                scheme=scheme,
                variable=f"{scheme.upper()}_PROXY",
            ),
            retryable=False,
        )
    return proxy


def _is_loopback(host: str) -> bool:
    return host.startswith(_LOOPBACK)


def _is_usable_proxy(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        host = parts.hostname or ""
        _ = parts.port
        host.encode("idna")  # a name that cannot be resolved at all
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not any(map(str.isspace, host))
