"""Budgets and pauses on their way to the disk."""

from __future__ import annotations

import asyncio
import math
from datetime import date
from pathlib import Path

import pytest

from proxy_core.usage.limits.budget_file import BudgetStore, Remembered
from proxy_core.usage.limits.budget_keeping import BudgetKeeping
from proxy_core.usage.limits.budgets import BudgetState, Spent, combined
from proxy_core.usage.limits.pauses import ClientPauses


def paused(*clients: str, everyone: float | None = None) -> Remembered:
    return Remembered(None, ClientPauses(dict.fromkeys(clients, math.inf), everyone))


async def test_the_newest_state_is_written_once_and_soon(tmp_path: Path) -> None:
    keeping = BudgetKeeping(tmp_path / "budget.json", save_seconds=0.01)
    states = [paused("a"), paused("a", "b")]
    keeping.save_soon(lambda: states[0])
    keeping.save_soon(lambda: states[1])
    async with asyncio.timeout(30):
        while not (tmp_path / "budget.json").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert BudgetStore(tmp_path / "budget.json").load() == states[1]
    await keeping.close()


async def test_the_end_writes_at_once_what_waits(tmp_path: Path) -> None:
    keeping = BudgetKeeping(tmp_path / "budget.json", save_seconds=3600)
    keeping.save_soon(lambda: paused(everyone=math.inf))
    async with asyncio.timeout(30):
        await keeping.close()
    assert BudgetKeeping(tmp_path / "budget.json").load() == paused(everyone=math.inf)


async def test_where_nothing_changed_nothing_is_written(tmp_path: Path) -> None:
    keeping = BudgetKeeping(tmp_path / "budget.json")
    assert keeping.load() == Remembered()
    await keeping.close()
    assert not (tmp_path / "budget.json").exists()


async def test_a_disk_that_refuses_fails_nobody_and_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    keeping = BudgetKeeping(tmp_path / "state" / "budget.json", save_seconds=0.0)
    keeping.save_soon(lambda: paused("a"))
    assert keeping._saving is not None
    await asyncio.wait_for(keeping._saving, 30)
    (tmp_path / "state").unlink()
    keeping.save_soon(lambda: paused("a"))
    await keeping.close()
    assert keeping.load() == paused("a")


@pytest.mark.parametrize("end", [math.inf, 1_795_262_400.0, None])
def test_a_pause_of_everyone_is_remembered(tmp_path: Path, end: float | None) -> None:
    store = BudgetStore(tmp_path / "budget.json")
    store.save(paused("aider", everyone=end))
    assert store.load() == paused("aider", everyone=end)


def test_a_file_from_before_there_was_such_a_pause_is_read(tmp_path: Path) -> None:
    path = tmp_path / "budget.json"
    path.write_text('{"version": 1, "paused": {"aider": null}}')
    path.chmod(0o600)
    assert BudgetStore(path).load() == paused("aider")


def test_pauses_of_one_and_of_everyone_do_not_touch_each_other() -> None:
    pauses = ClientPauses().pause("aider", 100, 50).pause_everyone(100, 20)
    assert (pauses.everyone_until(100), pauses.everyone_until(120)) == (120, None)
    assert pauses.paused_until("aider", 130) == 150
    resumed = pauses.resume_everyone()
    assert (resumed.everyone_until(100), resumed.paused_until("aider", 100)) == (None, 150)
    assert pauses.resume("aider", 100).everyone_until(100) == 120


def spent(day: int, extra: int = 0, month: int | None = None) -> Remembered:
    today = date(2026, 11, 29)
    return Remembered(
        BudgetState(
            Spent(today, day, extra), Spent(today.replace(day=1), day if month is None else month)
        )
    )


def test_two_servers_of_one_home_spend_of_one_budget(tmp_path: Path) -> None:
    one, other = BudgetStore(tmp_path / "budget.json"), BudgetStore(tmp_path / "budget.json")
    one.save(spent(100))
    base = one.load()
    one.merge(spent(130), base)
    merged = other.merge(spent(150, extra=7), base)
    assert merged == one.load() == spent(180, extra=7)


def test_pauses_of_two_servers_are_kept_beside_each_other(tmp_path: Path) -> None:
    store = BudgetStore(tmp_path / "budget.json")
    store.save(paused("aider", "codex"))
    base = store.load()
    store.merge(paused("aider", "codex", "pi"), base)
    store.merge(paused("codex", everyone=math.inf), base)
    assert store.load() == paused("codex", "pi", everyone=math.inf)


def test_a_new_day_of_one_server_is_the_day_of_both() -> None:
    yesterday, today = date(2026, 11, 28), date(2026, 11, 29)
    month = Spent(date(2026, 11, 1), 50)
    old = BudgetState(Spent(yesterday, 50), month)
    new = BudgetState(Spent(today, 5), Spent(date(2026, 11, 1), 55))
    for stored, mine in ((old, new), (new, old)):
        both = combined(stored, old, mine)
        assert (both.day, both.month.nano_credits) == (Spent(today, 5), 55)
