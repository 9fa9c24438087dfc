"""What the program is doing, as immutable records, and the one way to subscribe to changes.

The engine thread publishes; any thread may read ``StatusBoard.current`` (one reference, replaced
atomically). Nothing here holds content: no prompt, response, token or key enters a record.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from proxy_core.config.settings import BudgetAction
from proxy_core.copilot_facts.plans import AUTO_ONLY_PLANS
from proxy_core.errors import Problem
from proxy_core.status.approvals import WaitingApproval
from proxy_core.status.totals import Totals

RECENT_REQUESTS = 200
"""Maximum number of finished requests in memory, for the user interface."""


HALF_MINUTE = 30
"""Seconds; the unit of ``Status.started_lately``."""
HALF_MINUTES_COUNTED = 31
"""A quarter of an hour, and the half minute that has begun."""

MOST_NOTICES = 20


class ServerState(StrEnum):
    OFF = "off"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


class AccountState(StrEnum):
    UNKNOWN = "unknown"
    """Not known yet: the keychain is still being read."""
    WAITING_FOR_KEYCHAIN = "waiting_for_keychain"
    """The keychain is locked or does not answer; the read is repeated until it succeeds."""
    SIGNED_OUT = "signed_out"
    SIGNED_IN = "signed_in"
    EXPIRED = "expired"
    """GitHub ended the session; the user must sign in again."""
    NO_PLAN = "no_plan"
    """Signed in, but this account has no Copilot."""


class RequestState(StrEnum):
    WAITING = "waiting"
    STREAMING = "streaming"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_SENT = "not_sent"
    """The user's own rule or answer kept it from being sent; no failure."""


class TokenPlace(StrEnum):
    """Where the GitHub token is stored."""

    NOWHERE = "nowhere"
    KEYCHAIN = "keychain"
    FILE = "file"
    MEMORY = "memory"
    ENVIRONMENT = "environment"


class ServerStatus(Struct, frozen=True):
    """``since`` is in seconds since 1970. ``host`` and ``port`` are those actually bound."""

    state: ServerState = ServerState.OFF
    host: str = "127.0.0.1"
    port: int = 0
    since: float | None = None
    problem: Problem | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class AccountStatus(Struct, frozen=True):
    state: AccountState = AccountState.UNKNOWN
    login: str | None = None
    plan: str | None = None
    github_host: str = "github.com"
    token_place: TokenPlace = TokenPlace.NOWHERE
    problem: Problem | None = None

    @property
    def is_auto_only(self) -> bool:
        """Whether the plan leaves the model to GitHub."""
        return self.plan in AUTO_ONLY_PLANS

    @property
    def auto_only_note(self) -> str:
        """A sentence for people on such a plan; empty on any other."""
        if not self.is_auto_only:
            return ""
        return (
            f"On Copilot {self.plan} GitHub chooses the model: where it offers that, every name a "
            "client asks for is served by its choice."
        )


class UpstreamState(StrEnum):
    OK = "ok"
    LIMITED = "limited"
    """GitHub limits the account; new calls wait."""
    BUSY = "busy"
    """The maximum number of calls is running; others are queued."""
    UNREACHABLE = "unreachable"
    """The last call got no response."""


class UpstreamStatus(Struct, frozen=True):
    """State of the connection to GitHub.

    ``until`` is in seconds since 1970: when GitHub's limit ends. ``waiting`` counts queued calls.
    """

    state: UpstreamState = UpstreamState.OK
    until: float | None = None
    waiting: int = 0
    problem: Problem | None = None


class ParameterRefusal(Struct, frozen=True):
    """A member (or beta) that is left out for a model because GitHub refused it.

    ``since`` and ``until`` are in seconds since 1970; ``why`` is a sentence.
    """

    model: str
    endpoint: str
    member: str
    since: float
    until: float
    why: str


class RequestRecord(Struct, frozen=True):
    """One request, counts and names only. Times are seconds since 1970, durations seconds.

    ``dropped`` names members that could not be carried; ``notes`` are sentences about parameters
    found to be refused and repairs made. ``estimated``: the credits are our estimate, upstream sent
    no bill.
    """

    request_id: str
    client: str
    path: str
    model_asked: str
    started: float
    state: RequestState = RequestState.WAITING
    model: str = ""
    upstream_endpoint: str = ""
    translated: bool = False
    streamed: bool = False
    http_status: int | None = None
    duration: float | None = None
    first_byte: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    nano_credits: int | None = None
    attempts: int = 0
    stop_reason: str | None = None
    error: str | None = None
    reason: str = ""
    """Why it failed, in our own words, which may be stored; empty if it did not."""
    message: str = ""
    """The error's text as the client got it. It may quote the request: kept in memory only."""
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    initiator: str = ""
    """``user`` or ``agent``, as sent to GitHub; empty if no model was called."""
    initiator_reason: str = ""
    """Why it counts as an agent's although the last turn is a user's; empty if the turn decides."""
    waits_for_approval: bool = False
    """The user is being asked and nothing was sent yet; ``state`` is then ``WAITING``."""
    approval_seconds: float | None = None
    """How long the user took to answer, part of ``duration`` and ``first_byte``; None: not asked."""
    estimated: bool = False
    saved_nano_credits: int | None = None
    """What the prompt cache saved; negative where writing to it cost more. None: not known."""
    cache_miss: str | None = None
    """Why the prompt cache did not help: a value of ``usage.cache_health.MissReason``."""
    edited_message: int | None = None
    """With ``prefix_edited``: the message that differs from the previous request's, from 1."""
    backend: str = ""
    """What carried the call to GitHub (``upstream.backend``); empty before an answer came."""
    is_guests: bool = False
    """Its caller's own account pays: it is listed, and counted nowhere (docs/usage.md)."""
    is_from_ledger: bool = False
    """Read from the ledger, which has neither the name asked for nor the error's text."""

    @property
    def prompt_tokens(self) -> int:
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens


class ClientPause(Struct, frozen=True):
    """``until`` is in seconds since 1970; None: until resumed."""

    client: str
    until: float | None


class BudgetStatus(Struct, frozen=True):
    """The user's own budgets, in nano-credits. A limit counts what was allowed on top; None: unset."""

    day_spent: int = 0
    day_limit: int | None = None
    month_spent: int = 0
    month_limit: int | None = None
    action: BudgetAction = BudgetAction.WARN


class QuotaStatus(Struct, frozen=True):
    """One allowance as GitHub reports it. None: not reported.

    ``used`` and ``remaining`` are in the unit of the account's billing; ``remaining`` is negative
    once overdrawn and ``percent_used`` then above 100. ``source`` is ``account`` or ``response``;
    ``read_at`` is when the figures were obtained and ``resets`` when the allowance resets, in
    seconds since 1970.
    """

    name: str
    entitlement: float | None = None
    remaining: float | None = None
    used: float | None = None
    percent_used: float | None = None
    unlimited: bool = False
    overage: float = 0.0
    overage_permitted: bool = False
    resets: float | None = None
    read_at: float | None = None
    source: str = "account"
    is_rate_limit: bool = False
    """GitHub's ``session`` or ``weekly`` limit, not an allowance of the plan."""


BACKEND_READY = "backend_ready"
"""The code of the notice that a backend's library was installed."""


class ServiceNotice(Struct, frozen=True):
    """A notice shown to the user once. ``number`` increases; ``at`` is in seconds since 1970."""

    number: int
    at: float
    code: str
    """Stable identifier for programs and presenters (``budget_80``, ``ledger_trouble``, ...)."""
    title: str
    message: str
    next_step: str = ""


class Status(Struct, frozen=True):
    server: ServerStatus = field(default_factory=ServerStatus)
    account: AccountStatus = field(default_factory=AccountStatus)
    active: tuple[RequestRecord, ...] = ()
    recent: tuple[RequestRecord, ...] = ()
    """Newest first, at most ``RECENT_REQUESTS``."""
    started_lately: tuple[tuple[int, int], ...] = ()
    """How many requests started in the last half minutes, oldest first: the half minute's number
    since 1970, and the count. Half minutes without a request are left out, and guests' requests.
    """
    model_count: int | None = None
    demo: bool = False
    requires_key: bool = True
    settings_problem: Problem | None = None
    background_problem: Problem | None = None
    """Background work of the engine that failed unexpectedly and is restarted."""
    upstream: UpstreamStatus = field(default_factory=UpstreamStatus)
    parameter_refusals: tuple[ParameterRefusal, ...] = ()
    approvals: tuple[WaitingApproval, ...] = ()
    """Questions the user has not answered yet, oldest first."""
    client_pauses: tuple[ClientPause, ...] = ()
    paused_until: float | None = None
    """All requests are refused until this time, in seconds since 1970; infinity: until resumed."""
    budget: BudgetStatus | None = None
    """None until earlier spending was read."""
    ledger_problem: Problem | None = None
    quotas: tuple[QuotaStatus, ...] = ()
    today: Totals = field(default_factory=Totals)
    """What the local day used so far."""
    notices: tuple[ServiceNotice, ...] = ()
    """Newest last, at most ``MOST_NOTICES``."""
    tracing_until: float | None = None
    """Requests are traced (in memory) until this time, in seconds since 1970; None: they are not."""
    traced: frozenset[str] = frozenset()
    """Ids of the requests that have a trace."""
    traces_until: float | None = None
    """When the traces are deleted, in seconds since 1970; None: there are none."""

    @property
    def last_request(self) -> RequestRecord | None:
        return self.recent[0] if self.recent else None


def with_notice(
    status: Status, at: float, code: str, title: str, message: str, next_step: str = ""
) -> Status:
    """Return ``status`` with one more notice, under the next number."""
    number = status.notices[-1].number + 1 if status.notices else 1
    notice = ServiceNotice(number, at, code, title, message, next_step)
    return replace(status, notices=(*status.notices, notice)[-MOST_NOTICES:])
