"""Two hundred mixed streams for a while, some with faults; nothing may be lost, mixed up or left.

    python -m tests.soak.streams --minutes 10

Every stream repeats a text that no other has: it must come back whole and alone, or end with an error
if, and only if, a fault was ordered for it. The server has a process of its own; its memory is watched.
Ends with 1 when anything was wrong. Needs Linux: memory and descriptors are read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from tests.faults.axes import FAULTS, MODELS, Client, Ending, Fault
from tests.faults.clients import (
    PATHS,
    Received,
    body,
    error_of,
    read_streamed_answer,
    read_whole_answer,
)
from tests.faults.cut_answers import read_until_cut
from tests.faults.processes import KEY, ROOT, environment

STREAMS = 200
FAULTY = 0.02
LEAVING = 0.01
ON_SOCKETS = 0.15
WHOLE = 0.2
FLAT_WITHIN = 0.05
WARM_UP = 0.3
"""This part of the time belongs to filling caches and to the allocator's finding its size."""
SETTINGS = "[upstream]\nlongest_retry_wait_seconds = 0\n"
_SLOWS_OTHERS = ("402", "403", "429", "503")
"""Limits that upstream tells of concern the calls behind them too, by design."""
ORDERED = [
    fault
    for fault in FAULTS
    if fault.ending is not Ending.LEAVES
    and fault.kind not in (*_SLOWS_OTHERS, "huge_event")
    and fault.phase != "call"
]


@dataclass(slots=True)
class Tally:
    """What was seen. ``wrong`` holds a sentence for each stream that was not as it must be."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    resident: list[tuple[float, int]] = field(default_factory=list)


class SoakedServer:
    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url

    async def figures(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"?\n")
        line = await self.process.stdout.readline()
        found: dict[str, Any] = json.loads(line)
        return found


@contextlib.asynccontextmanager
async def soaked_server(simulator: SimulatorServer, home: Path) -> Any:
    (home / "settings.toml").write_text(SETTINGS)
    environ = environment(
        home,
        G_COPILOT_PROXY_GITHUB_URL=simulator.url,
        COPILOT_GITHUB_TOKEN=simulator.github_token,
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.soak.soaked_server"),
        cwd=ROOT,
        env=environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield SoakedServer(process, (await process.stdout.readline()).decode().strip())
    finally:
        process.stdin.close()
        await process.wait()


class Program:
    """One client program: asks, one stream after the other, until the time is over."""

    def __init__(self, number: int, seed: int, url: str, tally: Tally) -> None:
        self._number = number
        self._chance = random.Random(seed * 1_000_003 + number)
        self._url = url
        self._tally = tally
        self._asked = 0

    async def run(self, http: aiohttp.ClientSession, until: float) -> None:
        while time.monotonic() < until:
            self._asked += 1
            if self._chance.random() < ON_SOCKETS:
                await self._on_a_socket(http)
            else:
                await self._over_http(http)

    def _order(self) -> tuple[str, Fault | None, str]:
        """Return the text to repeat, the fault that is ordered if any, and what to ask."""
        marker = f"marker-{self._number}-{self._asked}-"
        words = " ".join(f"{marker}{each}" for each in range(self._chance.randrange(2, 40)))
        fault = self._chance.choice(ORDERED) if self._chance.random() < FAULTY else None
        if fault is not None:
            words += f" fault.{fault.phase}.{fault.kind}.{self._chance.randrange(1000)}"
        return words, fault, f"Repeat exactly the following text and nothing else: {words}"

    async def _over_http(self, http: aiohttp.ClientSession) -> None:
        words, fault, text = self._order()
        client = self._chance.choice(list(Client))
        translated = self._chance.random() < 0.5
        stream = self._chance.random() >= WHOLE
        asked = body(client, MODELS[client, translated], text, stream=stream)
        what = f"{client} {'translated' if translated else 'passed'} {stream=} {fault}"
        leaves = stream and fault is None and self._chance.random() < LEAVING
        try:
            async with http.post(self._url + PATHS[client], json=asked) as response:
                if leaves:
                    await response.content.readany()
                    response.close()
                    self._tally.done["left"] += 1
                    return
                content, was_cut = await read_until_cut(response)
                if response.status != 200:
                    received = Received(error=error_of(client, json.loads(content)))
                elif stream:
                    received = read_streamed_answer(client, content, was_cut=was_cut)
                else:
                    received = read_whole_answer(client, json.loads(content))
        except (aiohttp.ClientError, TimeoutError, AssertionError, ValueError) as error:
            self._tally.wrong.append(f"{what}: {error!r}")
            return
        self._judge(what, received, words, fault)

    async def _on_a_socket(self, http: aiohttp.ClientSession) -> None:
        try:
            async with http.ws_connect(f"{self._url}/v1/responses") as connection:
                for _ in range(self._chance.randrange(1, 4)):
                    words, fault, text = self._order()
                    model = MODELS[Client.RESPONSES, self._chance.random() < 0.5]
                    asked = {"type": "response.create", "model": model, "input": text}
                    await connection.send_json(asked)
                    received = await self._turn(connection)
                    self._judge(f"socket {model} {fault}", received, words, fault)
                    if received.error is not None:
                        return  # as Codex does: a new connection for the next try
        except (aiohttp.ClientError, TimeoutError, TypeError, ValueError) as error:
            self._tally.wrong.append(f"socket: {error!r}")

    async def _turn(self, connection: aiohttp.ClientWebSocketResponse) -> Received:
        received = Received()
        while True:
            event = await connection.receive_json(timeout=60)
            kind = event["type"]
            if kind == "response.output_text.delta":
                received.text += event["delta"]
            elif kind == "response.completed":
                received.ended = True
                return received
            elif kind in ("error", "response.failed"):
                received.error = event
                return received

    def _judge(self, what: str, received: Received, words: str, fault: Fault | None) -> None:
        was_broken = received.error is not None or received.was_cut
        if received.ended == was_broken:
            problem = "neither an end nor an error, or both"
        elif received.ended and received.text != words:
            problem = f"another text: {received.text[:200]!r} for {words[:200]!r}"
        elif was_broken and (fault is None or fault.ending is Ending.WHOLE):
            problem = f"lost: {received.error}"
        elif received.ended and fault is not None and fault.ending is Ending.BROKEN:
            problem = "whole in spite of its fault"
        elif received.text and not words.startswith(received.text):
            problem = f"another text before the error: {received.text[:200]!r}"
        else:
            self._tally.done["whole" if received.ended else "broken as ordered"] += 1
            return
        self._tally.wrong.append(f"{what}: {problem}")


async def soak(seconds: float, seed: int) -> int:
    # The simulator's server tells of every client that leaves, which here are many.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    tally = Tally()
    async with contextlib.AsyncExitStack() as upstream:
        folder = upstream.enter_context(tempfile.TemporaryDirectory())
        options = SimulatorOptions(profile="strict", seed=seed)
        simulator = await upstream.enter_async_context(SimulatorServer(options))
        async with soaked_server(simulator, Path(folder)) as server:
            async with aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                headers={"Authorization": f"Bearer {KEY}"},
                timeout=aiohttp.ClientTimeout(total=120),
            ) as http:
                before = await server.figures()
                until = time.monotonic() + seconds
                programs = [Program(n, seed, server.url, tally) for n in range(STREAMS)]
                watching = asyncio.ensure_future(watch(server, simulator, http, tally))
                await asyncio.gather(*(each.run(http, until) for each in programs))
                watching.cancel()
                await asyncio.wait({watching})
                if not watching.cancelled():
                    watching.result()
            # The connections that are kept for the next calls end with the one they lead to.
            await simulator.__aexit__(None, None, None)
            after = await calmed(server, before)
    return report(tally, before, after, seconds)


async def watch(
    server: SoakedServer, simulator: SimulatorServer, http: aiohttp.ClientSession, tally: Tally
) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(0.5)
        simulator.requests.clear()  # its record of every call is the driver's memory, not the server's
        async with http.post(f"{simulator.url}/_sim/account", json={"remaining": 1500}) as refilled:
            assert refilled.status == 200, await refilled.text()
        found = await asyncio.shield(asyncio.ensure_future(server.figures()))
        tally.resident.append((time.monotonic() - began, found["resident"]))


async def calmed(server: SoakedServer, before: dict[str, Any]) -> dict[str, Any]:
    """Return the figures once nothing of the load is left, or what is still there in the end."""
    names = ("tasks", "descriptors", "open", "active")
    for _ in range(200):
        after = await server.figures()
        if all(after[name] <= before[name] for name in names):
            break
        await asyncio.sleep(0.2)
    return after


def report(tally: Tally, before: dict[str, Any], after: dict[str, Any], seconds: float) -> int:
    growth = memory_growth(tally.resident)
    megabytes = [
        f"{size / 1e6:.1f}" for _, size in tally.resident[:: max(1, len(tally.resident) // 8)]
    ]
    left = {n: after[n] - before[n] for n in ("tasks", "descriptors", "open", "active")}
    print(f"{sum(tally.done.values())} streams in {seconds:.0f} s: {dict(tally.done)}")
    print(f"wrong: {len(tally.wrong)}")
    for each in tally.wrong[:20]:
        print(f"  {each}")
    print(f"resident MB over time: {', '.join(megabytes)}; growth {growth:+.1%} after the warm-up")
    print(f"left behind: {left}")
    if left["tasks"] > 0:
        print("\n".join(after["names"]))
    is_left = any(each > 0 for each in left.values())
    return 1 if tally.wrong or growth > FLAT_WITHIN or is_left or not tally.done["whole"] else 0


def memory_growth(resident: list[tuple[float, int]]) -> float:
    """Compare the first and the last third of what follows the warm-up."""
    last = resident[-1][0]
    steady = [size for at, size in resident if at >= last * WARM_UP]
    third = max(1, len(steady) // 3)
    first, end = statistics.median(steady[:third]), statistics.median(steady[-third:])
    return end / first - 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parsed = parser.parse_args()
    return asyncio.run(soak(parsed.minutes * 60, parsed.seed))


if __name__ == "__main__":
    sys.exit(main())
