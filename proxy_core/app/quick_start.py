"""What makes a start shorter: no search for garbage, and what only calls need not imported at once."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from importlib import import_module


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
