"""The list of checks, in the order shown, bound to the services they examine."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from proxy_core.canonical.model import Model
from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import Settings
from proxy_core.discovery.port_owner import find_port_owner
from proxy_core.discovery.running_address import find_noted
from proxy_core.discovery.server_client import SECONDS, ask_server
from proxy_core.doctor import account as account_checks
from proxy_core.doctor import computer, network
from proxy_core.doctor.backend import backend
from proxy_core.doctor.checking import Check, Shared
from proxy_core.doctor.finding import CHECKS, CheckResult, ok
from proxy_core.doctor.network import Probe
from proxy_core.doctor.tool_addresses import find_addresses, tool_addresses
from proxy_core.errors import SignedOut, translatable
from proxy_core.status.status import ServerState, Status
from proxy_core.upstream.backends.pi_ai.node import Installation
from proxy_core.upstream.sign_in.account import CopilotAccount
from proxy_core.upstream.sign_in.keychain import Keychain
from proxy_core.upstream.sign_in.token_kinds import TokenUse, token_use
from proxy_core.upstream.transport.hosts import find_hosts
from proxy_core.upstream.transport.transport import system_certificates
from proxy_core.upstream.transport.web_proxy import chosen_proxy, system_proxy

KEYCHAIN_SECONDS = 5.0
_NO_ENTRY = "doctor"
"""No entry has this name, so reading it reveals no secret and asks for no permission."""


@dataclass(frozen=True, slots=True)
class DiagnosticsContext:
    """What the checks examine. ``github_token`` raises SignedOut; the others raise ProxyError."""

    paths: Paths
    environ: Mapping[str, str]
    clock: Clock
    status: Callable[[], Status]
    settings: Callable[[], Settings]
    ask_account: Callable[[], Awaitable[CopilotAccount | None]]
    ask_models: Callable[[], Awaitable[Sequence[Model]]]
    github_token: Callable[[], str]
    find_backend: Callable[[], Awaitable[Installation]]
    demo: bool = False
    proxy: Callable[[str], str | None] = system_proxy
    certificates: Callable[[str], ssl.SSLContext] = system_certificates
    keychain: Keychain | None = None
    home: Path | None = None


@asynccontextmanager
async def doctor_checks(context: DiagnosticsContext) -> AsyncIterator[tuple[Check, ...]]:
    """Yield the checks; their shared resources are closed at the end of the block."""
    look = _Checks(context)
    try:
        yield tuple(Check(key, name, getattr(look, key)) for key, name in CHECKS.items())
    finally:
        await look.close()


class _Checks:
    """One method for each of ``CHECKS``, under its key."""

    def __init__(self, context: DiagnosticsContext) -> None:
        self._context = context
        self._probe = Shared(self._ask_network)
        self._account = Shared(context.ask_account)

    async def close(self) -> None:
        await self._probe.close()
        await self._account.close()

    async def network(self) -> CheckResult:
        return network.network(await self._probe.answer())

    async def web_proxy(self) -> CheckResult:
        context = self._context
        found = await self._probe.answer()
        setting = context.settings().upstream.proxy
        return network.web_proxy(self._copilot_url(), self._proxy, context.environ, found, setting)

    async def certificates(self) -> CheckResult:
        ca_file = self._context.settings().upstream.ca_file
        return network.certificates(await self._probe.answer(), ca_file)

    async def clock(self) -> CheckResult:
        return network.clock(await self._probe.answer())

    async def sign_in(self) -> CheckResult:
        await self._account.answer()
        return account_checks.sign_in(self._context.status().account, self._token_use())

    async def plan(self) -> CheckResult:
        account = await self._account.answer()
        return account_checks.plan(self._context.status().account, account)

    async def models(self) -> CheckResult:
        await self._account.answer()
        status = self._context.status().account
        signed_in = account_checks.is_signed_in(status)
        found = await self._context.ask_models() if signed_in else ()
        return account_checks.models(status, found)

    async def port(self) -> CheckResult:
        server = self._context.status().server
        running = server.port if server.state is ServerState.RUNNING else None
        return await computer.port(
            self._context.settings(), ask_server, find_port_owner, running, self._find_elsewhere
        )

    def _find_elsewhere(self) -> str | None:
        """Return the address this home's server listens on. Blocks."""
        found = find_noted(self._context.paths, seconds=SECONDS)
        return None if found is None else found.url

    async def keychain(self) -> CheckResult:
        context = self._context
        keychain = context.keychain or Keychain()
        return await computer.keychain(
            context.settings().account.token_storage,
            context.status().account.token_place,
            partial(keychain.read, _NO_ENTRY, time_limit=KEYCHAIN_SECONDS),
            context.clock,
        )

    async def settings(self) -> CheckResult:
        context = self._context
        return computer.settings_file(
            context.status().settings_problem, context.paths.settings_file
        )

    async def files(self) -> CheckResult:
        return await asyncio.to_thread(computer.files, self._context.paths)

    async def tools(self) -> CheckResult:
        context = self._context
        if context.demo:
            return ok(translatable("Not looked at: a demo leaves your files alone."))
        home = context.home or Path.home()
        found = await asyncio.to_thread(find_addresses, home, context.environ)
        own = {context.settings().server.port, context.status().server.port}
        return await tool_addresses(found, own)

    async def backend(self) -> CheckResult:
        context = self._context
        return await backend(context.settings().upstream, context.find_backend)

    async def _ask_network(self) -> Probe:
        context = self._context
        ca_file = context.settings().upstream.ca_file
        return await network.probe(
            self._copilot_url(),
            proxy=self._proxy,
            certificates=lambda: context.certificates(ca_file),
            clock=context.clock,
        )

    def _proxy(self, url: str) -> str | None:
        """As calls find it. Raises ConnectionFailed for an address that cannot be used."""
        context = self._context
        return chosen_proxy(context.settings().upstream.proxy, url, context.proxy)

    def _copilot_url(self) -> str:
        host = self._context.settings().account.github_host
        return find_hosts(host, self._context.environ).copilot

    def _token_use(self) -> TokenUse | None:
        try:
            return token_use(self._context.github_token())
        except SignedOut:
            return None
