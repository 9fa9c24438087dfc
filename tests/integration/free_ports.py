"""Ports that are chosen now and bound later, by a server that gets its number from a file or a flag.

A port that the system chose (port 0) and that was given back may be another program's by then: the
system hands it to whoever asks next, also as the near end of any connection. So these come from below
the ranges systems choose from (Linux: from 32768, macOS and Windows: from 49152), each once in a
process, and processes side by side begin at places of their own.
"""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _BLOCK, _BLOCKS = 20_000, 500, 25
_begin = (os.getpid() % _BLOCKS) * _BLOCK
_numbers = itertools.count(_begin)


def free_port() -> int:
    """Return a port of 127.0.0.1 where nobody listens and nobody will by chance."""
    for number in itertools.islice(_numbers, _BLOCK * _BLOCKS):
        port = _FIRST + number % (_BLOCK * _BLOCKS)
        with socket.socket() as taken:
            try:
                taken.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("every port is taken")
