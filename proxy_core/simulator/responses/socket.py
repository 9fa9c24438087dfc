"""``/responses`` over a WebSocket: one response in flight, earlier ones remembered while it is open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from proxy_core.simulator.behaviour.conversation_reading import input_items
from proxy_core.simulator.behaviour.reply import Reply
from proxy_core.simulator.catalog.catalog import RESPONSES_SOCKET
from proxy_core.simulator.control.scripted_answers import reply_of_step, take_step
from proxy_core.simulator.faults.faults import WHOLE_FAULTS, StreamFault
from proxy_core.simulator.http.refusal import Refusal, coded, invalid_body, not_found
from proxy_core.simulator.http.streaming import SLOW
from proxy_core.simulator.model_calls.admission import admit
from proxy_core.simulator.model_calls.model_call import ask, compose
from proxy_core.simulator.model_calls.wire import Answer, Asked
from proxy_core.simulator.responses.endpoint import ResponsesWire, ResponseWriter, is_visible
from proxy_core.simulator.responses.strictness import check_responses, previous_response_not_found
from proxy_core.simulator.simulation import SIMULATION, Simulation

LARGEST_FRAME = 16 * 1024 * 1024


class SocketWire(ResponsesWire):
    """The same endpoint under its other name, with the members only a frame has."""

    path = RESPONSES_SOCKET

    def check(self, asked: Asked) -> None:
        check_responses(asked, on_socket=True)


async def serve_socket(request: web.Request) -> web.StreamResponse:
    """GET /responses with an upgrade; refusals before the upgrade are plain HTTP answers."""
    simulation = request.app[SIMULATION]
    socket = web.WebSocketResponse(max_msg_size=LARGEST_FRAME)
    if not socket.can_prepare(request):
        raise not_found()
    if simulation.socket_refusal is not None:
        raise Refusal(simulation.socket_refusal, "no upgrade here\n", from_gateway=True)
    token = admit(simulation, request)
    await socket.prepare(request)
    connection = _Connection(simulation, request, socket, token)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await connection.take(message.data)
    finally:
        await connection.end()
    return socket


class _Connection:
    def __init__(
        self,
        simulation: Simulation,
        request: web.Request,
        socket: web.WebSocketResponse,
        token: str,
    ) -> None:
        self._simulation = simulation
        self._request = request
        self._socket = socket
        self._token = token
        self._wire = SocketWire()
        # What each response of this connection was asked and said, as input of a next one.
        self._remembered: dict[str, list[Any]] = {}
        self._answering: asyncio.Task[None] | None = None

    async def take(self, text: str) -> None:
        """Start answering a frame; a second one while the first is in flight is refused."""
        self._simulation.log.record(
            self._request, text.encode(), self._simulation.clock(), method="WS"
        )
        if self._simulation.closes_sockets:
            await self._socket.close()
            return
        if self._answering is not None and not self._answering.done():
            await self._refuse(
                coded(400, "response_in_progress", "A response is already in progress.")
            )
            return
        self._answering = asyncio.create_task(self._answer(text))

    async def end(self) -> None:
        """The client has gone: stop speaking."""
        if self._answering is not None:
            self._answering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._answering

    async def _answer(self, text: str) -> None:
        with self._simulation.open_call():
            try:
                await self._answer_frame(_frame(text))
            except Refusal as refusal:
                await self._refuse(refusal)
            except ConnectionError:
                # The client left between two frames; its handler is ending.
                return

    async def _answer_frame(self, frame: Mapping[str, Any]) -> None:
        body = self._with_earlier_items(frame)
        step = take_step(self._simulation, "/responses")
        asked, fault = ask(
            self._simulation,
            self._wire,
            body,
            self._request.headers,
            self._token,
            step.fault if step else None,
        )
        rng = self._simulation.random_of_next_answer()
        if frame.get("generate") is False:
            reply: Reply | None = Reply()
        else:
            reply = reply_of_step(step.say) if step is not None and step.say else None
        answer = compose(self._simulation, asked, self._token, rng, reply, fault)
        await self._speak(answer, fault)

    def _with_earlier_items(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        previous = frame.get("previous_response_id")
        if previous is None:
            return dict(frame)
        if previous not in self._remembered:
            raise previous_response_not_found(str(previous))
        return {**frame, "input": [*self._remembered[previous], *input_items(frame)]}

    async def _speak(self, answer: Answer, fault: StreamFault | None) -> None:
        response_id = answer.new_id("resp_")
        rotates = answer.asked.profile.rotates_item_ids
        writer = ResponseWriter(answer, rotates=rotates, response_id=response_id)
        pacing = SLOW if fault is StreamFault.SLOW else self._simulation.profile.pacing
        breaks = fault not in (None, *WHOLE_FAULTS)
        for event in writer.events():
            if "copilot_usage" in event:
                event["copilot_quota_snapshots"] = self._simulation.account.quota_frame()
                self._remember(response_id, answer, writer)
            await self._send(event)
            if breaks and is_visible(event["type"]):
                break
            if pacing is not None:
                await asyncio.sleep(answer.random.uniform(*pacing.between_events))
        if breaks:
            await self._break(fault)

    def _remember(self, response_id: str, answer: Answer, writer: ResponseWriter) -> None:
        reply = [
            item if item["type"] == "reasoning" else {k: v for k, v in item.items() if k != "id"}
            for item in writer.output
        ]
        self._remembered[response_id] = [*input_items(answer.asked.body), *reply]

    async def _break(self, fault: StreamFault | None) -> None:
        if fault is StreamFault.MIDSTREAM_ERROR:
            await self._refuse(coded(500, "server_error", "The provider broke off (simulated)."))
        elif fault is StreamFault.GARBAGE:
            await self._socket.send_str('{"type":"response.output_text.delta","delta":"brok')
        else:
            if fault is StreamFault.STALL:
                await self._simulation.closing.wait()
            if self._request.transport is not None:
                self._request.transport.abort()

    async def _send(self, frame: Mapping[str, Any]) -> None:
        await self._socket.send_str(msgspec.json.encode(frame).decode())

    async def _refuse(self, refusal: Refusal) -> None:
        await self._send(
            {
                "type": "error",
                "status": refusal.status,
                "error": {"code": refusal.code, "message": refusal.message},
                "copilot_quota_snapshots": self._simulation.account.quota_frame(),
            }
        )


def _frame(text: str) -> Mapping[str, Any]:
    try:
        frame = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise invalid_body("The frame is not valid JSON.") from None
    if not isinstance(frame, dict) or frame.get("type") != "response.create":
        raise invalid_body("Expected a frame of type 'response.create'.")
    return frame
