"""Everything a person may ask of the running proxy: one interface for window, commands and control.

``UserCommands`` has those about requests; here are the server, the settings, the account and its models,
the keys and the Doctor. The window hands them over with ``ProxyService.submit``, a command of a terminal
awaits them in an engine of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from proxy_core.app.server_lifecycle import ServerLifecycle
from proxy_core.app.settings_in_force import SettingsInForce
from proxy_core.auth.client_keys import ClientKey, ClientKeys, NewClientKey
from proxy_core.auth.local_key import LocalKey
from proxy_core.canonical.model import Model
from proxy_core.config.settings import TokenStorage
from proxy_core.errors import translatable
from proxy_core.server.calls.memory.vendor_demands import VendorDemands
from proxy_core.status.sign_in_progress import SignInProgress
from proxy_core.status.status import BACKEND_READY, AccountStatus, Status, with_notice
from proxy_core.status.status_board import StatusBoard
from proxy_core.upstream.sign_in.token_kinds import TokenUse, token_use
from proxy_core.usage.assembly import UsageServices
from proxy_core.usage.commands import Tracing, UserCommands

if TYPE_CHECKING:
    # Loaded by the commands that need them: the server starts without.
    from proxy_core.app.probe_run import ProbeParts
    from proxy_core.app.trial import Trial
    from proxy_core.doctor.assembly import DiagnosticsContext
    from proxy_core.doctor.finding import Finding
    from proxy_core.doctor.probe.plan import PlannedCost
    from proxy_core.doctor.probe.question import PlannedRequest
    from proxy_core.doctor.probe.runner import ProbeReport
    from proxy_core.upstream.assembly import UpstreamServices
    from proxy_core.upstream.sign_in.account import CopilotAccount


@dataclass(frozen=True, slots=True)
class CommandParts:
    """What the commands act on. ``upstream`` may be called once the engine is open."""

    server: ServerLifecycle
    settings: SettingsInForce
    keys: ClientKeys
    demands: VendorDemands
    wall: Callable[[], float]
    """Returns seconds since 1970."""
    upstream: Callable[[], UpstreamServices]
    restored: Callable[[], Awaitable[AccountStatus]]
    """Waits until the sign-in of an earlier run was looked for."""
    note_account: Callable[[], None]
    """Takes what GitHub said of the account over into the figures of usage."""
    status: Callable[[], Status]
    main_key: LocalKey = field(repr=False)
    diagnostics: Callable[[], DiagnosticsContext]
    probe: Callable[[], ProbeParts]
    is_demo: bool
    fetch_update: Callable[[], Awaitable[None]]
    board: StatusBoard


class Commands(UserCommands):
    """Belongs to the engine's loop. All commands raise ProxyErrors; those of files OSError too."""

    def __init__(self, usage: UsageServices, tracing: Tracing, parts: CommandParts) -> None:
        super().__init__(usage, tracing, parts.server.cancel)
        self._usage = usage
        self._parts = parts

    # -- the server --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Return once connections are accepted; a no-op if it already runs.

        Raises PortInUse, CannotListen, or BadRequest for an address that needs a key.
        """
        self._usage.start()
        await self._parts.server.start()

    async def stop(self) -> None:
        await self._parts.server.stop()

    async def restart(self) -> None:
        await self._parts.server.restart()

    async def try_model(self, model_id: str, prompt: str) -> Trial:
        """Send one prompt to a model through our own server; it is billed as any request.

        Raises ProxyError: no server, a wrong prompt, or what the server answered.
        """
        from proxy_core.app.trial import try_model

        return await try_model(
            model_id, prompt, status=self._parts.status, key=self._parts.main_key.value()
        )

    async def run_doctor(self, on_finding: Callable[[Finding], None]) -> tuple[Finding, ...]:
        """Run all checks; ``on_finding`` is called in the engine's thread with each as it completes."""
        from proxy_core.doctor.assembly import doctor_checks
        from proxy_core.doctor.checking import run_checks

        await self._parts.restored()
        async with doctor_checks(self._parts.diagnostics()) as checks:
            return await run_checks(checks, on_finding)

    async def planned_probe(self) -> tuple[PlannedCost, ...]:
        """Return what ``probe`` would ask of the account, and what it may cost."""
        from proxy_core.doctor.probe.plan import planned_costs

        models = await self.models(refresh=True)
        account = self._parts.upstream().account
        plan = None if account.account is None else account.account.plan_id
        return planned_costs(
            models,
            is_free=plan == "free",
            token_is_direct=token_use(account.github_token()) is TokenUse.DIRECT,
        )

    async def probe(self, on_asked: Callable[[PlannedRequest], None]) -> ProbeReport:
        """Ask what the sources disagree on; only when the user agreed. ``on_asked`` is called in the
        engine's thread before each request."""
        from proxy_core.app.probe_run import run_probe

        await self._parts.restored()
        self._usage.start()
        await self._usage.counted()
        return await run_probe(self._parts.probe(), on_asked)

    # -- settings ----------------------------------------------------------------------------------

    async def change_settings(self, dotted: str, value: Any) -> None:
        """Put one setting (``server.port``) in force and write it; None: back to its default.

        Raises BadRequest, OSError, or what its owner raises (PortInUse for a new port); nothing has
        changed then.
        """
        await self._parts.settings.change(dotted, value)

    async def restore_settings(self, name: str | None = None) -> None:
        """Restore a backup of the settings file (a notice names it); None: the latest."""
        await self._parts.settings.restore(name)

    # -- the account -------------------------------------------------------------------------------

    async def sign_in(
        self, on_progress: Callable[[SignInProgress], None], github_host: str | None = None
    ) -> AccountStatus:
        """Sign in with a code; ``on_progress`` is called in the engine's thread. Cancelling gives up."""
        account = self._parts.upstream().account
        status = await account.sign_in(on_progress, github_host)
        self._parts.note_account()
        if account.github_host != self._parts.settings.current.account.github_host:
            # Not earlier: an abandoned sign-in must leave everything unchanged.
            await asyncio.shield(self.change_settings("account.github_host", account.github_host))
        return status

    async def can_keep_sign_in(self) -> bool:
        """Whether the configured storage can hold a sign-in, as far as can be known."""
        return await self._parts.upstream().account.can_keep()

    async def choose_token_storage(self, storage: TokenStorage) -> None:
        """Move the sign-in to ``storage`` and use it from now on; answers ``NEEDS_STORAGE_CHOICE``."""
        if self._parts.is_demo:
            await self._parts.upstream().account.change_storage(storage)
        else:
            await self.change_settings("account.token_storage", storage)

    async def sign_out(self) -> None:
        """Raises AccountBusy where another process keeps the stored sign-in from being removed."""
        await self._parts.upstream().sign_out()

    async def ask_account(self) -> CopilotAccount | None:
        """Ask GitHub about plan and quota again; return what is known then."""
        await self._parts.restored()
        account = self._parts.upstream().account
        await account.refresh_account()
        self._parts.note_account()
        return account.account

    async def refresh_account(self) -> CopilotAccount | None:
        """As ``ask_account``; requests that a limit held back are tried again too."""
        self.lift_limits()
        return await self.ask_account()

    def lift_limits(self) -> None:
        """Ignore GitHub's current limits and try again now."""
        self._parts.upstream().gate.lift()

    # -- its models --------------------------------------------------------------------------------

    async def models(self, *, refresh: bool = False) -> tuple[Model, ...]:
        """Return the catalogue, disabled models too; ``refresh``: fetch it now.

        Raises ProxyError; SignedOut even if a catalogue was read for an earlier sign-in.
        """
        await self._parts.restored()
        upstream = self._parts.upstream()
        await upstream.account.poll()
        upstream.account.github_token()
        if refresh:
            return await upstream.catalog.refresh()
        return await upstream.client.models()

    async def enable_model(self, model_id: str) -> Model:
        """Accept the model's terms; only when the user agreed, having seen ``Model.terms``."""
        await self._parts.restored()
        upstream = self._parts.upstream()
        upstream.account.github_token()
        return await upstream.terms.enable(model_id)

    async def forget_refusal(self, model_id: str, endpoint: str, member: str) -> bool:
        """Send a member of ``Status.parameter_refusals`` again; false: it was not being omitted."""
        return await self._parts.upstream().parameters.forget(model_id, endpoint, member)

    async def forget_demands(self, model_id: str) -> tuple[str, ...]:
        """Try a model without the rules it was seen to need; return those. Raises OSError."""
        demands, now = self._parts.demands, self._parts.wall()
        found = demands.forget(model_id, now)
        if found:
            await asyncio.to_thread(demands.synchronise, now)
        return found

    # -- the program -------------------------------------------------------------------------------

    async def fetch_update(self) -> None:
        """Fetch a newer version for the next start. Only when the user asked. Raises UpdateFailed."""
        await self._parts.fetch_update()

    async def install_backend(self) -> None:
        """Install the library that the backend pi_ai needs, and publish a notice once it is there.

        Only when the user asked: about 140 MB from npm. Raises BackendUnavailable or InstallFailed.
        """
        found = await self._parts.upstream().pi_ai.made.install()
        title = translatable("pi-ai {version} is installed", version=found.version)
        text = translatable("It runs on Node.js {node}.", node=found.node.words)
        at = self._parts.wall()
        self._parts.board.change(lambda now: with_notice(now, at, BACKEND_READY, title, text))

    # -- keys of clients ---------------------------------------------------------------------------

    async def client_keys(self) -> tuple[ClientKey, ...]:
        """Return the keys made for single clients, oldest first."""
        return await asyncio.to_thread(self._parts.keys.listed)

    async def make_client_key(self, name: str) -> NewClientKey:
        """Make a key for one client; it can be shown this once. Raises BadRequest for the name."""
        return await asyncio.to_thread(self._parts.keys.make, name)

    async def replace_client_key(self, key_id: str) -> NewClientKey:
        """Make a new key in the place of that one, which is no longer valid. Raises BadRequest."""
        return await asyncio.to_thread(self._parts.keys.replace, key_id)

    async def main_key_used_at(self) -> float | None:
        """Return when a tool last used the main key, in seconds since 1970; None: never seen."""
        return await asyncio.to_thread(self._parts.keys.main_used_at)

    async def replace_main_key(self) -> str:
        """Make a new main key; the old one is no longer valid. Raises BadRequest."""
        key = await asyncio.to_thread(self._parts.main_key.replace)
        await asyncio.to_thread(self._parts.keys.forget_main_use)
        return key

    async def revoke_client_key(self, key_id: str) -> bool:
        """Make that key invalid; return whether it existed."""
        return await asyncio.to_thread(self._parts.keys.revoke, key_id)
