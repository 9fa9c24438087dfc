"""Connect: installed tools, how the settings of each change, and a connection test.

Where a tool's settings cannot be written, steps are shown and copied. Finding tools blocks, so it runs
in its own thread; coroutines run on the window's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

from desktop.presenters.connect.change_view import ChangeView
from desktop.presenters.connect.connect_view import (
    ConnectView,
    KeyView,
    ToolRow,
    ToolView,
)
from desktop.presenters.connect.in_thread import in_thread
from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.presenters.connect.tool_steps import ToolSteps
from desktop.presenters.connect.tool_trials import ToolTrials, last_request
from desktop.presenters.home.server_state import anthropic_base_url
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.canonical.model import Model
from proxy_core.clients.catalogue import TOOLS, usable_models
from proxy_core.clients.connecting.api_of_tool import is_served
from proxy_core.clients.connecting.with_the_app import connection_for
from proxy_core.clients.connection import MAIN, SMALL, Connection
from proxy_core.clients.discovery import FoundTool
from proxy_core.clients.model_choice import ModelChoice, choose_models
from proxy_core.clients.shells import Shell
from proxy_core.clients.tool import Tool, ToolKind
from proxy_core.errors import ProxyError
from proxy_core.status.status import AccountState

_KEY_MARK = "KEYINTHESESTEPS"
"""Placeholder for the masked key: shells would quote a mask of dots."""
SHELL_NAMES = {
    Shell.POSIX: "bash, zsh",
    Shell.FISH: "fish",
    Shell.POWERSHELL: "PowerShell",
    Shell.CMD: "cmd",
}
MakeKey = Callable[[str], Future[str]]
"""Makes a key named after a tool and returns it; it is shown only once."""


class ConnectPresenter:
    """``now`` is in seconds since 1970. ``make_key`` is None where tools share the local key.

    ``changes`` is None where no tool's settings are written, only steps shown.
    """

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        now: Callable[[], float],
        *,
        find_tools: Callable[[], Sequence[FoundTool]],
        shell: Shell,
        make_key: MakeKey | None = None,
        changes: ToolChanges | None = None,
    ) -> None:
        self._commands = commands
        self._words = words
        self._now = now
        self._find_tools = find_tools
        self._make_key = make_key
        self._changes = changes
        self._found: dict[str, FoundTool] | None = None
        self._looking = False
        self._models: tuple[Model, ...] = ()
        self._models_of: str | None = None
        """The account whose models were read last."""
        self._catching_up = False
        self._chosen: str | None = None
        self._shell = shell
        self._chosen_models: dict[str, dict[str, str]] = {}
        self._wanted_model = ""
        self._keys: dict[str, str] = {}
        self._key_problem = ""
        self._trials = ToolTrials(commands, words, changes)

    async def look(self) -> None:
        """Find tools and read the models again."""
        if self._looking:
            return
        self._looking = True
        try:
            found = await in_thread(self._find_tools)
            self._found = {each.app_id: each for each in found}
            if self._chosen is None:
                self._chosen = self._first()
        finally:
            self._looking = False
        await self._read_models()
        if self._changes is not None:
            await self._changes.look(self._base_url())
            await self.plan()

    async def look_at_files(self) -> None:
        """See what other programs did to tools' settings since the last look."""
        tool = self._tool()
        if self._changes is not None and self._found is not None and not self._looking:
            await self._changes.look(self._base_url())
            if tool is not None:
                self._changes.forget_plan(tool)
            await self.plan()

    def is_outdated(self) -> bool:
        """Whether what is shown was worked out for another address, or for another account."""
        if self._looking or self._catching_up or self._found is None:
            return False
        account = self._commands.status.account
        if account.state is AccountState.SIGNED_IN and account.login != self._models_of:
            return True
        tool, changes = self._tool(), self._changes
        planned = None if tool is None or changes is None else changes.planned_address(tool)
        return planned is not None and planned != self._base_url()

    async def catch_up(self) -> None:
        """Work out anew what :meth:`is_outdated` finds."""
        self._catching_up = True
        try:
            if self._commands.status.account.login != self._models_of:
                await self._read_models()
            await self.plan()
        finally:
            self._catching_up = False

    async def plan(self) -> None:
        """Work out what connecting the chosen tool would change."""
        tool = self._tool()
        if tool is not None and self._changes is not None:
            await self._changes.plan(tool, self._connection(tool))

    async def connect(self) -> None:
        """Change the chosen tool's settings."""
        tool = self._tool()
        if tool is not None and self._changes is not None:
            try:
                await self._switch_on(tool, self._changes)
            except (ProxyError, OSError) as error:
                self._changes.refuse(tool, error)
                return
            await self._changes.connect(tool, self._connection(tool))

    async def _switch_on(self, tool: Tool, changes: ToolChanges) -> None:
        """Have the API served that the tool speaks, if its files can be written.

        Raises ProxyError or OSError.
        """
        if is_served(tool, self._commands.settings):
            return
        await changes.check(tool, self._connection(tool))
        change = self._commands.submit(
            lambda commands: commands.change_settings(tool.setting, value=True)
        )
        await asyncio.wrap_future(change)

    async def disconnect(self) -> None:
        """Change the chosen tool's settings back, and show what connecting would change."""
        tool = self._tool()
        if tool is not None and self._changes is not None:
            await self._changes.disconnect(tool, self._base_url())
            await self.plan()

    def is_connected(self, app_id: str) -> bool:
        return self._changes is not None and self._changes.is_connected(TOOLS[app_id])

    def choose(self, app_id: str) -> None:
        if app_id in TOOLS:
            self._chosen = app_id
            self._key_problem = ""

    def choose_shell(self, shell: str) -> None:
        self._shell = Shell(shell)

    def choose_model(self, model: str, role: str = MAIN) -> None:
        tool = self._tool()
        if tool is not None and model:
            self._chosen_models.setdefault(tool.app_id, {})[role] = model
            self._trials.forget(tool)

    def use_model(self, model: str) -> None:
        """Show every tool with ``model``, replacing earlier choices."""
        self._wanted_model = model
        self._chosen_models.clear()
        self._trials.forget_all()

    async def make_own_key(self) -> None:
        """Make a key for the selected tool only; its steps then contain it."""
        tool = self._tool()
        if tool is None or self._make_key is None:
            return
        self._key_problem = ""
        try:
            self._keys[tool.app_id] = await asyncio.wrap_future(self._make_key(tool.name))
        except ProxyError as error:
            self._key_problem = self._words.said(error.said)

    async def test(self) -> None:
        """Send one short request with the chosen model through the server, and show the answer."""
        tool = self._tool()
        if tool is None or not self._trials.can_run:
            return
        await self._trials.run(tool, self._model_of(tool), self._base_url())

    def view(self) -> ConnectView:
        tr = self._words.tr
        found = self._found or {}
        rows = [self._row(tool) for tool in TOOLS.values() if self._is_listed(tool)]
        others = [self._row(tool) for tool in TOOLS.values() if not self._is_listed(tool)]
        tool = self._tool()
        count = sum(app_id in found for app_id in TOOLS)
        used = sum(last_request(self._commands, TOOLS[app_id]) is not None for app_id in found)
        line = tr("{used} of {count} found tools used this proxy").format(used=used, count=count)
        if self._found is None:
            line = tr("Looking for tools on this computer")
        elif not count:
            line = tr("No tool that we know was found on this computer")
        return ConnectView(
            line=line,
            looking=self._looking,
            rows=tuple(rows),
            others=tuple(others),
            others_text=self._words.numbered("%n more tool(s), not found here", len(others)),
            tool=None if tool is None else self._tool_view(tool),
        )

    async def _read_models(self) -> None:
        self._models_of = self._commands.status.account.login
        try:
            self._models = await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.models())
            )
        except ProxyError:
            # Signed out or offline: the steps then leave the model to GitHub.
            return

    def _first(self) -> str:
        usable = [app_id for app_id in self._found or {} if not TOOLS[app_id].refusal]
        return usable[0] if usable else "openai-sdk"

    def _tool(self) -> Tool | None:
        return TOOLS[self._chosen] if self._chosen is not None else None

    def _is_listed(self, tool: Tool) -> bool:
        """Whether the tool was found, or cannot be searched for."""
        return tool.app_id in (self._found or {}) or tool.kind is ToolKind.LIBRARY

    def _row(self, tool: Tool) -> ToolRow:
        tr = self._words.tr
        found = (self._found or {}).get(tool.app_id)
        version = found.version if found else ""
        last = last_request(self._commands, tool)
        state = self._changes.row(tool, self._base_url()) if self._changes is not None else None
        if tool.refusal:
            shape, line = Shape.CANCELLED, tr("Cannot use the proxy")
        elif state is not None and (state[0] is not Shape.DONE or last is None):
            shape, line = state
        elif last is not None:
            ago = self._words.ago(self._now() - last.started)
            template = tr("Last request {ago}")
            if state is not None:
                template = tr("Connected, last request {ago}")
            shape, line = Shape.DONE, template.format(ago=ago)
        elif self._has_only_steps(tool):
            shape, line = Shape.OFF, tr("Settings to copy")
        else:
            shape, line = Shape.OFF, tr("Ready to connect")
        name = self._name(tool)
        template = tr("{name} {version}, {state}") if version else tr("{name}, {state}")
        return ToolRow(
            tool.app_id,
            shape,
            name,
            version,
            line,
            template.format(name=name, version=version, state=line),
            chosen=tool.app_id == self._chosen,
        )

    def _has_only_steps(self, tool: Tool) -> bool:
        if self._changes is None:
            return tool.kind is ToolKind.LIBRARY
        return not self._changes.can_write(tool)

    def _name(self, tool: Tool) -> str:
        return self._words.declared(tool.name) if tool.app_id == "other" else tool.name

    def _choice(self, tool: Tool) -> ModelChoice:
        return choose_models(tool, self._models, *self._wanted(tool))

    def _wanted(self, tool: Tool) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The models chosen now, by role, and those the tool was connected with."""
        wanted = {MAIN: self._wanted_model} if self._wanted_model else {}
        wanted |= self._chosen_models.get(tool.app_id, {})
        return wanted, self._changes.models_of(tool) if self._changes is not None else {}

    def _model_of(self, tool: Tool) -> str:
        return self._choice(tool).main

    def _base_url(self) -> str:
        return anthropic_base_url(self._commands.status, self._commands.settings)

    def _connection(self, tool: Tool) -> Connection:
        """What the tool's settings are made of; its own key is made when they are written."""
        wanted, before = self._wanted(tool)
        return connection_for(tool, self._base_url(), self._models, wanted, before)

    def _tool_view(self, tool: Tool) -> ToolView:
        tr, declared = self._words.tr, self._words.declared
        found = (self._found or {}).get(tool.app_id)
        name = self._name(tool)
        if tool.refusal:
            return ToolView(
                tool.app_id, name, self._found_line(found), refusal=declared(tool.refusal)
            )
        model = self._model_of(tool)
        change = self._change_view(tool)
        by_hand = self._steps_of(tool, model)
        steps = by_hand.views() if change is None else ()
        return ToolView(
            app_id=tool.app_id,
            title=name,
            line=self._found_line(found) if change is None else self._change_line(found),
            change=change,
            steps=steps,
            everything=by_hand.as_one_text(),
            caution=declared(tool.caution) if tool.caution else "",
            models=self._model_ids(model) if change is None else (),
            model=model,
            shells=tuple((each.value, text) for each, text in SHELL_NAMES.items()),
            shell=self._shell.value if any(each.in_shell for each in steps) else "",
            key=self._key_view(tool, name) if change is None else KeyView(""),
            test=self._trials.view(tool),
            can_test=self._trials.can_run and not self._trials.view(tool).running,
            test_text=tr("Test it"),
            test_note=self._trials.note(),
        )

    def _change_view(self, tool: Tool) -> ChangeView | None:
        """None where only steps are shown."""
        if self._changes is None or not self._changes.can_write(tool):
            return None
        return self._changes.view(
            tool,
            self._choice(tool),
            tuple(each for each in usable_models(self._models) if each.in_picker),
            base_url=self._base_url(),
            undo_on_quit=self._commands.settings.connect.undo_on_quit,
        )

    def _change_line(self, found: FoundTool | None) -> str:
        tr = self._words.tr
        stays = tr("Its settings are changed for you; what you wrote stays.")
        if found is None:
            return stays
        here = tr("Found version {version}.").format(version=found.version)
        return f"{here} {stays}" if found.version else stays

    def _found_line(self, found: FoundTool | None) -> str:
        tr = self._words.tr
        if found is None:
            return tr("Nothing is written: copy what each step says.")
        if not found.version:
            return tr("Found on this computer. Nothing is written: copy what each step says.")
        return tr("Found version {version}. Nothing is written: copy what each step says.").format(
            version=found.version
        )

    def _model_ids(self, chosen: str) -> tuple[str, ...]:
        ids = [each.id for each in usable_models(self._models) if each.in_picker]
        return tuple(ids if chosen in ids else [chosen, *ids])

    def _key_of(self, tool: Tool) -> str:
        own = self._keys.get(tool.app_id)
        if own is not None:
            return own
        try:
            return self._commands.local_key
        except OSError:  # the window's banner reports it
            return ""

    def _steps_of(self, tool: Tool, model: str) -> ToolSteps:
        chosen = choose_models(tool, self._models, {MAIN: model}).models
        listed = usable_models(self._models)
        small = chosen.get(SMALL, "")
        key = self._key_of(tool)
        connection = Connection(self._base_url(), key, model, small, listed=listed)
        return ToolSteps(tool, connection, self._shell, self._words)

    def _key_view(self, tool: Tool, name: str) -> KeyView:
        tr = self._words.tr
        if self._key_problem:
            return KeyView(self._key_problem, tr("Make a key for {name}").format(name=name))
        if tool.app_id in self._keys:
            line = tr("The steps carry a key of {name}'s own. It is shown until you quit.")
            return KeyView(line.format(name=name))
        if not self._commands.status.requires_key:
            return KeyView(tr("No key is required now; the steps carry the local one."))
        if self._make_key is None or tool.app_id == "other":
            return KeyView(tr("The steps carry the local key. Copy takes all of it."))
        return KeyView(
            tr(
                "The steps carry the local key. Give this tool its own key to revoke it separately."
            ),
            tr("Make a key for {name}").format(name=name),
        )
