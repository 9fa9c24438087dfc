"""One short request as a tool would send it, and what came of it."""

from __future__ import annotations

import asyncio

from desktop.presenters.connect.connect_view import TestView
from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.presenters.home.server_state import is_serving
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.app.trial import Trial
from proxy_core.clients.tool import Tool
from proxy_core.errors import ProxyError
from proxy_core.status.status import RequestRecord, RequestState

TEST_PROMPT = "Answer with the single word: ready"
_SMALLEST_SHOWN = 100_000_000
"""In nano-credits: the smallest amount shown with one decimal."""


class ToolTrials:
    """The last trial of each tool. ``changes`` is None where no tool's settings are written."""

    def __init__(
        self, commands: ServiceCommands, words: Words, changes: ToolChanges | None
    ) -> None:
        self._commands = commands
        self._words = words
        self._changes = changes
        self._views: dict[str, TestView] = {}

    @property
    def can_run(self) -> bool:
        return is_serving(self._commands.status)

    def note(self) -> str:
        """Return what stands beside the button."""
        tr = self._words.tr
        if not self.can_run:
            return tr("Start the server to test it")
        return tr("One short request, paid like any other")

    def view(self, tool: Tool) -> TestView:
        return self._views.get(tool.app_id, TestView())

    def forget(self, tool: Tool) -> None:
        self._views.pop(tool.app_id, None)

    def forget_all(self) -> None:
        self._views.clear()

    async def run(self, tool: Tool, model: str, base_url: str) -> None:
        """Send the request through the server; ``view`` says how it stands."""
        tr = self._words.tr
        self._views[tool.app_id] = TestView(
            Shape.STREAMING, tr("Waiting for {model}").format(model=model), running=True
        )
        try:
            answer = await self._asked(tool, model, base_url)
        except ProxyError as error:
            self._views[tool.app_id] = TestView(Shape.FAILED, *self._words.failed(error))
        except asyncio.CancelledError:
            self.forget(tool)
            raise
        else:
            self._views[tool.app_id] = TestView(
                Shape.DONE,
                self._answered(model, answer),
                answer.answer or tr("The answer is empty."),
            )

    async def _asked(self, tool: Tool, model: str, base_url: str) -> Trial:
        """Ask as the tool would where it is connected, else with the local key."""
        if self._changes is None or not self._changes.has_key(tool):
            return await asyncio.wrap_future(
                self._commands.submit(lambda commands: commands.try_model(model, TEST_PROMPT))
            )
        verified = await self._changes.ask(tool, base_url, model)
        record = last_request(self._commands, tool)
        price = None if record is None else record.nano_credits
        return Trial(model, verified.text, verified.seconds, 0, 0, price)

    def _answered(self, model: str, answer: Trial) -> str:
        tr, words = self._words.tr, self._words
        took = words.took(answer.seconds)
        if answer.nano_credits is None:
            return tr("{model} answered in {took}").format(model=model, took=took)
        if 0 < answer.nano_credits < _SMALLEST_SHOWN:
            return tr("{model} answered in {took}, less than {credits} credits").format(
                model=model, took=took, credits=words.credits(_SMALLEST_SHOWN)
            )
        return tr("{model} answered in {took}, {credits} credits").format(
            model=model, took=took, credits=words.credits(answer.nano_credits)
        )


def last_request(commands: ServiceCommands, tool: Tool) -> RequestRecord | None:
    """Return the newest request with the tool's name, or its key's name."""
    status = commands.status
    for record in (*reversed(status.active), *status.recent):
        named = record.client in (*tool.seen_as, tool.name)
        if named and record.state is not RequestState.FAILED:
            return record
    return None
