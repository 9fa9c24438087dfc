"""Runs the user's commands on the service, and reports failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from desktop.presenters.home.server_state import can_start, port_of
from desktop.presenters.notices.notices import Notice, Severity
from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.words import Words
from proxy_core.errors import ProxyError
from proxy_core.status.status import AccountState, ServerState, Status

HIGHEST_PORT = 65535


class ServerControl:
    """Runs commands one after the other as the user gives them; failures become a notice.

    ``changed`` is called when the notice changed. A command begins when its method is called; the
    returned coroutine waits for its end, on the window's loop. In between it counts as running,
    even before the coroutine has started.
    """

    def __init__(
        self, commands: ServiceCommands, words: Words, changed: Callable[[], None]
    ) -> None:
        self._commands = commands
        self._words = words
        self._changed = changed
        self._wanted = commands.settings.desktop.start_server
        self._notice: Notice | None = None
        self._running = 0

    @property
    def notice(self) -> Notice | None:
        """Why the last command failed, unless the server's own state says so already."""
        return self._notice

    def start(self) -> Coroutine[Any, Any, bool]:
        self._wanted = True
        return self._carry_out(self._commands.submit(lambda commands: commands.start()))

    def stop(self) -> Coroutine[Any, Any, bool]:
        self._wanted = False
        return self._carry_out(self._commands.submit(lambda commands: commands.stop()))

    def sign_out(self) -> Coroutine[Any, Any, bool]:
        return self._carry_out(self._commands.submit(lambda commands: commands.sign_out()))

    async def use_next_port(self) -> None:
        """Move to the port above the one that is taken, and start there."""
        port = next_port(port_of(self._commands.status, self._commands.settings))
        if await self._carry_out(
            self._commands.submit(lambda commands: commands.change_settings("server.port", port))
        ):
            await self.start()

    def change(self, key: str, value: Any) -> Coroutine[Any, Any, bool]:
        """Change one setting."""
        return self._carry_out(
            self._commands.submit(lambda commands: commands.change_settings(key, value))
        )

    def pause(self, seconds: float | None) -> Coroutine[Any, Any, bool]:
        """Refuse all requests for ``seconds``; None: until resumed."""
        return self._carry_out(self._commands.submit(lambda commands: commands.pause(seconds)))

    def resume(self) -> Coroutine[Any, Any, bool]:
        return self._carry_out(self._commands.submit(lambda commands: commands.resume()))

    def toggle_asking(self) -> Coroutine[Any, Any, bool]:
        """Ask before any request is sent, or stop asking."""
        asks = self._commands.settings.budget.ask_before_sending
        return self._carry_out(
            self._commands.submit(
                lambda commands: commands.change_settings("budget.ask_before_sending", not asks)
            )
        )

    def fetch_update(self) -> Coroutine[Any, Any, bool]:
        """Fetch the version that a notice told of; another notice says when it is there."""
        return self._carry_out(self._commands.submit(lambda commands: commands.fetch_update()))

    def install_backend(self) -> Coroutine[Any, Any, bool]:
        """Install what the chosen backend needs. The notice says so meanwhile; another one, of the
        service, says when it is there."""
        tr = self._words.tr
        running = Notice(
            Severity.INFO,
            tr("The library pi-ai is being installed"),
            tr("About 140 MB come from npm. You can go on working."),
        )
        future = self._commands.submit(lambda commands: commands.install_backend())
        self._tell(running)
        return self._installed(future, running)

    async def _installed(self, future: Future[None], running: Notice) -> bool:
        # Not counted as running: the server may start by itself in these minutes.
        failure = None
        try:
            await asyncio.wrap_future(future)
        except ProxyError as error:
            failure = Notice(Severity.FAILURE, *self._words.failed(error))
        if failure is not None or self._notice == running:
            self._tell(failure)
        return failure is None

    def restore_settings(self) -> Coroutine[Any, Any, bool]:
        """Put the settings file that was kept aside last back; the present one is kept aside then."""
        return self._carry_out(self._commands.submit(lambda commands: commands.restore_settings()))

    def allow_more(self, period: str, amount: float) -> Coroutine[Any, Any, bool]:
        """Raise the budget of the current ``day`` or ``month`` only."""
        return self._carry_out(
            self._commands.submit(lambda commands: commands.allow_more(period, amount))
        )

    def should_start(self, status: Status) -> bool:
        """Whether to start without being asked: at launch, and after signing in.

        Only if it is off: a failed start is repeated by the user, not by us.
        """
        return (
            self._wanted
            and not self._running
            and status.server.state is ServerState.OFF
            and status.account.state is AccountState.SIGNED_IN
            and can_start(status)
        )

    def _carry_out(self, future: Future[None]) -> Coroutine[Any, Any, bool]:
        self._running += 1
        self._tell(None)
        return self._outcome(future)

    async def _outcome(self, future: Future[None]) -> bool:
        """Wait for a command's end; return whether it worked."""
        try:
            await asyncio.wrap_future(future)
        except ProxyError as error:
            if self._commands.status.server.state is not ServerState.FAILED:
                self._tell(Notice(Severity.FAILURE, *self._words.failed(error)))
            return False
        finally:
            self._running -= 1
        return True

    def _tell(self, notice: Notice | None) -> None:
        if notice != self._notice:
            self._notice = notice
            self._changed()


def next_port(port: int) -> int:
    return port + 1 if 0 < port < HIGHEST_PORT else 4141
