"""What makes a start shorter: no search for garbage, and the longest import beside the others."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator
from importlib import import_module


def import_web_server_beside() -> None:
    """Import aiohttp in a thread, while the command line is read and the command imported.

    It makes two TLS contexts while it is imported, 40 of its 100 ms, and other threads can run
    meanwhile.
    """
    threading.Thread(
        target=import_module, args=("aiohttp",), name="g-copilot-proxy-aiohttp", daemon=True
    ).start()


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """Search for no cycles: what is imported stays, so Python would look at ever more, in vain."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def import_upstream() -> None:
    """Import what a service loads when it is booted, for who must have it there before."""
    import_module("proxy_core.upstream.assembly")
