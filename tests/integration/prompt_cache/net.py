"""Every test that lets the product talk to a simulator is also a test of the prompt cache.

Model calls that simulators of this process receive during a test are written down as they arrive, and
at its end those that continue a conversation must extend it (``checker.py``). A test that breaks a
conversation on purpose says so: ``@pytest.mark.prompt_cache_break("reason")``; one that stops doing so
fails too, so that no mark outlives its reason (``always=False``: requests are drawn at random).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from proxy_core.simulator.control.request_log import RequestLog
from tests.integration.prompt_cache.checker import SentPrompt, breaks_in, read_prompt

MODEL_CALLS = ("/chat/completions", "/responses", "/v1/messages")
MARKER = "prompt_cache_break"


@dataclass
class Received:
    """What arrived, by simulator: two simulators are two accounts."""

    by_log: dict[int, list[SentPrompt]] = field(default_factory=dict)

    def add(self, log: RequestLog, path: str, raw: bytes) -> None:
        if path in MODEL_CALLS and (prompt := read_prompt(path, raw)) is not None:
            self.by_log.setdefault(id(log), []).append(prompt)

    def breaks(self) -> list[str]:
        return [
            f"{prompts[earlier].endpoint}, request {later + 1} does not extend request "
            f"{earlier + 1}: {found}"
            for prompts in self.by_log.values()
            for earlier, later, found in breaks_in(prompts)
        ]


@contextmanager
def received_prompts() -> Iterator[Received]:
    """Let every simulator of this process tell what it receives, while the block lasts."""
    received = Received()
    original = RequestLog.record

    def record(self: RequestLog, request: web.Request, raw: bytes, at: float, **more: Any) -> None:
        original(self, request, raw, at, **more)
        received.add(self, request.path, raw)

    RequestLog.record = record  # type: ignore[method-assign]
    try:
        yield received
    finally:
        RequestLog.record = original  # type: ignore[method-assign]


def judge(received: Received, mark: pytest.Mark | None) -> None:
    """Fail for a break that is not named, and for a name without a break."""
    breaks = received.breaks()
    if mark is None:
        assert not breaks, "the prompt cache is lost:\n" + "\n".join(breaks)
        return
    (reason,) = mark.args
    assert len(reason) > 20, "a break of the prompt cache needs a reason"
    assert breaks or not mark.kwargs.get("always", True), (
        f"marked as breaking the prompt cache ({reason}), and nothing breaks it"
    )
