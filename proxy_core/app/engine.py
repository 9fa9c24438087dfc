"""The composition root inside one event loop: builds the parts, starts and stops the server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from proxy_core import __version__
from proxy_core.app.access_policies import AccessPolicies
from proxy_core.app.commands import CommandParts, Commands
from proxy_core.app.latest_requests import show_latest_requests
from proxy_core.app.measured_account import MeasuredAccountFacts
from proxy_core.app.own_folders import check_folders
from proxy_core.app.server_lifecycle import ServerLifecycle
from proxy_core.app.settings_in_force import SettingsInForce
from proxy_core.app.supervised_tasks import SupervisedTasks, background_problem
from proxy_core.app.updates.update_watch import UpdateWatch
from proxy_core.app.upstream_after_restore import UpstreamAfterRestore
from proxy_core.app.upstream_status import UpstreamWatch
from proxy_core.auth.client_keys import ClientKeys, keep_saving_uses
from proxy_core.auth.local_key import LocalKey
from proxy_core.auth.server_proof import load_or_make_secret
from proxy_core.clock import Clock
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import Paths
from proxy_core.config.settings import Settings
from proxy_core.config.settings_reading import LoadedSettings
from proxy_core.config.settings_store import open_settings
from proxy_core.dialects.registry import DIALECTS
from proxy_core.discovery.running_address import note_address
from proxy_core.errors import BadRequest, ProxyError
from proxy_core.routing.upstream_api import Upstream
from proxy_core.server.admin.usage_totals import UsageTotals
from proxy_core.server.calls.memory.vendor_demands import VendorDemands, keep_demands
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates
from proxy_core.server.local_server import DRAIN_SECONDS, LocalServer
from proxy_core.server.parts import ServerContext
from proxy_core.server.records.after_answers import AfterAnswers
from proxy_core.server.records.in_flight import InFlight
from proxy_core.server.records.request_log import RequestLog
from proxy_core.server.records.tracing import Tracer
from proxy_core.status.logging import write_out
from proxy_core.status.status import AccountState, AccountStatus, ServerState, with_notice
from proxy_core.status.status_board import Later, StatusBoard
from proxy_core.upstream.random_ids import RandomIds
from proxy_core.usage.assembly import UsageServices
from proxy_core.usage.report_json import quota_json

if TYPE_CHECKING:
    # Loaded by the commands that need them: the server starts without.
    from proxy_core.app.probe_run import ProbeParts
    from proxy_core.doctor.assembly import DiagnosticsContext
    from proxy_core.upstream.assembly import UpstreamServices
    from proxy_core.upstream.sign_in.account import CopilotAccount
    from proxy_core.upstream.transport.request_handler import RequestHandler

log = logging.getLogger("g_copilot_proxy.engine")

ACCOUNT_SECONDS = 900.0
"""Seconds between reads of the quota; GitHub asks for at least 300 (copilot-protocol.md 9.1).
"""
_UPSTREAM, _DEMO = "proxy_core.upstream.assembly", "proxy_core.app.demo"
"""Of what a server imports a sixth and, in a demo, a quarter more; the first answers need neither."""
UNLOCK_SECONDS = 28.0
"""How long a command waits for the keychain, in seconds: time to type a password into its prompt."""


class Simulator(Protocol):
    """The part of ``SimulatorServer`` a demo needs."""

    @property
    def url(self) -> str: ...

    @property
    def github_token(self) -> str: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def _later(loop: asyncio.AbstractEventLoop) -> Later:
    """Return what calls a function in ``loop`` after so many seconds, from any thread."""

    def later(seconds: float, function: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            loop.call_soon_threadsafe(loop.call_later, seconds, function)

    return later


class Engine:
    """Call ``open`` first and ``close`` last, both in the engine's event loop.

    ``serves`` is false for the engine of a single command: nothing is fetched ahead of need.
    ``drain_seconds`` is how long a stop waits for running responses. ``handlers`` see every model
    call before those that the settings name.
    """

    def __init__(
        self,
        paths: Paths,
        board: StatusBoard,
        *,
        environ: Mapping[str, str],
        overrides: Overrides,
        demo: bool = False,
        serves: bool = True,
        drain_seconds: float = DRAIN_SECONDS,
        clock: Clock | None = None,
        handlers: tuple[RequestHandler, ...] = (),
    ) -> None:
        self._handlers = handlers
        self._serves = serves
        self._paths = paths
        self._board = board
        self._environ = environ
        self._demo = demo
        self._clock = clock or Clock()
        self._tasks = SupervisedTasks(self._clock, self._publish_trouble)
        self._settings = SettingsInForce(
            open_settings(paths), overrides, board, self._clock, is_demo=demo
        )
        self._main_key = LocalKey(paths.local_key_file, overrides.local_key, is_demo=demo)
        self._client_keys = ClientKeys(paths.client_keys_file, self._clock.wall)
        self._access = AccessPolicies(
            lambda: self._settings.current.server, self._main_key, self._client_keys
        )
        self._demands = VendorDemands((paths.of_the_demo() if demo else paths).demands_file)
        self._totals = UsageTotals(self._clock.wall())
        self._estimates = TokenEstimates()
        self._after = AfterAnswers(write_out)
        self._usage = UsageServices(
            paths=paths.of_the_demo() if demo else paths,
            board=board,
            clock=self._clock,
            settings=lambda: self._settings.current,
            catch_up=self._after.catch_up,
        )
        self._tracer = Tracer(
            self._clock.wall, self._publish_tracing, on_traces=self._publish_traces
        )
        self._journal = RequestLog(
            board, self._clock, self._usage.usage_hooks, self._totals.add, self._after
        )
        self._watch = UpstreamWatch(board, self._clock)
        self._make_id = RandomIds().make_id
        name = self._make_id("server_")
        self._switch = ServerLifecycle(
            board,
            self._clock,
            settings=lambda: self._settings.current.server,
            make=self._make_server,
            key=self._required_key,
            before_stop=self._usage.approvals.turn_away,
            drain_seconds=drain_seconds,
            spawn=lambda work: self._tasks.run_once("remembering the server's address", work),
            note_address=lambda address: note_address(paths, address, name),
        )
        self._updates = UpdateWatch(lambda: self.settings, paths, board, self._clock)
        parts = CommandParts(
            fetch_update=self._updates.fetch,
            board=board,
            server=self._switch,
            settings=self._settings,
            keys=self._client_keys,
            demands=self._demands,
            wall=self._clock.wall,
            upstream=lambda: self._upstream_side,
            restored=self.restored,
            note_account=self._note_account,
            status=lambda: board.current,
            main_key=self._main_key,
            diagnostics=self._diagnostics,
            probe=self._probe_parts,
            is_demo=demo,
        )
        self._commands = Commands(self._usage, self._tracer, parts)
        self._measured = MeasuredAccountFacts()
        self._side: UpstreamServices | None = None
        self._opened = asyncio.Event()
        self._simulator: Simulator | None = None
        self._restored: asyncio.Task[None] | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force: the file's, with this run's overrides."""
        return self._settings.current

    @property
    def loaded_settings(self) -> LoadedSettings:
        """The file's settings in force, and the problems with the rest of it."""
        return self._settings.loaded

    @property
    def local_key(self) -> str:
        """The key clients send; created on first use. Raises OSError."""
        return self._main_key.value()

    @property
    def commands(self) -> Commands:
        """Everything a person may ask of the running proxy."""
        return self._commands

    @property
    def client(self) -> Upstream:
        return self._upstream_side.client

    @property
    def account(self) -> CopilotAccount | None:
        return None if self._side is None else self._side.account.account

    async def open(self, *, listens: bool = False) -> None:
        """Build the parts and start to restore the sign-in.

        With ``listens`` the server accepts connections before everything is built; requests that need
        more than the server's own state wait. Raises ProxyError for unusable settings, for folders in
        which other users can write, and what ``Commands.start`` raises.
        """
        check_folders(self._paths)
        self._settings.open(self._switch.move, self._usage.settings_changed)
        self._after.open()
        self._board.notify_with(_later(asyncio.get_running_loop()))
        self._usage.open()
        self._demands.load(self._clock.wall())
        if listens:
            await self._commands.start()
            for each in (_UPSTREAM, _DEMO) if self._demo else (_UPSTREAM,):
                await asyncio.to_thread(import_module, each)  # meanwhile the loop answers
        await self._build_upstream()
        self._keep_running()
        self._opened.set()

    async def _build_upstream(self) -> None:
        # Not imported with this module: a server answers first.
        from proxy_core.upstream.assembly import build_upstream

        environ = self._environ
        if self._demo:
            # Only a demo needs the simulator.
            from proxy_core.app.demo import demo_environ, make_simulator

            self._simulator = await make_simulator(environ).__aenter__()
            environ = self._environ = demo_environ(environ, self._simulator.url)
        self._side = build_upstream(
            settings=lambda: self._settings.current,
            # A demo neither reads nor changes the user's sign-in, catalogue and refused parameters.
            paths=self._paths.of_the_demo() if self._demo else self._paths,
            environ=environ,
            clock=self._clock,
            handlers=self._handlers,
            on_account=self._publish_account,
            on_epoch=self._another_account,
            on_models=self._watch.models,
            on_upstream=self._watch.status,
            on_limit=self._watch.limit,
            on_refusals=self._watch.refusals,
            on_handler_problems=self._watch.handler_problems,
            measured=lambda: self._measured.facts,
            backend_packages=self._paths.backends,
        )
        await self._read_measured_facts()
        self._settings.own_account(self._side.account, self._measured)

    async def _read_measured_facts(self) -> None:
        """A demo is another account than the measured one."""
        try:
            await self._measured.read("" if self._demo else self.settings.upstream.probe_facts)
        except BadRequest as error:
            log.warning("%s", error.message)
            at, title, text = self._clock.wall(), error.title, error.said
            self._board.change(lambda now: with_notice(now, at, "probe_file", title, text))

    def _keep_running(self) -> None:
        """Start the background loops of the engine."""
        keep = self._tasks.keep_running
        keep("budgets and pauses", self._usage.run)
        if self._serves:
            self._usage.start()
            latest = show_latest_requests(self._usage.queries, self._journal)
            self._tasks.run_once("reading the latest requests", latest)
            keep("the account's quotas", self._keep_account_fresh)
        self._restored = self._tasks.run_once("looking for the sign-in", self._restore())
        if self._serves:
            keep("limits, tokens and the list of models", self._upstream_side.upkeep.run)
            keep("the sign-in", self._upstream_side.account.run)
        saving = partial(keep_saving_uses, self._client_keys, self._clock.sleep)
        keep("when keys were used", saving)
        demands = partial(keep_demands, self._demands, self._clock.wall, self._clock.sleep)
        keep("what models were seen to need", demands)
        keep("edits of the settings file", self._settings.follow_file)
        if self._serves and not self._demo:
            keep("news of newer versions", self._updates.run)

    async def close(self) -> None:
        """Stop the server and everything else. Safe to call twice."""
        self._usage.approvals.close()
        await self._switch.stop()
        await self._tasks.close()
        self._tracer.forget()
        self._board.notify_with(None)
        await asyncio.to_thread(self._after.close)
        await self._usage.close()
        if self._side is not None:
            await self._side.close()
            self._side = None
        if self._simulator is not None:
            await self._simulator.__aexit__(None, None, None)
            self._simulator = None

    async def restored(self, patience: float | None = None) -> AccountStatus:
        """Wait until the stored sign-in was looked up; return the account.

        ``patience``: how long to wait for a keychain that does not answer at once, in seconds.
        Default: a server does not wait, a command waits ``UNLOCK_SECONDS``.
        """
        await self._opened.wait()
        assert self._restored is not None
        if not self._restored.done():
            await asyncio.shield(self._restored)
        self._restored.result()
        if patience is None:
            patience = 0.0 if self._serves else UNLOCK_SECONDS
        if patience > 0:
            await self._upstream_side.account.settled(patience)
        return self._board.published.account

    def _probe_parts(self) -> ProbeParts:
        from proxy_core.app.probe_run import ProbeParts

        return ProbeParts(
            side=self._upstream_side,
            usage=self._usage,
            journal=self._journal,
            settings=lambda: self._settings.current,
            clock=self._clock,
            make_id=self._make_id,
        )

    def _diagnostics(self) -> DiagnosticsContext:
        from proxy_core.doctor.assembly import DiagnosticsContext

        return DiagnosticsContext(
            paths=self._paths,
            environ=self._environ,
            clock=self._clock,
            status=lambda: self._board.current,
            settings=lambda: self._settings.current,
            ask_account=self._commands.ask_account,
            ask_models=lambda: self._commands.models(refresh=True),
            github_token=self._upstream_side.account.github_token,
            find_backend=self._upstream_side.pi_ai.made.check,
            demo=self._demo,
        )

    def quotas(self) -> list[dict[str, Any]]:
        """Return the account's allowances as GitHub last reported them, as JSON values."""
        return [quota_json(each) for each in self._board.current.quotas]

    @property
    def _upstream_side(self) -> UpstreamServices:
        assert self._side is not None, "the engine is not open"
        return self._side

    async def _restore(self) -> None:
        side = self._upstream_side
        if self._simulator is not None:
            await side.account.use_token(self._simulator.github_token)
        else:
            await side.account.restore()
        self._note_account()

    def _another_account(self) -> None:
        """Clear what was published for the previous sign-in: another one is in force, or none."""
        self._usage.note_account(None)
        self._watch.forget_models()
        if self._serves:
            self._tasks.run_once("fetching the list of models", self._warm_up())

    async def _warm_up(self) -> None:
        """Fetch token and catalogue before the first request needs them."""
        with contextlib.suppress(ProxyError):
            await self._upstream_side.client.models()

    def _note_account(self) -> None:
        account = self.account
        self._usage.note_account(None if account is None else account.allowances)

    async def _keep_account_fresh(self) -> None:
        while True:
            await self._clock.sleep(ACCOUNT_SECONDS)
            status = self._board.published
            is_signed_in = status.account.state is AccountState.SIGNED_IN
            if is_signed_in and status.server.state is ServerState.RUNNING:
                with contextlib.suppress(ProxyError):
                    await self._commands.ask_account()

    def _make_server(self, host: str) -> LocalServer:
        return LocalServer(self._parts(host), self._totals, self._estimates)

    def _required_key(self) -> str | None:
        return self.local_key if self._settings.current.server.require_key else None

    def _parts(self, host: str) -> ServerContext:
        return ServerContext(
            upstream=UpstreamAfterRestore(
                self.restored, lambda: self.client, self._commands.models
            ),
            dialects=DIALECTS,
            board=self._board,
            settings=lambda: self._settings.current.server,
            access_policy=partial(self._access.policy, host),
            journal=self._journal,
            in_flight=InFlight(),
            clock=self._clock,
            make_id=self._make_id,
            version=__version__,
            quotas=self.quotas,
            demands=self._demands,
            model_aliases=lambda: self._settings.current.upstream.model_aliases,
            accepts_guests=lambda: self._settings.current.account.accept_client_tokens,
            guest_upstream=lambda token: self._upstream_side.guests.client_of(token),
            opened=self._opened,
            usage_hooks=self._usage.usage_hooks,
            tracer=self._tracer,
            commands=self._commands,
            change_setting=self._commands.change_settings,
            proof_secret=partial(load_or_make_secret, self._paths.server_proof_file),
            main_key=self._main_key.value,
            note_main_key_used=self._client_keys.note_main_use,
        )

    def _publish_tracing(self, until: float | None) -> None:
        self._board.change(lambda status: replace(status, tracing_until=until))

    def _publish_traces(self, ids: frozenset[str], until: float | None) -> None:
        self._board.change(lambda now: replace(now, traced=ids, traces_until=until))

    def _publish_account(self, account: AccountStatus) -> None:
        self._board.change(lambda status: replace(status, account=account))
        self._note_account()

    def _publish_trouble(self, names: tuple[str, ...]) -> None:
        problem = background_problem(names)
        self._board.change(lambda status: replace(status, background_problem=problem))
