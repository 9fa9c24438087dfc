"""The tray: which icon, which words, which menu. Plain data for a native menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from desktop.presenters.actions import Action
from desktop.presenters.busy import BusyMeter
from desktop.presenters.server_state import (
    address_of,
    can_start,
    is_serving,
    is_signed_out,
    needs_attention,
    state_word,
)
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words, prompt_tokens
from proxy_core.status import (
    AccountState,
    RequestRecord,
    RequestState,
    ServerState,
    Status,
)

LONGEST_LINE = 44


class IconState(StrEnum):
    """In the order of severity: the worst that holds is shown."""

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


def icon_state(status: Status, *, busy: bool) -> IconState:
    if status.server.state is ServerState.FAILED:
        return IconState.ERROR
    if needs_attention(status):
        return IconState.ATTENTION
    if is_signed_out(status):
        return IconState.SIGNED_OUT
    if not is_serving(status):
        return IconState.OFF
    return IconState.BUSY if busy else IconState.OK


def fitted(text: str) -> str:
    """Cut a menu line to the longest that menus show well."""
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1].rstrip(" ,") + "…"


class TrayPresenter:
    def __init__(
        self, commands: ServiceCommands, words: Words, monotonic: Callable[[], float]
    ) -> None:
        self._commands = commands
        self._words = words
        self._busy = BusyMeter(monotonic)

    def view(self) -> TrayView:
        status = self._commands.status
        busy = self._busy.update(bool(status.active))
        icon = icon_state(status, busy=busy)
        return TrayView(icon, self._tooltip(status, icon), self._menu(status))

    @property
    def next_change(self) -> float | None:
        """Seconds after which to look again although nothing was reported."""
        return self._busy.next_change

    def _tooltip(self, status: Status, icon: IconState) -> str:
        tr = self._words.tr
        template = {
            IconState.ERROR: tr("g-copilot-proxy: {state}"),
            IconState.ATTENTION: tr("g-copilot-proxy: needs you. {state}"),
            IconState.BUSY: tr("g-copilot-proxy: {state}, a request is running"),
        }.get(icon, tr("g-copilot-proxy: {state}"))
        return template.format(state=self._state_line(status))

    def _menu(self, status: Status) -> Menu:
        tr = self._words.tr
        signed_out = is_signed_out(status)
        actions: list[MenuEntry] = []
        if signed_out:
            actions.append(MenuEntry("sign_in", tr("Sign in to GitHub…"), Action.SIGN_IN))
        actions.append(self._start_or_stop(status))
        if not signed_out:
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
        window: list[MenuEntry] = []
        if needs_attention(status) or status.server.state is ServerState.FAILED:
            window.append(MenuEntry("help", tr("What can I do?…"), Action.OPEN_WINDOW))
        window.append(MenuEntry("window", tr("Open window"), Action.OPEN_WINDOW))
        window.append(MenuEntry("quit", tr("Quit"), Action.QUIT))
        return (
            *self._information(status),
            MenuSeparator("after_information"),
            *actions,
            MenuSeparator("after_actions"),
            *window,
        )

    def _information(self, status: Status) -> tuple[MenuEntry, ...]:
        """Enabled lines that open their page: screen readers skip disabled ones."""
        lines = {"state": self._state_line(status)}
        account = self._account_line(status)
        if account:
            lines["account"] = account
        last = status.last_request
        if last is not None:
            lines["last"] = self._last_line(last)
            cost = self._cost_line(last)
            if cost:
                lines["cost"] = cost
        return tuple(
            MenuEntry(key, fitted(text), Action.OPEN_WINDOW) for key, text in lines.items()
        )

    def _state_line(self, status: Status) -> str:
        tr = self._words.tr
        if status.server.state is ServerState.FAILED and status.server.problem is not None:
            return tr("Could not start: {why}").format(why=status.server.problem.title)
        if status.settings_problem is not None:
            return status.settings_problem.title
        if is_serving(status) and not is_signed_out(status):
            address = address_of(status, self._commands.settings)
            template = (
                tr("Demo running on {address}") if status.demo else tr("Running on {address}")
            )
            return template.format(address=address)
        return state_word(status, self._words)

    def _account_line(self, status: Status) -> str:
        tr = self._words.tr
        account = status.account
        match account.state:
            case AccountState.UNKNOWN:
                return tr("Looking for your sign-in")
            case AccountState.SIGNED_IN:
                if account.problem is not None:
                    return account.problem.title
                return self._words.account(account)
            case AccountState.NO_PLAN:
                return tr("{login} has no Copilot plan").format(
                    login=account.login or account.github_host
                )
            case AccountState.EXPIRED:
                if account.problem is not None:
                    return account.problem.title
                return tr("GitHub ended the session")
        return ""

    def _last_line(self, record: RequestRecord) -> str:
        tr = self._words.tr
        model = record.model or record.model_asked
        template = {
            RequestState.FAILED: tr("Last: {model}, {tool}, failed"),
            RequestState.CANCELLED: tr("Last: {model}, {tool}, cancelled"),
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
            return MenuEntry("serve", tr("Stop"), Action.STOP, enabled=is_serving(status))
        return MenuEntry("serve", tr("Start"), Action.START, enabled=can_start(status))

    def _account_menu(self, status: Status) -> tuple[MenuEntry, ...]:
        tr = self._words.tr
        account = status.account
        if account.state is AccountState.UNKNOWN or not account.login:
            return ()
        return (
            MenuEntry(
                "account_menu",
                tr("Account"),
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
