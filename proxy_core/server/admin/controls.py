"""What the user's own commands (``approve``, ``pause``, ``usage``) ask of a running server."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from proxy_core.status.approvals import WaitingApproval
from proxy_core.usage.report import UsageReport


class Controls(Protocol):
    """Failures are ProxyErrors; see ``proxy_core.usage.commands``."""

    async def usage_report(
        self, first: date | None = None, last: date | None = None, client: str | None = None
    ) -> UsageReport: ...

    async def waiting_approvals(self) -> tuple[WaitingApproval, ...]: ...

    async def answer_approval(
        self, request_id: str, *, send: bool, stop_asking: bool = False
    ) -> bool: ...

    async def answer_approvals_of(self, client: str, *, send: bool) -> int: ...

    async def pause_client(self, client: str, seconds: float | None = None) -> None: ...

    async def resume_client(self, client: str) -> None: ...

    async def pause(self, seconds: float | None = None) -> None: ...

    async def resume(self) -> None: ...
