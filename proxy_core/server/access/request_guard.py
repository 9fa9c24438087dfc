"""Access decisions by Host, Origin and keys. Pure functions of headers, used by the middleware.

A page in the user's own browser can reach any local port. Three checks stop it: the Host must be a
name of this computer (a rebound DNS name is not), a browser's cross-site headers are refused, and
the local key is unknown to pages.
"""

from __future__ import annotations

import functools
import hmac
import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from proxy_core.errors import BadRequest, ErrorKind, Refused, translatable

ONLY_ONCE = ("Host", "Origin", "Authorization", "x-api-key", "Sec-Fetch-Site", "Content-Length")
"""Security-relevant headers: of two values, different programs use the first or the last."""
HEADER_REPEATED = "header_repeated"
MOST_HEADER_BYTES = 64 * 1024
_HEADER_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{0,2000}")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """``host`` is the address we listen on; ``key`` is the main key, None: no key is required.

    ``client_of`` returns the client name of a client key, or None for any other key.
    """

    host: str
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    key: str | None = field(default=None, repr=False)
    client_of: Callable[[str], str | None] = lambda _key: None


@dataclass(frozen=True, slots=True)
class Caller:
    """An admitted caller.

    ``client`` is the name of the client key that was sent; None: the main key, or none. ``key`` is
    the accepted key, None if none was required.
    """

    client: str | None = None
    key: str | None = field(default=None, repr=False)


def check_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Check the size of headers and duplicates of ``ONLY_ONCE``. Raises ProxyError.

    Pairs, because a mapping of headers names one that is there twice only once.
    """
    names: list[str] = []
    size = 0
    for name, value in headers:
        names.append(name.lower())
        size += len(name) + len(value) + 4
    if size > MOST_HEADER_BYTES:
        raise headers_too_large(MOST_HEADER_BYTES)
    if len(set(names)) == len(names):
        return
    twice = [each for each in ONLY_ONCE if names.count(each.lower()) > 1]
    if twice:
        raise BadRequest(f"The header {twice[0]} is there more than once.", code=HEADER_REPEATED)


def headers_too_large(limit: int) -> Refused:
    return Refused(
        f"The request's headers are larger than {limit // 1024} kB.",
        kind=ErrorKind.INVALID_REQUEST,
        http_status=431,
        code="headers_too_large",
    )


def check_target(target: str, policy: AccessPolicy) -> None:
    """Raise Refused if the request line names another host (``GET http://evil/ ...``)."""
    if not target.startswith("/") and target != "*":
        check_host(urlsplit(target).netloc if "://" in target else target, policy)


@functools.lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether only this computer can reach ``host``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@functools.lru_cache(maxsize=256)
def host_name(value: str) -> str:
    """Return a Host header's name without its port, lower case; empty for an unreadable one."""
    try:
        parts = urlsplit(f"//{value}")
        _ = parts.port
        plain = parts.path == "" and parts.username is None and not (parts.query or parts.fragment)
        return (parts.hostname or "").rstrip(".") if plain else ""
    except ValueError:
        return ""


def check_host(value: str | None, policy: AccessPolicy) -> None:
    """Raise Refused unless the Host header names this computer.

    While we listen beyond loopback any literal address is accepted: rebinding needs a name.
    """
    name = host_name(value or "")
    if name in LOOPBACK_NAMES:
        return
    allowed = {each.lower() for each in policy.allowed_hosts}
    if name and (name == policy.host.lower() or name in allowed):
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


def check_origin(headers: Mapping[str, str], policy: AccessPolicy) -> str | None:
    """Return the origin of an allowed web page, None for callers that are not a web page.

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
    # Any sandboxed page sends "null", so it identifies no one.
    if "://" not in origin:
        return False
    return origin.lower().rstrip("/") in {each.lower().rstrip("/") for each in allowed}


def offered_keys(headers: Mapping[str, str]) -> list[str]:
    """Return what the caller sent as ``Authorization: Bearer`` and ``x-api-key``."""
    return [value for value in (_bearer(headers), headers.get("x-api-key")) if value]


def check_key(offered: Sequence[str], policy: AccessPolicy) -> Caller:
    """Return the caller, by the keys it ``offered``.

    Raises Refused (401) unless a valid key was sent. If no key is required, a client key still
    identifies the client.
    """
    found: Caller | None = None
    # A wrong key is compared with every key, so that timing reveals nothing; a correct one is
    # revealed by the response anyway.
    for each in offered:
        if policy.key is not None and same_key(each, policy.key):
            return Caller(key=each)
        client = policy.client_of(each)
        if client is not None and found is None:
            found = Caller(client, each)
    if found is not None:
        return found
    if policy.key is None:
        return Caller()
    wrong = "The API key is not this computer's local key." if offered else _NO_KEY
    raise Refused(
        f"{wrong} Send the local key that g-copilot-proxy shows (`g-copilot-proxy key`), or one made "
        "for this client (`g-copilot-proxy keys`), as 'Authorization: Bearer ...' or 'x-api-key: ...'.",
        kind=ErrorKind.AUTHENTICATION,
        http_status=401,
        code="invalid_api_key",
        title=translatable("The local key is missing or wrong"),
    )


_NO_KEY = "No API key was sent."


def main_key_needed() -> Refused:
    """Return the error for a client key where the main key is required."""
    return Refused(
        "A key made for one client opens the model API only; this address needs the main local key "
        "(`g-copilot-proxy key`).",
        code="main_key_needed",
    )


def preflight_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the response headers for an allowed page's preflight request."""
    asked = headers.get("Access-Control-Request-Headers", "")
    answer = {
        "Access-Control-Allow-Methods": "GET, POST, HEAD",
        "Access-Control-Allow-Headers": asked if _HEADER_NAMES.fullmatch(asked) else "",
        "Access-Control-Max-Age": "600",
    }
    if headers.get("Access-Control-Request-Private-Network") == "true":
        answer["Access-Control-Allow-Private-Network"] = "true"
    return answer


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def same_key(offered: str, key: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(offered.encode("utf-8", "surrogateescape"), key.encode())
