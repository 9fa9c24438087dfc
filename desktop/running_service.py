"""What the running app needs of the proxy."""

from __future__ import annotations

from typing import Protocol

from desktop.presenters.service_commands import ServiceCommands
from desktop.system.status_feed import Subscribe


class RunningService(ServiceCommands, Protocol):
    @property
    def subscribe(self) -> Subscribe: ...

    def shutdown(self, timeout: float = ...) -> bool: ...
