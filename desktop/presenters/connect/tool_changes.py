"""Connecting tools for the window: what would change, what was changed, and the way back.

Everything that looks at the disk runs in a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from desktop.presenters.connect.change_view import (
    ChangeView,
    DiffLineView,
    FileView,
    RoleView,
)
from desktop.presenters.connect.in_thread import in_thread
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.canonical.model import Model
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connecting.connector import Connector
from proxy_core.clients.connecting.plan import KEY_PLACEHOLDER, DiffLine, diff_lines
from proxy_core.clients.connecting.receipt import Stage
from proxy_core.clients.connecting.state import Condition, ToolState
from proxy_core.clients.connecting.verification import Verified, ask_once
from proxy_core.clients.connection import Connection
from proxy_core.clients.location import Location
from proxy_core.clients.model_choice import ModelChoice, credits_per_million
from proxy_core.clients.tool import Tool
from proxy_core.errors import ProxyError

_TIED = (Condition.CONNECTED, Condition.CHANGED, Condition.UNFINISHED)
"""Conditions in which there is something of ours to take back."""


@dataclass(frozen=True, slots=True)
class _FileDiff:
    path: Path
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is known of one tool's files: the difference, and what became of the last attempt."""

    diffs: tuple[_FileDiff, ...] = ()
    problem: str = ""
    done: str = ""
    detail: str = ""


class ToolChanges:
    """``connector`` and ``location`` are those of this computer and this user."""

    def __init__(self, connector: Connector, location: Location, words: Words) -> None:
        self._connector = connector
        self._location = location
        self._words = words
        self._states: Mapping[str, ToolState] = {}
        self._shown: dict[str, _Shown] = {}
        self._busy: set[str] = set()
        self._planned: dict[str, Connection] = {}

    async def look(self, base_url: str) -> None:
        """Look at every tool's files."""
        self._states = await in_thread(
            lambda: {
                app_id: self._connector.state(tool, base_url) for app_id, tool in TOOLS.items()
            }
        )

    async def ports(self) -> Mapping[str, int]:
        """Return the port that each connected tool was given, by the tool's name."""
        receipts = await in_thread(self._connector.receipts)
        found = {
            TOOLS[each.app_id].name: urlsplit(each.base_url).port
            for each in receipts
            if each.app_id in TOOLS and each.stage is Stage.CONNECTED
        }
        return {name: port for name, port in found.items() if port is not None}

    async def with_the_main_key(self) -> tuple[str, ...]:
        """Return the connected tools that carry the main key, by name."""
        receipts = await in_thread(self._connector.receipts)
        return tuple(
            TOOLS[each.app_id].name
            for each in receipts
            if each.app_id in TOOLS and each.stage is Stage.CONNECTED and not each.key_id
        )

    def can_write(self, tool: Tool) -> bool:
        blank = Connection("http://127.0.0.1", KEY_PLACEHOLDER, "")
        return tool.configure is not None and bool(tool.configure(blank, self._location))

    def state_of(self, tool: Tool) -> ToolState:
        return self._states.get(tool.app_id, ToolState(Condition.STEPS_ONLY))

    def is_connected(self, tool: Tool) -> bool:
        return self.state_of(tool).condition in _TIED

    def has_key(self, tool: Tool) -> bool:
        """Whether it is connected with a key of its own."""
        receipt = self.state_of(tool).receipt
        return self.is_connected(tool) and receipt is not None and bool(receipt.key_id)

    def models_of(self, tool: Tool) -> Mapping[str, str]:
        """The models it was connected with, by role; empty where it was not."""
        receipt = self.state_of(tool).receipt
        return {} if receipt is None else receipt.models

    async def plan(self, tool: Tool, connection: Connection) -> None:
        """Work out what connecting would change, unless that was just done."""
        if not self.can_write(tool) or self._planned.get(tool.app_id) == connection:
            return
        self._planned[tool.app_id] = connection
        before = self._shown.get(tool.app_id, _Shown())
        try:
            diffs = await in_thread(lambda: self._plan(tool, connection))
        except (ProxyError, OSError) as error:
            self._shown[tool.app_id] = _Shown(problem=_message(error))
            return
        if before.done and not any(each.lines for each in diffs):
            return  # what was just changed is still what there is to show
        disconnected = before.done if not self.is_connected(tool) else ""
        self._shown[tool.app_id] = _Shown(
            diffs, "", disconnected, before.detail if disconnected else ""
        )

    def planned_address(self, tool: Tool) -> str | None:
        """The server's address in the change that is shown; None where none was worked out."""
        planned = self._planned.get(tool.app_id)
        return None if planned is None else planned.base_url

    def forget_plan(self, tool: Tool) -> None:
        """Have the next :meth:`plan` read the files again."""
        self._planned.pop(tool.app_id, None)

    async def check(self, tool: Tool, connection: Connection) -> None:
        """Raise ProxyError or OSError where its files cannot be written."""
        await in_thread(lambda: self._connector.plan(tool, connection))

    def refuse(self, tool: Tool, error: ProxyError | OSError) -> None:
        """Show why it could not be connected."""
        self._shown[tool.app_id] = _Shown(problem=_message(error))

    async def connect(self, tool: Tool, connection: Connection) -> None:
        await self._change(tool, lambda: self._connect(tool, connection), connection.base_url)

    async def disconnect(self, tool: Tool, base_url: str) -> None:
        await self._change(tool, lambda: self._disconnect(tool), base_url)

    async def ask(self, tool: Tool, base_url: str, model: str) -> Verified:
        """Send one request as the tool would: by its API, with its own key.

        Raises ProxyError with the server's words.
        """
        return await in_thread(
            lambda: ask_once(tool.wire, base_url, self._connector.key_in_use(tool) or "", model)
        )

    def row(self, tool: Tool, base_url: str) -> tuple[Shape, str] | None:
        """How the list shows the tool; None where nothing is to be said of its files."""
        tr, state = self._words.tr, self.state_of(tool)
        match state.condition:
            case Condition.CONNECTED if state.address not in ("", base_url):
                return Shape.ATTENTION, tr("Points at a port that is silent")
            case Condition.CONNECTED:
                return Shape.DONE, tr("Connected")
            case Condition.CHANGED:
                return Shape.ATTENTION, tr("Changed by another program since")
            case Condition.UNFINISHED:
                return Shape.ATTENTION, tr("Was interrupted: repair it")
            case Condition.BY_HAND:
                return Shape.DONE, tr("Connected by hand")
            case Condition.ELSEWHERE:
                return Shape.OFF, tr("Points at another address")
            case Condition.UNREADABLE:
                return Shape.FAILED, tr("Its settings cannot be read")
        return None

    def view(
        self,
        tool: Tool,
        choice: ModelChoice,
        models: tuple[Model, ...],
        *,
        base_url: str,
        undo_on_quit: bool,
    ) -> ChangeView:
        tr = self._words.tr
        shown = self._shown.get(tool.app_id, _Shown())
        connected, busy = self.is_connected(tool), tool.app_id in self._busy
        name = tool.name
        shape, note = self._note(tool, shown, base_url)
        changes = not shown.done and any(each.lines for each in shown.diffs)
        text = ""
        if not connected:
            text = tr("Connect {name}").format(name=name)
        elif changes and not shown.problem:
            text = tr("Apply the change")
        retired = [
            tr("{model} is no longer offered; {successor} takes its place.").format(
                model=each.model, successor=each.successor
            )
            for each in choice.retired
        ]
        return ChangeView(
            roles=tuple(self._role(tool, each.name, choice, models) for each in tool.roles),
            prices_title=tr("credits per 1M tokens: in, cached, out"),
            files_title=tr("What changes") if changes or not connected else tr("What was changed"),
            files=tuple(self._file(each) for each in shown.diffs if each.lines),
            shape=shape,
            note=note,
            detail=" ".join(filter(None, (*retired, shown.detail))),
            connect_text="" if shown.problem and not connected else text,
            disconnect_text=tr("Undo") if connected else "",
            is_connected=connected,
            busy=busy,
            backup=tr("A backup is kept; Undo restores this very file."),
            undo_on_quit=undo_on_quit,
        )

    async def _change(self, tool: Tool, work: Callable[[], _Shown], base_url: str) -> None:
        if tool.app_id in self._busy:
            return
        self._busy.add(tool.app_id)
        try:
            self._shown[tool.app_id] = await in_thread(work)
        except (ProxyError, OSError) as error:
            self._shown[tool.app_id] = _Shown(problem=_message(error))
        finally:
            self._busy.discard(tool.app_id)
            self._planned.pop(tool.app_id, None)
        await self.look(base_url)

    def _plan(self, tool: Tool, connection: Connection) -> tuple[_FileDiff, ...]:
        key = self._connector.key_in_use(tool) or KEY_PLACEHOLDER
        plans = self._connector.plan(tool, connection)
        return tuple(
            _FileDiff(each.path, diff_lines(each.current, each.after, key)) for each in plans
        )

    def _connect(self, tool: Tool, connection: Connection) -> _Shown:
        done = self._connector.connect(tool, connection)
        key = self._connector.key_in_use(tool) or ""
        tr, declared = self._words.tr, self._words.declared
        return _Shown(
            tuple(
                _FileDiff(each.path, diff_lines(each.current, each.after, key))
                for each in done.plans
                if each.changes
            ),
            done=tr("{name} is connected").format(name=tool.name),
            detail=declared(tool.afterwards) if tool.afterwards else "",
        )

    def _disconnect(self, tool: Tool) -> _Shown:
        done = self._connector.disconnect(tool)
        tr = self._words.tr
        name = tool.name
        if done.left:
            what = ", ".join(each.what for each in done.left)
            return _Shown(
                done=tr("{name} is disconnected").format(name=name),
                detail=tr("Another program had changed {what}; that was left.").format(what=what),
            )
        detail = tr("Its settings are what they were before.")
        if done.merged:
            detail = tr("Its settings were changed since. Your edit stays, ours is removed.")
        if done.lost:
            detail = tr(
                "Its backup was gone. Ours is removed, and what it replaced is not put back."
            )
        return _Shown(done=tr("{name} is disconnected").format(name=name), detail=detail)

    def _note(self, tool: Tool, shown: _Shown, base_url: str) -> tuple[Shape, str]:
        tr, state = self._words.tr, self.state_of(tool)
        if tool.app_id in self._busy:
            return Shape.STREAMING, tr("Writing its settings")
        if shown.problem:
            return Shape.FAILED, shown.problem
        match state.condition:
            case Condition.CONNECTED if state.address != base_url:
                said = tr("It points at {address}, where this server is not. Apply the change.")
                return Shape.ATTENTION, said.format(address=state.address)
            case Condition.CHANGED:
                what = ", ".join(each.what or each.path.name for each in state.drift)
                said = tr("Another program has changed {what} since. Undo leaves that as it is.")
                return Shape.ATTENTION, said.format(what=what)
            case Condition.UNFINISHED:
                return Shape.ATTENTION, tr("The app was stopped while it wrote. Undo repairs it.")
            case Condition.ELSEWHERE:
                said = tr("It points at {address} now.")
                return Shape.OFF, said.format(address=state.address)
        if shown.done:
            return Shape.DONE, shown.done
        if state.condition is Condition.CONNECTED:
            return Shape.DONE, tr("{name} is connected").format(name=tool.name)
        return Shape.OFF, ""

    def _role(
        self, tool: Tool, name: str, choice: ModelChoice, models: tuple[Model, ...]
    ) -> RoleView:
        role = next(each for each in tool.roles if each.name == name)
        chosen = choice.models[name]
        pairs = [(each.id, each.id) for each in models]
        if chosen not in {each.id for each in models}:
            pairs.insert(0, (chosen, chosen))
        known = {each.id: each for each in models}
        prices = credits_per_million(known.get(chosen))
        said = ""
        if prices is not None:
            said = ", ".join("–" if each is None else f"{each:,g}" for each in prices)
        return RoleView(name, self._words.declared(role.title), tuple(pairs), chosen, said)

    def _file(self, diff: _FileDiff) -> FileView:
        tr = self._words.tr
        added = sum(each.sign == "+" for each in diff.lines)
        removed = sum(each.sign == "-" for each in diff.lines)
        path = _shortened(diff.path, self._location.home)
        said = tr("{path}: {added} lines are added, {removed} removed")
        stay = tr("other lines stay as they are")
        return FileView(
            path,
            f"+{added}",
            f"−{removed}",
            said.format(path=path, added=added, removed=removed),
            tuple(
                DiffLineView(each.sign, each.number, each.text if each.number else stay)
                for each in diff.lines
            ),
        )


def _shortened(path: Path, home: Path) -> str:
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _message(error: ProxyError | OSError) -> str:
    if isinstance(error, ProxyError):
        return error.message
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)
