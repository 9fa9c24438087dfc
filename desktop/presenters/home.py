"""The Home page and the window's frame: what they say, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.presenters.actions import Action
from desktop.presenters.notices import Choice, Notice, Severity
from desktop.presenters.server_control import next_port
from desktop.presenters.server_state import (
    anthropic_base_url,
    can_start,
    footer_line,
    is_changing,
    is_serving,
    is_signed_out,
    openai_base_url,
    port_of,
    state_line,
    state_shape,
    state_word,
)
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words, prompt_tokens
from proxy_core.status import (
    AccountState,
    AccountStatus,
    Problem,
    RequestRecord,
    RequestState,
    ServerState,
    Status,
    TokenPlace,
)

ROWS = 8
_MASK = "•" * 8
_OWN_PREFIX = "sk-local-"
_SHAPES = {
    RequestState.WAITING: Shape.STREAMING,
    RequestState.STREAMING: Shape.STREAMING,
    RequestState.DONE: Shape.DONE,
    RequestState.FAILED: Shape.FAILED,
    RequestState.CANCELLED: Shape.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class AccountView:
    """``facts`` are pairs of label and value. ``initial`` is empty without an account."""

    title: str
    line: str
    initial: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestRow:
    """``sentence`` is the whole row for a screen reader."""

    request_id: str
    shape: Shape
    state: str
    time: str
    tool: str
    model: str
    tokens: str
    cached: str
    credits: str
    took: str
    sentence: str


@dataclass(frozen=True, slots=True)
class HomeView:
    notice: Notice | None
    shape: Shape
    state_word: str
    state_line: str
    footer_line: str
    switch_on: bool
    switch_enabled: bool
    openai_url: str
    anthropic_url: str
    local_key: str
    masked_key: str
    key_label: str
    account: AccountView
    running: str
    running_shape: Shape
    rows: tuple[RequestRow, ...]


def masked(key: str) -> str:
    """``sk-local-••••••••3f9a``: the kind of key and its last four, never the length.

    Only our own prefix is shown: a key the user chose may begin with anything. One that is too short
    to hide much behind its ends is hidden whole.
    """
    if len(key) < 16:
        return _MASK if key else ""
    shown = _OWN_PREFIX if key.startswith(_OWN_PREFIX) else ""
    return f"{shown}{_MASK}{key[-4:]}"


class HomePresenter:
    """``now`` is the wall clock in seconds since 1970."""

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        now: Callable[[], float],
        command_notice: Callable[[], Notice | None] = lambda: None,
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._command_notice = command_notice

    def view(self) -> HomeView:
        status, settings, words = self._commands.status, self._commands.settings, self._words
        now = self._now()
        tr = words.tr
        key, key_problem = self._local_key()
        count = len(status.active)
        newest_first = sorted(status.active, key=lambda each: each.started, reverse=True)
        return HomeView(
            notice=self._notice(status) or key_problem,
            shape=state_shape(status),
            state_word=state_word(status, words),
            state_line=state_line(status, settings, words, now),
            footer_line=footer_line(status, settings, words),
            switch_on=status.server.state in (ServerState.RUNNING, ServerState.STARTING),
            switch_enabled=is_serving(status) or can_start(status),
            openai_url=openai_base_url(status, settings),
            anthropic_url=anthropic_base_url(status, settings),
            local_key=key,
            masked_key=masked(key),
            key_label=tr("Local key") if status.requires_key else tr("Local key (not required)"),
            account=self._account(status),
            running=tr("{count} running").format(count=count) if count else tr("none running"),
            running_shape=Shape.STREAMING if count else Shape.OFF,
            rows=tuple(self._row(each, now) for each in (*newest_first, *status.recent)[:ROWS]),
        )

    def _local_key(self) -> tuple[str, Notice | None]:
        try:
            return self._commands.local_key, None
        except OSError as error:
            tr = self._words.tr
            return "", Notice(
                Severity.ATTENTION,
                tr("The local key can neither be read nor made"),
                tr("Tools cannot connect without it: {reason}").format(
                    reason=error.strerror or type(error).__name__
                ),
            )

    def _notice(self, status: Status) -> Notice | None:
        """The worst thing to say, and only that."""
        tr = self._words.tr
        account, problem = status.account, status.server.problem
        if status.server.state is ServerState.FAILED:
            return self._failed(status, problem)
        if self._command_notice() is not None and not is_changing(status):
            return self._command_notice()
        if account.state is AccountState.NO_PLAN:
            return Notice(
                Severity.ATTENTION,
                tr("{login} has no Copilot plan").format(
                    login=account.login or account.github_host
                ),
                tr("The sign-in worked. Copilot answers once the account has a plan."),
                (
                    Choice(tr("Open plans page"), Action.OPEN_PLANS_PAGE),
                    Choice(tr("Use another account"), Action.SIGN_IN),
                ),
            )
        if status.settings_problem is not None:
            return _from_problem(Severity.ATTENTION, status.settings_problem)
        if account.state is AccountState.EXPIRED:
            title = account.problem.title if account.problem else tr("GitHub ended the session")
            return Notice(
                Severity.ATTENTION,
                title,
                tr("Your key and tools are kept. Signing in again takes about a minute."),
                (Choice(tr("Sign in to GitHub"), Action.SIGN_IN, primary=True),),
            )
        if account.state is AccountState.SIGNED_OUT:
            return self._first_sign_in(account)
        if account.problem is not None:
            return _from_problem(Severity.ATTENTION, account.problem)
        return None

    def _first_sign_in(self, account: AccountStatus) -> Notice:
        tr = self._words.tr
        if account.problem is not None:
            notice = _from_problem(Severity.ATTENTION, account.problem)
            title, line, severity = notice.title, notice.line, notice.severity
        else:
            title = tr("Sign in to GitHub to begin")
            # Said at the first start, before anything is sent.
            line = tr(
                "Tools then run on your own Copilot plan. GitHub offers this interface to its own "
                "clients and may limit an account that uses it this way."
            )
            severity = Severity.INFO
        choice = Choice(tr("Sign in to GitHub"), Action.SIGN_IN, primary=True)
        return Notice(severity, title, line, (choice,))

    def _failed(self, status: Status, problem: Problem | None) -> Notice:
        tr = self._words.tr
        again = Choice(tr("Try again"), Action.START)
        if problem is None:
            return Notice(Severity.FAILURE, tr("The proxy could not start"), "", (again,))
        if problem.code == "port_in_use":
            port = port_of(status, self._commands.settings)
            other = Choice(tr("Use {port}").format(port=next_port(port)), Action.USE_NEXT_PORT)
            return Notice(
                Severity.FAILURE,
                tr("The proxy could not start: port {port} is in use").format(port=port),
                _joined(problem.message, tr("Your settings are unchanged.")),
                (other, again),
            )
        return Notice(
            Severity.FAILURE,
            tr("The proxy could not start: {why}").format(why=problem.title),
            _joined(problem.message, problem.next_step),
            (again,),
        )

    def _account(self, status: Status) -> AccountView:
        tr = self._words.tr
        account = status.account
        if account.state is AccountState.UNKNOWN:
            return AccountView(tr("Looking for your sign-in"), tr("Asking the keychain"))
        if is_signed_out(status):
            last = tr("last: {account}").format(account=self._words.account(account))
            return AccountView(
                tr("No account"),
                last if account.login else tr("Nothing is kept"),
                choices=(Choice(tr("Sign in"), Action.SIGN_IN),),
            )
        login = account.login or tr("Signed in")
        facts = [(tr("Sign-in"), self._words.token_place(account.token_place))]
        if status.model_count is not None:
            facts.append((tr("Models"), self._words.locale.integer(status.model_count)))
        choices: tuple[Choice, ...] = ()
        if account.token_place is not TokenPlace.ENVIRONMENT:  # not ours to forget
            choices = (Choice(tr("Sign out"), Action.SIGN_OUT),)
        return AccountView(
            login, self._plan_line(account, status), login[:1].upper(), tuple(facts), choices
        )

    def _plan_line(self, account: AccountStatus, status: Status) -> str:
        tr = self._words.tr
        if status.demo:
            return tr("Demo: a simulated GitHub on this computer")
        if account.state is AccountState.NO_PLAN:
            return tr("No Copilot plan, {host}").format(host=account.github_host)
        plan = self._words.plan(account.plan)
        if not plan:
            return account.github_host
        return tr("Copilot {plan}, {host}").format(plan=plan, host=account.github_host)

    def _row(self, record: RequestRecord, now: float) -> RequestRow:
        tr, words = self._words.tr, self._words
        running = record.state in (RequestState.WAITING, RequestState.STREAMING)
        prompt = prompt_tokens(record)
        seconds = now - record.started if running else record.duration
        took = "–" if seconds is None else words.took(max(0.0, seconds))
        model = record.model or record.model_asked
        sent_again = record.state is RequestState.DONE and record.attempts > 1
        state = words.request_state(record)
        sentence = tr("{state}, {tool}, {model}, {took}").format(
            state=state, tool=words.tool(record), model=model, took=took
        )
        return RequestRow(
            request_id=record.request_id,
            shape=Shape.ATTENTION if sent_again else _SHAPES[record.state],
            state=state,
            time=words.locale.time_of_day(record.started),
            tool=words.tool(record),
            model=model,
            tokens=_tokens(record, running=running, words=words),
            cached=f"{round(100 * record.cache_read_tokens / prompt)} %" if prompt else "–",
            credits="…" if running else words.credits(record.nano_credits),
            took=took,
            sentence=sentence if record.error is None else f"{sentence}. {record.error}",
        )


def _tokens(record: RequestRecord, *, running: bool, words: Words) -> str:
    prompt = prompt_tokens(record)
    if running and not prompt:
        return "…"
    out = "…" if running else words.tokens(record.output_tokens)
    return f"{words.tokens(prompt)} → {out}"


def _from_problem(severity: Severity, problem: Problem) -> Notice:
    return Notice(severity, problem.title, _joined(problem.message, problem.next_step))


def _joined(*sentences: str) -> str:
    return " ".join(each for each in sentences if each)
