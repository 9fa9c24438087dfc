"""The listening sockets: both loopback addresses, and a clear error when the port is taken."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
import sys

from proxy_core.discovery.port_owner import find_port_owner
from proxy_core.errors import PortInUse, ProxyError, translatable

BACKLOG = 1024
DEFAULT_HOSTS = ("127.0.0.1", "localhost")
_TRIES_FOR_A_COMMON_PORT = 8
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EINVAL)
_TAKEN = (errno.EADDRINUSE, errno.EACCES) if sys.platform == "win32" else (errno.EADDRINUSE,)
"""Windows returns EACCES for a port that another program holds exclusively or the system reserved."""


class CannotListen(ProxyError):
    """The address cannot be listened on for a reason other than another program."""

    title: str = translatable("The server cannot listen there")


async def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Return bound sockets for ``host``, the first one's port being the one announced.

    The default host stands for 127.0.0.1 and, where the machine has it, ::1, since ``localhost``
    means either. Raises PortInUse or CannotListen.
    """
    host = host.lower()
    if host not in DEFAULT_HOSTS:
        return [await _bind(host, port)]
    for attempt in range(_TRIES_FOR_A_COMMON_PORT):
        first = await _bind("127.0.0.1", port)
        chosen = first.getsockname()[1]
        try:
            second = _open("::1", chosen)
        except OSError as error:
            if error.errno in _NO_SUCH_ADDRESS:
                return [first]
            first.close()
            if port == 0 and error.errno in _TAKEN and attempt < _TRIES_FOR_A_COMMON_PORT - 1:
                continue
            raise await _explained(error, "::1", chosen) from error
        return [first, second]
    raise AssertionError("the last attempt returns or raises")


async def _bind(host: str, port: int) -> socket.socket:
    try:
        return _open(await _address(host), port)
    except OSError as error:
        raise await _explained(error, host, port) from error


async def _address(host: str) -> str:
    """Return the address ``host`` stands for; a name is looked up off the loop. Raises OSError."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return str(found[0][4][0])
    return host


def _open(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # On Windows SO_REUSEADDR would let a second program take the same port.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((host, port))
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except BaseException:
        opened.close()
        raise
    return opened


async def _explained(error: OSError, host: str, port: int) -> ProxyError:
    if error.errno in _TAKEN:
        owner = await find_port_owner(port)
        message = translatable("Port {port} is already in use.", port=port)
        if owner:
            message = translatable(
                "Port {port} is already in use by {program}.", port=port, program=owner
            )
        return PortInUse(message, port=port, owner=owner)
    if error.errno == errno.EACCES:
        return CannotListen(
            translatable(
                "Your account may not listen on port {port}; use one above 1023.", port=port
            ),
            code="port_forbidden",
        )
    reason = error.strerror or str(error)
    return CannotListen(
        translatable(
            "Cannot listen on {host} port {port}: {reason}.", host=host, port=port, reason=reason
        ),
        code="cannot_listen",
    )
