"""Checks run together, each within its own limit, and one that breaks takes nothing from the others."""

from __future__ import annotations

import asyncio

from proxy_core.doctor.checking import Check, Shared, run_checks
from proxy_core.doctor.finding import CheckResult, Finding, FindingState, is_healthy, ok
from proxy_core.errors import BadRequest


async def test_findings_are_told_as_they_finish_and_returned_in_the_declared_order() -> None:
    second_is_done = asyncio.Event()

    async def slow() -> CheckResult:
        await second_is_done.wait()
        return ok("late")

    async def quick() -> CheckResult:
        second_is_done.set()
        return ok("early")

    told: list[str] = []
    found = await run_checks(
        (Check("a", "A", slow), Check("b", "B", quick)), lambda each: told.append(each.check)
    )
    assert told == ["b", "a"]
    assert [(each.check, each.finding) for each in found] == [("a", "late"), ("b", "early")]


async def test_a_check_that_takes_too_long_is_unknown_and_keeps_nobody_waiting() -> None:
    async def never() -> CheckResult:
        await asyncio.Event().wait()
        raise AssertionError

    async def fine() -> CheckResult:
        return ok("fine")

    found = await run_checks(
        (Check("a", "A", never, seconds=0.01), Check("b", "B", fine)), lambda _: None
    )
    assert [each.state for each in found] == [FindingState.UNKNOWN, FindingState.OK]
    assert "No answer within 0.01 s" in found[0].finding


async def test_what_breaks_a_check_is_its_finding() -> None:
    async def refuses() -> CheckResult:
        raise BadRequest("That cannot be.")

    async def unreadable() -> CheckResult:
        raise PermissionError(13, "Permission denied")

    async def broken() -> CheckResult:
        raise KeyError("a secret")

    checks = (Check("a", "A", refuses), Check("b", "B", unreadable), Check("c", "C", broken))
    found = await run_checks(checks, lambda _: None)
    assert [each.finding for each in found] == [
        "That cannot be.",
        "It could not be looked at: Permission denied.",
        "It could not be looked at (KeyError).",
    ]
    assert found[0].state is FindingState.FAILED
    assert "a secret" not in str(found)


async def test_a_shared_question_is_asked_once_and_outlives_an_impatient_asker() -> None:
    asked: list[int] = []
    ready = asyncio.Event()

    async def ask() -> str:
        asked.append(1)
        await ready.wait()
        return "answer"

    shared = Shared(ask)
    impatient = asyncio.create_task(shared.answer())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    ready.set()
    assert await shared.answer() == "answer"
    assert asked == [1]
    await shared.close()


def test_only_failures_make_it_unhealthy() -> None:
    def each(state: FindingState) -> Finding:
        return Finding("a", "A", state, "")

    assert is_healthy([each(FindingState.ATTENTION), each(FindingState.UNKNOWN)])
    assert not is_healthy([each(FindingState.OK), each(FindingState.FAILED)])
