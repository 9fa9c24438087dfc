"""Settings: one row for each declared setting, searched, validated as typed, applied at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desktop.presenters.actions import Action
from desktop.presenters.home.server_control import next_port
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.settings.about import ROWS as ABOUT_ROWS
from desktop.presenters.settings.about import About, about_button, about_words
from desktop.presenters.settings.connected_ports import ConnectedPorts, ReadPorts
from desktop.presenters.settings.refused_in_file import refused_in_file
from desktop.presenters.settings.setting_text import text_of, value_of
from desktop.presenters.settings.setting_words import (
    Section,
    SettingWords,
    choice_words,
    section_names,
    words_of_each,
)
from desktop.presenters.words import LOOPBACK_HOSTS, Words
from desktop.system.start_at_login import CannotStartAtLogin, LoginEntry, LoginState
from proxy_core.config.settings_schema import DeclaredSetting, SettingKind, declared_settings
from proxy_core.errors import ProxyError
from proxy_core.status.status import ServerState

LOGIN, OTHER_COMPUTERS, KEYS, HISTORY = "login", "other_computers", "keys", "history"
"""Rows that are not declared settings, or represent one differently."""
EVERY_INTERFACE = "0.0.0.0"  # noqa: S104  # the switch's meaning, explained in its row
FILES = frozenset(("upstream.ca_file", "upstream.probe_facts", "upstream.node_path"))
"""Settings that name a file: the system's dialog is offered for them."""
_HOST, _PORT, _REQUIRE_KEY = "server.host", "server.port", "server.require_key"
_FIRST = (LOGIN, _PORT, OTHER_COMPUTERS, _REQUIRE_KEY, KEYS)
"""Settings shown first in their section, in this order; the others follow as declared."""


class Control(StrEnum):
    SWITCH = "switch"
    FIELD = "field"
    WIDE_FIELD = "wide_field"
    LINES = "lines"
    CHOICE = "choice"
    CHOICE_OR_TEXT = "choice_or_text"
    FILE = "file"
    BUTTON = "button"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class RowChoice:
    """A solution offered for a problem: a value to try, or an action elsewhere."""

    text: str
    value: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class SettingRow:
    """``value`` is the control's value: a text, or ``true`` and ``false`` of a switch.

    ``problem`` is shown below; the old value stays in force until it is resolved. ``section`` is
    named only among search results.
    """

    key: str
    name: str
    why: str
    control: Control
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    reset: str = ""
    problem: str = ""
    ways_out: tuple[RowChoice, ...] = ()
    section: str = ""
    button: str = ""
    is_danger: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class SettingsView:
    sections: tuple[tuple[str, str], ...]
    section: str
    search: str
    placeholder: str
    rows: tuple[SettingRow, ...]
    nothing_found: str


@dataclass(frozen=True, slots=True)
class _Draft:
    """A typed value that is not in force, and why."""

    text: str
    problem: str
    ways_out: tuple[RowChoice, ...] = ()


class SettingsPresenter:
    """``login`` is None if not offered. ``changed`` is called when the view changed.

    ``ports`` reads which port each connected tool was given. ``about`` None: nothing to say.
    """

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        *,
        changed: Callable[[], None],
        login: LoginEntry | None = None,
        declared: tuple[DeclaredSetting, ...] | None = None,
        ports: ReadPorts | None = None,
        about: About | None = None,
    ) -> None:
        self.about = about
        self._commands = commands
        self._ports = ConnectedPorts(commands, words, ports)
        self._words = words
        self._changed = changed
        self._login = login
        found = declared_settings() if declared is None else declared
        self._declared = {each.key: each for each in found}
        self._texts: Mapping[str, SettingWords] = self._all_words()
        self._section = Section.GENERAL
        self._search = ""
        self._drafts: dict[str, _Draft] = {}

    def view(self) -> SettingsView:
        tr = self._words.tr
        names = section_names(tr)
        used = {texts.section for texts in self._texts.values()}
        keys = self._found() if self._search else self._of_section(self._section)
        return SettingsView(
            sections=tuple((section, name) for section, name in names.items() if section in used),
            section="" if self._search else self._section,
            search=self._search,
            placeholder=tr("Search {count} settings").format(count=len(self._texts)),
            rows=tuple(self._row(key, names if self._search else {}) for key in keys),
            nothing_found=""
            if keys
            else tr("No setting matches “{text}”").format(text=self._search),
        )

    async def read_again(self) -> None:
        """Look again at what lies outside the settings: the tools connected."""
        await self._ports.read()
        self._changed()

    def choose_section(self, section: str) -> None:
        self._section, self._search = Section(section), ""
        self._changed()

    def search(self, text: str) -> None:
        self._search = text.strip()
        self._changed()

    def typed(self, key: str, text: str) -> None:
        """Validate the typed text; nothing is applied yet."""
        setting = self._declared[key]
        value, problem = value_of(setting, text, self._words)
        if problem is not None:
            self._drafts[key] = _Draft(text, problem)
        elif text == text_of(setting, self._in_force(key)):
            self._drafts.pop(key, None)
        else:
            warning = self._ports.before(int(value)) if key == _PORT else ""
            self._drafts[key] = _Draft(text, warning)
        self._changed()

    async def apply(self, key: str, text: str) -> None:
        """Put a typed or switched value in force, if it is allowed."""
        match key:
            case "login":
                self._switch_login(on=text == "true")
            case "other_computers":
                await self._open_to_others(on=text == "true")
            case _:
                await self._apply_declared(key, text)
        self._changed()

    def forget_refused(self) -> None:
        """Show what is in force again: a value that was refused is nowhere in force or in the file."""
        if self._drafts:
            self._drafts.clear()
            self._changed()

    async def reset(self, key: str) -> None:
        """Back to the default."""
        await self._write(key, None, text_of(self._declared[key], self._declared[key].default))
        self._changed()

    def _all_words(self) -> Mapping[str, SettingWords]:
        tr, at = self._words.tr, Section
        by_key = words_of_each(self._declared.values(), self._words)
        if self._login is not None:
            by_key[LOGIN] = SettingWords(
                at.SERVER,
                tr("Start when I sign in to this computer"),
                tr("Runs in the tray, without opening this window."),
                tr("autostart login boot launch automatically"),
            )
        if _HOST in self._declared:
            by_key[OTHER_COMPUTERS] = SettingWords(
                at.SERVER,
                tr("Allow other computers"),
                tr("Anyone on your network with a key could spend your credits. Requires a key."),
                tr("lan network share remote 0.0.0.0 host"),
            )
        by_key[KEYS] = SettingWords(
            at.SERVER,
            tr("Keys"),
            tr("One for each tool, so that usage is counted apart."),
            tr("api key token revoke"),
        )
        by_key[HISTORY] = SettingWords(
            at.PRIVACY,
            tr("Forget the history"),
            tr("Deletes every entry on this computer for good. GitHub keeps its own figures."),
            tr("delete clear erase remove usage"),
        )
        if self.about is not None:
            by_key |= about_words(self.about, self._words)
        return by_key

    def _of_section(self, section: Section) -> list[str]:
        keys = [key for key, texts in self._texts.items() if texts.section is section]
        order = {key: number for number, key in enumerate(_FIRST)}
        return sorted(keys, key=lambda key: order.get(key, len(order)))

    def _found(self) -> list[str]:
        terms = self._search.casefold().split()
        names = section_names(self._words.tr)
        found = []
        for section in Section:
            for key in self._of_section(section):
                texts = self._texts[key]
                text = f"{texts.name} {texts.why} {texts.also} {key} {names[section]}".casefold()
                if all(term in text for term in terms):
                    found.append(key)
        return found

    def _in_force(self, key: str) -> Any:
        return self._declared[key].value_in(self._commands.settings)

    def _row(self, key: str, sections: Mapping[Section, str]) -> SettingRow:
        texts = self._texts[key]
        section = sections.get(texts.section, "")
        draft = self._drafts.get(key)
        problem = draft.problem if draft is not None else ""
        ways_out = draft.ways_out if draft is not None else ()
        tr = self._words.tr
        match key:
            case "login":
                on, why, enabled = self._login_state(texts.why)
                return SettingRow(
                    key,
                    texts.name,
                    why,
                    Control.SWITCH,
                    _switch(on),
                    problem=problem,
                    section=section,
                    enabled=enabled,
                )
            case "other_computers":
                is_open = self._commands.settings.server.host not in LOOPBACK_HOSTS
                return SettingRow(
                    key,
                    texts.name,
                    texts.why,
                    Control.SWITCH,
                    _switch(is_open),
                    problem=problem,
                    section=section,
                    is_danger=is_open,
                )
            case "keys":
                return SettingRow(key, texts.name, texts.why, Control.KEYS, "", section=section)
            case "history":
                return SettingRow(
                    key,
                    texts.name,
                    texts.why,
                    Control.BUTTON,
                    "",
                    section=section,
                    button=tr("Forget everything"),
                    is_danger=True,
                )
        if key in ABOUT_ROWS:
            button = about_button(key, self._words)
            return SettingRow(
                key, texts.name, texts.why, Control.BUTTON, "", section=section, button=button
            )
        setting = self._declared[key]
        value = self._in_force(key)
        shown = draft.text if draft is not None else text_of(setting, value)
        if setting.kind is SettingKind.SWITCH:
            shown = _switch(bool(value))
        choices = choice_words(setting, self._words)
        if draft is None:
            refused = refused_in_file(self._commands.status.settings_problem, key)
            problem = self._words.said(refused)
        if key == _PORT and draft is None and not problem and (problem := self._ports.after()):
            ways_out = (RowChoice(tr("Open Connect"), action=Action.OPEN_CONNECT),)
        return SettingRow(
            key,
            texts.name,
            texts.why,
            _control(setting, choices),
            shown,
            choices=choices,
            reset="" if ways_out else self._reset_words(setting, value),
            problem=problem,
            ways_out=ways_out,
            section=section,
        )

    def _reset_words(self, setting: DeclaredSetting, value: Any) -> str:
        tr = self._words.tr
        if value == setting.default:
            return ""
        if setting.kind is SettingKind.SWITCH:
            return tr("Reset to on") if setting.default else tr("Reset to off")
        if choices := dict(choice_words(setting, self._words)):
            default = text_of(setting, setting.default)
            return tr("Reset to “{value}”").format(value=choices[default])
        if setting.default in (None, "", ()) or setting.default == {}:
            return tr("Reset to none")
        return tr("Reset to {value}").format(value=text_of(setting, setting.default))

    def _login_state(self, why: str) -> tuple[bool, str, bool]:
        tr = self._words.tr
        assert self._login is not None
        try:
            state = self._login.state()
        except OSError as error:
            return False, tr("It cannot be read: {why}").format(why=error.strerror), False
        match state:
            case LoginState.POINTS_ELSEWHERE:
                return (
                    False,
                    tr("On for another copy of this app. Switch it on for this one."),
                    True,
                )
            case LoginState.SWITCHED_OFF:
                return False, tr("Switched off in your system's own settings."), True
            case LoginState.FOREIGN:
                return False, tr("An entry under our name exists that is not ours."), False
        return state is LoginState.ON, why, True

    def _switch_login(self, *, on: bool) -> None:
        assert self._login is not None
        self._drafts.pop(LOGIN, None)
        try:
            if on:
                self._login.switch_on()
            else:
                self._login.switch_off()
        except CannotStartAtLogin as error:
            self._drafts[LOGIN] = _Draft("", str(error))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            problem = self._words.tr("It could not be changed: {why}").format(why=reason)
            self._drafts[LOGIN] = _Draft("", problem)

    async def _open_to_others(self, *, on: bool) -> None:
        tr = self._words.tr
        self._drafts.pop(OTHER_COMPUTERS, None)
        if on and not self._commands.settings.server.require_key:
            problem = tr("Switch “Require a key” on first. It stays off for others until then.")
            self._drafts[OTHER_COMPUTERS] = _Draft("", problem)
            return
        await self._write(_HOST, EVERY_INTERFACE if on else None, "", shown_at=OTHER_COMPUTERS)

    async def _apply_declared(self, key: str, text: str) -> None:
        setting = self._declared[key]
        value, problem = value_of(setting, text, self._words)
        if problem is None:
            problem = self._forbidden(key, value)
        if problem is not None:
            self._drafts[key] = _Draft(text, problem)
        elif key not in self._drafts and value == self._in_force(key):
            return
        else:
            await self._write(key, value, text)

    def _forbidden(self, key: str, value: Any) -> str | None:
        """Return why a value is not allowed together with another setting, or None."""
        is_open = self._commands.settings.server.host not in LOOPBACK_HOSTS
        if key == _REQUIRE_KEY and value is False and is_open:
            return self._words.tr("Other computers are allowed, so a key stays required.")
        return None

    async def _write(self, key: str, value: Any, text: str, shown_at: str = "") -> None:
        before = self._in_force(key)
        self._drafts.pop(key, None)
        try:
            await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.change_settings(key, value))
            )
        except ProxyError as error:
            if key == _PORT and error.code == "port_in_use":
                self._drafts[key] = _Draft(text, self._port_taken(error), self._other_ports(value))
                return
            self._drafts[shown_at or key] = _Draft(text, self._words.said(error.said))
            await self._take_back(key, before)
        if key == _PORT:
            await self._ports.read()

    async def _take_back(self, key: str, value: Any) -> None:
        """Restore the value in the file, so that a failed one does not apply at the next start."""
        if value == self._in_force(key):
            return
        setting = self._declared[key]
        restored = None if value == setting.default else value
        try:
            await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.change_settings(key, restored))
            )
        except ProxyError as error:
            draft = self._drafts[key] if key in self._drafts else _Draft("", "")
            self._drafts[key] = _Draft(
                draft.text, f"{draft.problem} {self._words.said(error.said)}".strip()
            )

    def _port_taken(self, error: ProxyError) -> str:
        server = self._commands.status.server
        if server.state is not ServerState.RUNNING:
            return self._words.said(error.said)
        stays = self._words.tr("The proxy stays on {port}.").format(port=server.port)
        return f"{self._words.said(error.said)} {stays}"

    def _other_ports(self, wanted: Any) -> tuple[RowChoice, ...]:
        tr = self._words.tr
        free = next_port(int(wanted))
        running = self._commands.status.server.port
        ways = [RowChoice(tr("Use {port}").format(port=free), str(free))]
        if running and running != wanted:
            ways.append(RowChoice(tr("Keep {port}").format(port=running), str(running)))
        return tuple(ways)


def _switch(on: bool) -> str:
    return "true" if on else "false"


def _control(setting: DeclaredSetting, choices: tuple[tuple[str, str], ...]) -> Control:
    if setting.key in FILES:
        return Control.FILE
    match setting.kind:
        case SettingKind.SWITCH:
            return Control.SWITCH
        case SettingKind.CHOICE:
            return Control.CHOICE
        case SettingKind.WHOLE_NUMBER | SettingKind.NUMBER:
            return Control.FIELD
        case SettingKind.TABLE:
            return Control.LINES
    return Control.CHOICE_OR_TEXT if choices else Control.WIDE_FIELD
