"""Commands of the user, carried to the service, and what to say when one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from desktop.presenters.notices import Notice, Severity
from desktop.presenters.server_state import can_start, port_of
from desktop.presenters.service_commands import ServiceCommands
from proxy_core.errors import ProxyError
from proxy_core.status import AccountState, ServerState, Status

HIGHEST_PORT = 65535


class ServerControl:
    """Runs commands one after the other as the user gives them; failures become a notice.

    ``changed`` is called when the notice changed. Coroutines run on the window's loop.
    """

    def __init__(self, commands: ServiceCommands, changed: Callable[[], None]) -> None:
        self._commands = commands
        self._changed = changed
        self._wanted = commands.settings.desktop.start_server
        self._notice: Notice | None = None
        self._in_hand = 0

    @property
    def notice(self) -> Notice | None:
        """Why the last command failed, unless the server's own state says so already."""
        return self._notice

    async def start(self) -> None:
        self._wanted = True
        await self._carry_out(self._commands.start())

    async def stop(self) -> None:
        self._wanted = False
        await self._carry_out(self._commands.stop())

    async def sign_out(self) -> None:
        await self._carry_out(self._commands.sign_out())

    async def use_next_port(self) -> None:
        """Move to the port above the one that is taken, and start there."""
        port = next_port(port_of(self._commands.status, self._commands.settings))
        if await self._carry_out(self._commands.change_settings("server.port", port)):
            await self.start()

    async def pause(self, seconds: float | None) -> None:
        """Refuse all requests politely for so long; None: until resumed."""
        await self._carry_out(self._commands.pause(seconds))

    async def resume(self) -> None:
        await self._carry_out(self._commands.resume())

    async def toggle_asking(self) -> None:
        """Ask before any request is sent, or stop asking."""
        asks = self._commands.settings.budget.ask_before_sending
        await self._carry_out(self._commands.change_settings("budget.ask_before_sending", not asks))

    async def allow_more(self, period: str, amount: float) -> None:
        """Allow so many credits more for the running ``day`` or ``month`` alone."""
        await self._carry_out(self._commands.allow_more(period, amount))

    def should_start(self, status: Status) -> bool:
        """Whether to start without being asked: at launch, and after signing in.

        Only from off: a start that failed is repeated by the user, not by us.
        """
        return (
            self._wanted
            and not self._in_hand
            and status.server.state is ServerState.OFF
            and status.account.state is AccountState.SIGNED_IN
            and can_start(status)
        )

    async def _carry_out(self, future: Future[None]) -> bool:
        self._tell(None)
        self._in_hand += 1
        try:
            await asyncio.wrap_future(future)
        except ProxyError as error:
            if self._commands.status.server.state is not ServerState.FAILED:
                self._tell(Notice(Severity.FAILURE, error.title, error.message))
            return False
        finally:
            self._in_hand -= 1
        return True

    def _tell(self, notice: Notice | None) -> None:
        if notice != self._notice:
            self._notice = notice
            self._changed()


def next_port(port: int) -> int:
    return port + 1 if 0 < port < HIGHEST_PORT else 4141
