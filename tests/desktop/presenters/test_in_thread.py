"""Work in a thread of its own: who waits for it may go away."""

from __future__ import annotations

import asyncio
import threading

import pytest

from desktop.presenters.connect.in_thread import in_thread


async def test_the_result_comes_back_and_so_does_an_error() -> None:
    assert await in_thread(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


async def test_a_thread_whose_result_nobody_waits_for_ends_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where the window is replaced, or the app quits, while the tools are looked for."""
    died: list[object] = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    go_on, threads = threading.Event(), []

    def work() -> None:
        threads.append(threading.current_thread())
        go_on.wait(60)

    waiting = asyncio.ensure_future(in_thread(work))
    while not threads:  # noqa: ASYNC110  # the thread says so in its own time
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await asyncio.to_thread(threads[0].join, 60)
    assert died == []
