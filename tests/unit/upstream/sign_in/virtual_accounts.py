"""Processes that share one home, a keychain that misbehaves, a GitHub, and time that passes at once."""

from __future__ import annotations

import asyncio
import functools
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from proxy_core.clock import Clock
from proxy_core.config.settings import TokenStorage
from proxy_core.errors import SignedOut
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountStatus
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.account_manager import AccountManager
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.sign_in.credentials import GitHubCredentials
from proxy_core.upstream.sign_in.device_flow import DeviceCode, PollAnswer, PollState, SignInFailed
from proxy_core.upstream.sign_in.keychain import SERVICE, Keychain, KeychainFailed, PasswordStore
from proxy_core.upstream.sign_in.sign_in_record import SignInRecordFile
from proxy_core.upstream.transport.hosts import GitHubHosts, find_hosts

GITHUB, COMPANY = "github.com", "octo.ghe.com"


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything can run, and then jumps to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 1000.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        loop: Any = self
        while loop._scheduled and loop._scheduled[0]._cancelled:
            loop._timer_cancelled_count -= 1
            heapq.heappop(loop._scheduled)._scheduled = False
        if not loop._ready:
            if not loop._scheduled:
                raise AssertionError("everybody waits for something that will never come")
            self._now = max(self._now, loop._scheduled[0]._when)
        super()._run_once()  # type: ignore[misc]


class FakeKeychain:
    """The system's keychain: ``fine``, ``locked``, ``absent`` or ``slow`` (answers when let)."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.state = "fine"
        self.stuck: list[tuple[object, Callable[[], None]]] = []

    def backend(self) -> PasswordStore:
        if self.state == "absent":
            raise KeychainFailed("This system offers no keychain.", absent=True)
        if self.state == "locked":
            raise KeychainFailed("The keychain is locked.")
        return self

    def start(self, process: object, work: Callable[[], None]) -> None:
        if self.state == "slow":
            self.stuck.append((process, work))
        else:
            work()

    def answer(self, *, newest_first: bool = False) -> None:
        """Let every call that is stuck go on."""
        stuck, self.stuck = self.stuck, []
        for _, work in reversed(stuck) if newest_first else stuck:
            work()

    def ended(self, process: object) -> None:
        """A process's threads end with it."""
        self.stuck = [each for each in self.stuck if each[0] is not process]

    def get_password(self, service: str, username: str) -> str | None:
        assert service == SERVICE
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


class FakeGitHub:
    """Issues tokens ``ghu_<person>_<number>``; implements ``Services`` and what that hands out."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.decisions: dict[str, str] = {}
        self.revoked: set[str] = set()
        self.refreshes: dict[str, str] = {}
        """Refresh tokens that are good, and whose they are."""
        self.lifetime: float | None = None
        self.asked: list[tuple[str, str]] = []
        self.exchange_refusals = 0

    def hosts(self, github_host: str) -> GitHubHosts:
        return find_hosts(github_host, {})

    def flow(self, hosts: GitHubHosts) -> Any:
        del hosts
        return self

    def api(self, hosts: GitHubHosts) -> Any:
        del hosts
        return self

    def owner(self, token: str) -> str:
        return token.split("_")[1]

    def approval(self, person: str) -> PollAnswer:
        number = next(self.numbers)
        refresh = None
        if self.lifetime is not None:
            refresh = f"ghr_{person}_{number}"
            self.refreshes[refresh] = person
        return PollAnswer(
            PollState.APPROVED,
            f"ghu_{person}_{number}",
            refresh_token=refresh,
            lifetime=self.lifetime,
        )

    async def start(self) -> DeviceCode:
        code = f"CODE-{next(self.numbers)}"
        return DeviceCode(code, code, "https://github.com/login/device", 900.0, 5.0)

    async def poll(self, code: DeviceCode) -> PollAnswer:
        decision = self.decisions.get(code.user_code)
        if decision is None:
            return PollAnswer(PollState.PENDING)
        return PollAnswer(PollState.DENIED) if decision == "deny" else self.approval(decision)

    async def refresh(self, refresh_token: str) -> PollAnswer:
        self.asked.append(("refresh", refresh_token))
        person = self.refreshes.pop(refresh_token, None)  # good for one use
        if person is None:
            raise SignInFailed("GitHub refused: bad_refresh_token", code="bad_refresh_token")
        return self.approval(person)

    async def account(self, token: str) -> CopilotAccount:
        self.asked.append(("account", token))
        self._check(token)
        return CopilotAccount(self.owner(token), "Pro")

    async def exchange(self, token: str) -> dict[str, Any]:
        self.asked.append(("exchange", token))
        if self.exchange_refusals:
            self.exchange_refusals -= 1
            raise SignedOut("Bad credentials")
        self._check(token)
        return {"token": f"session of {self.owner(token)}", "refresh_in": 1500}

    def _check(self, token: str) -> None:
        if token in self.revoked:
            raise SignedOut("Bad credentials")


class SharedRecord(SignInRecordFile):
    """The lock between processes, which here live in one loop."""

    def __init__(self, path: Path, lock: asyncio.Lock) -> None:
        super().__init__(path)
        self._shared = lock

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        async with self._shared:
            yield


class Process:
    """One process of the home."""

    def __init__(
        self, home: Home, github_host: str, storage: TokenStorage, environ: dict[str, str]
    ) -> None:
        self.statuses: list[AccountStatus] = []
        loop = asyncio.get_running_loop()
        clock = Clock(loop.time, lambda: loop.time() + 1_790_000_000, asyncio.sleep)
        self.keychain = Keychain(
            home.keychain.backend, start=functools.partial(home.keychain.start, self)
        )
        self.account = AccountManager(
            credentials=GitHubCredentials(
                keychain=self.keychain, file=home.folder / "github-token", environ=environ
            ),
            record=SharedRecord(home.folder / "sign-in.json", home.lock),
            services=home.github,
            github_host=github_host,
            storage=storage,
            clock=clock,
            on_change=self.statuses.append,
        )
        self.tokens = CopilotTokens(home.github, self.account, lambda: self.account.hosts, clock)
        self.running: asyncio.Task[None] | None = None
        self.code: str | None = None
        self.reports: list[SignInProgress] = []

    def report(self, progress: SignInProgress) -> None:
        self.reports.append(progress)
        if progress.state is SignInState.WAITING:
            self.code = progress.user_code

    @property
    def person(self) -> str | None:
        """Who is signed in here."""
        try:
            return self.account.github_token().split("_")[1]
        except SignedOut:
            return None


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keychain = FakeKeychain()
        self.github = FakeGitHub()
        self.lock = asyncio.Lock()
        self.github_host = GITHUB
        self.storage = TokenStorage.ASK
        self.environ: dict[str, str] = {}

    def process(self) -> Process:
        return Process(self, self.github_host, self.storage, self.environ)

    async def started(self) -> Process:
        process = self.process()
        await process.account.restore()
        process.running = asyncio.ensure_future(process.account.run())
        return process

    async def end(self, process: Process) -> None:
        if process.running is not None:
            process.running.cancel()
        await process.account.close()
        self.keychain.ended(process)

    async def sign_in(
        self, process: Process, person: str, github_host: str | None = None
    ) -> AccountStatus:
        """Sign ``person`` in there, who approves at once."""
        task = self.begin_sign_in(process, github_host)
        await asyncio.sleep(1)
        assert process.code is not None
        self.github.decisions[process.code] = person
        return await task

    def begin_sign_in(
        self, process: Process, github_host: str | None = None
    ) -> asyncio.Task[AccountStatus]:
        process.code = None
        return asyncio.ensure_future(process.account.sign_in(process.report, github_host))

    def stored_people(self) -> set[str]:
        """Whose tokens lie in the keychain or the file."""
        texts = list(self.keychain.kept.values())
        file = self.folder / "github-token"
        if file.exists():
            texts.append(file.read_text())
        return {each.split("_")[0] for text in texts for each in text.split("ghu_")[1:]}
