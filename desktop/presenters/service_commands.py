"""The interface of the running proxy that presenters use.

Implemented by ``proxy_core.app.service.ProxyService``, and by a fake in tests. Commands may be
called from any thread and return a future; failures are ``ProxyError``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from proxy_core.app.commands import Commands
from proxy_core.config.settings import Settings
from proxy_core.status.status import Status

Result = TypeVar("Result")


class ServiceCommands(Protocol):
    @property
    def status(self) -> Status: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def local_key(self) -> str: ...

    def submit(self, command: Callable[[Commands], Coroutine[Any, Any, Result]]) -> Future[Result]:
        """Carry out one command of the user: ``submit(lambda commands: commands.start())``."""
        ...
