"""Refused parameters, stored in a file that several processes change."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.clock import Clock
from proxy_core.storage.file_lock import locked
from proxy_core.upstream.parameters import memory_file
from proxy_core.upstream.parameters.memory import DAY, RefusedParameter, RemedyKind
from proxy_core.upstream.parameters.memory_file import ParameterStore

CHAT = Endpoint.CHAT_COMPLETIONS


class At(Clock):
    def wall(self) -> float:
        return 1_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "learned.json"


def refused(member: str, model: str = "gpt-4.1") -> RefusedParameter:
    return RefusedParameter(model, CHAT, RemedyKind.LEAVE_OUT, member, At().wall() + DAY)


def members(store: ParameterStore) -> set[str]:
    return {each.member for each in store.refusals()}


def stored(path: Path) -> set[str]:
    return members(ParameterStore(path, At()))


async def test_two_processes_that_learn_at_once_lose_nothing(path: Path) -> None:
    for number in range(10):
        one, other = ParameterStore(path, At()), ParameterStore(path, At())
        one.learn(refused(f"one_{number}"))
        other.learn(refused(f"other_{number}"))
        await asyncio.gather(one.close(), other.close())
    assert stored(path) == {f"{who}_{n}" for who in ("one", "other") for n in range(10)}


async def test_what_another_process_forgot_does_not_come_back(path: Path) -> None:
    server = ParameterStore(path, At())
    server.learn(refused("temperature"))
    await server.saved()
    command = ParameterStore(path, At())
    assert await command.forget("gpt-4.1", CHAT.value, "temperature")
    server.learn(refused("top_p"))
    await server.close()
    assert stored(path) == members(server) == {"top_p"}


@pytest.mark.parametrize("forgets", ["one", "everything"])
async def test_what_is_forgotten_while_a_write_fails_stays_forgotten(
    path: Path, monkeypatch: pytest.MonkeyPatch, forgets: str
) -> None:
    store = ParameterStore(path, At())
    writing, fail = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def full(target: Path, content: bytes) -> None:
        del target, content
        loop.call_soon_threadsafe(writing.set)
        asyncio.run_coroutine_threadsafe(fail.wait(), loop).result(90)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(memory_file, "write_private", full)
        store.learn(refused("temperature"))
        await asyncio.wait_for(writing.wait(), 30)
        if forgets == "one":
            forgetting = asyncio.ensure_future(store.forget("gpt-4.1", CHAT.value, "temperature"))
        else:
            forgetting = asyncio.ensure_future(store.forget_all())  # type: ignore[arg-type]
        await asyncio.sleep(0)
        fail.set()
        with pytest.raises(OSError, match="No space"):
            await forgetting
    store.learn(refused("top_p"))
    await store.close()
    assert stored(path) == members(store) == {"top_p"}


async def test_forgetting_waits_for_another_process_that_writes(path: Path) -> None:
    store = ParameterStore(path, At())
    store.learn(refused("temperature"))
    await store.saved()
    with locked(path):
        forgetting = asyncio.ensure_future(store.forget("gpt-4.1", CHAT.value, "temperature"))
        await asyncio.sleep(0)
        assert not forgetting.done()
    assert await asyncio.wait_for(forgetting, 30)
    assert stored(path) == set()


async def test_a_lock_that_stays_taken_is_told_and_not_passed_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ParameterStore(path, At())
    store.learn(refused("temperature"))
    await store.saved()
    monkeypatch.setattr(memory_file, "PATIENCE_SECONDS", 0.0)
    with locked(path), pytest.raises(TimeoutError):
        await store.forget("gpt-4.1", CHAT.value, "temperature")
