"""A request handler that lets calls through to the simulator and breaks what they were told to.

A call is recognised by the word ``plan-N`` in its body. All chance comes from the plan's seed.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import random
import re
import ssl
import weakref
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
from aiohttp.client_reqrep import ConnectionKey

from proxy_core.upstream.transport.connection_errors import connection_failure
from proxy_core.upstream.transport.request_handler import (
    OutboundRequest,
    OutboundResponse,
    RequestContext,
    RequestHandler,
)

_PLAN = re.compile(rb"plan-(\d+)")
_SPOKEN = re.compile(rb"fault\.(\w+)\.(\w+)\.(\d+)")
HUGE_BYTES = 65 * 1024 * 1024
_EVENT_STREAM = {"content-type": "text/event-stream"}
_JSON = {"content-type": "application/json"}

_IN_PHASE = {
    "text": re.compile(
        rb'"text_delta"|response\.output_text\.delta|"delta":\s*\{[^}]*"content":\s*"[^"]'
    ),
    "call": re.compile(rb'"input_json_delta"|function_call_arguments\.delta|"arguments":\s*"[^"]'),
    "last_event": re.compile(rb'"message_delta"|response\.completed|"finish_reason":\s*"'),
}
"""By what an event of any endpoint is known to belong to a phase; the fault comes behind the first."""
_ERROR_EVENTS = {
    "/chat/completions": b'data: {"error":{"message":"Too many ducks.","code":"overloaded"}}\n\n',
    "/v1/messages": b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error",'
    b'"message":"Too many ducks."}}\n\n',
    "/responses": b'event: error\ndata: {"type":"error","sequence_number":9,"code":"server_error",'
    b'"message":"Too many ducks.","param":null}\n\n',
}
_ERROR_BODY = b'{"error":{"message":"No ducks today.","code":"no_ducks"}}'
LONGEST_ANSWER = 8 * 1024 * 1024


@dataclass(slots=True)
class Plan:
    phase: str
    kind: str
    seed: int
    huge_bytes: int = 0
    """The size of an event that is too large."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the fault is about to happen."""


class FaultInjector(RequestHandler):
    """``open`` counts the answers that were handed out and not closed yet."""

    def __init__(self) -> None:
        self.plans: dict[int, Plan] = {}
        self.open = 0
        self._bodies: list[weakref.ref[Any]] = []

    def alive(self) -> int:
        """Return how many bodies somebody still holds."""
        gc.collect()
        self._bodies = [each for each in self._bodies if each() is not None]
        return len(self._bodies)

    def plan_of(self, body: bytes) -> Plan | None:
        found = _PLAN.search(body)
        return self.plans.get(int(found[1])) if found else None

    async def send_request(
        self, request: OutboundRequest, context: RequestContext
    ) -> OutboundResponse:
        plan = self.plan_of(request.body)
        if plan is None:
            return await super().send_request(request, context)
        if plan.phase in ("connect", "headers"):
            return await self._no_answer(plan, request.url)
        if plan.phase == "status":
            return self._other_answer(plan, request.url)
        answer = await super().send_request(request, context)
        if answer.status != 200:
            return answer
        content = await answer.read(LONGEST_ANSWER)
        endpoint = request.url.partition("//")[2].partition("/")[2]
        return self._answer(200, _EVENT_STREAM, play(content, f"/{endpoint}", plan, request.url))

    def _answer(
        self, status: int, headers: dict[str, str], body: AsyncIterator[bytes] | bytes
    ) -> OutboundResponse:
        self.open += 1
        if not isinstance(body, bytes):
            self._bodies.append(weakref.ref(body))

        async def on_close() -> None:
            self.open -= 1

        return OutboundResponse(status, headers, body, on_close=on_close)

    async def _no_answer(self, plan: Plan, url: str) -> OutboundResponse:
        plan.reached.set()
        if plan.kind == "crash":
            raise RuntimeError("the handler has a bug")
        if plan.kind == "forgets":
            return cast("OutboundResponse", None)
        if plan.kind == "stalled":
            self.open += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.open -= 1
        raise connection_failure(_transport_error(plan), url)

    def _other_answer(self, plan: Plan, url: str) -> OutboundResponse:
        plan.reached.set()
        kind = plan.kind
        if kind.isdecimal():
            return self._answer(int(kind), _JSON, _ERROR_BODY)
        if kind == "html":
            return self._answer(502, {"content-type": "text/html"}, b"<html><h1>Bad</h1></html>")
        if kind == "empty":
            return self._answer(500, {}, b"")
        if kind == "redirect":
            return self._answer(302, {"location": "https://example.com/"}, b"")
        if kind == "no_content":
            return self._answer(204, {}, b"")
        if kind == "wrong_type":
            return self._answer(200, {"content-type": "text/html"}, b"<html>Sign in</html>")
        if kind == "wrong_json":
            return self._answer(200, _JSON, b'[1, {"choices": "none"}]')
        if kind == "half_json":
            return self._answer(200, _JSON, b'{"id": "x", "choi')
        return self._answer(500, _JSON, _broken_body(kind, url))


class SpokenFaults(FaultInjector):
    """Takes its plans from the calls themselves: ``fault.PHASE.KIND.SEED`` in a body."""

    def plan_of(self, body: bytes) -> Plan | None:
        found = _SPOKEN.search(body)
        if found is None:
            return None
        return Plan(found[1].decode(), found[2].decode(), int(found[3]), huge_bytes=HUGE_BYTES)


def _transport_error(plan: Plan) -> BaseException:
    key = cast("ConnectionKey", ConnectionKey("far.example", 443, True, True, None, None, None))  # type: ignore[call-arg]
    match plan.kind:
        case "refused":
            return aiohttp.ClientConnectorError(key, OSError(errno.ECONNREFUSED, "refused"))
        case "certificate":
            return aiohttp.ClientConnectorCertificateError(key, ssl.SSLCertVerificationError())
        case "unknown_name":
            return aiohttp.ClientConnectorDNSError(key, OSError(errno.ENOENT, "no such name"))
        case "too_slow" if plan.phase == "connect":
            return aiohttp.ConnectionTimeoutError()
        case "too_slow":
            return aiohttp.SocketTimeoutError()
        case "reset":
            return aiohttp.ClientOSError(errno.ECONNRESET, "reset by peer")
        case "not_http":
            return aiohttp.ClientResponseError(cast("Any", None), (), message="Bad status line")
    return aiohttp.ServerDisconnectedError()


async def _broken_body(kind: str, url: str) -> AsyncIterator[bytes]:
    yield b'{"error": {"message": "N'
    if kind == "error_body_reset":
        raise connection_failure(aiohttp.ClientPayloadError("cut"), url, answering=True)
    while kind == "error_body_endless":
        yield b"o" * 65536
        await asyncio.sleep(0)
    await asyncio.Event().wait()


async def play(content: bytes, endpoint: str, plan: Plan, url: str) -> AsyncIterator[bytes]:
    """Yield the answer up to the plan's phase, in random pieces; then what is wrong with it."""
    chance = random.Random(plan.seed)
    before, after = split_at(content, plan.phase)
    for piece in _pieces(before, chance):
        yield piece
    plan.reached.set()
    match plan.kind:
        case "reset":
            raise connection_failure(aiohttp.ClientPayloadError("cut"), url, answering=True)
        case "crash":
            raise RuntimeError("the handler has a bug")
        case "closed":
            return
        case "stalled":
            await asyncio.Event().wait()
        case "noise":
            yield bytes(chance.randrange(256) for _ in range(3000))
        case "half_event":
            yield b'event: message_delta\ndata: {"type": "message_delta", "choices": [{"de\n\n'
        case "invalid_utf8":
            yield _damaged(_last_event(before)) + after
        case "error_event":
            yield _ERROR_EVENTS[endpoint]
        case "wrong_event":
            for wrong in (b"null", b"[]", b"7", b'"a"', b"{}", b'{"type": 5, "choices": 7}'):
                yield b"data: " + wrong + b"\n\n"
            yield after
        case "huge_event":
            yield b"data: "
            for _ in range(plan.huge_bytes // 65536 + 1):
                yield b"x" * 65536
        case "endless":
            event = _last_event(before)
            while True:
                yield event * 20
                await asyncio.sleep(0)
        case "slow":
            for each in after.split(b"\n\n"):
                yield each + b"\n\n" if each else b""
                await asyncio.sleep(0.002)
        case "bytewise":
            for at in range(len(after)):
                yield after[at : at + 1]
        case _:
            raise AssertionError(plan.kind)


def split_at(content: bytes, phase: str) -> tuple[bytes, bytes]:
    """Return what comes before the fault, and what it takes the place of."""
    events = [each + b"\n\n" for each in content.split(b"\n\n") if each]
    if phase == "start":
        at = 0
    elif phase == "first_event":
        at = len(events[0]) // 2
    elif phase == "end":
        at = len(content)
    else:
        marker = _IN_PHASE["text" if phase == "in_event" else phase]
        first = next(number for number, each in enumerate(events) if marker.search(each))
        at = sum(map(len, events[:first]))
        if phase == "in_event":
            at += len(events[first]) // 2
        elif phase != "last_event":
            at += len(events[first])
    return content[:at], content[at:]


def _pieces(content: bytes, chance: random.Random) -> list[bytes]:
    """Cut at random, also inside of lines and characters."""
    pieces = []
    while content:
        size = chance.choice((1, 7, 100, 700, 4000))
        pieces.append(content[:size])
        content = content[size:]
    return pieces


def _last_event(content: bytes) -> bytes:
    return content.rstrip(b"\n").rpartition(b"\n\n")[2] + b"\n\n"


def _damaged(event: bytes) -> bytes:
    """Return a text event with bytes in its text that are no UTF-8."""
    damaged, places = re.subn(
        rb'("(?:text|content|delta)":\s*")(?=[^"])', rb"\1\xff\xfe", event, count=1
    )
    assert places, event
    return damaged
