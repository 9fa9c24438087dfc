"""Listening beyond this computer: its preconditions, and the warning to the user."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

from proxy_core.auth.local_key import SHORTEST
from proxy_core.errors import BadRequest, translatable
from proxy_core.server.access.request_guard import is_loopback

_DOCUMENTATION = ("192.0.2.1", "2001:db8::1")
"""Unassigned addresses (RFC 5737, RFC 3849): a UDP connect sends nothing and yields our own address."""


def check_exposure(host: str, key: str | None) -> None:
    """Raise BadRequest if other computers could get in without a key, or by guessing it."""
    if is_loopback(host):
        return
    if key is None:
        raise BadRequest(
            translatable(
                "Listening on {host} lets other computers in, so the local key must be "
                "required. Leave out --no-key, or switch server.require_key on in the "
                "settings; or listen on 127.0.0.1.",
                host=host,
            ),
            code="key_required",
        )
    if len(key) < SHORTEST:
        raise BadRequest(
            translatable(
                "Listening on {host} lets other computers try keys, so the local key must have "
                "at least {shortest} characters. Leave the key out to use the one that was "
                "made for you.",
                host=host,
                shortest=SHORTEST,
            ),
            code="key_too_short",
        )


def reachable_addresses(host: str) -> tuple[str, ...]:
    """Return the addresses under which other computers reach a server on ``host``."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not listened on
        return (host,)
    family = socket.AF_INET6 if host == "::" else socket.AF_INET
    found: dict[str, None] = {}
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect((_DOCUMENTATION[family == socket.AF_INET6], 9))
        found[asking.getsockname()[0]] = None
    with contextlib.suppress(OSError):
        for each in socket.getaddrinfo(socket.gethostname(), None, family, socket.SOCK_STREAM):
            found[str(each[4][0])] = None
    return tuple(each for each in found if not ipaddress.ip_address(each.split("%")[0]).is_loopback)


def what_is_open(host: str, port: int) -> str:
    """Return, for a person, who can reach the server now and what that means."""
    shown = (f"[{each}]" if ":" in each else each for each in reachable_addresses(host))
    addresses = ", ".join(f"http://{each}:{port}" for each in shown)
    where = translatable("Other computers in your network can reach this server.")
    if addresses:
        where = translatable(
            "Other computers in your network can reach this server at {addresses}.",
            addresses=addresses,
        )
    return translatable(
        "{where} Whoever has a key can spend your credits, and keys, prompts and answers cross the "
        "network unencrypted. Names of this computer must be listed in server.allowed_hosts. Listen "
        "on 127.0.0.1 to keep it to yourself.",
        where=where,
    )
