"""Plays the steps a test has set by ``/_sim/script``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import msgspec
from aiohttp import web

from proxy_core.simulator.behaviour.reply import Finish, Reply, ToolCall
from proxy_core.simulator.faults.faults import REFUSALS
from proxy_core.simulator.scripted_step import ScriptedAnswer, ScriptedReply, ScriptedStep
from proxy_core.simulator.simulation import Simulation


def take_step(
    simulation: Simulation, path: str, *, only_by_name: bool = False
) -> ScriptedStep | None:
    """The first waiting step for ``path``, taken off the list.

    ``only_by_name`` leaves the steps that name no path to the model calls.
    """
    for step in simulation.script:
        if step.path == path or (step.path is None and not only_by_name):
            simulation.script.remove(step)
            return step
    return None


async def play_before(request: web.Request, simulation: Simulation) -> web.StreamResponse | None:
    """For places that are no model call: the answer of a step laid down for this path, if any.

    Raises the step's fault.
    """
    step = take_step(simulation, request.path, only_by_name=True)
    if step is None:
        return None
    if step.fault in REFUSALS:
        raise REFUSALS[step.fault](simulation.clock())
    return None if step.answer is None else await send_answer(request, step.answer, {})


def reply_of_step(step: ScriptedReply) -> Reply:
    calls = tuple(
        ToolCall(
            call.name,
            call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments),
            call.custom,
            call.namespace,
        )
        for call in step.tool_calls
    )
    finish = Finish(step.finish) if step.finish else Finish.TOOL_CALLS if calls else Finish.STOP
    return Reply(step.text, step.thinking, bool(step.thinking), calls, finish)


async def send_answer(
    request: web.Request, answer: ScriptedAnswer, headers: Mapping[str, str]
) -> web.StreamResponse:
    """The raw answer of a step; an empty ``chunks`` list is a stream without a single byte."""
    every = {**headers, **answer.headers}
    if answer.chunks is None:
        body = answer.body if isinstance(answer.body, str) else None
        raw = body.encode() if body is not None else msgspec.json.encode(answer.body)
        if not any(name.lower() == "content-type" for name in every):
            every["Content-Type"] = "text/plain; charset=utf-8"
        return web.Response(status=answer.status, headers=every, body=raw)
    if not any(name.lower() == "content-type" for name in every):
        every["Content-Type"] = "text/event-stream"
    response = web.StreamResponse(status=answer.status, headers=every)
    await response.prepare(request)
    for chunk in answer.chunks:
        await response.write(chunk.encode())
        await asyncio.sleep(answer.pause)
    if answer.cut and request.transport is not None:
        request.transport.abort()
        return response
    await response.write_eof()
    return response
