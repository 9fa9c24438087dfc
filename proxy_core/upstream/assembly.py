"""Builds the upstream services from settings, paths and a clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proxy_core.canonical.model import Model
from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import BackendName, IdentitySettings, Settings
from proxy_core.copilot_facts.measured import NOTHING_MEASURED, MeasuredFacts
from proxy_core.errors import Problem
from proxy_core.status.status import AccountState, AccountStatus, ParameterRefusal, UpstreamStatus
from proxy_core.upstream.backends.copilot import CopilotBackend
from proxy_core.upstream.backends.deferred import DeferredPiAi
from proxy_core.upstream.backends.end_of_chain import BackendHandler
from proxy_core.upstream.backends.interface import Backend
from proxy_core.upstream.calls.client import CopilotClient
from proxy_core.upstream.calls.concurrency_limiter import ConcurrencyLimiter
from proxy_core.upstream.catalog.auto_mode import AutoMode
from proxy_core.upstream.catalog.catalog import CatalogSource, ModelCatalog
from proxy_core.upstream.catalog.copilot_api import CopilotApi
from proxy_core.upstream.catalog.model_terms import ModelTerms
from proxy_core.upstream.maintenance import Maintenance
from proxy_core.upstream.parameters.memory_file import ParameterStore
from proxy_core.upstream.random_ids import RandomIds
from proxy_core.upstream.sign_in.account_manager import AccountManager
from proxy_core.upstream.sign_in.copilot_token import CopilotTokens
from proxy_core.upstream.sign_in.credentials import GitHubCredentials
from proxy_core.upstream.sign_in.device_flow import DeviceFlow
from proxy_core.upstream.sign_in.epoch import GuestSignIn, SignInSource
from proxy_core.upstream.sign_in.github_api import GitHubApi
from proxy_core.upstream.sign_in.guests import BringYourOwnTokenCaller, GuestAccounts
from proxy_core.upstream.sign_in.keychain import Keychain
from proxy_core.upstream.sign_in.sign_in_record import SignInRecordFile
from proxy_core.upstream.transport.handler_loading import InstalledHandlers
from proxy_core.upstream.transport.hosts import GitHubHosts, find_hosts
from proxy_core.upstream.transport.request_handler import RequestHandler
from proxy_core.upstream.transport.transport import Transport

if TYPE_CHECKING:
    from proxy_core.upstream.backends.pi_ai.backend import PiAiBackend

ANY_GUEST = "a guest"
"""Account name shared by all guests for refused betas: nothing of a guest is written to disk."""


@dataclass(frozen=True, slots=True)
class UpstreamServices:
    """All services that call GitHub. ``close`` before the event loop ends."""

    account: AccountManager
    client: CopilotClient
    catalog: ModelCatalog
    tokens: CopilotTokens
    parameters: ParameterStore
    transport: Transport
    gate: ConcurrencyLimiter
    terms: ModelTerms
    guests: GuestAccounts
    upkeep: Maintenance
    handler: RequestHandler
    """The user's request handlers, the network at their end."""
    pi_ai: DeferredPiAi

    async def sign_out(self) -> AccountStatus:
        """Sign out and remove the account's stored data."""
        try:
            return await self.account.sign_out()
        finally:
            await self.catalog.forget()

    async def close(self) -> None:
        # While the sign-in is in force: a list is written down for nobody else.
        await self.catalog.close()
        await self.account.close()
        self.tokens.forget()
        self.guests.close()
        self.gate.close()
        await self.parameters.close()
        await self.pi_ai.close()
        await self.transport.close()


class _Services:
    """GitHub at any host, for the account."""

    def __init__(
        self,
        transport: Transport,
        identity: Callable[[], IdentitySettings],
        clock: Clock,
        environ: Mapping[str, str],
    ) -> None:
        self._transport = transport
        self._identity = identity
        self._clock = clock
        self._environ = environ

    def hosts(self, github_host: str) -> GitHubHosts:
        return find_hosts(github_host, self._environ)

    def flow(self, hosts: GitHubHosts) -> DeviceFlow:
        return DeviceFlow(self._transport, lambda: hosts, self._identity, self._clock)

    def api(self, hosts: GitHubHosts) -> GitHubApi:
        return GitHubApi(self._transport, lambda: hosts, self._identity, self._clock)


def build_upstream(
    *,
    settings: Callable[[], Settings],
    paths: Paths,
    environ: Mapping[str, str],
    clock: Clock | None = None,
    keychain: Keychain | None = None,
    handlers: tuple[RequestHandler, ...] = (),
    on_account: Callable[[AccountStatus], None] = lambda _: None,
    on_epoch: Callable[[], None] = lambda: None,
    on_models: Callable[[tuple[Model, ...]], None] = lambda _: None,
    on_upstream: Callable[[UpstreamStatus], None] = lambda _: None,
    on_limit: Callable[[Problem], None] = lambda _: None,
    on_refusals: Callable[[tuple[ParameterRefusal, ...]], None] = lambda _: None,
    on_handler_problems: Callable[[tuple[Problem, ...]], None] = lambda _: None,
    measured: Callable[[], MeasuredFacts] = lambda: NOTHING_MEASURED,
    backend_packages: Path | None = None,
) -> UpstreamServices:
    """Join the parts. Call it inside the event loop they will run in.

    ``settings`` is called for each model call, so that changes apply live. ``handlers`` run before
    those the settings name. ``backend_packages`` holds installed libraries of other backends (default:
    that of ``paths``). Raises BadRequest for an account host or override that cannot be used.
    """
    clock = clock or Clock()

    gate = ConcurrencyLimiter(lambda: settings().upstream, clock, on_upstream, on_limit)

    def another_account() -> None:
        gate.lift()  # the limits were the previous account's
        on_epoch()

    transport = Transport(lambda: settings().upstream, clock=clock)
    account = AccountManager(
        credentials=GitHubCredentials(
            keychain=keychain or Keychain(), file=paths.token_file, environ=environ
        ),
        record=SignInRecordFile(paths.sign_in_file),
        services=_Services(transport, lambda: settings().identity, clock, environ),
        github_host=settings().account.github_host,
        storage=settings().account.token_storage,
        clock=clock,
        on_change=on_account,
        on_epoch=another_account,
    )

    def hosts() -> GitHubHosts:
        return account.hosts

    api = GitHubApi(transport, hosts, lambda: settings().identity, clock)
    tokens = CopilotTokens(api, account, hosts, clock)
    source = CatalogSource(transport, tokens, hosts, lambda: settings().identity, clock)

    async def fetch_models() -> list[Any]:
        entries = await source.fetch()
        gate.note_reached()
        return entries

    catalog = ModelCatalog(
        fetch_models,
        paths.catalog_file,
        clock,
        account.holder,
        on_models,
        lambda: measured().unserved,
    )
    parameters = ParameterStore(paths.refusals_file, clock, on_refusals)
    parameters.publish()
    copilot = CopilotApi(transport, tokens, hosts, lambda: settings().identity, clock)

    def make_pi_ai() -> PiAiBackend:
        from proxy_core.upstream.backends.pi_ai.backend import PiAiBackend

        return PiAiBackend(
            settings=lambda: settings().upstream,
            packages=backend_packages or paths.backends,
            environ=environ,
            clock=clock,
            new_mark=partial(RandomIds().make_id, "pi"),
            proxy=transport.proxy_for,
        )

    pi_ai = DeferredPiAi(make_pi_ai)
    backends: dict[BackendName, Backend] = {
        BackendName.COPILOT: CopilotBackend(transport),
        BackendName.PI_AI: pi_ai,
    }
    handler = InstalledHandlers(
        lambda: settings().upstream.request_handlers,
        BackendHandler(backends, transport),
        always=handlers,
        on_problems=on_handler_problems,
    )

    def make_client(
        tokens: CopilotTokens,
        catalog: ModelCatalog,
        gate: ConcurrencyLimiter,
        auto: AutoMode,
        account: Callable[[], str],
        facts: Callable[[], MeasuredFacts] = lambda: NOTHING_MEASURED,
    ) -> CopilotClient:
        return CopilotClient(
            handler=handler,
            tokens=tokens,
            catalog=catalog,
            parameters=parameters,
            hosts=hosts,
            settings=settings,
            clock=clock,
            random=random.random,
            new_id=RandomIds().uuid,
            gate=gate,
            auto=auto,
            account=account,
            measured=facts,
        )

    def make_guest(github_token: str) -> BringYourOwnTokenCaller:
        """Build one guest's upstream, with its own token, catalogue and limits; nothing on disk."""
        guest: SignInSource = GuestSignIn(github_token, clock)
        own_tokens = CopilotTokens(api, guest, hosts, clock)
        source = CatalogSource(transport, own_tokens, hosts, lambda: settings().identity, clock)
        own_catalog = ModelCatalog(source.fetch, None, clock, guest.holder)
        own_gate = ConcurrencyLimiter(lambda: settings().upstream, clock)
        copilot = CopilotApi(transport, own_tokens, hosts, lambda: settings().identity, clock)

        def forget() -> None:
            own_tokens.forget()
            own_catalog.end_refresh()
            own_gate.close()

        own_auto = AutoMode(copilot, clock, guest.holder)
        client = make_client(own_tokens, own_catalog, own_gate, own_auto, lambda: ANY_GUEST)
        return BringYourOwnTokenCaller(client, forget, clock.now())

    auto = AutoMode(copilot, clock, account.holder)
    client = make_client(tokens, catalog, gate, auto, lambda: account.status.login or "", measured)
    guests = GuestAccounts(make_guest, clock)
    upkeep = Maintenance(
        transport=transport,
        tokens=tokens,
        catalog=catalog,
        parameters=parameters,
        gate=gate,
        guests=guests,
        is_signed_in=lambda: account.status.state is AccountState.SIGNED_IN,
        clock=clock,
    )
    return UpstreamServices(
        account=account,
        client=client,
        catalog=catalog,
        tokens=tokens,
        parameters=parameters,
        transport=transport,
        gate=gate,
        terms=ModelTerms(copilot, catalog),
        guests=guests,
        upkeep=upkeep,
        handler=handler,
        pi_ai=pi_ai,
    )
