"""What the presenters need of the running proxy, and no more.

``proxy_core.app.service.ProxyService`` fits; tests hand in a fake. Commands may be called from any
thread and answer with a future; failures are ``ProxyError``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from proxy_core.app.trial import Trial
from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.canonical.model import Model
from proxy_core.config.settings import Settings, TokenStorage
from proxy_core.doctor.finding import Finding
from proxy_core.status.sign_in_progress import SignInProgress
from proxy_core.status.status import AccountStatus, Status
from proxy_core.usage.commands import UserCommands

Result = TypeVar("Result")


class ServiceCommands(Protocol):
    @property
    def status(self) -> Status: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def local_key(self) -> str: ...

    def start(self) -> Future[None]: ...

    def stop(self) -> Future[None]: ...

    def sign_in(
        self,
        on_progress: Callable[[SignInProgress], None],
        github_host: str | None = None,
    ) -> Future[AccountStatus]: ...

    def choose_token_storage(self, storage: TokenStorage) -> Future[None]: ...

    def sign_out(self) -> Future[None]: ...

    def change_settings(self, dotted: str, value: Any) -> Future[None]: ...

    def submit(
        self, command: Callable[[UserCommands], Coroutine[Any, Any, Result]]
    ) -> Future[Result]:
        """Carry out one command of the user: ``submit(lambda commands: commands.pause(60))``."""
        ...

    def models(self, refresh: bool = False) -> Future[tuple[Model, ...]]: ...

    def try_model(self, model_id: str, prompt: str) -> Future[Trial]: ...

    def forget_refusal(self, model_id: str, endpoint: str, member: str) -> Future[bool]: ...

    def enable_model(self, model_id: str) -> Future[Model]: ...

    def client_keys(self) -> Future[tuple[ClientKey, ...]]: ...

    def make_client_key(self, name: str) -> Future[NewClientKey]: ...

    def revoke_client_key(self, key_id: str) -> Future[bool]: ...

    def run_doctor(self, on_finding: Callable[[Finding], None]) -> Future[tuple[Finding, ...]]: ...
