"""What the presenters need of the running proxy, and no more.

``proxy_core.app.service.ProxyService`` fits; tests hand in a fake. Commands may be called from any
thread and answer with a future; failures are ``ProxyError``.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from proxy_core.app.trial import Trial
from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.canonical.model import Model
from proxy_core.config.settings import Settings, TokenStorage
from proxy_core.doctor.finding import Finding
from proxy_core.status.request_trace import RequestTrace
from proxy_core.status.sign_in_progress import SignInProgress
from proxy_core.status.status import AccountStatus, Status
from proxy_core.usage.report import UsageReport


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

    def usage_report(
        self, first: date | None = None, last: date | None = None, client: str | None = None
    ) -> Future[UsageReport]: ...

    def export_usage(
        self, path: Path, first: date | None = None, last: date | None = None
    ) -> Future[int]: ...

    def models(self, refresh: bool = False) -> Future[tuple[Model, ...]]: ...

    def try_model(self, model_id: str, prompt: str) -> Future[Trial]: ...

    def answer_approval(
        self, request_id: str, *, send: bool, stop_asking: bool = False
    ) -> Future[bool]: ...

    def answer_approvals_of(self, client: str, *, send: bool) -> Future[int]: ...

    def pause_client(self, client: str, seconds: float | None = None) -> Future[None]: ...

    def resume_client(self, client: str) -> Future[None]: ...

    def pause(self, seconds: float | None = None) -> Future[None]: ...

    def resume(self) -> Future[None]: ...

    def allow_more(self, period: str, credits: float) -> Future[None]: ...  # noqa: A002

    def start_tracing(self, seconds: float) -> Future[None]: ...

    def stop_tracing(self) -> Future[None]: ...

    def trace_of(self, request_id: str) -> Future[RequestTrace | None]: ...

    def cancel_request(self, request_id: str) -> Future[bool]: ...

    def forget_learned(self, model_id: str, endpoint: str, member: str) -> Future[bool]: ...

    def enable_model(self, model_id: str) -> Future[Model]: ...

    def forget_usage(self) -> Future[int]: ...

    def client_keys(self) -> Future[tuple[ClientKey, ...]]: ...

    def make_client_key(self, name: str) -> Future[NewClientKey]: ...

    def revoke_client_key(self, key_id: str) -> Future[bool]: ...

    def run_doctor(self, on_finding: Callable[[Finding], None]) -> Future[tuple[Finding, ...]]: ...
