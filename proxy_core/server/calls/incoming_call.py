"""One call as it comes in: who asks, how its body is read, and where its answer goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from proxy_core.dialects.interface import Dialect
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.server.calls.response_writer import ResponseWriter
from proxy_core.server.calls.shared_admission import SharedAdmission
from proxy_core.server.calls.whole_response import WholeResponse
from proxy_core.server.records.in_flight import Ticket
from proxy_core.server.records.request_log import RequestLogEntry

ReadMembers = Callable[[], Awaitable[Mapping[str, Any]]]
"""Returns the members of the request, each as ``msgspec.Raw``. Raises ProxyError."""
Respond = Callable[[PlannedCall], ResponseWriter | WholeResponse]
"""Opens the response to the client once the call is planned: events, or one body."""


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """The caller and its dialect. ``headers`` are case-insensitive."""

    dialect: Dialect
    headers: Mapping[str, str]
    entry: RequestLogEntry
    ticket: Ticket
    shared: SharedAdmission | None = None
    """For a call that answers its client together with others."""
