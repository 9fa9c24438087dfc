"""The Home page's view, as one frozen value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from desktop.presenters.actions import Action
from desktop.presenters.activity.request_rows import RequestRow, request_row
from desktop.presenters.home.server_state import (
    anthropic_base_url,
    can_start,
    is_paused,
    is_serving,
    is_signed_out,
    openai_base_url,
    state_line,
    state_shape,
    state_word,
)
from desktop.presenters.notices.notices import Choice
from desktop.presenters.notices.pauses import pause_choices
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.usage.credits import CreditsView, TodayView, credits_view, today_view
from desktop.presenters.usage.sparkline import SparklineView, sparkline
from desktop.presenters.words import Words
from proxy_core.errors import ProxyError
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    ServerState,
    Status,
    TokenPlace,
)
from proxy_core.usage.quota.forecast import Forecast

ROWS = 4
READ_AGAIN_AFTER_SECONDS = 2.0
"""Minimum interval between readings of the forecast while requests run."""
_MASK = "•" * 8
OWN_PREFIX = "sk-local-"


@dataclass(frozen=True, slots=True)
class AccountView:
    """``facts`` are pairs of label and value. ``initial`` is empty without an account."""

    title: str
    line: str
    initial: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeView:
    shape: Shape
    state_word: str
    state_line: str
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
    credits: CreditsView | None
    today: TodayView
    sparkline: SparklineView
    pauses: tuple[tuple[Action, str], ...]
    """The entries of "Pause for"; empty if nothing can be paused."""
    is_paused: bool


def masked(key: str) -> str:
    """``sk-local-••••••••3f9a``: the kind of key and its last four, never the length.

    Only our own prefix is shown, because a user-chosen key may begin with anything. A short key is
    hidden completely.
    """
    if len(key) < 16:
        return _MASK if key else ""
    shown = OWN_PREFIX if key.startswith(OWN_PREFIX) else ""
    return f"{shown}{_MASK}{key[-4:]}"


class HomePresenter:
    """``now`` is the wall clock in seconds since 1970."""

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        now: Callable[[], float],
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._forecast: Forecast | None = None
        self._read_for: object = None
        self._read_at = 0.0
        self._is_reading = False

    def needs_reading(self) -> bool:
        """Whether the forecast's figures changed since it was read."""
        return (
            not self._is_reading
            and self._now() - self._read_at >= READ_AGAIN_AFTER_SECONDS
            and self._figures() != self._read_for
        )

    async def read(self) -> None:
        """Read the forecast that the Usage page shows; without one none is shown."""
        self._is_reading = True
        figures = self._figures()
        try:
            report = await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.usage_report())
            )
            self._forecast = report.forecast
        except ProxyError:
            self._forecast = None
        finally:
            self._is_reading = False
            self._read_at, self._read_for = self._now(), figures

    def _figures(self) -> object:
        status = self._commands.status
        return status.today, status.quotas

    def view(self) -> HomeView:
        status, settings, words = self._commands.status, self._commands.settings, self._words
        now = self._now()
        tr = words.tr
        key = self._local_key()
        count = len(status.active)
        newest_first = sorted(status.active, key=lambda each: each.started, reverse=True)
        return HomeView(
            shape=state_shape(status, now),
            state_word=state_word(status, words, now),
            state_line=state_line(status, settings, words, now),
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
            rows=tuple(
                request_row(each, now, words, traced=each.request_id in status.traced)
                for each in (*newest_first, *status.recent)[:ROWS]
            ),
            credits=credits_view(status, now, words, self._forecast),
            today=today_view(status, words),
            sparkline=sparkline(status, now, words),
            pauses=pause_choices(words) if is_serving(status) else (),
            is_paused=is_serving(status) and is_paused(status, now),
        )

    def _local_key(self) -> str:
        """Return the key, or an empty text if it is unavailable; the frame's banner says why."""
        try:
            return self._commands.local_key
        except OSError:
            return ""

    def _account(self, status: Status) -> AccountView:
        tr = self._words.tr
        account = status.account
        if account.state is AccountState.UNKNOWN:
            return AccountView(tr("Looking for your sign-in"), tr("Asking the keychain"))
        if account.state is AccountState.WAITING_FOR_KEYCHAIN:
            return AccountView(
                tr("No account"),
                self._words.said(account.problem.title)
                if account.problem
                else tr("Asking the keychain"),
                choices=(Choice(tr("Sign in"), Action.SIGN_IN),),
            )
        if is_signed_out(status):
            last = tr("last: {account}").format(account=self._words.account(account))
            return AccountView(
                tr("No account"),
                last if account.login else tr("Nothing is kept"),
                choices=(Choice(tr("Sign in"), Action.SIGN_IN),),
            )
        login = account.login or tr("Signed in")
        facts = [(tr("Sign-in"), self._words.token_place(account.token_place))]
        choices: tuple[Choice, ...] = ()
        if status.demo:
            choices = (Choice(tr("Leave the demo"), Action.LEAVE_DEMO),)
        if account.token_place is not TokenPlace.ENVIRONMENT:  # we cannot remove it
            choices = (
                *choices,
                Choice(tr("Sign out"), Action.SIGN_OUT),
                Choice(tr("Use another account"), Action.SIGN_IN),
            )
        choices = (*choices, Choice(tr("Open billing page"), Action.OPEN_BILLING_PAGE))
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
