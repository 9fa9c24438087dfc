"""Actions that are one command to the service each."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from desktop.presenters.actions import PAUSES, Action
from desktop.presenters.home.server_control import ServerControl
from desktop.presenters.notices.limit_notices import MORE_CREDITS


class ServerActions:
    def __init__(
        self, control: ServerControl, spawn: Callable[[Coroutine[Any, Any, Any]], None]
    ) -> None:
        self._control = control
        self._spawn = spawn

    def carry_out(self, action: Action) -> bool:
        """Return whether it was one of these."""
        control = self._control
        if action in PAUSES:
            self._spawn(control.pause(PAUSES[action]))
            return True
        match action:
            case Action.START:
                self._spawn(control.start())
            case Action.USE_NEXT_PORT:
                self._spawn(control.use_next_port())
            case Action.SIGN_OUT:
                self._spawn(control.sign_out())
            case Action.RESUME:
                self._spawn(control.resume())
            case Action.RESTORE_SETTINGS:
                self._spawn(control.restore_settings())
            case Action.FETCH_UPDATE:
                self._spawn(control.fetch_update())
            case Action.INSTALL_BACKEND:
                self._spawn(control.install_backend())
            case Action.TOGGLE_ASKING:
                self._spawn(control.toggle_asking())
            case Action.ALLOW_MORE_TODAY:
                self._spawn(control.allow_more("day", MORE_CREDITS))
            case Action.ALLOW_MORE_THIS_MONTH:
                self._spawn(control.allow_more("month", MORE_CREDITS))
            case _:
                return False
        return True
