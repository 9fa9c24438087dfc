"""Who may come in: Host, Origin and key. Pure decisions over headers; the middleware asks them.

A page in the user's own browser can reach any port on this computer. Three checks keep it out: the
Host must be a name of this computer (a rebound DNS name is not), a browser's cross-site marks are
refused, and the local key is a secret no page knows.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from proxy_core.errors import ErrorKind, Refused

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class DoorPolicy:
    """``host`` is the address we listen on; ``key`` None lets every caller in."""

    host: str
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    key: str | None = None


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach ``host``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(value: str) -> str:
    """Return a Host header's name without its port, lower case; empty for an unreadable one."""
    try:
        parts = urlsplit(f"//{value}")
        _ = parts.port
        plain = parts.path == "" and parts.username is None and not (parts.query or parts.fragment)
        return (parts.hostname or "").rstrip(".") if plain else ""
    except ValueError:
        return ""


def check_host(value: str | None, policy: DoorPolicy) -> None:
    """Raise Refused unless the Host header names this computer.

    While we listen beyond loopback any literal address is accepted: rebinding needs a name.
    """
    name = host_name(value or "")
    allowed = {each.lower() for each in policy.allowed_hosts}
    if name and (name in LOOPBACK_NAMES or name == policy.host.lower() or name in allowed):
        return
    if is_loopback(name) or (name and not is_loopback(policy.host) and _is_address(name)):
        return
    shown = repr((value or "")[:100]) if value else "no name"
    raise Refused(
        f"The Host header says {shown}, which is not a name of this computer. Use localhost, or add "
        "the name to server.allowed_hosts in the settings.",
        code="host_not_allowed",
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_origin(headers: Mapping[str, str], policy: DoorPolicy) -> str | None:
    """Return the origin of an allowed web page, None for callers that are no page.

    Raises Refused for any other page. A browser that sends no Origin (an image, a script tag) still
    marks the request with Sec-Fetch-Site.
    """
    origin = headers.get("Origin")
    if origin is not None:
        if _listed(origin, policy.allowed_origins):
            return origin
        raise Refused(
            f"Web pages may not use this server; the request comes from {origin[:100]!r}. If you trust "
            "that page, add it to server.allowed_origins in the settings.",
            code="origin_not_allowed",
        )
    if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise Refused(
            "Web pages may not use this server; the request comes from one.",
            code="origin_not_allowed",
        )
    return None


def _listed(origin: str, allowed: Collection[str]) -> bool:
    return origin.lower().rstrip("/") in {each.lower().rstrip("/") for each in allowed}


def check_key(headers: Mapping[str, str], policy: DoorPolicy) -> None:
    """Raise Refused (401) unless the local key comes as ``Authorization: Bearer`` or ``x-api-key``."""
    if policy.key is None:
        return
    offered = [value for value in (_bearer(headers), headers.get("x-api-key")) if value]
    # Every offer is compared, so that the time taken tells nothing.
    matches = [_same(each, policy.key) for each in offered]
    if any(matches):
        return
    wrong = "The API key is not this computer's local key." if offered else "No API key was sent."
    raise Refused(
        f"{wrong} Send the local key that g-copilot-proxy shows (`g-copilot-proxy key`) as "
        "'Authorization: Bearer ...' or 'x-api-key: ...'.",
        kind=ErrorKind.AUTHENTICATION,
        http_status=401,
        code="invalid_api_key",
        title="The local key is missing or wrong",
    )


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def _same(offered: str, key: str) -> bool:
    return hmac.compare_digest(offered.encode("utf-8", "surrogateescape"), key.encode())
