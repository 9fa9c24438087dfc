"""A working day in the simulator at high speed: several clients, three dialects, all that goes wrong.

Every request carries a marker of its own. What is promised: an answer belongs to its request; a request
that could be answered is; nothing is sent again once a byte of its answer was seen; a stream that broke
never looks finished; and GitHub is asked no more often than that takes. All chance comes from one seed.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from proxy_core.simulator.control.request_log import RecordedRequest
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.sign_in_progress import SignInProgress
from proxy_core.status.status import AccountState
from tests.faults.cut_answers import text_until_cut
from tests.integration.copilot.conftest import DIALECTS, REPEAT, Rig, running_rig
from tests.integration.copilot.network import Network
from tests.integration.copilot.virtual_time import VirtualTime

MODELS = ("gpt-4.1", "gpt-5.4", "gpt-5.3-codex", "claude-sonnet-4.6", "gemini-3.1-pro-preview")
STAYING = MODELS[1:]
"""Those that never change their endpoint; the first one does."""
MINUTE = 60.0
SHORT_TROUBLES = ("rate_limited*1", "503*1", "500*2", "403-gateway*1", "408*1")
"""Each is over within the retries a request has."""
ANSWER_SECONDS = 60.0
"""Of real time: a request that takes longer is lost."""
LESSON_SECONDS = 5.5 * 3600.0
"""A guessed refusal is remembered for six hours."""
AT_ONCE_SECONDS = 120.0
"""Requests of one round learn side by side."""
TOLD_BY_AN_EVENT = (429, 502, 503, 529)
"""Of a whole answer that ends in an error event: a limit, no reason, and overload in two dialects."""
ENDS = ("[DONE]", '"message_stop"', '"response.completed"')


class Fate(StrEnum):
    """What may become of a request. ``BREAKS``: a byte was seen, then upstream broke off."""

    ANSWERED = "answered"
    LIMITED = "limited"
    BREAKS = "breaks"
    UNREACHABLE = "unreachable"
    SIGNED_OUT = "signed out"
    MODEL_GONE = "model gone"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``most_calls``: how often GitHub may see it."""

    number: int
    path: str
    model: str
    streamed: bool
    fate: Fate
    word: str = ""
    most_calls: int = 1

    @property
    def marker(self) -> str:
        return f"day-{self.number}-day"


class Broken(AssertionError):
    """A promise was not kept."""


@dataclass
class Report:
    fates: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    exchanges: int = 0
    hours: float = 0.0

    def __str__(self) -> str:
        told = ", ".join(f"{name} {count}" for name, count in sorted(self.fates.items()))
        met = ", ".join(f"{name} {count}" for name, count in sorted(self.events.items()))
        return (
            f"{self.hours:.1f} hours, {sum(self.fates.values())} requests ({told}), {self.calls} calls "
            f"upstream, {self.exchanges} token exchanges; {met}"
        )


class WorkingDay:
    """``rounds`` times: something happens, several clients ask at once, some minutes go by."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig = rig
        self._random = random.Random(seed)
        self._numbers = 0
        self._asked: list[Asked] = []
        self._by_marker: dict[str, Asked] = {}
        self._most_exchanges = 2
        self._moved = False
        self._may_repeat = 0
        """How often each request of this round may be sent again because of what happened."""
        self.report = Report()

    async def run(self, rounds: int) -> Report:
        began = self.rig.time.wall()
        waiting: list[Callable[[], Awaitable[None]]] = []
        for _ in range(rounds):
            if not waiting:
                # Everything once, in an order of the seed's, before anything comes again.
                waiting = list(self._happenings())
                self._random.shuffle(waiting)
            await self._round(waiting.pop())
        await self.rig.until(lambda: self.rig.simulator.active == 0)
        await self.rig.until(lambda: not self.rig.board.current.active)
        self._check_upstream()
        self.report.hours = (self.rig.time.wall() - began) / 3600
        return self.report

    def _happenings(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        return (
            self._nothing,
            self._nothing,
            self._short_troubles,
            self._a_long_limit,
            self._answers_break,
            self._connections_are_lost,
            self._an_outage,
            self._the_lid_is_closed,
            self._the_clock_is_corrected,
            self._the_session_dies,
            self._the_catalogue_changes,
            self._a_model_moves,
            self._clients_leave,
            self._github_signs_us_out,
        )

    async def _round(self, happening: Callable[[], Awaitable[None]]) -> None:
        self._may_repeat = 0
        self.report.events[happening.__name__.strip("_").replace("_", " ")] += 1
        try:
            await happening()
        except TimeoutError as error:
            raise Broken(f"{happening.__name__} did not come to its end") from error
        minutes = self._random.uniform(1, 28)
        self.rig.time.pass_by(minutes * MINUTE)
        self._most_exchanges += 1
        # Whoever noticed the time renews in the background.
        await self.rig.settle(5)

    # --- what happens -----------------------------------------------------------------------------

    async def _nothing(self) -> None:
        await self._crowd(Fate.ANSWERED)

    async def _short_troubles(self) -> None:
        word = self._random.choice(SHORT_TROUBLES)
        repeats = 2 if "*2" in word else 1
        troubled = [self._next(Fate.ANSWERED, word=word, most_calls=1 + repeats)]
        if "403" in word:
            self._most_exchanges += 1
        await self._all(troubled + self._some(Fate.ANSWERED))

    async def _a_long_limit(self) -> None:
        word = self._random.choice(["user_weekly_rate_limited", "user_global_rate_limited"])
        await self._all([self._next(Fate.LIMITED, word=word)])
        # GitHub's limit holds for the account; when single tries go through it is over.
        self.rig.time.pass_by(10 * MINUTE)
        await self._all([self._next(Fate.ANSWERED)])
        await self._crowd(Fate.ANSWERED)

    async def _answers_break(self) -> None:
        broken = [
            self._next(Fate.BREAKS, word=self._random.choice(["cut", "midstream-error", "garbage"]))
            for _ in range(3)
        ]
        await self._all(broken + self._some(Fate.ANSWERED))

    async def _connections_are_lost(self) -> None:
        """While answers run: those are broken. Then before an answer began: that is repaired."""
        streams = [self._next(Fate.BREAKS, word="stall", streamed=True) for _ in range(2)]
        tasks = [asyncio.ensure_future(self._ask(each)) for each in streams]
        await self.rig.until(lambda: self.rig.simulator.active == len(streams))
        await self._until_spoken(streams)
        self.rig.network.reset_all()
        await asyncio.gather(*tasks)
        self.rig.network.reset_next(2)
        await self._all([self._next(Fate.ANSWERED, most_calls=2)])

    async def _an_outage(self) -> None:
        await self.rig.network.refuse()
        self.rig.network.reset_all()
        await self._all(self._some(Fate.UNREACHABLE))
        await self.rig.network.come_back()
        await self._crowd(Fate.ANSWERED)

    async def _the_lid_is_closed(self) -> None:
        self.rig.time.sleep_through(self._random.uniform(0.5, 9) * 3600)
        self.rig.network.forget_connections()
        self._most_exchanges += 1
        await self._crowd(Fate.ANSWERED)

    async def _the_clock_is_corrected(self) -> None:
        self.rig.time.set_back(self._random.uniform(1, 600))
        await self._crowd(Fate.ANSWERED)

    async def _the_session_dies(self) -> None:
        await self.rig.control("expire", {})
        self._most_exchanges += 1
        self._may_repeat = 1
        await self._crowd(Fate.ANSWERED)

    async def _the_catalogue_changes(self) -> None:
        """One model goes, one comes; the list is old when nobody has asked for ten minutes."""
        gone = f"gpt-day-{self._numbers}"
        await self.rig.control("catalogue", {gone: {"like": "gpt-4o"}})
        await self._list_again()
        await self._all([self._next(Fate.ANSWERED, model=gone)])
        self.rig.time.pass_by(MINUTE)
        await self.rig.control("catalogue", {gone: None})
        await self._all([self._next(Fate.MODEL_GONE, model=gone)])
        await self._list_again()
        await self._all([self._next(Fate.MODEL_GONE, model=gone, most_calls=0)])

    async def _a_model_moves(self) -> None:
        self._moved = not self._moved
        place = "/responses" if self._moved else "/chat/completions"
        await self.rig.control("catalogue", {MODELS[0]: {"supported_endpoints": [place]}})
        await self._list_again()
        await self._all([self._next(Fate.ANSWERED, model=MODELS[0]) for _ in range(3)])

    async def _clients_leave(self) -> None:
        leaving = [self._next(Fate.LEAVES, word="stall", streamed=True) for _ in range(3)]
        await self._all(leaving + self._some(Fate.ANSWERED))
        await self.rig.until(lambda: self.rig.simulator.active == 0)

    async def _github_signs_us_out(self) -> None:
        await self.rig.control("expire", {"github": self._token()})
        self._may_repeat = 1
        self._most_exchanges += 2
        await self._all(self._some(Fate.SIGNED_OUT))
        shown: asyncio.Queue[SignInProgress] = asyncio.Queue()
        signing_in = asyncio.ensure_future(self.rig.engine.commands.sign_in(shown.put_nowait, None))
        async with asyncio.timeout(ANSWER_SECONDS):
            self.rig.simulator.authorize((await shown.get()).user_code)
            status = await signing_in
        self._expect(status.state is AccountState.SIGNED_IN, f"signing in again came to {status}")
        self._may_repeat = 0
        await self._crowd(Fate.ANSWERED)

    async def _list_again(self) -> None:
        """Ten minutes later the next request has the list read anew, unless one is just being read."""
        listings = self.rig.listings
        for _ in range(10):
            self.rig.time.pass_by(11 * MINUTE)
            self._most_exchanges += 1
            # Not the model that moves: the request that finds the list old is still sent by it.
            await self._all([self._next(Fate.ANSWERED, model=self._random.choice(STAYING))])
            await self.rig.settle()
            if self.rig.listings > listings:
                # Its answer is taken over a moment after GitHub gave it.
                await self.rig.settle()
                return
        raise Broken("the list of models was never read again")

    # --- who asks ---------------------------------------------------------------------------------

    def _next(
        self,
        fate: Fate,
        *,
        word: str = "",
        model: str | None = None,
        streamed: bool | None = None,
        most_calls: int = 1,
    ) -> Asked:
        self._numbers += 1
        chosen = model or self._random.choice(MODELS)
        path = self._random.choice(DIALECTS)
        if streamed is None:
            streamed = self._random.random() < 0.6
        most = most_calls + self._may_repeat if most_calls else 0
        asked = Asked(self._numbers, path, chosen, streamed, fate, word, most)
        self._asked.append(asked)
        self._by_marker[asked.marker] = asked
        return asked

    def _some(self, fate: Fate) -> list[Asked]:
        return [self._next(fate) for _ in range(self._random.randint(2, 5))]

    async def _crowd(self, fate: Fate) -> None:
        await self._all(self._some(fate))

    async def _all(self, asked: list[Asked]) -> None:
        await asyncio.gather(*map(self._ask, asked))

    async def _ask(self, asked: Asked) -> None:
        words = REPEAT + asked.marker + (f"[sim:{asked.word}]" if asked.word else "")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await self.rig.ask(asked.path, asked.model, words, stream=asked.streamed)
                if asked.fate is Fate.LEAVES:
                    await response.content.readany()
                    response.close()
                    self.report.fates[asked.fate] += 1
                    return
                body = await text_until_cut(response)
        except TimeoutError:
            raise Broken(f"{asked} was never answered") from None
        self._judge(asked, response.status, body, response.headers.get("retry-after"))
        self.report.fates[asked.fate] += 1

    def _judge(self, asked: Asked, status: int, body: str, retry_after: str | None) -> None:
        seen = f"{asked}: {status} {body[:600]}"
        finished = any(end in body for end in ENDS) if asked.streamed else status == 200
        match asked.fate:
            case Fate.ANSWERED:
                said = text_of(body, streamed=asked.streamed)
                self._expect(status == 200 and finished, f"could have been answered: {seen}")
                self._expect(said.partition("[")[0] == asked.marker, f"another's answer: {seen}")
            case Fate.LIMITED:
                self._expect(status == 429 and float(retry_after or 0) > 600, seen)
            case Fate.BREAKS:
                self._expect(not finished and "error" in body, f"looks finished: {seen}")
                expected = TOLD_BY_AN_EVENT if asked.word == "midstream-error" else (502,)
                self._expect(status in ((200,) if asked.streamed else expected), seen)
            case Fate.UNREACHABLE:
                self._expect(status in (502, 504) and "reach" in body, seen)
            case Fate.SIGNED_OUT:
                self._expect(status == 401, seen)
            case Fate.MODEL_GONE:
                self._expect(status in (400, 404) and "model" in body, seen)
            case Fate.LEAVES:
                pass
        foreign = {m for m in re.findall(r"day-\d+-day", body) if m != asked.marker}
        self._expect(not foreign, f"holds {foreign}: {seen}")

    async def _until_spoken(self, streams: list[Asked]) -> None:
        """Until each of them has said its first words to its client."""
        await self.rig.until(
            lambda: (
                sum(r.first_byte is not None for r in self.rig.board.current.active) >= len(streams)
            )
        )

    # --- what GitHub saw --------------------------------------------------------------------------

    def _check_upstream(self) -> None:
        seen: dict[str, list[RecordedRequest]] = defaultdict(list)
        for call in self.rig.calls():
            (marker,) = set(re.findall(r"day-\d+-day", json.dumps(call.body)))
            seen[marker].append(call)
        taught: dict[str, float] = {}
        for marker, calls in seen.items():
            asked = self._by_marker[marker]
            refusal = self._refusal(calls, taught.get(asked.model))
            if refusal is not None:
                taught[asked.model] = refusal
            most = asked.most_calls + (refusal is not None and asked.most_calls > 0)
            self._expect(len(calls) <= most, f"{asked} was sent {len(calls)} times")
        for asked in self._asked:
            count = len(seen[asked.marker])
            if asked.fate in (Fate.ANSWERED, Fate.BREAKS, Fate.LIMITED):
                self._expect(count >= 1, f"{asked} was never sent")
        self.report.calls = sum(map(len, seen.values()))
        self.report.exchanges = self.rig.exchanges
        self._expect(
            self.rig.exchanges <= self._most_exchanges,
            f"{self.rig.exchanges} exchanges where {self._most_exchanges} are enough",
        )

    def _refusal(self, calls: list[RecordedRequest], taught: float | None) -> float | None:
        """When these calls taught that their model refuses the limit every Messages request has.

        None where they did not, or where it was known: ``taught`` less than six hours before.
        """
        for call, following in pairwise(calls):
            if "max_tokens" in call.body and "max_tokens" not in following.body:
                is_new = taught is None or not (AT_ONCE_SECONDS < call.at - taught < LESSON_SECONDS)
                return following.at if is_new else None
        return None

    def _expect(self, kept: bool, otherwise: str) -> None:
        if not kept:
            raise Broken(otherwise)

    def _token(self) -> str:
        """The GitHub token in use, as GitHub last saw it."""
        for request in reversed(self.rig.simulator.requests):
            if request.path == "/copilot_internal/v2/token":
                return request.headers["authorization"].split()[-1]
        return self.rig.simulator.github_token


def text_of(body: str, *, streamed: bool) -> str:
    """The text of an answer in any dialect."""
    if streamed:
        pieces = []
        for line in body.splitlines():
            if not line.startswith("data: {"):
                continue
            event = json.loads(line[6:])
            if event.get("choices"):
                pieces.append(event["choices"][0]["delta"].get("content") or "")
            elif event.get("type") == "response.output_text.delta":
                pieces.append(event["delta"])
            elif event.get("type") == "content_block_delta":
                pieces.append(event["delta"].get("text", ""))
        return "".join(pieces)
    content = json.loads(body)
    if "choices" in content:
        return str(content["choices"][0]["message"]["content"])
    if content.get("type") == "message":
        return "".join(block.get("text", "") for block in content["content"])
    return "".join(
        part["text"]
        for item in content.get("output", ())
        if item["type"] == "message"
        for part in item["content"]
    )


@asynccontextmanager
async def simulated_day(seed: int) -> AsyncIterator[WorkingDay]:
    """A proxy, a simulator and a network of their own, in virtual time."""
    time = VirtualTime()
    options = SimulatorOptions(seed=seed, clock=time.wall, log_size=1_000_000)
    with tempfile.TemporaryDirectory() as home:
        async with SimulatorServer(options) as simulator, Network(simulator.port) as network:
            environ = {
                "G_COPILOT_PROXY_HOME": str(Path(home)),
                "G_COPILOT_PROXY_GITHUB_URL": network.url,
                "COPILOT_GITHUB_TOKEN": simulator.github_token,
            }
            async with running_rig(environ, simulator, network, time) as rig:
                yield WorkingDay(rig, seed)
    time.close()
