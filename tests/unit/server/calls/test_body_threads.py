"""Large bodies' memory is given back once none has come for a while."""

from __future__ import annotations

import asyncio
import threading

import pytest

from proxy_core.server.calls import body_threads
from proxy_core.server.calls.body_threads import BodyThreads
from proxy_core.server.calls.memory_return import give_back


async def test_memory_is_given_back_after_the_last_large_body(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = threading.Event()
    monkeypatch.setattr(body_threads, "give_back", given.set)
    monkeypatch.setattr(body_threads, "IDLE_SECONDS", 0.01)
    threads = BodyThreads()
    assert await threads.run(lambda: 5, heavy=True) == 5
    while not given.is_set():
        await threads.run(lambda: None, heavy=False)
        await _turn()
    threads.close()


async def test_small_bodies_give_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given = threading.Event()
    monkeypatch.setattr(body_threads, "give_back", given.set)
    monkeypatch.setattr(body_threads, "IDLE_SECONDS", 0.0)
    threads = BodyThreads()
    await threads.run(lambda: 5, heavy=False)
    await _turn()
    assert not given.is_set()
    threads.close()


async def _turn() -> None:
    await asyncio.sleep(0)


def test_it_does_no_harm_on_any_system() -> None:
    give_back()
