"""Runs checks concurrently, each with its own timeout, and reports findings as they complete."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from proxy_core.doctor.finding import CheckResult, Finding, FindingState
from proxy_core.errors import ProxyError, translatable

log = logging.getLogger("g_copilot_proxy.doctor")

CHECK_SECONDS = 10.0
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Check:
    """``look`` may raise ProxyError; ``seconds`` is its timeout."""

    key: str
    name: str
    look: Callable[[], Awaitable[CheckResult]]
    seconds: float = CHECK_SECONDS


class Shared(Generic[Result]):
    """A result that several checks need: computed once, when the first of them asks.

    A check that times out does not cancel it for the others.
    """

    def __init__(self, ask: Callable[[], Awaitable[Result]]) -> None:
        self._ask = ask
        self._task: asyncio.Task[Result] | None = None

    async def answer(self) -> Result:
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        return await asyncio.shield(self._task)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> Result:
        return await self._ask()


async def run_checks(
    checks: Iterable[Check], on_finding: Callable[[Finding], None]
) -> tuple[Finding, ...]:
    """Return the findings in the order of ``checks``; ``on_finding`` gets each as it completes.

    Never raises for a check's exception: that becomes its finding.
    """

    async def one(check: Check) -> Finding:
        result = await _result(check)
        finding = Finding(
            check.key,
            check.name,
            result.state,
            result.finding,
            result.next_step,
            result.action,
        )
        on_finding(finding)
        return finding

    return tuple(await asyncio.gather(*(one(each) for each in checks)))


async def _result(check: Check) -> CheckResult:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.look()
    except TimeoutError:
        return CheckResult(
            FindingState.UNKNOWN,
            translatable("No answer within {seconds} s.", seconds=f"{check.seconds:g}"),
            translatable("Check again; if it stays like this, see the log."),
        )
    except ProxyError as error:
        return CheckResult(FindingState.FAILED, error.said)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return CheckResult(
            FindingState.UNKNOWN,
            translatable("It could not be looked at: {reason}.", reason=reason),
        )
    except Exception as error:
        # One check must not prevent the others' findings; the stack is in the log.
        log.exception("the check %s failed", check.key)
        return CheckResult(
            FindingState.UNKNOWN,
            translatable("It could not be looked at ({error}).", error=type(error).__name__),
            translatable("The log says more."),
        )
