"""The tray's icon, texts and menu, as plain data for a native menu."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from desktop.presenters.actions import Action
from desktop.presenters.busy import BusyMeter
from desktop.presenters.home.server_state import (
    address_of,
    can_start,
    is_paused,
    is_serving,
    is_signed_out,
    needs_attention,
    paused_line,
    state_word,
)
from desktop.presenters.notices.pauses import pause_choices
from desktop.presenters.pages import PageKey
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.usage.credits import credits_left, credits_line
from desktop.presenters.words import Words, prompt_tokens
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    RequestRecord,
    RequestState,
    ServerState,
    Status,
    UpstreamState,
)

LONGEST_LINE = 44


class IconState(StrEnum):
    """In order of severity: the most severe one is shown."""

    ERROR = "error"
    ATTENTION = "attention"
    SIGNED_OUT = "signed-out"
    PAUSED = "paused"
    BUSY = "busy"
    OK = "ok"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """``key`` is stable while text and state change, so an open menu can be updated in place."""

    key: str
    text: str
    action: Action | None = None
    enabled: bool = True
    checked: bool | None = None
    """None: not a checkable entry."""
    submenu: tuple[MenuEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuSeparator:
    key: str


Menu = tuple[MenuEntry | MenuSeparator, ...]


@dataclass(frozen=True, slots=True)
class TrayView:
    icon: IconState
    tooltip: str
    menu: Menu


def icon_state(status: Status, *, busy: bool, paused: bool = False) -> IconState:
    if status.server.state is ServerState.FAILED:
        return IconState.ERROR
    if needs_attention(status):
        return IconState.ATTENTION
    if is_signed_out(status):
        return IconState.SIGNED_OUT
    if not is_serving(status):
        return IconState.OFF
    if paused:
        return IconState.PAUSED
    return IconState.BUSY if busy else IconState.OK


def fitted(text: str) -> str:
    """Truncate a menu line to a suitable length."""
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1].rstrip(" ,") + "…"


class TrayPresenter:
    """``now`` is in seconds since 1970. Entries lead only to ``pages`` the window has."""

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        monotonic: Callable[[], float],
        now: Callable[[], float],
        pages: Collection[PageKey] = frozenset(PageKey),
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._pages = pages
        self._busy = BusyMeter(monotonic)

    def view(self) -> TrayView:
        status = self._commands.status
        busy = self._busy.update(bool(status.active))
        icon = icon_state(status, busy=busy, paused=is_paused(status, self._now()))
        return TrayView(icon, self._tooltip(status, icon), self._menu(status))

    @property
    def next_change(self) -> float | None:
        """Return the seconds until the view changes without a new status."""
        return self._busy.next_change

    def _tooltip(self, status: Status, icon: IconState) -> str:
        tr = self._words.tr
        template = {
            IconState.ERROR: tr("g-copilot-proxy: {state}"),
            IconState.ATTENTION: tr("g-copilot-proxy: needs you. {state}"),
        }.get(icon, tr("g-copilot-proxy: {state}"))
        parts = [template.format(state=self._state_line(status))]
        if status.active:
            parts.append(self._running_line(status))
        if not is_signed_out(status):
            parts.append(credits_left(status, self._words))
        return tr(", ").join(part for part in parts if part)

    def _running_line(self, status: Status) -> str:
        if not status.active:
            return self._words.tr("No request running")
        return self._words.numbered("%n request(s) running", len(status.active))

    def _menu(self, status: Status) -> Menu:
        tr = self._words.tr
        signed_out = is_signed_out(status)
        actions: list[MenuEntry] = []
        if signed_out:
            actions.append(MenuEntry("sign_in", tr("Sign in to GitHub…"), Action.SIGN_IN))
        actions.append(self._start_or_stop(status))
        if not signed_out:
            actions.append(self._pause_or_resume(status))
            actions.extend(self._account_menu(status))
        actions.append(
            MenuEntry(
                "copy",
                tr("Copy base URL"),
                submenu=(
                    MenuEntry("copy_openai", tr("OpenAI base URL"), Action.COPY_OPENAI_URL),
                    MenuEntry(
                        "copy_anthropic", tr("Anthropic base URL"), Action.COPY_ANTHROPIC_URL
                    ),
                    MenuEntry("copy_key", tr("Local key"), Action.COPY_LOCAL_KEY),
                ),
            )
        )
        if PageKey.CONNECT in self._pages:
            actions.append(MenuEntry("connect", tr("Connect a tool…"), Action.OPEN_CONNECT))
        if not signed_out:
            actions.append(
                MenuEntry(
                    "ask",
                    tr("Ask before sending"),
                    Action.TOGGLE_ASKING,
                    checked=self._commands.settings.budget.ask_before_sending,
                )
            )
        return (
            *self._information(status),
            MenuSeparator("after_information"),
            *actions,
            MenuSeparator("after_actions"),
            *self._window_entries(status),
        )

    def _window_entries(self, status: Status) -> list[MenuEntry]:
        tr = self._words.tr
        entries: list[MenuEntry] = []
        if needs_attention(status) or status.server.state is ServerState.FAILED:
            leads_to = Action.SHOW_APPROVAL if status.approvals else Action.OPEN_WINDOW
            entries.append(MenuEntry("help", tr("What can I do?…"), leads_to))
        entries.append(MenuEntry("window", tr("Open window"), Action.OPEN_WINDOW))
        if PageKey.SETTINGS in self._pages:
            entries.append(MenuEntry("settings", tr("Settings…"), Action.OPEN_SETTINGS))
        if PageKey.DOCTOR in self._pages:
            entries.append(MenuEntry("doctor", tr("Doctor…"), Action.OPEN_DOCTOR))
        if PageKey.SETTINGS in self._pages:
            entries.append(MenuEntry("about", tr("About this app…"), Action.OPEN_ABOUT))
        entries.append(MenuEntry("quit", tr("Quit"), Action.QUIT))
        return entries

    def _pause_or_resume(self, status: Status) -> MenuEntry:
        tr = self._words.tr
        if is_serving(status) and is_paused(status, self._now()):
            return MenuEntry("pause", tr("Resume requests"), Action.RESUME)
        choices = pause_choices(self._words)
        return MenuEntry(
            "pause",
            tr("Pause requests for"),
            enabled=is_serving(status),
            submenu=tuple(MenuEntry(action, text, action) for action, text in choices),
        )

    def _information(self, status: Status) -> tuple[MenuEntry, ...]:
        """What is so now, without a verb. Enabled: screen readers skip disabled lines."""
        lines: list[tuple[str, str, Action]] = []
        waiting = len(status.approvals)
        if waiting:
            tr = self._words.tr
            text = tr("{count} requests wait for your answer").format(count=waiting)
            if waiting == 1:
                text = tr("1 request waits for your answer")
            lines.append(("approval", text, Action.SHOW_APPROVAL))
        lines.append(("state", self._state_line(status), Action.OPEN_HOME))
        account = self._account_line(status)
        if account:
            lines.append(("account", account, Action.OPEN_HOME))
        if not is_signed_out(status) and (used := credits_line(status, self._words)):
            leads_to = Action.OPEN_USAGE if PageKey.USAGE in self._pages else Action.OPEN_HOME
            lines.append(("credits", used, leads_to))
        if not is_signed_out(status):
            lines.append(("running", self._running_line(status), Action.OPEN_ACTIVITY))
        last = status.last_request
        if last is not None and not is_signed_out(status):
            lines.append(("last", self._last_line(last), Action.OPEN_ACTIVITY))
            cost = self._cost_line(last)
            if cost:
                lines.append(("cost", cost, Action.OPEN_ACTIVITY))
        return tuple(MenuEntry(key, fitted(text), action) for key, text, action in lines)

    def _state_line(self, status: Status) -> str:
        tr = self._words.tr
        if status.server.state is ServerState.FAILED and status.server.problem is not None:
            return tr("Could not start: {why}").format(
                why=self._words.said(status.server.problem.title)
            )
        if status.settings_problem is not None:
            return self._words.said(status.settings_problem.title)
        limit = status.upstream
        if limit.state is UpstreamState.LIMITED and is_serving(status):
            title = tr("GitHub's limit")
            if limit.problem is not None:
                title = self._words.said(limit.problem.title)
            if limit.until is None or limit.until <= self._now():
                return title
            span = self._words.span(limit.until - self._now())
            return tr("{limit}, {span} left").format(limit=title, span=span)
        if is_serving(status) and not is_signed_out(status) and is_paused(status, self._now()):
            return paused_line(status, self._words)
        if is_serving(status) and not is_signed_out(status):
            address = address_of(status, self._commands.settings)
            template = (
                tr("Demo running on {address}") if status.demo else tr("Running on {address}")
            )
            return template.format(address=address)
        return state_word(status, self._words, self._now())

    def _account_line(self, status: Status) -> str:
        tr = self._words.tr
        account = status.account
        match account.state:
            case AccountState.UNKNOWN:
                return tr("Looking for your sign-in")
            case AccountState.WAITING_FOR_KEYCHAIN:
                return self._problem_of(account) or tr("Asking the keychain")
            case AccountState.SIGNED_IN:
                return self._problem_of(account) or self._words.account(account)
            case AccountState.NO_PLAN:
                return tr("{login} has no Copilot plan").format(
                    login=account.login or account.github_host
                )
            case AccountState.EXPIRED:
                return self._problem_of(account) or tr("GitHub ended the session")
        return ""

    def _problem_of(self, account: AccountStatus) -> str:
        return self._words.said(account.problem.title) if account.problem is not None else ""

    def _last_line(self, record: RequestRecord) -> str:
        tr = self._words.tr
        model = record.model or record.model_asked or tr("no model")
        template = {
            RequestState.FAILED: tr("Last: {model}, {tool}, failed"),
            RequestState.CANCELLED: tr("Last: {model}, {tool}, cancelled"),
            RequestState.NOT_SENT: tr("Last: {model}, {tool}, not sent"),
        }.get(record.state, tr("Last: {model}, {tool}"))
        return template.format(model=model, tool=self._words.tool(record))

    def _cost_line(self, record: RequestRecord) -> str:
        tr = self._words.tr
        prompt = prompt_tokens(record)
        if record.state is not RequestState.DONE or not prompt:
            return ""
        cached = round(100 * record.cache_read_tokens / prompt)
        if record.nano_credits is None:
            return tr("{tokens} tokens, {cached} % cached").format(
                tokens=self._words.tokens(prompt + record.output_tokens), cached=cached
            )
        return tr("{credits} credits, {cached} % cached").format(
            credits=self._words.credits(record.nano_credits), cached=cached
        )

    def _start_or_stop(self, status: Status) -> MenuEntry:
        tr = self._words.tr
        if status.server.state in (ServerState.RUNNING, ServerState.STOPPING):
            return MenuEntry("serve", tr("Stop serving"), Action.STOP, enabled=is_serving(status))
        return MenuEntry("serve", tr("Start serving"), Action.START, enabled=can_start(status))

    def _account_menu(self, status: Status) -> tuple[MenuEntry, ...]:
        tr = self._words.tr
        account = status.account
        if account.state is AccountState.UNKNOWN or not account.login:
            return ()
        return (
            MenuEntry(
                "account_menu",
                tr("Change account"),
                submenu=(
                    MenuEntry(
                        "sign_out",
                        tr("Sign out {login}").format(login=account.login),
                        Action.SIGN_OUT,
                    ),
                    MenuEntry("other_account", tr("Use another account…"), Action.SIGN_IN),
                ),
            ),
        )
