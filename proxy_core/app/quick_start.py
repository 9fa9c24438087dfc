"""What makes a start shorter: no search for garbage, and what only calls need not loaded at once.

And, some seconds after it, smaller: what imports used while they ran goes back to the system.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl


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


def import_aiohttp() -> None:
    """Import aiohttp without the certificates it loads meanwhile: a tenth of a start, 2 MB.

    Importing ``aiohttp.connector`` makes two TLS contexts with all authorities of the system. Our
    sessions bring their own context, so these read the authorities when a connection first asks for
    them: a user's request handler may use aiohttp by itself.
    """
    if "aiohttp.connector" in sys.modules:
        return
    import ssl

    made: list[ssl.SSLContext] = []

    def load_later(context: ssl.SSLContext, *_: Any) -> None:
        made.append(context)

    load = ssl.SSLContext.load_default_certs
    ssl.SSLContext.load_default_certs = load_later  # type: ignore[assignment, method-assign]
    # OpenSSL's class has it, which Python's inherits from.
    ssl.SSLContext.set_default_verify_paths = load_later  # type: ignore[assignment, method-assign]
    try:
        import_module("aiohttp")
    finally:
        ssl.SSLContext.load_default_certs = load  # type: ignore[method-assign]
        del ssl.SSLContext.set_default_verify_paths
    for each in made:
        _load_when_used(each)


def _load_when_used(context: ssl.SSLContext) -> None:
    """Let the context load the system's authorities before its first connection; every event loop
    begins one by ``wrap_bio``."""

    def wrap_bio(*arguments: Any, **named: Any) -> ssl.SSLObject:
        del context.wrap_bio
        context.load_default_certs()
        return context.wrap_bio(*arguments, **named)

    context.wrap_bio = wrap_bio  # type: ignore[method-assign]


def give_memory_back() -> None:
    """Return freed memory to the system; some 20 ms of work without the interpreter's lock."""
    from proxy_core.server.calls.memory_return import give_back

    give_back()
