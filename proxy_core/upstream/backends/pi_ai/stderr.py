"""What the Node process says beside its lines: the last of it, bounded, without secrets."""

from __future__ import annotations

import asyncio
import re

from proxy_core.status.redaction import redact

KEPT = 4096
"""Bytes."""
_ERROR = re.compile(r"(?:Uncaught )?(?:\w*Error|FATAL ERROR)\b.*\S")


class StderrTail:
    def __init__(self) -> None:
        self._tail = b""

    async def read(self, stream: asyncio.StreamReader | None) -> None:
        """Read to the end: a full pipe would stop the process."""
        assert stream is not None
        while data := await stream.read(KEPT):
            self._tail = (self._tail + data)[-KEPT:]

    def text(self) -> str:
        """Return the sentence that says what went wrong, as far as it may be shown."""
        return told_by(self._tail)


def told_by(output: bytes) -> str:
    """Return the last error that Node's ``output`` names, else its last line; without secrets.

    Behind an uncaught error stand its stack and Node's version.
    """
    lines = output.decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if _ERROR.match(line)]
    return redact((errors or lines)[-1].strip())[:300] if lines else ""
