"""One writer at a time, in this process and in others: a lock file beside the file that is changed.

A read-change-write cycle holds the lock throughout; plain readers need none, because files are
replaced atomically. Not reentrant: a second ``locked`` of the same path in one thread waits for the
first.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proxy_core.storage.private_files import FILE_MODE, make_private_folder

LONGEST_WAIT_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


@contextmanager
def locked(path: Path, longest_wait: float = LONGEST_WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock of ``path`` in the ``with`` block. The system releases it if this process dies.

    Raises TimeoutError (an OSError) if another process holds it for ``longest_wait`` seconds.
    """
    make_private_folder(path.parent)
    name = path.with_name(f".{path.name}.lock")
    # Never removed: a process that removed it would hold a lock the next one cannot see.
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        give_up = time.monotonic() + longest_wait
        while not _try_lock(descriptor):
            if time.monotonic() >= give_up:
                raise TimeoutError(0, "Another program holds this file's lock", str(path))
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)  # releases the lock too


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
