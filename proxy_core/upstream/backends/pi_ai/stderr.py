"""What the Node process says beside its lines: the last of it, bounded, without secrets."""

from __future__ import annotations

import asyncio

from proxy_core.status.redaction import redact

KEPT = 4096
"""Bytes."""


class StderrTail:
    def __init__(self) -> None:
        self._tail = b""

    async def read(self, stream: asyncio.StreamReader | None) -> None:
        """Read to the end: a full pipe would stop the process."""
        assert stream is not None
        while data := await stream.read(KEPT):
            self._tail = (self._tail + data)[-KEPT:]

    def text(self) -> str:
        """Return the last line, as far as it may be shown."""
        lines = self._tail.decode(errors="replace").strip().splitlines()
        return redact(lines[-1])[:300] if lines else ""
