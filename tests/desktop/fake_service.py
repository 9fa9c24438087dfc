"""A scripted service and a clock by hand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

from msgspec.structs import replace

from proxy_core.app.trial import Trial
from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.canonical.model import Model
from proxy_core.config.settings import Settings, TokenStorage
from proxy_core.doctor.finding import Finding
from proxy_core.errors import ProxyError
from proxy_core.status.request_trace import RequestTrace
from proxy_core.status.sign_in_progress import SignInProgress
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    RequestRecord,
    RequestState,
    ServerState,
    ServerStatus,
    Status,
    TokenPlace,
)
from proxy_core.usage.ledger.search import ANY_REQUEST, LedgerSearch
from proxy_core.usage.report import UsageReport

NOW = 1_795_000_000.0
SIGNED_IN = AccountStatus(
    AccountState.SIGNED_IN, "octocat", "individual", token_place=TokenPlace.KEYCHAIN
)
RUNNING = ServerStatus(ServerState.RUNNING, port=4141, since=NOW - (3 * 3600 + 12 * 60))


class Clock:
    """Time that moves only when told to."""

    def __init__(self, start: float = NOW) -> None:
        self.seconds = start

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class FakeService:
    """Keeps every command with its open future; the test settles it and sets the status."""

    def __init__(self) -> None:
        self.status = Status(server=RUNNING, account=SIGNED_IN)
        self.settings = Settings()
        self.local_key = "sk-local-abcdefghijklmnop3f9a"
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.futures: dict[str, Future[Any]] = {}
        self.answers: dict[str, tuple[Exception | None, Any]] = {}
        self.refusal: ProxyError | None = None
        self.on_progress: Callable[[SignInProgress], None] = lambda _: None
        self.on_finding: Callable[[Finding], None] = lambda _: None
        self.listeners: list[Callable[[Status], None]] = []
        self.is_asked_for_requests = False
        """Whether the last listener wants news of requests."""
        self.ends_in_time = True
        self.is_down = False

    def subscribe(
        self, listener: Callable[[Status], None], *, to_requests: bool = True
    ) -> Callable[[], None]:
        self.listeners.append(listener)
        self.is_asked_for_requests = to_requests
        return lambda: self.listeners.remove(listener)

    def publish(self, **parts: Any) -> None:
        """Change the status and tell, as the engine does from its thread."""
        status = self.change(**parts)
        engine = Thread(target=lambda: [listener(status) for listener in self.listeners])
        engine.start()
        engine.join()

    def shutdown(self, timeout: float = 6.0) -> bool:
        self.is_down = True
        return self.ends_in_time

    def start(self) -> Future[None]:
        return self._command("start")

    def stop(self) -> Future[None]:
        return self._command("stop")

    def sign_in(
        self, on_progress: Callable[[SignInProgress], None], github_host: str | None = None
    ) -> Future[AccountStatus]:
        if self.refusal is not None:
            raise self.refusal
        self.on_progress = on_progress
        return self._command("sign_in", github_host)

    def choose_token_storage(self, storage: TokenStorage) -> Future[None]:
        return self._command("choose_token_storage", storage)

    def sign_out(self) -> Future[None]:
        return self._command("sign_out")

    def change_settings(self, dotted: str, value: Any) -> Future[None]:
        return self._command("change_settings", dotted, value)

    def usage_report(
        self, first: date | None = None, last: date | None = None, client: str | None = None
    ) -> Future[UsageReport]:
        return self._command("usage_report", first, last, client)

    def requests_before(
        self, started: float, count: int, search: LedgerSearch = ANY_REQUEST
    ) -> Future[tuple[RequestRecord, ...]]:
        return self._command("requests_before", started, count, search)

    def recorded_clients(self) -> Future[tuple[str, ...]]:
        return self._command("recorded_clients")

    def export_usage(
        self, path: Path, first: date | None = None, last: date | None = None
    ) -> Future[int]:
        return self._command("export_usage", path, first, last)

    def submit(self, command: Callable[[Any], Any]) -> Future[Any]:
        """Carry out a command of the user; ours have the names and arguments of ``UserCommands``."""
        future: Future[Any] = command(self)
        return future

    def models(self, refresh: bool = False) -> Future[tuple[Model, ...]]:
        return self._command("models", refresh)

    def try_model(self, model_id: str, prompt: str) -> Future[Trial]:
        return self._command("try_model", model_id, prompt)

    def enable_model(self, model_id: str) -> Future[Model]:
        return self._command("enable_model", model_id)

    def answer_approval(
        self, request_id: str, *, send: bool, stop_asking: bool = False
    ) -> Future[bool]:
        return self._command("answer_approval", request_id, send, stop_asking)

    def answer_approvals_of(self, client: str, *, send: bool) -> Future[int]:
        return self._command("answer_approvals_of", client, send)

    def pause_client(self, client: str, seconds: float | None = None) -> Future[None]:
        return self._command("pause_client", client, seconds)

    def resume_client(self, client: str) -> Future[None]:
        return self._command("resume_client", client)

    def pause(self, seconds: float | None = None) -> Future[None]:
        return self._command("pause", seconds)

    def resume(self) -> Future[None]:
        return self._command("resume")

    def allow_more(self, period: str, credits: float) -> Future[None]:  # noqa: A002
        return self._command("allow_more", period, credits)

    def start_tracing(self, seconds: float) -> Future[None]:
        return self._command("start_tracing", seconds)

    def trace_of(self, request_id: str) -> Future[RequestTrace | None]:
        return self._command("trace_of", request_id)

    def stop_tracing(self) -> Future[None]:
        return self._command("stop_tracing")

    def fetch_update(self) -> Future[None]:
        return self._command("fetch_update")

    def install_backend(self) -> Future[None]:
        return self._command("install_backend")

    def cancel_request(self, request_id: str) -> Future[bool]:
        return self._command("cancel_request", request_id)

    def forget_refusal(self, model_id: str, endpoint: str, member: str) -> Future[bool]:
        return self._command("forget_refusal", model_id, endpoint, member)

    def answer(self, command: str, error: Exception | None = None, result: Any = None) -> None:
        """Settle the next ``command`` at once: done with ``result``, or failed with ``error``."""
        self.answers[command] = (error, result)

    def restore_settings(self, name: str | None = None) -> Future[None]:
        return self._command("restore_settings", name)

    def forget_usage(self) -> Future[int]:
        return self._command("forget_usage")

    def client_keys(self) -> Future[tuple[ClientKey, ...]]:
        return self._command("client_keys")

    def make_client_key(self, name: str) -> Future[NewClientKey]:
        return self._command("make_client_key", name)

    def replace_client_key(self, key_id: str) -> Future[NewClientKey]:
        return self._command("replace_client_key", key_id)

    def main_key_used_at(self) -> Future[float | None]:
        future = self._command("main_key_used_at")
        if not future.done():
            future.set_result(None)
        return future

    def replace_main_key(self) -> Future[str]:
        return self._command("replace_main_key")

    def revoke_client_key(self, key_id: str) -> Future[bool]:
        return self._command("revoke_client_key", key_id)

    def run_doctor(self, on_finding: Callable[[Finding], None]) -> Future[tuple[Finding, ...]]:
        self.on_finding = on_finding
        return self._command("run_doctor")

    def change(self, **parts: Any) -> Status:
        self.status = replace(self.status, **parts)
        return self.status

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [arguments for called, arguments in self.calls if called == name]

    def _command(self, name: str, *arguments: Any) -> Future[Any]:
        self.calls.append((name, arguments))
        self.futures[name] = future = Future()
        if name in self.answers:
            error, result = self.answers.pop(name)
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        return future


def record(number: int = 1, **changes: Any) -> RequestRecord:
    """A finished request of Claude Code; every field can be changed."""
    values: dict[str, Any] = {
        "request_id": f"r{number}",
        "client": "Claude Code",
        "path": "/v1/messages",
        "model_asked": "claude-sonnet-4.6",
        "started": NOW - 60 * number,
        "state": RequestState.DONE,
        "model": "claude-sonnet-4.6",
        "duration": 12.8,
        "input_tokens": 7_500,
        "cache_read_tokens": 76_400,
        "output_tokens": 1_240,
        "nano_credits": 7_000_000_000,
        "attempts": 1,
    }
    return RequestRecord(**{**values, **changes})
