"""Gives memory that large bodies used back to the system.

The C library keeps what was freed for the next request of that size, in an arena for each thread: after
a few bodies of 8 MB the process stays 100 MB larger for as long as it runs.
"""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Return freed memory to the system. Takes some 20 ms without the interpreter's lock; only glibc
    has it, and elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return  # another C library
    trim(0)
