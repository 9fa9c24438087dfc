"""Our own endpoints: health, readiness, metrics, usage, activity. Counts and names only."""

from __future__ import annotations

import dataclasses
from typing import Any

from aiohttp import web
from msgspec.structs import asdict

from proxy_core.server.admin.metrics import CONTENT_TYPE, render_metrics
from proxy_core.server.admin.readiness import why_not_ready
from proxy_core.server.admin.usage_totals import UsageTotals
from proxy_core.server.http.responses import json_answer
from proxy_core.server.parts import ServerContext
from proxy_core.status.status import RequestRecord, Status, UpstreamStatus

_RECORD_FIELDS = tuple(each for each in RequestRecord.__struct_fields__ if each != "message")
"""Without what may quote a request."""


class StatusHandlers:
    def __init__(self, parts: ServerContext, totals: UsageTotals) -> None:
        self._parts = parts
        self._totals = totals

    async def hello(self, _request: web.Request) -> web.Response:
        return json_answer({"name": "g-copilot-proxy", "version": self._parts.version})

    async def health(self, _request: web.Request) -> web.Response:
        """Needs no key, so it only reports whether requests can be served."""
        account = self._parts.board.published.account
        return json_answer(
            {
                "status": "ok",
                "name": "g-copilot-proxy",
                "version": self._parts.version,
                "account": account.state.value,
            }
        )

    async def ready(self, _request: web.Request) -> web.Response:
        """Needs no key, as orchestrators' probes have none; 503 while model calls are not served."""
        reason = self._why_not_ready(self._parts.board.published)
        if reason is None:
            return json_answer({"status": "ready"})
        return json_answer({"status": "not_ready", "reason": reason}, status=503)

    async def metrics(self, _request: web.Request) -> web.Response:
        status = self._parts.board.current  # so that all that ended is counted
        text = render_metrics(
            status,
            self._totals.by_model,
            version=self._parts.version,
            since=self._totals.since,
            is_ready=self._why_not_ready(status) is None,
            now=self._parts.clock.wall(),
        )
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    def _why_not_ready(self, status: Status) -> str | None:
        now = self._parts.clock.wall()
        return why_not_ready(status, now, accepts_guests=self._parts.accepts_guests())

    async def usage(self, _request: web.Request) -> web.Response:
        quotas = self._parts.quotas()  # looks at the status, and so has all that ended counted
        return json_answer({**self._totals.as_json(), "quotas": quotas})

    async def activity(self, _request: web.Request) -> web.Response:
        status = self._parts.board.current
        problem = status.background_problem
        return json_answer(
            {
                "object": "activity",
                "problem": None if problem is None else problem.message,
                "active": [_shown(each) for each in status.active],
                "recent": [_shown(each) for each in status.recent],
                "upstream": _with_problem(status.upstream),
                "learned": [asdict(each) for each in status.parameter_refusals],
            }
        )


def _with_problem(upstream: UpstreamStatus) -> dict[str, Any]:
    problem = upstream.problem and dataclasses.asdict(upstream.problem)
    return {**asdict(upstream), "problem": problem}


def _shown(record: RequestRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _RECORD_FIELDS}
