"""A service that answers when the walk says so, and then does what the real one would."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import msgspec
from msgspec.structs import replace

from proxy_core.errors import BadRequest, Problem
from proxy_core.status.status import (
    AccountState,
    AccountStatus,
    RequestState,
    ServerState,
    ServerStatus,
)
from tests.desktop.fake_service import RUNNING, SIGNED_IN, FakeService, record
from tests.desktop.presenters import usage_reports

OFF = ServerStatus(ServerState.OFF)
TAKEN = replace(
    OFF,
    state=ServerState.FAILED,
    port=4141,
    problem=Problem("Port 4141 is taken", "Another program has it.", code="port_in_use"),
)
RESULTS: dict[str, Callable[[], Any]] = {
    "start": lambda: None,
    "stop": lambda: None,
    "sign_out": lambda: None,
    "pause": lambda: None,
    "resume": lambda: None,
    "pause_client": lambda: None,
    "resume_client": lambda: None,
    "cancel_request": lambda: True,
    "requests_before": lambda: (),
    "models": lambda: (),
    "client_keys": lambda: (),
    "main_key_used_at": lambda: None,
    "run_doctor": lambda: (),
    "usage_report": usage_reports.make_report,
}
"""What a command that succeeds returns; the others only ever fail here."""


def requests(running: int, ended: int) -> dict[str, Any]:
    streaming = {"state": RequestState.STREAMING, "duration": None}
    return {
        "active": tuple(record(number, **streaming) for number in range(1, running + 1)),
        "recent": tuple(record(100 + number) for number in range(ended)),
    }


NEWS: dict[str, Callable[[], dict[str, Any]]] = {
    "requests run": lambda: requests(3, 12),
    "requests ended": lambda: requests(0, 15),
    "the port is taken": lambda: {"server": TAKEN, **requests(0, 15)},
    "the server runs": lambda: {"server": RUNNING},
    "the session expired": lambda: {"account": AccountStatus(AccountState.EXPIRED, "octocat")},
    "signed in": lambda: {"account": SIGNED_IN},
    "nobody is signed in": lambda: {"account": AccountStatus(AccountState.SIGNED_OUT)},
    "a quota": lambda: {"quotas": (usage_reports.QUOTA,), "budget": usage_reports.BUDGET},
}
"""What happens by itself. That the server stops is not among it."""


class WalkedService(FakeService):
    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[str, tuple[Any, ...], Future[Any]]] = []
        self.change(**requests(0, 15))

    def tell(self, name: str) -> None:
        self.publish(**NEWS[name]())

    def settle(self, number: int, *, well: bool) -> None:
        """Answer one of the commands that wait, if any does."""
        self.waiting = [each for each in self.waiting if not each[2].done()]
        if not self.waiting:
            return
        name, arguments, future = self.waiting.pop(number % len(self.waiting))
        if not future.set_running_or_notify_cancel():
            return
        if name == "change_settings" and well and self._change_setting(*arguments):
            future.set_result(None)
        elif well and name in RESULTS:
            if name in ("start", "stop"):
                self.publish(server=RUNNING if name == "start" else OFF)
            future.set_result(RESULTS[name]())
        else:
            future.set_exception(BadRequest("It did not work.", title="Refused"))

    def _change_setting(self, dotted: str, value: object) -> bool:
        whole = msgspec.to_builtins(self.settings)
        section, _, name = dotted.partition(".")
        whole[section][name] = msgspec.to_builtins(value)
        try:
            self.settings = msgspec.convert(whole, type(self.settings), strict=False)
        except msgspec.ValidationError:
            return False
        self.publish()
        return True

    def _command(self, name: str, *arguments: Any) -> Future[Any]:
        future = super()._command(name, *arguments)
        if not future.done():
            self.waiting.append((name, arguments, future))
        return future
