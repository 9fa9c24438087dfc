"""What makes a start shorter: no search for garbage, and what only calls need not imported at once.

And, some seconds after it, smaller: what imports used while they ran goes back to the system.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

from proxy_core.server.calls.memory_return import give_back


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


def give_memory_back() -> None:
    """Return freed memory to the system; some 20 ms of work without the interpreter's lock."""
    give_back()
