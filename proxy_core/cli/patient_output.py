"""Text that leaves whole through an output of this process, however slowly it is read."""

from __future__ import annotations

import io
import os
import select
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class PatientDescriptor(io.RawIOBase):
    """Writes everything or raises OSError; waits for a slow reader.

    Who starts us may hand over a pipe that refuses what does not fit (Node.js does), and whoever
    shares it may make it one while we write: Python would then drop the rest. The descriptor's own
    state is left alone, since it is shared, and it is never closed here.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: ReadableBuffer, /) -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
        return size


def patient(stream: TextIO) -> TextIO:
    """Return what writes to the file of ``stream`` patiently; ``stream`` itself where it has none.

    Windows has no such pipes: there ``stream`` is as good.
    """
    if os.name != "posix":
        return stream
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # not a file at all
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(PatientDescriptor(descriptor)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=getattr(stream, "line_buffering", False),
    )
