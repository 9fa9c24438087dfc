"""What the server is made of, handed in by the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from proxy_core.canonical.request import DialectName
from proxy_core.clock import Clock
from proxy_core.config.settings import ServerSettings
from proxy_core.dialects.interface import Dialect, MakeId
from proxy_core.routing.upstream_api import Upstream
from proxy_core.server.access.request_guard import AccessPolicy
from proxy_core.server.calls.body_threads import BodyThreads
from proxy_core.server.calls.memory.answered_turns import AnsweredTurns
from proxy_core.server.calls.memory.item_memory import ItemMemory
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache
from proxy_core.server.calls.relay.upstream_tail import UpstreamTails
from proxy_core.server.calls.request_fitting import LearnedDemands, RequestFitter
from proxy_core.server.records.in_flight import InFlight
from proxy_core.server.records.request_log import RequestLog, RequestLogEntry
from proxy_core.server.records.tracing import Tracer
from proxy_core.status.status_board import StatusBoard
from proxy_core.usage.commands import UserCommands
from proxy_core.usage.request_accounting import NullUsageHooks, UsageHooks


@dataclass(frozen=True, slots=True)
class ServerContext:
    """``settings`` and ``door`` are asked at every request, so that a change counts at once."""

    upstream: Upstream
    dialects: Mapping[DialectName, Dialect]
    board: StatusBoard
    settings: Callable[[], ServerSettings]
    door: Callable[[], AccessPolicy]
    journal: RequestLog
    in_flight: InFlight
    clock: Clock
    make_id: MakeId
    version: str
    quotas: Callable[[], list[dict[str, Any]]] = list
    """What GitHub last said of the account's allowances, as JSON values."""
    model_aliases: Callable[[], Mapping[str, str]] = dict
    """The user's own names of models; asked at every request."""
    thinking: ThinkingCache = field(default_factory=ThinkingCache)
    threads: BodyThreads = field(default_factory=BodyThreads)
    """Where work is done that grows with a request's body."""
    tails: UpstreamTails = field(default_factory=UpstreamTails)
    """Answers whose last event has left, still being read to their end."""
    turns: AnsweredTurns = field(default_factory=AnsweredTurns)
    items: ItemMemory = field(default_factory=ItemMemory)
    """Output items that clients may refer to."""
    demands: LearnedDemands = field(default_factory=LearnedDemands)
    """What models have shown to need by refusing requests."""
    accepts_guests: Callable[[], bool] = lambda: False
    """Whether callers may bring their own GitHub token; asked at every request."""
    guest_upstream: Callable[[str], Upstream] | None = None
    """The way upstream for such a token. Raises ProxyError for one that cannot work."""
    desk: UsageHooks = field(default_factory=NullUsageHooks)
    """What requests pass on their way out and at their end: budgets, approvals, the ledger."""
    tracer: Tracer | None = None
    """Keeps what requests say while its user wants it; None: never."""
    commands: UserCommands | None = None
    """What the commands of this computer's user may change; None: nothing."""
    change_setting: Callable[[str, Any], Awaitable[None]] | None = None
    """Changes one setting by ``section.name``; None as value resets it. None: nothing can be changed."""
    proof_secret: Callable[[], bytes] | None = field(default=None, repr=False)
    """What shows this user's commands that we are theirs (``auth.server_proof``). Raises OSError."""
    main_key: Callable[[], str] | None = field(default=None, repr=False)
    """The user's own local key, which the controls ask for even where requests need none."""


def fitter_of(parts: ServerContext) -> RequestFitter:
    """Return what fits requests to their vendors, with all that this server has learned."""
    return RequestFitter(parts.thinking, parts.demands, parts.clock.wall)


@dataclass(slots=True)
class RequestInfo:
    """What travels with one request.

    ``dialect`` is the one whose shape errors leave in; ``origin`` is that of an allowed web page;
    ``client`` is the name of the caller's own key, None where it sent the main one or none.
    """

    request_id: str
    dialect: Dialect
    entry: RequestLogEntry
    origin: str | None = None
    client: str | None = None


INFO = web.RequestKey("info", RequestInfo)
