"""The server's dependencies, injected by the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.clock import Clock
from proxy_core.config.settings import ServerSettings
from proxy_core.dialects.interface import Dialect, MakeId
from proxy_core.dialects.surface import Served, Surface
from proxy_core.routing.upstream_api import Upstream
from proxy_core.server.access.request_guard import AccessPolicy
from proxy_core.server.calls.body_threads import BodyThreads
from proxy_core.server.calls.memory.answered_turns import AnsweredTurns
from proxy_core.server.calls.memory.item_memory import ItemMemory
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache
from proxy_core.server.calls.memory.vendor_demands import VendorDemands
from proxy_core.server.calls.relay.upstream_tail import UpstreamTails
from proxy_core.server.records.in_flight import InFlight
from proxy_core.server.records.request_log import RequestLog, RequestLogEntry
from proxy_core.server.records.tracing import Tracer
from proxy_core.status.status_board import StatusBoard
from proxy_core.usage.commands import UserCommands
from proxy_core.usage.request_accounting import NullUsageHooks, UsageHooks

if TYPE_CHECKING:
    from proxy_core.server.calls.request_fitting import RequestFitter


@dataclass(frozen=True, slots=True)
class ServerContext:
    """``settings`` and ``access_policy`` are called at every request, so that changes apply at once."""

    upstream: Upstream
    dialects: Mapping[DialectName, Dialect]
    board: StatusBoard
    settings: Callable[[], ServerSettings]
    access_policy: Callable[[], AccessPolicy]
    journal: RequestLog
    in_flight: InFlight
    clock: Clock
    make_id: MakeId
    version: str
    quotas: Callable[[], list[dict[str, Any]]] = list
    """The account's allowances as last reported by GitHub, as JSON values."""
    model_aliases: Callable[[], Mapping[str, str]] = dict
    """The user's own names of models; called at every request."""
    thinking: ThinkingCache = field(default_factory=ThinkingCache)
    threads: BodyThreads = field(default_factory=BodyThreads)
    """Threads for work that grows with a request's body."""
    tails: UpstreamTails = field(default_factory=UpstreamTails)
    """Responses whose last event was sent, still being read to their end."""
    turns: AnsweredTurns = field(default_factory=AnsweredTurns)
    items: ItemMemory = field(default_factory=ItemMemory)
    """Output items that clients may refer to."""
    demands: VendorDemands = field(default_factory=VendorDemands)
    """Vendor rules that models were seen to require."""
    accepts_guests: Callable[[], bool] = lambda: False
    """Whether callers may send their own GitHub token; called at every request."""
    guest_upstream: Callable[[str], Upstream] | None = None
    """Returns the upstream for such a token. Raises ProxyError for an unusable one."""
    usage_hooks: UsageHooks = field(default_factory=NullUsageHooks)
    """Called before and after a request: budgets, approvals, the ledger."""
    tracer: Tracer | None = None
    """Traces requests while the user wants it; None: never."""
    commands: UserCommands | None = None
    """The user's commands; None: not available."""
    change_setting: Callable[[str, Any], Awaitable[None]] | None = None
    """Changes one setting by ``section.name``; None as value resets it. None: nothing can be changed."""
    proof_secret: Callable[[], bytes] | None = field(default=None, repr=False)
    """The secret that proves to commands that this is the user's server (``auth.server_proof``).

    Raises OSError.
    """
    main_key: Callable[[], str] | None = field(default=None, repr=False)
    """The main local key, which control endpoints require even if requests need none."""
    note_main_key_used: Callable[[], None] = lambda: None
    """Called when a tool used the main key for a model."""
    opened: asyncio.Event | None = None
    """Set once all that requests may need is there; None: it is."""


def fitter_of(parts: ServerContext) -> RequestFitter:
    """Return the request fitter, with this server's remembered vendor demands."""
    # Imported with the first call: it knows every vendor's rules.
    from proxy_core.server.calls.request_fitting import RequestFitter

    return RequestFitter(parts.thinking, parts.demands, parts.clock.wall)


@dataclass(slots=True)
class RequestInfo:
    """Data of one request.

    ``dialect`` is that of its errors; ``headers`` (case-insensitive) have the key where every path
    takes it; ``origin`` is that of an allowed web page; ``client`` is the name of the caller's client
    key, None if it sent the main key or none; ``served`` is what a path of an optional dialect stands
    for, ``surface`` that dialect's.
    """

    request_id: str
    dialect: Dialect
    entry: RequestLogEntry
    headers: Mapping[str, str]
    origin: str | None = None
    client: str | None = None
    served: Served | None = None
    surface: Surface | None = None


INFO = web.RequestKey("info", RequestInfo)
