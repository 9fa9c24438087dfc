"""Sign in, cancel, sign out, change host and storage, restart, in any order, in two processes, before a
keychain that is slow, locked or absent: no order ends with two truths."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from proxy_core.app.settings_in_force import AccountSettings
from proxy_core.config.settings import TokenStorage
from proxy_core.errors import ProxyError
from proxy_core.status.status import AccountState, TokenPlace
from tests.unit.upstream.sign_in.virtual_accounts import COMPANY, GITHUB, Home, VirtualLoop

who = st.sampled_from(("ada", "bob"))
either = st.sampled_from((0, 1))
hosts = st.sampled_from((None, GITHUB, COMPANY))


class AccountOrders(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = VirtualLoop()
        self.home = self.do(self.make_home())
        self.processes = [self.do(self.home.started()) for _ in range(2)]
        self.running: list[tuple[int, asyncio.Task[Any]]] = []
        self.last: dict[str, str] = {}
        """By host, who completed a sign-in last since the last completed sign-out."""
        self.only_in_memory = False
        """A process ended that may have been the only one to hold a sign-in."""

    async def make_home(self) -> Home:
        return Home(Path(self.folder.name))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def begin(self, index: int, work: Coroutine[Any, Any, Any]) -> None:
        async def beginning() -> None:
            self.running.append((index, asyncio.ensure_future(work)))
            await breathe()

        self.do(beginning())

    @initialize(is_signed_in=st.booleans(), storage=st.sampled_from(TokenStorage))
    def somebody_is_signed_in(self, is_signed_in: bool, storage: TokenStorage) -> None:
        for index in range(2):
            self.change_storage(index, storage)
        if is_signed_in:
            self.sign_in(0, "ada", None)
            self.do(asyncio.sleep(1))

    # -- what people do ----------------------------------------------------------------------------

    @rule(index=either, host=hosts)
    def begin_to_sign_in(self, index: int, host: str | None) -> None:
        process = self.processes[index]
        process.code = None

        async def sign_in() -> None:
            with contextlib.suppress(ProxyError):
                await process.account.sign_in(process.report, host)
                name = process.account.github_host
                self.last[name] = process.account.github_token().split("_")[1]
                self.home.github_host = name  # the caller writes the setting

        self.begin(index, sign_in())

    @rule(index=either, person=who, host=hosts)
    def sign_in(self, index: int, person: str, host: str | None) -> None:
        self.begin_to_sign_in(index, host)
        self.decide(index, person)

    @rule(index=either, decision=st.sampled_from(("ada", "bob", "deny")))
    def decide(self, index: int, decision: str) -> None:
        code = self.processes[index].code
        if code is not None:
            self.home.github.decisions[code] = decision
            self.do(asyncio.sleep(7))

    @precondition(lambda self: self.running)
    @rule(index=st.integers(0, 5))
    def cancel_something(self, index: int) -> None:
        self.running[index % len(self.running)][1].cancel()
        self.do(breathe())

    @rule(index=either)
    def sign_out(self, index: int) -> None:
        process = self.processes[index]

        async def sign_out() -> None:
            with contextlib.suppress(ProxyError):
                await process.account.sign_out()
                self.last.clear()

        self.begin(index, sign_out())
        assert process.person is None, "signed out at once, whatever the keychain does"

    @rule(index=either, host=st.sampled_from((GITHUB, COMPANY)))
    def change_host(self, index: int, host: str) -> None:
        async def change() -> None:
            await self.processes[index].account.change_host(host)
            self.home.github_host = host

        self.begin(index, change())

    @rule(index=either, storage=st.sampled_from(TokenStorage))
    def change_storage(self, index: int, storage: TokenStorage) -> None:
        async def change() -> None:
            with contextlib.suppress(ProxyError):
                await self.processes[index].account.change_storage(storage)
                self.home.storage = storage

        self.begin(index, change())

    @rule(
        index=either,
        change=st.one_of(st.sampled_from((GITHUB, COMPANY)), st.sampled_from(TokenStorage)),
    )
    def change_what_cannot_be_written(self, index: int, change: str | TokenStorage) -> None:
        """As the settings' store does it: put in force, and taken back when the file refuses it."""
        owner = AccountSettings(self.processes[index].account)

        async def refuse() -> None:
            await asyncio.sleep(1)
            raise OSError("the disk is full")

        async def attempt() -> None:
            with contextlib.suppress(ProxyError, OSError):
                if isinstance(change, TokenStorage):
                    await owner.put_storage_in_force({"account.token_storage": change}, refuse)
                else:
                    await owner.put_host_in_force({"account.github_host": change}, refuse)

        self.begin(index, attempt())

    # -- what the machine does ---------------------------------------------------------------------

    @rule(state=st.sampled_from(("fine", "locked", "slow", "slow", "absent")))
    def keychain_becomes(self, state: str) -> None:
        self.home.keychain.state = state

    @rule(newest_first=st.booleans())
    def keychain_answers(self, newest_first: bool) -> None:
        self.do(asyncio.sleep(1))
        self.home.keychain.answer(newest_first=newest_first)
        self.do(breathe())

    @rule(seconds=st.sampled_from((1, 10, 45, 400)))
    def time_passes(self, seconds: int) -> None:
        self.do(asyncio.sleep(seconds))

    @rule(index=either)
    def a_process_is_started_anew(self, index: int) -> None:
        self.do(self.restart(index))

    async def restart(self, index: int) -> None:
        process = self.processes[index]
        for of, task in self.running:
            if of == index:
                task.cancel()
        await breathe()
        if process.account.status.token_place is TokenPlace.MEMORY:
            self.only_in_memory = True
        await self.home.end(process)
        self.processes[index] = await self.home.started()

    # -- what must hold ----------------------------------------------------------------------------

    @invariant()
    def a_call_gets_the_token_of_who_is_signed_in(self) -> None:
        for process in self.processes:
            person = process.person
            if person is None:
                continue
            assert process.account.status.state not in (
                AccountState.SIGNED_OUT,
                AccountState.WAITING_FOR_KEYCHAIN,
            )
            token = self.do(process.tokens.current())
            assert token.secret == f"session of {person}"
            assert token.epoch is process.account.holder().epoch
            assert not token.epoch.is_over

    def teardown(self) -> None:
        try:
            self.do(self.everything_comes_to_rest())
        finally:
            for process in self.processes:
                self.do(self.home.end(process))
            self.loop.close()
            self.folder.cleanup()

    async def everything_comes_to_rest(self) -> None:
        await asyncio.sleep(1)
        self.home.keychain.state = "fine"
        self.home.keychain.answer()
        await asyncio.sleep(700)  # the longest pause between two questions, and then some
        for _, task in self.running:
            if not task.done():
                task.cancel()
        await asyncio.gather(*(task for _, task in self.running), return_exceptions=True)
        for _ in range(2):
            for process in self.processes:
                await process.account.change_host(self.home.github_host)
                await process.account.change_storage(self.home.storage)
                await asyncio.sleep(5)
        self.check_one_truth()
        before = {process.person for process in self.processes}
        is_stored = self.home.storage is not TokenStorage.MEMORY
        for index in range(2):
            await self.restart(index)
            await asyncio.sleep(5)
        if is_stored:
            assert {process.person for process in self.processes} == before, "after a restart"
        else:
            assert {process.person for process in self.processes} == {None}

    def check_one_truth(self) -> None:
        people = {process.person for process in self.processes}
        if self.home.storage is TokenStorage.MEMORY:
            people.discard(None)  # what is in one process's memory is not in another's
            assert len(people) <= 1
            assert self.home.stored_people() == set()
        else:
            assert len(people) == 1, people
        wanted = self.last.get(self.home.github_host)
        for person in people:
            assert person in (wanted, None), (person, self.last)
        if not self.last:
            assert self.home.stored_people() == set(), "nothing is left of who signed out"


async def breathe() -> None:
    """Let everything run that can without time passing."""
    for _ in range(60):
        await asyncio.sleep(0)


TestAnyOrder = AccountOrders.TestCase
TestAnyOrder.settings = settings(
    max_examples=150,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
